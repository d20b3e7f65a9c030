//! Row keys.
//!
//! ```text
//! row key   escape(user key) ‖ 00 01 ‖ u64 !commit_ts
//! escape    00 → 00 FF, every other byte as it is
//! ```
//!
//! The terminator sorts below every escaped byte, so rows are in the order of their user keys even
//! where one key is the beginning of another; the inverted timestamp puts the newest version first.

use std::ops::Bound;

use bytes::{BufMut, Bytes, BytesMut};
use elastickv_engine::KeyRange;
use elastickv_types::Timestamp;

const TERMINATOR: [u8; 2] = [0x00, 0x01];
pub(crate) const TIMESTAMP_BYTES: usize = 8;
pub(crate) const SHORT: &str = "it is shorter than a timestamp";

/// How long a user key is once escaped.
pub fn escaped_len(user_key: &[u8]) -> usize {
    user_key.len() + user_key.iter().filter(|&&byte| byte == 0).count()
}

pub(crate) fn escape_into(out: &mut BytesMut, user_key: &[u8]) {
    for &byte in user_key {
        out.put_u8(byte);
        if byte == 0 {
            out.put_u8(0xff);
        }
    }
}

/// A version's place: the user's key and when it was committed.
#[derive(Clone, PartialEq, Eq)]
pub struct RowKey {
    pub user_key: Bytes,
    pub commit_ts: Timestamp,
}

impl RowKey {
    pub fn encode(user_key: &[u8], commit_ts: Timestamp) -> Bytes {
        let mut out = Self::prefix(user_key);
        out.put_u64(!commit_ts.get());
        out.freeze()
    }

    fn prefix(user_key: &[u8]) -> BytesMut {
        let room = escaped_len(user_key) + TERMINATOR.len() + TIMESTAMP_BYTES;
        let mut out = BytesMut::with_capacity(room);
        escape_into(&mut out, user_key);
        out.put_slice(&TERMINATOR);
        out
    }

    pub fn decode(raw: &[u8]) -> Result<Self, &'static str> {
        let split = raw.len().checked_sub(TIMESTAMP_BYTES).ok_or(SHORT)?;
        let (head, stamp) = raw.split_at(split);
        let body = head.strip_suffix(&TERMINATOR).ok_or("its user key is not terminated")?;
        let stamp = stamp.try_into().map_err(|_| SHORT)?;
        Ok(Self { user_key: unescape(body)?, commit_ts: Timestamp::from_u64(!u64::from_be_bytes(stamp)) })
    }

    /// All versions of one key at or below a timestamp, newest first.
    pub fn versions(user_key: &[u8], at: Timestamp) -> KeyRange {
        let mut last = Self::prefix(user_key);
        last.put_bytes(0xff, TIMESTAMP_BYTES);
        KeyRange { start: Bound::Included(Self::encode(user_key, at)), end: Bound::Included(last.freeze()) }
    }

    /// All versions of the keys from `start` on and below `end`; an empty `end` means no end.
    pub fn range(start: &[u8], end: &[u8]) -> KeyRange {
        let end = match end.is_empty() {
            true => Bound::Unbounded,
            false => Bound::Excluded(Self::prefix(end).freeze()),
        };
        KeyRange { start: Bound::Included(Self::prefix(start).freeze()), end }
    }
}

// A user's key may be a secret: it is told by its length.
impl std::fmt::Debug for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RowKey({} bytes at {})", self.user_key.len(), self.commit_ts)
    }
}

pub(crate) fn unescape(body: &[u8]) -> Result<Bytes, &'static str> {
    let mut out = BytesMut::with_capacity(body.len());
    let mut rest = body.iter();
    while let Some(&byte) = rest.next() {
        out.put_u8(byte);
        if byte == 0 && rest.next() != Some(&0xff) {
            return Err("a zero byte in its user key is not escaped");
        }
    }
    Ok(out.freeze())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_a_row_key_is_refused() {
        for bad in [&b""[..], b"1234567", b"a12345678", b"\x00\x00\x00\x0112345678"] {
            assert!(RowKey::decode(bad).is_err(), "{bad:?}");
        }
    }

    fn key() -> impl Strategy<Value = Vec<u8>> {
        // Few distinct bytes, so that keys often prefix each other.
        prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 0xfe, 0xff]), 0..6)
    }

    proptest! {
        #[test]
        fn order_is_key_then_newest_first(a in key(), b in key(), s in 0u64..4, t in 0u64..4) {
            let (s, t) = (Timestamp::from_u64(s), Timestamp::from_u64(t));
            let rows = RowKey::encode(&a, s).cmp(&RowKey::encode(&b, t));
            prop_assert_eq!(rows, a.cmp(&b).then(t.cmp(&s)));
        }

        #[test]
        fn decoding_gives_back_what_was_encoded(a in key(), s: u64) {
            let s = Timestamp::from_u64(s);
            let back = RowKey::decode(&RowKey::encode(&a, s)).unwrap();
            prop_assert_eq!((&back.user_key[..], back.commit_ts), (&a[..], s));
        }
    }
}
