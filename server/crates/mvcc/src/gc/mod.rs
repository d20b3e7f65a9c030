//! Collecting the versions that nobody can be shown any more.
//!
//! Up to a watermark W, of the versions of one key
//!
//! - the newest at or below W, its *anchor*, stays: it is what a read at W is shown;
//! - everything older goes;
//! - an anchor that hides its key at W, because it is a tombstone or is over by then, goes too, with the last of
//!   the older versions or after them, never before: without it the next older one would show.
//!
//! The work comes in steps of a bounded number of rows, so that it can be slowed down and takes no memory. A
//! [`Cursor`] says where the next one goes on, also after a restart. Each step finds the anchor of its first key
//! again in the rows themselves, so that a step needs to know nothing of the ones before it.
//!
//! **What is trusted.** That a version is older than another follows from their keys. That an anchor hides its key
//! follows from its header, which stands there in clear, and whoever can write to the disk can forge it. A forged
//! row does not open, and its reader is told. Were the collector to believe it, the row would be gone and its
//! reader told nothing: a detected forgery would have become a silent loss. So a header only proposes an anchor;
//! it goes when it was opened and says the same. One that does not open stays, and is counted. A header that was
//! forged the other way makes the collector keep a row, which harms nobody. All other rows are never opened.

mod cursor;

use std::num::NonZeroUsize;
use std::ops::Bound;

use bytes::Bytes;
use elastickv_engine::{Batch, Direction, Engine, KeyRange, KeyspaceName};
use elastickv_types::Timestamp;

pub use cursor::Cursor;

use crate::latch::Held;
use crate::row::RowHeader;
use crate::rows::{Rows, hides};
use crate::seal::Sealer;
use crate::walk::Row;
use crate::{Result, expiry};

/// How much one step does at most.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Rows looked at.
    pub rows: NonZeroUsize,
    /// Bytes of the keys to be deleted; one may be larger.
    pub bytes: usize,
}

/// What a step came to.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// Keys of the rows that go, in one batch.
    pub deletions: Vec<Bytes>,
    /// Where the next step goes on; none at the end of the round.
    pub cursor: Option<Cursor>,
    /// Rows looked at.
    pub visited: usize,
    /// Rows whose header says that they could go and that did not open: they stay.
    pub unopened: usize,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (deletions, visited, unopened) = (self.deletions.len(), self.visited, self.unopened);
        write!(f, "Step({deletions} of {visited} rows go, {unopened} do not open, then {:?})", self.cursor)
    }
}

/// Collects for one step: reads, deletes, and writes what its caller puts beside it, in one batch.
///
/// The caller puts the cursor there, to go on from after a restart, and the oldest timestamp with the first step
/// of a round.
pub fn step(
    _held: &Held<'_>,
    engine: &dyn Engine,
    keyspace: &KeyspaceName,
    sealer: &dyn Sealer,
    cursor: &Cursor,
    budget: Budget,
    beside: impl FnOnce(&Step, &mut Batch),
) -> Result<Step> {
    let view = engine.view()?;
    let rows = Rows { view: &*view, keyspace, sealer, oldest: cursor.watermark().get() };
    let step = rows.collect(cursor, budget)?;
    let mut batch = Batch::default();
    step.deletions.iter().for_each(|raw_key| batch.delete(keyspace, raw_key.clone()));
    beside(&step, &mut batch);
    if !batch.is_empty() {
        engine.write(batch)?;
    }
    Ok(step)
}

impl Rows<'_> {
    /// What goes next. Nothing is changed.
    ///
    /// Between this and deleting what it names, nobody else may change rows beside the log; [`step`] sees to that.
    pub fn collect(&self, cursor: &Cursor, budget: Budget) -> Result<Step> {
        collect_by(self, cursor, budget, Rules::default())
    }
}

/// What the collector keeps to. The tests take one away at a time, and find that it is missed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) anchors_stay: bool,
    pub(crate) hiding_anchors_go_last: bool,
    pub(crate) headers_are_checked: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { anchors_stay: true, hiding_anchors_go_last: true, headers_are_checked: true }
    }
}

pub(crate) fn collect_by(rows: &Rows<'_>, cursor: &Cursor, budget: Budget, rules: Rules) -> Result<Step> {
    let mut round = Round::new(rows, cursor.watermark().get(), rules);
    let range = round.resume(cursor.place.as_ref())?;
    for pair in rows.view.range(rows.keyspace, range, Direction::Forward)? {
        let (raw_key, value) = pair?;
        let row = Row::new(rows, raw_key, value)?;
        let place = row.raw_key.clone();
        round.visited += 1;
        round.take(row);
        if round.visited >= budget.rows.get() || round.bytes > budget.bytes {
            // Whether this was the last row of its key is seen by the next step, which finds its anchor again.
            return Ok(round.step(Some(Cursor { watermark: cursor.watermark, place: Some(place) })));
        }
    }
    round.end_key();
    Ok(round.step(None))
}

/// The newest version of a key at or below the watermark.
struct Anchor {
    raw_key: Bytes,
    hides: bool,
}

/// A step on its way.
struct Round<'a> {
    rows: &'a Rows<'a>,
    watermark: Timestamp,
    rules: Rules,
    /// The key whose rows are coming, and its anchor once that came.
    key: Option<Bytes>,
    anchor: Option<Anchor>,
    deletions: Vec<Bytes>,
    bytes: usize,
    visited: usize,
    unopened: usize,
}

impl<'a> Round<'a> {
    fn new(rows: &'a Rows<'a>, watermark: Timestamp, rules: Rules) -> Self {
        let (key, anchor, deletions) = (None, None, Vec::new());
        Self { rows, watermark, rules, key, anchor, deletions, bytes: 0, visited: 0, unopened: 0 }
    }

    /// Finds the anchor of the key that a place lies in, if it lies before that place, and what follows.
    fn resume(&mut self, place: Option<&Bytes>) -> Result<KeyRange> {
        let Some(place) = place else { return Ok(KeyRange::ALL) };
        let user_key = self.rows.decode(place)?.user_key;
        if let Some((raw_key, value)) = self.rows.newest(&user_key, self.watermark)?
            && raw_key <= *place
        {
            self.take(Row::new(self.rows, raw_key, value)?);
        }
        Ok(KeyRange { start: Bound::Excluded(place.clone()), end: Bound::Unbounded })
    }

    fn is_of_this_key(&self, row: &Row) -> bool {
        self.key.as_ref() == Some(&row.head)
    }

    fn take(&mut self, row: Row) {
        if !self.is_of_this_key(&row) {
            self.end_key();
            self.key = Some(row.head.clone());
        }
        if row.commit_ts > self.watermark {
            return;
        }
        if self.anchor.is_some() {
            return self.delete(row.raw_key);
        }
        let hides = !self.rules.anchors_stay || self.hides(&row);
        if hides && !self.rules.hiding_anchors_go_last {
            self.delete(row.raw_key.clone());
        }
        self.anchor = Some(Anchor { raw_key: row.raw_key, hides });
    }

    /// All older versions are gone or go in this step: now a hiding anchor may.
    fn end_key(&mut self) {
        if let Some(anchor) = self.anchor.take()
            && anchor.hides
            && self.rules.hiding_anchors_go_last
        {
            self.delete(anchor.raw_key);
        }
        self.key = None;
    }

    fn delete(&mut self, raw_key: Bytes) {
        self.bytes += raw_key.len();
        self.deletions.push(raw_key);
    }

    fn hides(&mut self, row: &Row) -> bool {
        // What does not parse proposes nothing: it stays for its readers to be told of.
        let Ok((header, _)) = RowHeader::split(row.value.clone()) else { return false };
        let proposed = header.tombstone || expiry::is_over(header.expire_at, self.watermark);
        if !proposed || !self.rules.headers_are_checked {
            return proposed;
        }
        match self.rows.sealer.open(&row.raw_key, row.value.clone()) {
            Ok(opened) => hides(&opened, self.watermark),
            Err(_) => {
                self.unopened += 1;
                false
            }
        }
    }

    fn step(self, cursor: Option<Cursor>) -> Step {
        let Self { deletions, visited, unopened, .. } = self;
        Step { deletions, cursor, visited, unopened }
    }
}
