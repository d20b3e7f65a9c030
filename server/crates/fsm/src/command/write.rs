//! Users' writes.

use bytes::Bytes;
use elastickv_types::{RequestId, Timestamp};

/// Several callers' writes in one entry. Each is decided on its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteBatch {
    pub writes: Vec<Write>,
}

/// One caller's write: all of its mutations or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    pub commit_ts: Timestamp,
    pub request_id: RequestId,
    pub mutations: Vec<Mutation>,
}

/// No key is empty: whoever takes a write from a user sees to that, and a replica does not read such an entry.
#[derive(Clone, PartialEq, Eq)]
pub enum Mutation {
    Put { key: Bytes, value: Bytes },
    Delete { key: Bytes },
}

impl Mutation {
    /// Bytes that the users gave.
    pub fn bytes(&self) -> usize {
        match self {
            Mutation::Put { key, value } => key.len() + value.len(),
            Mutation::Delete { key } => key.len(),
        }
    }
}

impl std::fmt::Debug for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mutation::Put { key, value } => write!(f, "Put({} and {} bytes)", key.len(), value.len()),
            Mutation::Delete { key } => write!(f, "Delete({} bytes)", key.len()),
        }
    }
}
