//! One line for each call that operates or administers: who, from where, what, under which operation, and what came
//! of it. Never what stands in the request; but why, where the caller says so beside it. A write of keys whose caller
//! says why is audited too.

use std::net::SocketAddr;

use http::HeaderMap;
use tonic::Code;
use tonic::metadata::{Binary, MetadataValue};

use crate::access::Caller;
use crate::rpc::status::Refusal;

/// Lines of the audit have this target, and are written whatever the log's level is.
pub const TARGET: &str = "audit";

const REASON: &str = "x-reason-bin";
/// As much as the history keeps.
const LONGEST_REASON: usize = 512;

/// Why a call is made, if that is one line of text.
pub fn reason(headers: &HeaderMap) -> String {
    let told = headers.get(REASON).and_then(|value| {
        let bytes = MetadataValue::<Binary>::try_from(value.as_bytes()).ok()?.to_bytes().ok()?;
        String::from_utf8(bytes.to_vec()).ok()
    });
    told.filter(|text| text.len() <= LONGEST_REASON && !text.contains(char::is_control)).unwrap_or_default()
}

/// The service has taken it up, or refused it.
pub fn answered(path: &str, caller: &Caller, headers: &HeaderMap) {
    // An error stands in the headers; what succeeds has its status behind the answer.
    let code = headers.get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()));
    let Caller { actor, address, request_id, reason, .. } = caller;
    write(&actor.to_string(), *address, path, request_id, &format!("{code:?}"), reason);
}

/// It was refused at the door.
pub fn refused(path: &str, address: Option<SocketAddr>, request_id: &str, refusal: &Refusal) {
    let who = refusal.facts.get("actor").map_or("unknown", String::as_str);
    write(who, address, path, request_id, &refusal.reason, "");
}

fn write(who: &str, address: Option<SocketAddr>, call: &str, operation: &str, result: &str, reason: &str) {
    let from = address.map(|address| address.to_string()).unwrap_or_default();
    match reason {
        "" => tracing::info!(target: TARGET, who, from, call, operation, result, "audit"),
        reason => tracing::info!(target: TARGET, who, from, call, operation, result, reason, "audit"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_line_of_text_or_nothing() {
        let told = |bytes: &[u8]| {
            let value = MetadataValue::from_bytes(bytes);
            let mut map = tonic::metadata::MetadataMap::new();
            map.insert_bin(REASON, value);
            reason(&map.into_headers())
        };
        assert_eq!(told("TICKET-17: größer".as_bytes()), "TICKET-17: größer");
        for bad in [&b"a\nb"[..], b"\xff", &[b'x'; LONGEST_REASON + 1]] {
            assert_eq!(told(bad), "");
        }
        assert_eq!(reason(&HeaderMap::new()), "");
    }
}
