//! From key to key, past any number of versions.
//!
//! Of each key the newest version at or below a timestamp is wanted, and there may be a million others. Rows
//! are read on one after the other while that is cheap; after [`STRIDE`] of one key, what is wanted is sought
//! instead. So a key costs a bounded number of rows, whichever way the keys come, and the walk can stop and
//! begin again at any key.

use std::ops::Bound;

use bytes::{Buf, Bytes};
use elastickv_engine::{Direction, KeyRange, Pairs};
use elastickv_types::Timestamp;

use crate::Result;
use crate::rowkey::{self, RowKey};
use crate::rows::Rows;

/// Rows of one key that are read on before the walk seeks: about what a seek costs.
const STRIDE: usize = 16;

/// A row as it is stored, and where its user key ends.
pub(crate) struct Row {
    /// Everything but the timestamp: the same in all versions of one key and in no others.
    pub(crate) head: Bytes,
    pub(crate) commit_ts: Timestamp,
    pub(crate) raw_key: Bytes,
    pub(crate) value: Bytes,
}

impl Row {
    /// Takes a pair of the store for a row. Its user key is looked at when it is decoded.
    pub(crate) fn new(rows: &Rows<'_>, raw_key: Bytes, value: Bytes) -> Result<Self> {
        let Some(split) = raw_key.len().checked_sub(rowkey::TIMESTAMP_BYTES) else {
            return Err(rows.not_a_key(rowkey::SHORT));
        };
        let (head, mut stamp) = (raw_key.slice(..split), raw_key.slice(split..));
        let commit_ts = Timestamp::from_u64(!stamp.get_u64());
        Ok(Self { head, commit_ts, raw_key, value })
    }
}

/// A key, and its newest version at or below the walk's timestamp if it has one there.
pub(crate) struct Stop {
    pub(crate) user_key: Bytes,
    pub(crate) newest: Option<(Bytes, Bytes)>,
}

/// Goes over the keys of a range, once each, in order or against it.
pub(crate) struct Walk<'v> {
    rows: Rows<'v>,
    pairs: Pairs<'v>,
    /// The rows that the walk began with; it never leaves them.
    range: KeyRange,
    at: Timestamp,
    way: Direction,
    /// The key that the walk is at, some of whose rows may still come.
    current: Option<(Bytes, Bytes)>,
    /// A row that was read to find out that the key before it had ended.
    ahead: Option<Row>,
    visited: usize,
}

impl<'v> Walk<'v> {
    pub(crate) fn new(
        rows: &Rows<'v>,
        start: &[u8],
        end: &[u8],
        at: Timestamp,
        way: Direction,
    ) -> Result<Self> {
        let range = RowKey::range(start, end);
        let pairs = rows.view.range(rows.keyspace, range.clone(), way)?;
        Ok(Self { rows: *rows, pairs, range, at, way, current: None, ahead: None, visited: 0 })
    }

    /// Rows looked at so far, a seek counted as one.
    pub(crate) fn visited(&self) -> usize {
        self.visited
    }

    pub(crate) fn next(&mut self) -> Result<Option<Stop>> {
        let Some(first) = self.first_of_next_key()? else { return Ok(None) };
        let user_key = self.rows.decode(&first.raw_key)?.user_key;
        self.current = Some((first.head.clone(), user_key.clone()));
        let newest = match self.way {
            Direction::Forward => self.newest_forward(first, &user_key)?,
            Direction::Backward => self.newest_backward(first, &user_key)?,
        };
        Ok(Some(Stop { user_key, newest }))
    }

    fn first_of_next_key(&mut self) -> Result<Option<Row>> {
        if let Some(row) = self.ahead.take() {
            return Ok(Some(row));
        }
        let Some((head, user_key)) = self.current.take() else { return self.read() };
        for _ in 0..STRIDE {
            match self.read()? {
                Some(row) if row.head == head => {}
                other => return Ok(other),
            }
        }
        self.seek_past(&user_key)?;
        self.read()
    }

    /// The newest comes first: it is the first one that is old enough.
    fn newest_forward(&mut self, first: Row, user_key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        let head = first.head.clone();
        let mut row = first;
        for _ in 0..STRIDE {
            if row.commit_ts <= self.at {
                return Ok(Some((row.raw_key, row.value)));
            }
            match self.read()? {
                Some(next) if next.head == head => row = next,
                other => {
                    self.ahead = other;
                    return Ok(None);
                }
            }
        }
        self.seek_newest(user_key)
    }

    /// The newest comes last: it is the one before the first that is too new.
    fn newest_backward(&mut self, first: Row, user_key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        let head = first.head.clone();
        let (mut row, mut newest) = (first, None);
        for _ in 0..STRIDE {
            if row.commit_ts > self.at {
                return Ok(newest);
            }
            newest = Some((row.raw_key, row.value));
            match self.read()? {
                Some(next) if next.head == head => row = next,
                other => {
                    self.ahead = other;
                    return Ok(newest);
                }
            }
        }
        self.seek_newest(user_key)
    }

    fn seek_newest(&mut self, user_key: &[u8]) -> Result<Option<(Bytes, Bytes)>> {
        self.visited += 1;
        self.rows.newest(user_key, self.at)
    }

    /// Goes on behind the last row of a key in the walk's direction.
    fn seek_past(&mut self, user_key: &[u8]) -> Result<()> {
        match self.way {
            Direction::Forward => {
                self.range.start = Bound::Excluded(RowKey::encode(user_key, Timestamp::ZERO));
            }
            Direction::Backward => {
                self.range.end = Bound::Excluded(RowKey::encode(user_key, Timestamp::MAX));
            }
        }
        self.pairs = self.rows.view.range(self.rows.keyspace, self.range.clone(), self.way)?;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Row>> {
        let Some(pair) = self.pairs.next() else { return Ok(None) };
        self.visited += 1;
        let (raw_key, value) = pair?;
        Row::new(&self.rows, raw_key, value).map(Some)
    }
}
