//! The rows of one keyspace, as a reader holds them.

use bytes::Bytes;
use elastickv_engine::{Direction, KeyspaceName, View};
use elastickv_types::Timestamp;

use crate::expiry;
use crate::rowkey::RowKey;
use crate::seal::{OpenedRow, Sealer};
use crate::{Result, RowError};

/// What a view shows of a keyspace, what opens it, and how far back it is whole.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub view: &'a dyn View,
    pub keyspace: &'a KeyspaceName,
    pub sealer: &'a dyn Sealer,
    /// Below this, versions may have been collected; read after the view was opened
    /// ([`Pins::oldest`](crate::Pins::oldest)).
    pub oldest: Timestamp,
}

impl Rows<'_> {
    /// Refuses a timestamp at which not everything is there any more.
    pub(crate) fn check_retained(&self, at: Timestamp) -> Result<()> {
        check_retained(at, self.oldest)
    }

    pub(crate) fn decode(&self, raw: &[u8]) -> Result<RowKey> {
        RowKey::decode(raw).map_err(|reason| self.not_a_key(reason))
    }

    pub(crate) fn not_a_key(&self, reason: &'static str) -> RowError {
        RowError::Key { keyspace: self.keyspace.to_string(), reason }
    }

    /// The newest version of a key at or below a timestamp, as it is stored.
    pub(crate) fn newest(&self, user_key: &[u8], at: Timestamp) -> Result<Option<(Bytes, Bytes)>> {
        let versions = RowKey::versions(user_key, at);
        Ok(self.view.range(self.keyspace, versions, Direction::Forward)?.next().transpose()?)
    }

    /// What a version is to a reader at a timestamp: its value and when that is over, or nothing where it hides
    /// its key.
    ///
    /// Every read asks here, and nothing is decided by a header before the row was opened: neither a forged
    /// deletion nor a forged expiry takes a value away.
    pub(crate) fn shown(&self, raw_key: &[u8], value: Bytes, at: Timestamp) -> Result<Option<OpenedRow>> {
        let row = self.sealer.open(raw_key, value)?;
        Ok((!hides(&row, at)).then_some(row))
    }
}

pub(crate) fn check_retained(at: Timestamp, oldest: Timestamp) -> Result<()> {
    match at < oldest {
        true => Err(RowError::ReadTimestampCompacted { asked: at, oldest }),
        false => Ok(()),
    }
}

/// Whether an opened version hides its key from a reader at a timestamp. What lies below it does not show.
pub(crate) fn hides(row: &OpenedRow, at: Timestamp) -> bool {
    row.tombstone || expiry::is_over(row.expire_at, at)
}
