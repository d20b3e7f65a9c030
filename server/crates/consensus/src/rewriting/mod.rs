//! Sealing this replica's rows anew, a step at a time, and counting them.
//!
//! A step is made from a view and written under the latch, in one batch with how far it has come. A collected row
//! does not come back, since only a row that still is what was sealed is replaced; a generation that was switched
//! meanwhile is left alone. Locks go the same way, and while they are compared nothing is applied: applying takes
//! locks away, which it never does to rows.

mod record;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

use bytes::Bytes;
use elastickv_engine::{Batch, EngineError, KeyspaceName};
use elastickv_fsm::{Generation, PerformError};
use elastickv_keyring::Lookup;
use elastickv_mvcc::RowError;
use elastickv_mvcc::rewrite::{self, Amount, Budget, Place, Step, Tally};
use elastickv_types::{KeyId, LogIndex, OperationId};

pub use record::{Part, Rewriting};
pub(crate) use record::{RECORD, SEALED_ONLY, read_sealed_only, sealed_only};

use crate::replica::Replica;

/// Why a step was not made.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    #[error(transparent)]
    Row(#[from] RowError),
    /// A snapshot was installed: it begins anew, with the rows that there are now.
    #[error("other rows took the place of those that were at work on")]
    OtherGeneration,
    /// What was sealed meanwhile is under a key that may be closed by now, and whoever counts has perhaps passed by.
    #[error("another key took the place of the one that was sealed under")]
    OtherKey,
    #[error(transparent)]
    Store(#[from] PerformError),
}

impl From<EngineError> for RewriteError {
    fn from(error: EngineError) -> Self {
        Self::Row(error.into())
    }
}

impl RewriteError {
    pub fn is_full(&self) -> bool {
        matches!(
            self,
            RewriteError::Row(RowError::Engine(EngineError::Full { .. }))
                | RewriteError::Store(PerformError::Engine(EngineError::Full { .. }))
        )
    }

    pub fn waits_for(&self) -> Option<Lookup> {
        match self {
            RewriteError::Row(error) => error.waits_for(),
            RewriteError::OtherGeneration | RewriteError::OtherKey | RewriteError::Store(_) => None,
        }
    }
}

/// A count of all rows and locks, on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Census {
    pub generation: Generation,
    /// What was applied when it began. Rows that came later may be missing.
    pub begun: LogIndex,
    pub tally: Tally,
    pub visited: u64,
    part: CensusPart,
    place: Option<Bytes>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum CensusPart {
    Rows,
    Locks,
    Over,
}

impl Census {
    pub fn is_over(&self) -> bool {
        self.part == CensusPart::Over
    }

    fn advance(&mut self, place: Option<Bytes>) {
        self.part = match (&place, self.part) {
            (Some(_), part) => part,
            (None, CensusPart::Rows) => CensusPart::Locks,
            (None, CensusPart::Locks | CensusPart::Over) => CensusPart::Over,
        };
        self.place = place;
    }
}

/// What a step of sealing anew came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rewritten {
    pub done: Amount,
    pub visited: usize,
}

/// A step that is not written yet.
struct SealedStep {
    step: Step,
    keyspace: KeyspaceName,
    /// The key that was sealed under.
    under: KeyId,
}

impl Replica {
    /// A step that is being written is waited for: the next one finds out under which key it may write, so that
    /// nothing comes to lie behind the count under a key that was closed before it.
    pub fn begin_scan(&self) -> Census {
        let _held = self.latch.hold();
        let applied = self.applied();
        Census {
            generation: applied.generation,
            begun: applied.last.map_or(LogIndex::default(), |id| id.index),
            tally: Tally::default(),
            visited: 0,
            part: CensusPart::Rows,
            place: None,
        }
    }

    /// Counts up to so many rows more.
    pub fn scan(&self, scan: &mut Census, rows: NonZeroUsize) -> Result<(), RewriteError> {
        let keyspace = match scan.part {
            CensusPart::Rows => self.keyspaces.rows(scan.generation),
            CensusPart::Locks => self.keyspaces.locks(scan.generation),
            CensusPart::Over => return Ok(()),
        };
        let read = self.read_view()?;
        if read.applied.generation != scan.generation {
            return Err(RewriteError::OtherGeneration);
        }
        let place = Place { view: &*read.view, keyspace: &keyspace, after: scan.place.as_ref() };
        let last = rewrite::tally(place, rows, &mut scan.tally)?;
        scan.visited += rows.get() as u64;
        scan.advance(last);
        Ok(())
    }

    /// How far this node is with a job, in the rows that there are now.
    pub fn rewriting(&self, job: OperationId) -> Option<Rewriting> {
        let generation = self.applied().generation;
        let rewriting = self.rewriting.lock();
        rewriting.clone().filter(|of| of.job == job && of.generation == generation)
    }

    /// Begins a job in the rows that there are now.
    pub fn begin_rewriting(
        &self,
        job: OperationId,
        scan: &Census,
        total: Amount,
    ) -> Result<(), RewriteError> {
        let under = self.rewrites_under().ok_or(RewriteError::OtherKey)?;
        self.note(Rewriting::new(job, scan.generation, under, total), None)
    }

    /// Seals anew for one step.
    pub fn rewrite(&self, from: Rewriting, budget: Budget) -> Result<Rewritten, RewriteError> {
        match self.seal_step(&from, budget)? {
            Some(sealed) => self.write_step(from, sealed),
            None => Ok(Rewritten::default()),
        }
    }

    fn seal_step(&self, from: &Rewriting, budget: Budget) -> Result<Option<SealedStep>, RewriteError> {
        let keyspace = match from.part {
            Part::Rows => self.keyspaces.rows(from.generation),
            Part::Locks => self.keyspaces.locks(from.generation),
            Part::Erasing | Part::Done { .. } => return Ok(None),
        };
        let under = self.rewrites_under().ok_or(RewriteError::OtherKey)?;
        let read = self.read_view()?;
        if read.applied.generation != from.generation {
            return Err(RewriteError::OtherGeneration);
        }
        let place = Place { view: &*read.view, keyspace: &keyspace, after: from.place.as_ref() };
        let step = rewrite::step(place, &**self.sealer(), budget)?;
        Ok(Some(SealedStep { step, keyspace, under }))
    }

    fn write_step(&self, from: Rewriting, sealed: SealedStep) -> Result<Rewritten, RewriteError> {
        let SealedStep { step, keyspace, under } = sealed;
        let held = self.latch.hold();
        // While the latch is held no other generation becomes the group's.
        if self.applied().generation != from.generation {
            return Err(RewriteError::OtherGeneration);
        }
        if self.rewrites_under() != Some(under) {
            return Err(RewriteError::OtherKey);
        }
        let done = Amount { rows: step.replacements.len() as u64, bytes: step.bytes };
        let rewritten = Rewritten { done, visited: step.visited };
        let after = from.after(&step, done);
        let mut beside = Batch::default();
        beside.put(self.keyspaces.meta(), RECORD, after.encode());
        {
            let _applying = (from.part == Part::Locks).then(|| self.hold_applying());
            held.replace(&*self.engine, &keyspace, step.replacements, beside)?;
        }
        *self.rewriting.lock() = Some(after);
        Ok(rewritten)
    }

    /// What the rows were is gone from every file; `None` where it is not known to be. Where no row was passed over,
    /// a clear one is an error from now on.
    pub fn end_rewriting(&self, from: Rewriting, log_sealed: bool) -> Result<(), RewriteError> {
        let sealed_only = (from.unopened == 0).then(|| sealed_only(from.generation));
        self.note(Rewriting { part: Part::Done { log_sealed }, place: None, ..from }, sealed_only)
    }

    fn note(&self, after: Rewriting, sealed: Option<Bytes>) -> Result<(), RewriteError> {
        let _held = self.latch.hold();
        if self.applied().generation != after.generation {
            return Err(RewriteError::OtherGeneration);
        }
        let mut batch = Batch::default();
        batch.put(self.keyspaces.meta(), RECORD, after.encode());
        let sealed_only = sealed.is_some();
        if let Some(sealed) = sealed {
            batch.put(self.keyspaces.meta(), SEALED_ONLY, sealed);
        }
        self.engine.write(batch)?;
        if sealed_only {
            self.sealed_only.set(true);
        }
        *self.rewriting.lock() = Some(after);
        Ok(())
    }

    /// The key that rows are sealed anew under; `None` while this node has not followed to the cluster's active one.
    pub fn rewrites_under(&self) -> Option<KeyId> {
        let store = self.keys.store()?;
        let keyring = store.keyring();
        let (key, _) = keyring.seal_key(elastickv_types::Purpose::Storage)?;
        (keyring.active(elastickv_types::Purpose::Storage) == Some(key)).then_some(key)
    }

    /// Whether another key is active by now than when this began: rows that came meanwhile are under the one before.
    pub fn was_overtaken(&self, at: &Rewriting) -> bool {
        self.rewrites_under().is_some_and(|active| active != at.under)
    }

    /// Whether rows under a key are to be sealed anew.
    pub fn is_replaced(&self, key: KeyId) -> bool {
        use elastickv_keyring::KeyState;
        let state =
            self.keys.store().and_then(|store| store.keyring().state::<elastickv_crypto::Storage>(key));
        matches!(state, Some(KeyState::Retiring | KeyState::Closed))
    }
}

impl Rewriting {
    fn after(&self, step: &Step, done: Amount) -> Self {
        let mut after = self.clone();
        after.done.add(done);
        after.unopened += step.unopened;
        after.place = step.place.clone();
        after.part = match (&step.place, self.part) {
            (None, Part::Rows) => Part::Locks,
            (None, Part::Locks) => Part::Erasing,
            (_, part) => part,
        };
        after
    }
}
