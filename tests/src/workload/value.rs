//! Keys and values that tell who wrote them.

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const PREFIX: &str = "load/";

/// Which writer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WriterId(pub u32);

/// What a write does to its key; the number makes each of a writer's writes unique.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Change {
    Put(u64),
    Delete(u64),
}

impl Change {
    /// What the key holds once this change has taken effect.
    pub fn leaves(self, writer: WriterId, value_bytes: usize) -> Option<Bytes> {
        match self {
            Change::Put(number) => Some(value(writer, number, value_bytes)),
            Change::Delete(_) => None,
        }
    }
}

/// A key that is written once.
pub fn fresh_key(writer: WriterId, number: u64) -> Bytes {
    format!("{PREFIX}{:04}/once/{number:08}", writer.0).into()
}

/// A key that is written again and again.
pub(super) fn hot_key(writer: WriterId, which: u64) -> Bytes {
    format!("{PREFIX}{:04}/often/{which:04}", writer.0).into()
}

/// Whether some writer may have written this key.
pub fn is_key_of_ours(key: &[u8]) -> bool {
    key.starts_with(PREFIX.as_bytes())
}

/// The value of a writer's write: its name and number, filled up with bytes that do not compress.
pub(super) fn value(writer: WriterId, number: u64, bytes: usize) -> Bytes {
    let mut value = format!("{:04}:{number:08}:", writer.0).into_bytes();
    let named = value.len();
    if bytes > named {
        value.resize(bytes, 0);
        let seed = (u64::from(writer.0) << 40) ^ number;
        if let Some(filler) = value.get_mut(named..) {
            StdRng::seed_from_u64(seed).fill_bytes(filler);
        }
    }
    value.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unique_and_can_be_made_again() {
        let made = value(WriterId(3), 9, 64);
        assert_eq!((made.len(), &made), (64, &value(WriterId(3), 9, 64)));
        assert_ne!(made, value(WriterId(3), 10, 64));
        assert_ne!(made, value(WriterId(4), 9, 64));
        assert_eq!(value(WriterId(3), 9, 2), "0003:00000009:", "never shorter than its name");
    }
}
