//! Collecting versions on this replica, a step at a time.
//!
//! How far it has come is kept in the batch of each step, as the record `gc` beside the rows:
//!
//! ```text
//! 01 ‖ generation u64 ‖ collected u64 ‖ cursor        no cursor between two rounds
//! ```
//!
//! A round goes over all rows once and collects up to the oldest timestamp as it was at its beginning; `collected`
//! is that of the last round that came to its end. Another generation of rows begins at zero: what its snapshot's
//! builder had collected is not known here.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_engine::{Batch, View};
use elastickv_fsm::{Generation, GroupKeyspaces, PerformError};
use elastickv_mvcc::gc::{self, Budget, Cursor};
use elastickv_mvcc::{Pins, RowError, Watermark};
use elastickv_types::Timestamp;

use crate::replica::Replica;

pub const RECORD: &[u8] = b"gc";
const VERSION: u8 = 1;
const FIXED_BYTES: usize = 17;

/// What a step came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Collected {
    /// Rows looked at; none where there is nothing to collect.
    pub visited: usize,
    pub deleted: usize,
    /// Rows that say of themselves that they could go and that did not open: they stay.
    pub unopened: usize,
}

/// How far collecting has come in a generation of rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    generation: Generation,
    collected: Timestamp,
    cursor: Option<Cursor>,
}

impl Progress {
    fn new(generation: Generation) -> Self {
        Self { generation, collected: Timestamp::ZERO, cursor: None }
    }

    pub fn read(
        view: &dyn View,
        keyspaces: &GroupKeyspaces,
        generation: Generation,
        oldest: Timestamp,
    ) -> Result<Self, PerformError> {
        let Some(raw) = view.get(keyspaces.meta(), RECORD)? else { return Ok(Self::new(generation)) };
        let read = Self::decode(raw, Pins::new(oldest).watermark())
            .map_err(|reason| PerformError::Record { record: "gc", reason })?;
        Ok(if read.generation == generation { read } else { Self::new(generation) })
    }

    fn encode(&self) -> Bytes {
        let cursor = self.cursor.as_ref().map(Cursor::encode).unwrap_or_default();
        let mut out = BytesMut::with_capacity(FIXED_BYTES + cursor.len());
        out.put_u8(VERSION);
        out.put_u64(self.generation.get());
        out.put_u64(self.collected.get());
        out.put_slice(&cursor);
        out.freeze()
    }

    fn decode(mut raw: Bytes, allowed: Watermark) -> Result<Self, String> {
        if raw.len() < FIXED_BYTES {
            return Err("it is too short".to_owned());
        }
        if raw.get_u8() != VERSION {
            return Err("its version is not known to this build".to_owned());
        }
        let generation = Generation::from_u64(raw.get_u64());
        let collected = Timestamp::from_u64(raw.get_u64());
        let cursor = (!raw.is_empty()).then(|| Cursor::decode(&raw, allowed)).transpose();
        Ok(Self { generation, collected, cursor: cursor.map_err(|error| error.to_string())? })
    }

    /// Where to go on, or to begin; `None` where nothing is to be collected.
    fn next(&self, watermark: Watermark) -> Option<Cursor> {
        let begins = watermark.get() > self.collected;
        self.cursor.clone().or_else(|| begins.then(|| Cursor::start(watermark)))
    }

    fn after(&self, watermark: Watermark, cursor: Option<Cursor>) -> Self {
        let collected = if cursor.is_none() { watermark.get() } else { self.collected };
        Self { generation: self.generation, collected, cursor }
    }
}

impl Replica {
    /// Collects what nobody can be shown any more: who reads from the group's oldest timestamp on, or holds a pin.
    pub fn collect(&self, pins: &Pins, budget: Budget) -> Result<Collected, RowError> {
        let held = self.latch.hold();
        // While the latch is held no other generation becomes the group's.
        let applied = self.applied();
        let mut progress = self.collection.lock();
        if progress.generation != applied.generation {
            *progress = Progress::new(applied.generation);
        }
        let Some(cursor) = progress.next(pins.raise(applied.state.oldest)) else {
            return Ok(Collected::default());
        };
        let rows = self.keyspaces.rows(applied.generation);
        let beside = |step: &gc::Step, batch: &mut Batch| {
            let after = progress.after(cursor.watermark(), step.cursor.clone());
            batch.put(self.keyspaces.meta(), RECORD, after.encode());
        };
        let step = gc::step(&held, &*self.engine, &rows, &*self.sealer, &cursor, budget, beside)?;
        *progress = progress.after(cursor.watermark(), step.cursor);
        Ok(Collected { visited: step.visited, deleted: step.deletions.len(), unopened: step.unopened })
    }

    /// Whether a step would find rows to look at.
    pub fn has_to_collect(&self, pins: &Pins) -> bool {
        let applied = self.applied();
        let progress = self.collection.lock();
        let other = progress.generation != applied.generation;
        other || progress.next(pins.raise(applied.state.oldest)).is_some()
    }
}

#[cfg(test)]
mod tests;
