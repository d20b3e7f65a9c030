//! Lock keys.
//!
//! ```text
//! lock key   escape(user key) ‖ 00 02 ‖ u64 !start_ts ‖ u64 expires_at
//! ```
//!
//! A lock holds the value that its transaction is about to give the key, as a row does and sealed as one is. It lies
//! in a keyspace of its own, and its key ends otherwise than a row's, so that neither opens in the place of the
//! other. When it ends stands in its key, under the seal with it.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_types::Timestamp;

use crate::rowkey::{escape_into, escaped_len, unescape};

const TERMINATOR: [u8; 2] = [0x00, 0x02];
const NUMBERS: usize = 16;

/// Whose lock it is, on which key, and until when.
#[derive(Clone, PartialEq, Eq)]
pub struct LockKey {
    pub user_key: Bytes,
    pub start_ts: Timestamp,
    /// Unix milliseconds from which on anybody may take it away.
    pub expires_at: u64,
}

impl LockKey {
    pub fn encode(user_key: &[u8], start_ts: Timestamp, expires_at: u64) -> Bytes {
        let mut out = BytesMut::with_capacity(escaped_len(user_key) + TERMINATOR.len() + NUMBERS);
        escape_into(&mut out, user_key);
        out.put_slice(&TERMINATOR);
        out.put_u64(!start_ts.get());
        out.put_u64(expires_at);
        out.freeze()
    }

    pub fn decode(raw: &[u8]) -> Result<Self, &'static str> {
        let split = raw.len().checked_sub(NUMBERS).ok_or("it is shorter than its numbers")?;
        let (head, mut numbers) = raw.split_at(split);
        let body = head.strip_suffix(&TERMINATOR).ok_or("its user key is not terminated")?;
        let (start_ts, expires_at) = (!numbers.get_u64(), numbers.get_u64());
        Ok(Self { user_key: unescape(body)?, start_ts: Timestamp::from_u64(start_ts), expires_at })
    }
}

// A user's key may be a secret: it is told by its length.
impl std::fmt::Debug for LockKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LockKey({} bytes by {} until {})", self.user_key.len(), self.start_ts, self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RowKey;

    proptest! {
        #[test]
        fn a_lock_key_is_read_back_and_is_never_a_row_key(
            key in prop::collection::vec(prop::sample::select(vec![0u8, 1, 2, 0xff]), 0..6),
            start: u64,
            expires_at: u64,
        ) {
            let raw = LockKey::encode(&key, Timestamp::from_u64(start), expires_at);
            let read = LockKey::decode(&raw).unwrap();
            let read = (&read.user_key[..], read.start_ts.get(), read.expires_at);
            prop_assert_eq!(read, (&key[..], start, expires_at));
            // It could only end as a row key does within its numbers.
            prop_assume!(start.to_be_bytes()[6..] != [0xff, 0xfe]);
            prop_assert!(RowKey::decode(&raw).is_err());
        }
    }

    #[test]
    fn what_is_not_a_lock_key_is_refused() {
        let row = RowKey::encode(b"k", Timestamp::from_u64(7));
        let cut = LockKey::encode(b"k", Timestamp::from_u64(7), 9).slice(1..);
        assert!(LockKey::decode(&row).is_err());
        assert!(LockKey::decode(&[0; 15]).is_err() && LockKey::decode(&cut).is_ok());
        assert!(LockKey::decode(&cut[1..]).is_err());
    }
}
