//! The versions of one key.

use bytes::Bytes;
use elastickv_engine::Direction;
use elastickv_types::Timestamp;

use crate::Result;
use crate::rowkey::RowKey;
use crate::rows::{Rows, hides};
use crate::scan::PageLimit;

/// One version, whether or not a reader would be shown it.
#[derive(Clone, PartialEq, Eq)]
pub struct Version {
    pub commit_ts: Timestamp,
    pub tombstone: bool,
    /// Unix milliseconds; zero means never.
    pub expire_at: u64,
    pub value: Bytes,
}

impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.tombstone { "tombstone" } else { "value" };
        write!(f, "Version({kind} of {} bytes at {})", self.value.len(), self.commit_ts)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct History {
    /// Newest first.
    pub versions: Vec<Version>,
    /// The timestamp to ask for next; none when there are no more.
    pub next: Option<Timestamp>,
}

impl Rows<'_> {
    /// The versions of a key at or below a timestamp, newest first, up to a limit.
    ///
    /// It ends with what a reader at the oldest timestamp would be shown. What lies below that may or may not be
    /// collected yet, and is not told either way: the answer is the same on every replica.
    pub fn history(&self, user_key: &[u8], from: Timestamp, limit: PageLimit) -> Result<History> {
        self.check_retained(from)?;
        let mut versions = Vec::new();
        let mut bytes = 0;
        let range = RowKey::versions(user_key, from);
        for pair in self.view.range(self.keyspace, range, Direction::Forward)? {
            let (raw_key, value) = pair?;
            let commit_ts = self.decode(&raw_key)?.commit_ts;
            let row = self.sealer.open(&raw_key, value)?;
            let last = commit_ts <= self.oldest;
            if last && hides(&row, self.oldest) {
                break;
            }
            bytes += row.body.len();
            let full = versions.len() >= limit.pairs.get() || bytes > limit.bytes;
            if full && !versions.is_empty() {
                // A read at the next version would be below the oldest timestamp if that version is.
                return Ok(History { versions, next: Some(commit_ts.max(self.oldest)) });
            }
            let (tombstone, expire_at) = (row.tombstone, row.expire_at);
            versions.push(Version { commit_ts, tombstone, expire_at, value: row.body });
            if last {
                break;
            }
        }
        Ok(History { versions, next: None })
    }
}
