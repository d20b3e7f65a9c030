//! What requests have in common: how moments, ids and lives are written in them.

use std::time::Duration;

use elastickv_fsm::request_drawn_at;
use elastickv_mvcc::ScanToken;
use elastickv_txn::{HoldId, ReadAt};
use elastickv_types::{RequestId, Timestamp};

use super::status::Refusal;
use crate::node::Node;

/// Zero names the present moment.
pub fn read_at(ts: u64) -> ReadAt {
    if ts == 0 { ReadAt::Newest } else { ReadAt::Timestamp(Timestamp::from_u64(ts)) }
}

/// None where there is none: then the write is not known again.
pub fn request_id(given: &[u8]) -> Result<Option<RequestId>, Refusal> {
    if given.is_empty() {
        return Ok(None);
    }
    let id = RequestId::from_slice(given).ok_or_else(|| {
        Refusal::bad_request("BadRequestId", "a request id has sixteen bytes")
            .with("limit", 16)
            .with("value", given.len())
    })?;
    // The others do not tell when they were drawn, so nobody could say that he has forgotten them.
    match request_drawn_at(&id) {
        Some(_) => Ok(Some(id)),
        None => Err(Refusal::bad_request("BadRequestId", "a request id is a UUID of version 7")),
    }
}

/// When a value is over: the Unix millisecond that its row says, zero for never.
pub fn expire_at(node: &Node, ttl_ms: u64, expire_at: u64) -> Result<u64, Refusal> {
    match (ttl_ms, expire_at) {
        (0, expire_at) => Ok(expire_at),
        (ttl_ms, 0) => Ok(node.coordinator.expire_at(Duration::from_millis(ttl_ms))),
        _ => Err(Refusal::bad_request(
            "BadExpiry",
            "a value's end is given both as a time to live and as a moment",
        )),
    }
}

/// Where a scan goes on; empty at its beginning.
pub fn token(given: &[u8]) -> Result<Option<ScanToken>, Refusal> {
    if given.is_empty() { Ok(None) } else { Ok(Some(ScanToken::decode(given)?)) }
}

/// What keeps the moment of a scan readable; none where nothing has to.
pub fn hold(given: &[u8]) -> Result<Option<HoldId>, Refusal> {
    if given.is_empty() {
        return Ok(None);
    }
    let bad = || Refusal::bad_request("BadHold", "a hold has sixteen bytes");
    HoldId::from_slice(given).map(Some).ok_or_else(|| bad().with("limit", 16).with("value", given.len()))
}

/// As many as asked for; zero and less name no number.
pub fn limit(given: impl TryInto<usize>) -> Option<usize> {
    given.try_into().ok().filter(|limit| *limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_tells_when_it_was_drawn_or_is_refused() {
        let mut id = [0; 16];
        (id[6], id[8]) = (0x70, 0x80);
        assert_eq!(request_id(&id).unwrap(), Some(RequestId::from_bytes(id)));
        assert_eq!(request_id(&[]).unwrap(), None);
        id[6] = 0x40;
        for bad in [&id[..], &id[..15], &[0x70; 17]] {
            assert_eq!(request_id(bad).unwrap_err().reason, "BadRequestId");
        }
    }

    #[test]
    fn no_limit_is_the_pages_own() {
        assert_eq!((limit(0_u32), limit(-1_i64), limit(7_u32)), (None, None, Some(7)));
    }

    #[test]
    fn a_token_that_is_none_is_refused_by_name() {
        assert!(token(b"").unwrap().is_none());
        assert_eq!(token(b"\x01no").unwrap_err().reason, "MalformedToken");
    }
}
