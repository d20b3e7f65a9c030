//! What the log stores for its user.

use std::fmt;

use bytes::Bytes;
use elastickv_types::{FullNodeId, LogId, Term};

/// One entry of the log. The payload is the user's and never shows in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: LogId,
    pub payload: Bytes,
}

impl Entry {
    pub fn new(id: LogId, payload: impl Into<Bytes>) -> Self {
        Self { id, payload: payload.into() }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {} bytes)", self.id, self.payload.len())
    }
}

/// Whom this node voted for, and whether that one is known to lead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vote {
    pub term: Term,
    pub voted_for: Option<FullNodeId>,
    pub committed: bool,
}
