//! Users' writes.
//!
//! What a batch lists it keeps as it is encoded: taking an entry apart allocates nothing, and putting one
//! together copies each write once.

use bytes::Bytes;
use elastickv_types::{RequestId, Timestamp};

use super::{Mutations, ReadSet, UnixMillis, drawn};
use crate::codec::write;

/// Between which timestamps the group is at work. Zero says nothing; none of them is ever lowered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Bounds {
    /// What the leader promises: neither it nor, before it has begun above it, a later one draws or serves a
    /// timestamp beyond this. Applying compares it with nothing.
    pub ceiling: Timestamp,
    /// Versions that only a read below this needs may be collected.
    pub oldest: Timestamp,
}

/// Several callers' writes in one entry. Each is decided on its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WriteBatch {
    pub bounds: Bounds,
    pub writes: Writes,
}

/// One caller's write: all of its mutations or none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    pub commit_ts: Timestamp,
    /// A write with one that tells its time takes effect once, however often it is proposed.
    pub request_id: Option<RequestId>,
    /// What has to be unchanged for the write to take effect.
    pub reads: Option<ReadSet>,
    pub mutations: Mutations,
}

/// Writes, as they are encoded.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Writes(Bytes);

impl Writes {
    pub fn of(writes: &[Write]) -> Self {
        Self(write::encode_list(writes))
    }

    /// Takes what was read through and found to be a list of writes.
    pub(crate) fn from_checked(list: Bytes) -> Self {
        Self(list)
    }

    pub(crate) fn encoded(&self) -> &Bytes {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Write> + '_ {
        write::writes(&self.0)
    }
}

impl std::fmt::Debug for Writes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// When a request id was drawn; `None` for one that does not say, which nobody remembers.
pub fn request_drawn_at(request: &RequestId) -> Option<UnixMillis> {
    drawn(request.as_bytes())
}
