//! How large things may be.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use elastickv_fsm::{EmptyKey, Mutation, ReadSet, Span};
use elastickv_mvcc::escaped_len;

use crate::write::{Condition, WriteRequest};

/// The store keeps a key's length in sixteen bits; escaping, a terminator and a timestamp come on top of
/// what the user gave.
const LONGEST_ROW_KEY: usize = u16::MAX as usize;
const ROW_KEY_EXTRA: usize = 10;
/// The key of a lock says more.
const LOCK_KEY_EXTRA: usize = 18;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a key once its zero bytes are doubled.
    pub key_bytes: usize,
    pub value_bytes: usize,
    /// Mutations, and keys and ranges that were read, together.
    pub write_mutations: usize,
    pub write_bytes: usize,
    pub page_bytes: usize,
    pub page_pairs: usize,
    /// Timestamps given out at once: as many as a clock passes in some milliseconds.
    pub stamps: u32,
    /// For how long a transaction can lock keys without coming by.
    pub lock_ttl: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            key_bytes: LONGEST_ROW_KEY - ROW_KEY_EXTRA,
            value_bytes: 16 << 20,
            write_mutations: 10_000,
            write_bytes: 32 << 20,
            page_bytes: 4 << 20,
            page_pairs: 100_000,
            stamps: 1_000_000,
            lock_ttl: Duration::from_secs(600),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    #[error("a key may not be empty")]
    EmptyKey,
    #[error("the key takes {found} bytes with its zero bytes doubled; {limit} are allowed")]
    KeyTooLarge { found: usize, limit: usize },
    #[error("the value has {found} bytes; {limit} are allowed")]
    ValueTooLarge { found: usize, limit: usize },
    #[error("there are {found} mutations, keys and ranges; {limit} are allowed")]
    TooManyMutations { found: usize, limit: usize },
    #[error("the write has {found} bytes; {limit} are allowed")]
    WriteTooLarge { found: usize, limit: usize },
    #[error("{found} timestamps are asked for at once; {limit} are allowed")]
    TooManyStamps { found: u32, limit: u32 },
    #[error("locks are to last {found} ms; {limit} are allowed")]
    LockTooLong { found: u64, limit: u64 },
}

impl From<EmptyKey> for LimitError {
    fn from(_: EmptyKey) -> Self {
        LimitError::EmptyKey
    }
}

impl Limits {
    /// What can be locked.
    pub fn of_locks(&self) -> Self {
        Self { key_bytes: self.key_bytes.saturating_sub(LOCK_KEY_EXTRA - ROW_KEY_EXTRA), ..*self }
    }

    pub fn check_lock_ttl(&self, ttl: Duration) -> Result<(), LimitError> {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let (found, limit) = (millis(ttl), millis(self.lock_ttl));
        if found > limit { Err(LimitError::LockTooLong { found, limit }) } else { Ok(()) }
    }

    pub fn check_key(&self, key: &[u8]) -> Result<(), LimitError> {
        let found = escaped_len(key);
        match (key.is_empty(), found > self.key_bytes) {
            (true, _) => Err(LimitError::EmptyKey),
            (_, true) => Err(LimitError::KeyTooLarge { found, limit: self.key_bytes }),
            _ => Ok(()),
        }
    }

    /// A read of many keys.
    pub fn check_keys(&self, keys: &[Bytes]) -> Result<(), LimitError> {
        self.check_parts(keys.len())?;
        keys.iter().try_for_each(|key| self.check_key(key))
    }

    pub fn check_stamps(&self, count: NonZeroU32) -> Result<(), LimitError> {
        let (found, limit) = (count.get(), self.stamps);
        if found > limit { Err(LimitError::TooManyStamps { found, limit }) } else { Ok(()) }
    }

    pub fn check_request(&self, request: &WriteRequest) -> Result<(), LimitError> {
        let WriteRequest { reads, conditions, mutations, .. } = request;
        let read = reads.as_ref().map_or(0, |reads| reads.keys().count() + reads.spans().count());
        self.check_parts(mutations.iter().count() + read + conditions.len())?;
        let mut total = 0;
        for mutation in mutations.iter() {
            self.check_key(mutation.key())?;
            self.check_value(&mutation)?;
            total += mutation.bytes();
        }
        for Condition { key, .. } in conditions {
            self.check_key(key)?;
            total += key.len();
        }
        if let Some(reads) = reads {
            total += self.check_reads(reads)?;
        }
        match total > self.write_bytes {
            true => Err(LimitError::WriteTooLarge { found: total, limit: self.write_bytes }),
            false => Ok(()),
        }
    }

    fn check_parts(&self, found: usize) -> Result<(), LimitError> {
        let limit = self.write_mutations;
        if found > limit { Err(LimitError::TooManyMutations { found, limit }) } else { Ok(()) }
    }

    fn check_value(&self, mutation: &Mutation<'_>) -> Result<(), LimitError> {
        match mutation {
            Mutation::Put { value, .. } if value.len() > self.value_bytes => {
                Err(LimitError::ValueTooLarge { found: value.len(), limit: self.value_bytes })
            }
            Mutation::Put { .. } | Mutation::Delete { .. } => Ok(()),
        }
    }

    /// Returns the bytes that were given.
    fn check_reads(&self, reads: &ReadSet) -> Result<usize, LimitError> {
        let mut total = 0;
        for key in reads.keys() {
            self.check_key(key)?;
            total += key.len();
        }
        for Span { start, end } in reads.spans() {
            // The ends of a range may be empty.
            for end in [start, end].into_iter().filter(|end| !end.is_empty()) {
                self.check_key(end)?;
                total += end.len();
            }
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use elastickv_fsm::Mutations;

    use super::*;
    use crate::write::Expected;

    const LIMITS: Limits = Limits {
        key_bytes: 4,
        value_bytes: 3,
        write_mutations: 2,
        write_bytes: 8,
        page_bytes: 0,
        page_pairs: 0,
        stamps: 5,
        lock_ttl: Duration::from_millis(6),
    };

    fn put(key: &'static [u8], value: &'static [u8]) -> Mutation<'static> {
        Mutation::Put { key, value, expire_at: 0 }
    }

    fn request(mutations: &[Mutation<'static>]) -> WriteRequest {
        let mutations = Mutations::of(mutations.iter().copied()).unwrap();
        WriteRequest { mutations, ..WriteRequest::default() }
    }

    #[test]
    fn each_limit_is_named_with_what_was_found() {
        let check = |mutations: &[Mutation<'static>]| LIMITS.check_request(&request(mutations)).unwrap_err();
        assert_eq!(LIMITS.check_key(b""), Err(LimitError::EmptyKey));
        assert_eq!(check(&[put(b"\0\0\0", b"")]), LimitError::KeyTooLarge { found: 6, limit: 4 });
        assert_eq!(check(&[put(b"a", b"1234")]), LimitError::ValueTooLarge { found: 4, limit: 3 });
        let many = [put(b"a", b""), put(b"a", b""), put(b"a", b"")];
        assert_eq!(check(&many), LimitError::TooManyMutations { found: 3, limit: 2 });
        let large = [put(b"aaaa", b"1"), put(b"bbbb", b"")];
        assert_eq!(check(&large), LimitError::WriteTooLarge { found: 9, limit: 8 });
        assert_eq!(LIMITS.check_request(&request(&[put(b"aaaa", b"123")])), Ok(()));
        let stamps = |count| LIMITS.check_stamps(NonZeroU32::new(count).unwrap());
        assert_eq!(stamps(6), Err(LimitError::TooManyStamps { found: 6, limit: 5 }));
        assert_eq!(stamps(5), Ok(()));
        let ttl = |ms| LIMITS.check_lock_ttl(Duration::from_millis(ms));
        assert_eq!((ttl(6), ttl(7)), (Ok(()), Err(LimitError::LockTooLong { found: 7, limit: 6 })));
    }

    #[test]
    fn the_longest_key_that_can_be_locked_fits_into_the_key_of_a_lock() {
        let limits = Limits::default().of_locks();
        let longest = vec![7; limits.key_bytes];
        let lock = elastickv_mvcc::LockKey::encode(&longest, elastickv_types::Timestamp::MAX, u64::MAX);
        assert_eq!((lock.len(), limits.check_key(&longest)), (LONGEST_ROW_KEY, Ok(())));
        assert!(limits.check_key(&[&longest[..], &[7]].concat()).is_err());
    }

    #[test]
    fn what_is_read_counts_like_what_is_written() {
        let reads = |keys: &[&[u8]], spans: &[(&[u8], &[u8])]| {
            let mut reads = ReadSet::builder(elastickv_types::Timestamp::MAX).unwrap();
            keys.iter().for_each(|key| reads.key(key).unwrap());
            spans.iter().for_each(|(start, end)| reads.span(Span { start, end }));
            Some(reads.build())
        };
        let with = |reads| LIMITS.check_request(&WriteRequest { reads, ..request(&[put(b"a", b"1")]) });
        assert_eq!(with(reads(&[b"k"], &[])), Ok(()));
        assert_eq!(with(reads(&[], &[(b"", b"")])), Ok(()));
        assert_eq!(
            with(reads(&[b"k"], &[(b"", b"")])),
            Err(LimitError::TooManyMutations { found: 3, limit: 2 })
        );
        assert_eq!(with(reads(&[b"kkkkk"], &[])), Err(LimitError::KeyTooLarge { found: 5, limit: 4 }));
        assert_eq!(with(reads(&[], &[(b"", b"kkkkk")])), Err(LimitError::KeyTooLarge { found: 5, limit: 4 }));
        let large = with(reads(&[], &[(b"kkkk", b"kkkk")]));
        assert_eq!(large, Err(LimitError::WriteTooLarge { found: 10, limit: 8 }));
        let condition = |key: &'static [u8]| WriteRequest {
            conditions: vec![Condition { key: key.into(), expected: Expected::Absent }],
            ..request(&[put(b"a", b"1")])
        };
        assert_eq!(LIMITS.check_request(&condition(b"k")), Ok(()));
        assert_eq!(LIMITS.check_request(&condition(b"")), Err(LimitError::EmptyKey));
    }
}
