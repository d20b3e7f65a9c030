//! One latch a group, for whoever changes rows beside the log.
//!
//! Applying the log only adds rows, each in a place of its own. Collecting, rewriting under another key and
//! installing a snapshot change or remove rows that are there, from what they read a moment before. Two of them
//! at once undo each other: a rewriter that puts back a row which was collected meanwhile has brought it back to
//! life. So they hold this latch from the reading to the writing; and who can not hold it that long, because
//! sealing takes its time, reads before, holds it to write, and there compares: [`Held::replace`] changes a row
//! only if it still is what was read.
//!
//! A delete-range needs no latch where it removes keys, since it adds tombstones by way of the log; one that
//! removes rows does.

use bytes::Bytes;
use elastickv_engine::{Batch, Engine, KeyspaceName};
use parking_lot::{Mutex, MutexGuard};

use crate::Result;

#[derive(Debug, Default)]
pub struct RowLatch(Mutex<()>);

/// Proof that nobody else changes rows beside the log; not to be held across an `await`.
#[derive(Debug)]
pub struct Held<'a>(#[expect(dead_code, reason = "held, not read")] MutexGuard<'a, ()>);

/// A row to be changed, and what it was when that was decided.
#[derive(Clone, PartialEq, Eq)]
pub struct Replacement {
    pub raw_key: Bytes,
    pub was: Bytes,
    pub becomes: Bytes,
}

impl std::fmt::Debug for Replacement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replacement({} bytes by {})", self.was.len(), self.becomes.len())
    }
}

/// What came of replacements.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replaced {
    pub written: usize,
    /// Rows that are gone or are something else by now: they were left alone.
    pub outdated: usize,
}

impl RowLatch {
    pub fn hold(&self) -> Held<'_> {
        Held(self.0.lock())
    }
}

impl Held<'_> {
    /// Replaces those rows that still are what they were, in one batch with what else is given.
    pub fn replace(
        &self,
        engine: &dyn Engine,
        keyspace: &KeyspaceName,
        replacements: Vec<Replacement>,
        beside: Batch,
    ) -> Result<Replaced> {
        let view = engine.view()?;
        let mut batch = beside;
        let mut replaced = Replaced::default();
        for replacement in replacements {
            if view.get(keyspace, &replacement.raw_key)?.as_ref() == Some(&replacement.was) {
                batch.put(keyspace, replacement.raw_key, replacement.becomes);
                replaced.written += 1;
            } else {
                replaced.outdated += 1;
            }
        }
        engine.write(batch)?;
        Ok(replaced)
    }
}
