//! Changes that become visible together.

use bytes::Bytes;

use crate::KeyspaceName;

#[derive(Clone, PartialEq, Eq)]
pub enum Op {
    Put { keyspace: KeyspaceName, key: Bytes, value: Bytes },
    Delete { keyspace: KeyspaceName, key: Bytes },
}

// Keys and values are the users': no change prints them.
impl std::fmt::Debug for Op {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Put { keyspace, key, value } => {
                write!(f, "Put({keyspace}, key of {} bytes, value of {} bytes)", key.len(), value.len())
            }
            Self::Delete { keyspace, key } => write!(f, "Delete({keyspace}, key of {} bytes)", key.len()),
        }
    }
}

/// Changes in order; a later one of the same key wins.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Batch {
    ops: Vec<Op>,
    bytes: usize,
}

impl Batch {
    pub fn put(&mut self, keyspace: &KeyspaceName, key: impl Into<Bytes>, value: impl Into<Bytes>) {
        let (key, value) = (key.into(), value.into());
        self.bytes += key.len() + value.len();
        self.ops.push(Op::Put { keyspace: keyspace.clone(), key, value });
    }

    pub fn delete(&mut self, keyspace: &KeyspaceName, key: impl Into<Bytes>) {
        let key = key.into();
        self.bytes += key.len();
        self.ops.push(Op::Delete { keyspace: keyspace.clone(), key });
    }

    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Bytes of all keys and values.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    pub fn into_ops(self) -> Vec<Op> {
        self.ops
    }
}

// Values are the users': a batch never prints them.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("ops", &self.ops.len()).field("bytes", &self.bytes).finish()
    }
}
