//! The engine that keeps keyspaces in fjall: a log-structured merge tree a keyspace, one journal for all.
//!
//! fjall is good at being fast and at surviving a killed process. What it lacks for our purposes is
//! added around it:
//!
//! - it believes its files where it should not: `check` looks at them first;
//! - it is of no use any more once a write found the disk full: `room` sees to it that this does not
//!   happen, and `revive` opens the database again when it has;
//! - overwritten bytes stay in its files for as long as it likes: `erase` gets rid of them, and `merging` does so
//!   without holding anybody up;
//! - closing it waits for whatever it merges: `brakes` stops that;
//! - its own waiting for its background thread does not end when that thread has died: `store` never
//!   lets it come to that.

mod brakes;
mod check;
mod closed;
mod culprit;
mod erase;
mod failure;
mod merging;
mod options;
mod revive;
mod room;
mod seal;
mod slot;
mod store;
mod usage;
mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

pub use options::{BlockCache, FjallOptions, Shortages};

use failure::Place;
use room::Room;
use slot::Slot;
use store::{Refused, Store};
use view::FjallView;

use crate::{Batch, Engine, KeyspaceName, Op, Result, View, Wanted};

/// What a batch takes in the journal beside its keys and values.
const BATCH_BYTES: u64 = 128;
const OP_BYTES: u64 = 32;
/// What making or removing a keyspace writes.
const KEYSPACE_BYTES: u64 = 64 * 1024;
/// How often something is looked at again that tells of no change by itself.
const PAUSE: Duration = Duration::from_millis(1);
/// How long closing waits for a flush: one that is not over by then is done again from the journal.
const CLOSING: Duration = Duration::from_secs(2);

pub struct FjallEngine {
    dir: PathBuf,
    place: Place,
    options: FjallOptions,
    room: Room,
    /// One erases at a time.
    erasing: Mutex<()>,
    /// Held by whoever changes something, also while it waits for memory or for views to close.
    turn: Mutex<()>,
    /// Written to while a batch becomes visible, because a view opened meanwhile could see half of
    /// it: fjall's background thread moves the point up to which views see.
    slot: RwLock<Slot>,
    /// One clone a view.
    views: Arc<()>,
}

impl FjallEngine {
    /// Opens the store in a directory, making both if need be.
    pub fn open(dir: &Path, options: FjallOptions) -> Result<Self> {
        let place = Place(dir.display().to_string().into());
        let store = place.guard_opening(|| Store::open(dir, &place, &options, u64::MAX))?;
        Ok(Self {
            dir: dir.to_owned(),
            room: Room::new(dir.to_owned(), place.clone(), &options),
            place,
            options,
            erasing: Mutex::new(()),
            turn: Mutex::new(()),
            slot: RwLock::new(Slot::Open(store)),
            views: Arc::new(()),
        })
    }

    fn reading<T>(&self, read: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        let slot = self.slot.read();
        self.place.guard(|| read(slot.store(&self.place)?))
    }
}

#[cfg(test)]
impl FjallEngine {
    /// Lets merges stand still, as if they took for ever: those that erase, and those in the background.
    pub(crate) fn halt_merges(&self, erasing: bool, background: bool) {
        let halt = |store: &Store| {
            let halted = &store.brakes().halted;
            halted.erasing.store(erasing, Ordering::Release);
            halted.background.store(background, Ordering::Release);
            Ok(())
        };
        self.reading(halt).unwrap();
    }

    pub(crate) fn is_flushing(&self) -> bool {
        self.reading(|store| Ok(store.is_flushing())).unwrap()
    }

    /// Whether something failed in the background, or a write to the journal did.
    pub(crate) fn has_given_up(&self) -> bool {
        self.reading(|store| Ok(store.is_poisoned())).unwrap_or(true)
    }

    /// So many tables are part of the store.
    pub(crate) fn known_tables(&self) -> usize {
        use fjall::AbstractTree;
        self.reading(|store| Ok(store.all().map(|keyspace| keyspace.tree.table_count()).sum())).unwrap()
    }

    /// Whether one stands or stood still.
    pub(crate) fn has_halted(&self) -> bool {
        self.reading(|store| Ok(store.brakes().halted.one_stands.load(Ordering::Acquire))).unwrap()
    }
}

impl std::fmt::Debug for FjallEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FjallEngine").field("dir", &self.place.0).finish_non_exhaustive()
    }
}

impl Engine for FjallEngine {
    fn create_keyspace(&self, keyspace: &KeyspaceName) -> Result<()> {
        let _turn = self.turn.lock();
        if self.reading(|store| Ok(store.named().contains_key(keyspace)))? {
            return Ok(());
        }
        self.take_room(KEYSPACE_BYTES)?;
        self.changing(|store| store.create_keyspace(keyspace, &self.place))
    }

    fn drop_keyspace(&self, keyspace: &KeyspaceName) -> Result<()> {
        let _turn = self.turn.lock();
        self.changing(|store| store.drop_keyspace(keyspace, &self.place))
    }

    fn keyspaces(&self) -> Result<Vec<KeyspaceName>> {
        self.reading(|store| Ok(store.named().keys().cloned().collect()))
    }

    fn write(&self, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        for op in batch.ops() {
            let (Op::Put { key, .. } | Op::Delete { key, .. }) = op;
            crate::check_key(&self.place.0, key)?;
        }
        let _turn = self.turn.lock();
        self.take_room(batch.bytes() as u64 + batch.len() as u64 * OP_BYTES + BATCH_BYTES)?;
        self.changing(|store| store.commit(&batch, &self.place))
    }

    fn persist(&self) -> Result<()> {
        let persisted = self.reading(|store| Ok(store.persist(&self.place)))?;
        match persisted {
            Ok(()) => Ok(()),
            Err(Refused::Failed(error)) => Err(self.room.note(error)),
            Err(Refused::Poisoned) => {
                let _turn = self.turn.lock();
                self.changing(|store| store.persist(&self.place))
            }
        }
    }

    fn view(&self) -> Result<Arc<dyn View>> {
        self.reading(|store| {
            Ok(Arc::new(FjallView {
                place: self.place.clone(),
                files: self.options.files.clone(),
                snapshot: store.snapshot(),
                named: Arc::clone(store.named()),
                open: Arc::clone(&self.views),
            }) as Arc<dyn View>)
        })
    }

    fn erase_while(&self, wanted: Wanted<'_>) -> Result<()> {
        let _erasing = self.erasing.lock();
        self.erase_everything(wanted)
    }

    fn disk_bytes(&self) -> Result<u64> {
        let counted = usage::bytes_below(&*self.options.files, &self.dir);
        counted.map_err(|error| self.place.system("counting its bytes", &error))
    }
}

impl Drop for FjallEngine {
    fn drop(&mut self) {
        let deadline = self.options.clock.now().after(CLOSING);
        if let Err(error) = self.close(deadline) {
            tracing::warn!(%error, "a store was not closed as it should be");
        }
    }
}
