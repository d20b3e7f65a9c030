//! Changing a store, and going on after the disk was full.
//!
//! When fjall's background thread, or a write to the journal, finds the disk full, fjall takes no
//! more writes until it is opened again; it still reads. Nothing that became visible is lost then: it
//! is in the tables or in the journal. So once there is room, no view is open and something is to be
//! written, the store is closed and opened, and must hold exactly the batches it held before. A batch
//! that was refused may lie in the journal, because what is buffered is written after all when the
//! journal is closed: it is cut off. The tables that the background could not finish are removed when
//! the store is opened, so that is tried now and then even while room is short.
//!
//! fjall does not tell why its background thread failed. It is taken to have been the lack of room
//! only if room was short since there was last plenty. Anything else, such as a failed sync, is a
//! fault that stays.

use std::time::Duration;

use super::store::{Commit, Refused, Store};
use super::{FjallEngine, PAUSE};
use crate::{EngineError, Result};

/// How long a writer waits for views to be closed so that the store can be opened again.
const PATIENCE: Duration = Duration::from_millis(100);
/// A flush that has not ended holds writers up once this many times the usual is unflushed.
const MOST_UNFLUSHED: u64 = 4;

impl FjallEngine {
    /// Makes a change, in a store that is fit for it. The turn is held.
    pub(super) fn changing<T>(&self, change: impl Fn(&mut Store) -> Commit<T>) -> Result<T> {
        self.wait_for_memory()?;
        let changed = match self.attempt(&change)? {
            Some(changed) => changed,
            None => {
                self.revive()?;
                self.attempt(&change)?.ok_or_else(|| self.gave_up())?
            }
        };
        self.room.was_enough();
        self.flush_when_due();
        Ok(changed)
    }

    /// None if fjall has given up.
    fn attempt<T>(&self, change: &impl Fn(&mut Store) -> Commit<T>) -> Result<Option<T>> {
        let mut slot = self.slot.write();
        let Ok(store) = slot.store_mut(&self.place) else { return Ok(None) };
        let changed = self.place.guard(|| {
            Ok(match store.is_poisoned() {
                true => None,
                false => Some(change(store)),
            })
        })?;
        match changed {
            None | Some(Err(Refused::Poisoned)) => Ok(None),
            Some(Err(Refused::Failed(error))) => Err(self.room.note(error)),
            Some(Ok(changed)) => Ok(Some(changed)),
        }
    }

    /// What to answer when fjall has given up.
    pub(super) fn gave_up(&self) -> EngineError {
        match self.room.take(0) {
            Err(full) => full,
            Ok(()) if self.room.was_short() => self.place.full("its background work found no room"),
            Ok(()) => self.place.fault("its background work failed"),
        }
    }

    /// Takes room for a write.
    pub(super) fn take_room(&self, bytes: u64) -> Result<()> {
        let Err(full) = self.room.take(bytes) else { return Ok(()) };
        if self.reading(|store| Ok(!store.is_poisoned())).unwrap_or(false) {
            return Err(full);
        }
        self.revive()?;
        self.room.take(bytes)
    }

    fn revive(&self) -> Result<()> {
        let room = self.room.take(0);
        if !self.room.was_short() {
            return Err(self.gave_up());
        }
        if !self.room.may_tidy() {
            room?;
        }
        let deadline = self.options.clock.now().after(PATIENCE);
        let waiting = |error| self.place.full(format!("it was full and goes on after {}", waited_for(error)));
        let mut slot = self.without_views(deadline).map_err(waiting)?;
        tracing::info!(dir = %self.place.0, "a store whose disk was full is opened again");
        self.reopen(&mut slot, || Ok(())).map_err(|error| self.room.note(error))?;
        // Should it fail once more, then for another reason.
        self.room.was_enough();
        Ok(())
    }

    /// Waits while too much is unflushed.
    fn wait_for_memory(&self) -> Result<()> {
        let most = self.options.memtable_bytes * MOST_UNFLUSHED;
        let must_wait = |store: &Store| {
            Ok(store.is_flushing() && store.unflushed_bytes() >= most && !store.is_poisoned())
        };
        while self.reading(must_wait).unwrap_or(false) {
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn flush_when_due(&self) {
        let started = self.reading(|store| match store.unflushed_bytes() >= self.options.memtable_bytes {
            true if !store.is_flushing() => store.start_flush(&self.place),
            _ => Ok(()),
        });
        if let Err(error) = started {
            tracing::warn!(%error, "a store could not start to flush");
        }
    }
}

fn waited_for(error: EngineError) -> String {
    match error {
        EngineError::Waiting { waits_for, .. } => waits_for,
        other => other.to_string(),
    }
}
