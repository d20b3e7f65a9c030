//! The store of an engine, which can be closed and opened again under it.

use std::time::Duration;

use elastickv_sys::clock::Moment;
use parking_lot::RwLockWriteGuard;

use super::closed::wait_until_closed;
use super::failure::Place;
use super::store::Store;
use super::{FjallEngine, PAUSE, check};
use crate::{EngineError, Result};

/// How long no view can be opened, and can again, while views are waited for.
const BREATH: std::time::Duration = std::time::Duration::from_millis(10);

pub(super) enum Slot {
    Open(Store),
    /// Closed, because it could not be opened again.
    Shut {
        /// The last batch that became visible.
        last: u64,
        /// Why, and whether for want of room.
        reason: String,
        full: bool,
    },
}

impl Slot {
    pub(super) fn store(&self, place: &Place) -> Result<&Store> {
        match self {
            Self::Open(store) => Ok(store),
            Self::Shut { reason, full: true, .. } => Err(place.full(reason)),
            Self::Shut { reason, .. } => Err(place.fault(reason)),
        }
    }

    pub(super) fn store_mut(&mut self, place: &Place) -> Result<&mut Store> {
        match self {
            Self::Open(store) => Ok(store),
            Self::Shut { reason, full: true, .. } => Err(place.full(reason)),
            Self::Shut { reason, .. } => Err(place.fault(reason)),
        }
    }

    fn shut(last: u64, reason: impl ToString) -> Self {
        Self::Shut { last, reason: reason.to_string(), full: false }
    }
}

impl FjallEngine {
    /// The slot while no view is open. None can be opened as long as it is held.
    pub(super) fn without_views(&self, deadline: Moment) -> Result<RwLockWriteGuard<'_, Slot>> {
        loop {
            let slot = self.slot.write();
            // No view is opened meanwhile, so that short reads, of which there always is one, come to their end.
            let moment = self.options.clock.now().after(BREATH);
            let views = loop {
                match std::sync::Arc::strong_count(&self.views) - 1 {
                    0 => return Ok(slot),
                    views if self.options.clock.now() >= moment => break views,
                    _ => std::thread::sleep(PAUSE),
                }
            };
            drop(slot);
            std::thread::sleep(BREATH);
            self.pause(deadline, || format!("{views} open views"))?;
        }
    }

    /// Closes the store, does something to its files and opens it with the same batches as before.
    pub(super) fn reopen(&self, slot: &mut Slot, between: impl FnOnce() -> Result<()>) -> Result<()> {
        let last = match slot {
            Slot::Open(store) => store.last(),
            Slot::Shut { last, .. } => *last,
        };
        // Dropping the store closes it.
        *slot = Slot::shut(last, "it is being opened again");
        let opened = wait_until_closed(&self.dir, &self.place, &self.options).and_then(|()| {
            between()?;
            self.place.guard_opening(|| Store::open(&self.dir, &self.place, &self.options, last))
        });
        match opened {
            Ok(store) if store.last() == last => *slot = Slot::Open(store),
            Ok(store) => *slot = Slot::shut(last, format!("of {last} batches it has only {}", store.last())),
            Err(error) => {
                let full = matches!(error, EngineError::Full { .. });
                *slot = Slot::Shut { last, reason: error.to_string(), full };
                return Err(error);
            }
        }
        slot.store(&self.place).map(|_| ())
    }

    pub(super) fn close(&mut self, deadline: Moment) -> Result<()> {
        let Slot::Open(store) = std::mem::replace(self.slot.get_mut(), Slot::shut(0, "it is closed")) else {
            return Ok(());
        };
        while store.is_flushing() && !store.is_poisoned() && self.options.clock.now() < deadline {
            std::thread::sleep(PAUSE);
        }
        let (last, poisoned) = (store.last(), store.is_poisoned());
        drop(store);
        if poisoned && std::sync::Arc::strong_count(&self.views) == 1 {
            // A batch that was refused may have got into the journal by now.
            wait_until_closed(&self.dir, &self.place, &self.options)?;
            check::inspect(&self.dir, &self.place, &self.options, last)?;
        }
        Ok(())
    }

    pub(super) fn pause(&self, deadline: Moment, waits_for: impl FnOnce() -> String) -> Result<()> {
        self.pause_for(PAUSE, deadline, waits_for)
    }

    pub(super) fn pause_for(
        &self,
        pause: Duration,
        deadline: Moment,
        waits_for: impl FnOnce() -> String,
    ) -> Result<()> {
        if self.options.clock.now() >= deadline {
            return Err(self.place.waiting(waits_for()));
        }
        std::thread::sleep(pause);
        Ok(())
    }
}
