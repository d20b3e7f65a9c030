//! Transactions in two steps: keys are locked with what they are about to become, and later all of them become it, or
//! none.

use bytes::{Bytes, BytesMut};
use elastickv_types::Timestamp;

use super::{EmptyKey, Mutations, UnixMillis};
use crate::codec::read_set;

/// Opcode 10: locks keys for the transaction that began at a timestamp.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreWrite {
    /// When it is asked, by the leader's clock.
    pub at: Timestamp,
    pub start_ts: Timestamp,
    /// When the locks end: from then on whoever meets one takes all of the transaction back.
    pub expires_at: UnixMillis,
    pub mutations: Mutations,
}

/// Opcode 11: ends a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolve {
    pub start_ts: Timestamp,
    /// When it is asked; of a transaction that is committed, its commit timestamp.
    pub at: Timestamp,
    pub commit: bool,
    /// Keys that have to be locked by it, or nothing is committed.
    pub keys: Keys,
}

/// Keys, as they are encoded; none is empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Keys(Bytes);

impl Keys {
    pub fn of<'a>(keys: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, EmptyKey> {
        let mut list = BytesMut::new();
        for key in keys {
            if key.is_empty() {
                return Err(EmptyKey);
            }
            read_set::put_key(key, &mut list);
        }
        Ok(Self(list.freeze()))
    }

    /// Takes what was read through and found to be a list of keys.
    pub(crate) fn from_checked(list: Bytes) -> Self {
        Self(list)
    }

    pub(crate) fn encoded(&self) -> &Bytes {
        &self.0
    }

    /// One of them, sharing their memory.
    pub(crate) fn part(&self, key: &[u8]) -> Bytes {
        self.0.slice_ref(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        read_set::keys(&self.0)
    }
}

// Keys are the users'.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.iter().count())
    }
}
