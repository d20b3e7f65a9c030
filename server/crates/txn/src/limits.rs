//! How large things may be.

use elastickv_fsm::{EmptyKey, Mutation, Mutations};
use elastickv_mvcc::escaped_len;

/// The store keeps a key's length in sixteen bits; escaping, a terminator and a timestamp come on top of
/// what the user gave.
const LONGEST_ROW_KEY: usize = u16::MAX as usize;
const ROW_KEY_EXTRA: usize = 10;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of a key once its zero bytes are doubled.
    pub key_bytes: usize,
    pub value_bytes: usize,
    pub write_mutations: usize,
    pub write_bytes: usize,
    pub page_bytes: usize,
    pub page_pairs: usize,
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
    #[error("the write has {found} mutations; {limit} are allowed")]
    TooManyMutations { found: usize, limit: usize },
    #[error("the write has {found} bytes; {limit} are allowed")]
    WriteTooLarge { found: usize, limit: usize },
}

impl From<EmptyKey> for LimitError {
    fn from(_: EmptyKey) -> Self {
        LimitError::EmptyKey
    }
}

impl Limits {
    pub fn check_key(&self, key: &[u8]) -> Result<(), LimitError> {
        let found = escaped_len(key);
        match (key.is_empty(), found > self.key_bytes) {
            (true, _) => Err(LimitError::EmptyKey),
            (_, true) => Err(LimitError::KeyTooLarge { found, limit: self.key_bytes }),
            _ => Ok(()),
        }
    }

    pub fn check_write(&self, mutations: &Mutations) -> Result<(), LimitError> {
        let found = mutations.iter().count();
        if found > self.write_mutations {
            return Err(LimitError::TooManyMutations { found, limit: self.write_mutations });
        }
        let mut total = 0;
        for mutation in mutations.iter() {
            self.check_key(mutation.key())?;
            if let Mutation::Put { value, .. } = mutation
                && value.len() > self.value_bytes
            {
                return Err(LimitError::ValueTooLarge { found: value.len(), limit: self.value_bytes });
            }
            total += mutation.bytes();
        }
        if total > self.write_bytes {
            return Err(LimitError::WriteTooLarge { found: total, limit: self.write_bytes });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_is_named_with_what_was_found() {
        let limits =
            Limits { key_bytes: 4, value_bytes: 3, write_mutations: 2, write_bytes: 8, ..Limits::default() };
        let put = |key: &'static [u8], value: &'static [u8]| Mutation::Put { key, value, expire_at: 0 };
        let check = |mutations: &[Mutation<'_>]| {
            limits.check_write(&Mutations::of(mutations.iter().copied()).unwrap()).unwrap_err()
        };
        assert_eq!(limits.check_key(b""), Err(LimitError::EmptyKey));
        assert_eq!(check(&[put(b"\0\0\0", b"")]), LimitError::KeyTooLarge { found: 6, limit: 4 });
        assert_eq!(check(&[put(b"a", b"1234")]), LimitError::ValueTooLarge { found: 4, limit: 3 });
        let many = [put(b"a", b""), put(b"a", b""), put(b"a", b"")];
        assert_eq!(check(&many), LimitError::TooManyMutations { found: 3, limit: 2 });
        let large = [put(b"aaaa", b"1"), put(b"bbbb", b"")];
        assert_eq!(check(&large), LimitError::WriteTooLarge { found: 9, limit: 8 });
        assert_eq!(limits.check_write(&Mutations::of([put(b"aaaa", b"123")]).unwrap()), Ok(()));
    }
}
