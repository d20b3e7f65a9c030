//! Sealing rows anew that are clear, or under a key that was replaced: all versions, tombstones and locks among them.
//!
//! A row keeps its key, its header's meaning and its timestamp; only its envelope is another one. So nobody who
//! reads notices, and replicas do it each for itself. It comes in steps of a bounded number of rows: a step is made
//! from a view, with nothing held, since sealing takes its time, and is written under the latch, where each row is
//! compared with what was sealed ([`Held::replace`](crate::Held::replace)).
//!
//! A row that does not open stays as it is and is counted: it is its readers that are to be told.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Bound;

use bytes::Bytes;
use elastickv_crypto::{EnvelopeHeader, Storage};
use elastickv_engine::{Direction, KeyRange, KeyspaceName, Pairs, View};
use elastickv_types::KeyId;

use crate::latch::Replacement;
use crate::row::{RowHeader, RowState};
use crate::seal::Sealer;
use crate::{Result, RowError};

/// How much one step does at most.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Rows looked at.
    pub rows: NonZeroUsize,
    /// Bytes of the rows that are sealed anew; the last one may go beyond.
    pub bytes: u64,
}

/// What a step is going to change.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    pub replacements: Vec<Replacement>,
    /// Bytes of the rows that are replaced.
    pub bytes: u64,
    /// The last row that was looked at; none when there are no more.
    pub place: Option<Bytes>,
    pub visited: usize,
    /// Rows that need to be sealed anew and do not open.
    pub unopened: u64,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (rows, ends) = (self.replacements.len(), self.place.is_none());
        write!(f, "Step({rows} of {} rows, {} do not open, ends: {ends})", self.visited, self.unopened)
    }
}

/// Where rows are looked for: of rows and of locks alike.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub view: &'a dyn View,
    pub keyspace: &'a KeyspaceName,
    /// The last row that was looked at.
    pub after: Option<&'a Bytes>,
}

impl<'a> Place<'a> {
    fn rest(self) -> Result<Pairs<'a>> {
        let start = self.after.map_or(Bound::Unbounded, |last| Bound::Excluded(last.clone()));
        let range = KeyRange { start, end: Bound::Unbounded };
        Ok(self.view.range(self.keyspace, range, Direction::Forward)?)
    }
}

/// Seals anew, for one step, what needs it behind a place. Nothing is changed by that.
pub fn step(place: Place<'_>, sealer: &dyn Sealer, budget: Budget) -> Result<Step> {
    let mut step = Step { replacements: Vec::new(), bytes: 0, place: None, visited: 0, unopened: 0 };
    for pair in place.rest()? {
        let (raw_key, was) = pair?;
        step.visited += 1;
        step.take(sealer, &raw_key, was)?;
        if step.visited >= budget.rows.get() || step.bytes >= budget.bytes {
            return Ok(Step { place: Some(raw_key), ..step });
        }
    }
    Ok(step)
}

impl Step {
    fn take(&mut self, sealer: &dyn Sealer, raw_key: &Bytes, was: Bytes) -> Result<()> {
        let sealed = match sealer.needs_sealing(&was) {
            Ok(false) => return Ok(()),
            Ok(true) => sealer.sealed_anew(raw_key, was.clone()),
            Err(error) => Err(error),
        };
        match sealed {
            Ok(becomes) => {
                self.bytes += was.len() as u64;
                self.replacements.push(Replacement { raw_key: raw_key.clone(), was, becomes });
            }
            // The key may be open soon, and a node whose keys are not to be used seals nothing at all.
            Err(error) if error.waits_for().is_some() || matches!(error, RowError::Keyring(_)) => {
                return Err(error);
            }
            Err(_) => self.unopened += 1,
        }
        Ok(())
    }
}

/// Rows, and what they take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Amount {
    pub rows: u64,
    pub bytes: u64,
}

impl Amount {
    pub fn add(&mut self, other: Amount) {
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

/// How many rows there are under each key, and in clear: counted, by their headers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub clear: Amount,
    pub keys: BTreeMap<KeyId, Amount>,
    /// Rows whose header or envelope says nothing that is known.
    pub malformed: u64,
}

impl Tally {
    fn take(&mut self, value: &Bytes) {
        let amount = Amount { rows: 1, bytes: value.len() as u64 };
        match sealed_by(value) {
            Ok(None) => self.clear.add(amount),
            Ok(Some(key)) => self.keys.entry(key).or_default().add(amount),
            Err(_) => self.malformed += 1,
        }
    }

    /// Of all rows, clear ones and those under keys that are meant.
    pub fn of(&self, meant: impl Fn(KeyId) -> bool) -> Amount {
        let mut sum = self.clear;
        self.keys.iter().filter(|(key, _)| meant(**key)).for_each(|(_, amount)| sum.add(*amount));
        sum
    }
}

/// Counts up to so many rows behind a place; returns the last one, or none when there are no more.
pub fn tally(place: Place<'_>, rows: NonZeroUsize, tally: &mut Tally) -> Result<Option<Bytes>> {
    for (number, pair) in (1..).zip(place.rest()?) {
        let (raw_key, value) = pair?;
        tally.take(&value);
        if number >= rows.get() {
            return Ok(Some(raw_key));
        }
    }
    Ok(None)
}

/// The key that a stored row says it is sealed under; nobody's for a clear one.
pub fn sealed_by(value: &Bytes) -> Result<Option<KeyId>> {
    let (header, body) = RowHeader::split(value.clone())?;
    match header.state {
        RowState::Clear => Ok(None),
        RowState::Sealed => Ok(Some(EnvelopeHeader::<Storage>::parse(&body)?.key())),
    }
}
