//! Reading one key.

use bytes::Bytes;
use elastickv_types::Timestamp;

use crate::Result;
use crate::rows::Rows;

/// A value, when it was committed and when it is over.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    pub value: Bytes,
    pub commit_ts: Timestamp,
    /// Unix milliseconds; zero means never.
    pub expire_at: u64,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({} bytes at {})", self.value.len(), self.commit_ts)
    }
}

impl Rows<'_> {
    /// Reads one key at a timestamp.
    pub fn get(&self, user_key: &[u8], at: Timestamp) -> Result<Option<Found>> {
        self.check_retained(at)?;
        let Some((raw_key, value)) = self.newest(user_key, at)? else { return Ok(None) };
        let commit_ts = self.decode(&raw_key)?.commit_ts;
        let shown = self.shown(&raw_key, value, at)?;
        Ok(shown.map(|row| Found { value: row.body, commit_ts, expire_at: row.expire_at }))
    }
}
