//! The keys that a delete-range deletes.

use std::num::NonZeroUsize;

use bytes::Bytes;
use elastickv_engine::Direction;
use elastickv_types::Timestamp;

use crate::Result;
use crate::row::RowHeader;
use crate::rows::Rows;
use crate::walk::Walk;

/// Where a page of keys ends at the latest. Each page comes at least one key further.
#[derive(Clone, Copy, Debug)]
pub struct KeysLimit {
    pub keys: NonZeroUsize,
    pub bytes: usize,
    pub visited: usize,
}

/// Keys for one command.
#[derive(Clone, PartialEq, Eq)]
pub struct Deletable {
    pub keys: Vec<Bytes>,
    /// The key to go on from; none when the range is read to its end.
    pub next: Option<Bytes>,
}

impl std::fmt::Debug for Deletable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deletable({} keys, more: {})", self.keys.len(), self.next.is_some())
    }
}

impl Rows<'_> {
    /// The keys from `start` on and below `end` whose newest version is not a tombstone, up to a limit.
    ///
    /// Nothing is opened, and what can not even be parsed counts as there: a value that nobody can read any more
    /// can still be deleted. A forged deletion is passed over here; who reads its key is told of the forgery, and
    /// deleting the key by name overwrites it.
    pub fn deletable(&self, start: &[u8], end: &[u8], limit: KeysLimit) -> Result<Deletable> {
        let mut walk = Walk::new(self, start, end, Timestamp::MAX, Direction::Forward)?;
        let mut keys: Vec<Bytes> = Vec::new();
        let (mut bytes, mut passed) = (0, false);
        while let Some(stop) = walk.next()? {
            let deleted = stop.newest.is_none_or(|(_, value)| is_tombstone(value));
            let size = if deleted { 0 } else { stop.user_key.len() };
            let full = !deleted && (keys.len() >= limit.keys.get() || bytes + size > limit.bytes);
            if passed && (walk.visited() > limit.visited || full) {
                return Ok(Deletable { keys, next: Some(stop.user_key) });
            }
            passed = true;
            if !deleted {
                bytes += size;
                keys.push(stop.user_key);
            }
        }
        Ok(Deletable { keys, next: None })
    }
}

fn is_tombstone(value: Bytes) -> bool {
    RowHeader::split(value).is_ok_and(|(header, _)| header.tombstone)
}
