//! What a reader is shown.

use bytes::Bytes;
use elastickv_engine::{Direction, KeyspaceName, Pair, View};
use elastickv_types::Timestamp;

use crate::rowkey::RowKey;
use crate::seal::Sealer;
use crate::{Result, RowError};

/// A value and when it was committed.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    pub value: Bytes,
    pub commit_ts: Timestamp,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({} bytes at {})", self.value.len(), self.commit_ts)
    }
}

/// Decides whether a version is a value to its reader. The row is opened first, so that neither a
/// forged deletion nor a forged expiry decides anything.
fn shown(sealer: &dyn Sealer, raw_key: &[u8], value: Bytes) -> Result<Option<Bytes>> {
    let row = sealer.open(raw_key, value)?;
    Ok((!row.tombstone).then_some(row.body))
}

fn decode(keyspace: &KeyspaceName, raw: &[u8]) -> Result<RowKey> {
    RowKey::decode(raw).map_err(|reason| RowError::Key { keyspace: keyspace.to_string(), reason })
}

/// Reads one key at a timestamp.
pub fn get(
    view: &dyn View,
    keyspace: &KeyspaceName,
    sealer: &dyn Sealer,
    user_key: &[u8],
    at: Timestamp,
) -> Result<Option<Found>> {
    let versions = RowKey::versions(user_key, at);
    let Some(newest) = view.range(keyspace, versions, Direction::Forward)?.next() else { return Ok(None) };
    let (raw_key, value) = newest?;
    let commit_ts = decode(keyspace, &raw_key)?.commit_ts;
    Ok(shown(sealer, &raw_key, value)?.map(|value| Found { value, commit_ts }))
}

/// A range of user keys to be read at a timestamp.
#[derive(Clone)]
pub struct ScanRequest {
    pub start: Bytes,
    /// Exclusive; empty means no end.
    pub end: Bytes,
    pub at: Timestamp,
    pub way: Direction,
    pub keys_only: bool,
}

impl std::fmt::Debug for ScanRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ScanRequest({:?} at {}, keys only: {})", self.way, self.at, self.keys_only)
    }
}

/// Where a page ends at the latest.
#[derive(Clone, Copy, Debug)]
pub struct PageLimit {
    pub pairs: usize,
    pub bytes: usize,
}

/// One key of a page; without its value when only keys were asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    pub key: Bytes,
    pub value: Bytes,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shown({} and {} bytes)", self.key.len(), self.value.len())
    }
}

/// How a page ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consumed {
    /// Nothing of the range is left.
    Whole,
    /// The page's limit was reached first.
    Part,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    pub pairs: Vec<Shown>,
    pub consumed: Consumed,
}

/// Reads a range in key order or against it, up to a limit.
pub fn scan(
    view: &dyn View,
    keyspace: &KeyspaceName,
    sealer: &dyn Sealer,
    request: &ScanRequest,
    limit: PageLimit,
) -> Result<Page> {
    let rows = view.range(keyspace, RowKey::range(&request.start, &request.end), request.way)?;
    let mut newest = NewestPerKey { rows, keyspace, at: request.at, way: request.way, ahead: None };
    let mut pairs = Vec::new();
    let mut bytes = 0;
    while let Some((key, raw_key, value)) = newest.next()? {
        let Some(value) = shown(sealer, &raw_key, value)? else { continue };
        let value = if request.keys_only { Bytes::new() } else { value };
        let size = key.user_key.len() + value.len();
        let over = pairs.len() >= limit.pairs || (!pairs.is_empty() && bytes + size > limit.bytes);
        if over {
            return Ok(Page { pairs, consumed: Consumed::Part });
        }
        bytes += size;
        pairs.push(Shown { key: key.user_key, value });
    }
    Ok(Page { pairs, consumed: Consumed::Whole })
}

type Row = (RowKey, Bytes, Bytes);

/// Of each key, the newest version at or below a timestamp, whichever way the rows come.
struct NewestPerKey<'v> {
    rows: elastickv_engine::Pairs<'v>,
    keyspace: &'v KeyspaceName,
    at: Timestamp,
    way: Direction,
    /// A row that was read to find out that the key before it had ended.
    ahead: Option<Row>,
}

impl NewestPerKey<'_> {
    fn next(&mut self) -> Result<Option<Row>> {
        loop {
            let Some(first) = self.read()? else { return Ok(None) };
            if let Some(newest) = self.rest_of_key(first)? {
                return Ok(Some(newest));
            }
        }
    }

    /// Reads on to the end of the key that `first` begins.
    fn rest_of_key(&mut self, first: Row) -> Result<Option<Row>> {
        let key = first.0.user_key.clone();
        let mut best = (first.0.commit_ts <= self.at).then_some(first);
        while let Some(row) = self.read()? {
            if row.0.user_key != key {
                self.ahead = Some(row);
                break;
            }
            let visible = row.0.commit_ts <= self.at;
            // Forward the first visible row is the newest, backward the last one.
            if visible && (best.is_none() || self.way == Direction::Backward) {
                best = Some(row);
            }
        }
        Ok(best)
    }

    fn read(&mut self) -> Result<Option<Row>> {
        if let Some(row) = self.ahead.take() {
            return Ok(Some(row));
        }
        let Some(pair) = self.rows.next() else { return Ok(None) };
        let (raw_key, value): Pair = pair?;
        Ok(Some((decode(self.keyspace, &raw_key)?, raw_key, value)))
    }
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
