//! The engine that keeps keyspaces in fjall, a log-structured merge tree a keyspace and one journal.

mod failure;
mod options;
mod room;
mod seal;
mod store;
mod usage;
mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

pub use options::{BlockCache, FjallOptions};

use failure::Place;
use room::Room;
use store::Store;
use view::FjallView;

use crate::{Batch, Engine, KeyspaceName, Op, Result, View};

/// What a batch takes in the journal beside its keys and values.
const BATCH_BYTES: u64 = 128;
const OP_BYTES: u64 = 32;
/// A flush that has not ended holds writers up once this many times the usual is unflushed.
const MOST_UNFLUSHED: u64 = 4;
const PAUSE: Duration = Duration::from_millis(1);

pub struct FjallEngine {
    dir: PathBuf,
    place: Place,
    options: FjallOptions,
    room: Room,
    /// Held while a writer works and while it waits for its turn in the store.
    writing: Mutex<()>,
    /// Written to while a batch becomes visible, because a view opened meanwhile could see half of
    /// it: fjall's background thread moves the point up to which views see.
    store: RwLock<Store>,
    /// One clone a view.
    views: Arc<()>,
}

impl FjallEngine {
    /// Opens the store in a directory, making both if need be.
    pub fn open(dir: &Path, options: FjallOptions) -> Result<Self> {
        let place = Place(dir.display().to_string().into());
        let store = place.guard_opening(|| Store::open(dir, &place, &options))?;
        Ok(Self {
            dir: dir.to_owned(),
            room: Room::new(dir.to_owned(), place.clone(), &options),
            place,
            options,
            writing: Mutex::new(()),
            store: RwLock::new(store),
            views: Arc::new(()),
        })
    }

    /// Waits while too much is unflushed.
    fn wait_for_memory(&self) -> Result<()> {
        loop {
            let store = self.store.read();
            if store.unflushed_bytes() < self.options.memtable_bytes * MOST_UNFLUSHED || !store.is_flushing()
            {
                return Ok(());
            }
            if store.is_poisoned() {
                return Err(self.place.fault("its background work failed"));
            }
            drop(store);
            std::thread::sleep(PAUSE);
        }
    }

    fn flush_when_due(&self) {
        let store = self.store.read();
        if store.unflushed_bytes() >= self.options.memtable_bytes && !store.is_flushing() {
            if let Err(error) = store.start_flush(&self.place) {
                tracing::warn!(%error, "a store could not start to flush");
            }
        }
    }
}

impl std::fmt::Debug for FjallEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FjallEngine").field("dir", &self.place.0).finish_non_exhaustive()
    }
}

impl Engine for FjallEngine {
    fn create_keyspace(&self, keyspace: &KeyspaceName) -> Result<()> {
        let _turn = self.writing.lock();
        if self.store.read().named().contains_key(keyspace) {
            return Ok(());
        }
        self.room.take(BATCH_BYTES)?;
        self.place.guard(|| self.store.write().create_keyspace(keyspace, &self.place))
    }

    fn drop_keyspace(&self, keyspace: &KeyspaceName) -> Result<()> {
        let _turn = self.writing.lock();
        self.place.guard(|| self.store.write().drop_keyspace(keyspace, &self.place))
    }

    fn keyspaces(&self) -> Result<Vec<KeyspaceName>> {
        Ok(self.store.read().named().keys().cloned().collect())
    }

    fn write(&self, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        for op in batch.ops() {
            let (Op::Put { key, .. } | Op::Delete { key, .. }) = op;
            crate::check_key(&self.place.0, key)?;
        }
        let _turn = self.writing.lock();
        self.room.take(batch.bytes() as u64 + batch.len() as u64 * OP_BYTES + BATCH_BYTES)?;
        self.wait_for_memory()?;
        self.place.guard(|| self.store.write().commit(batch, &self.place))?;
        self.flush_when_due();
        Ok(())
    }

    fn persist(&self) -> Result<()> {
        self.place.guard(|| self.store.read().persist(&self.place))
    }

    fn view(&self) -> Result<Arc<dyn View>> {
        let store = self.store.read();
        Ok(Arc::new(FjallView {
            place: self.place.clone(),
            snapshot: store.snapshot(),
            named: Arc::clone(store.named()),
            open: Arc::clone(&self.views),
        }))
    }

    fn erase(&self) -> Result<()> {
        let _ = &self.dir;
        Err(self.place.fault("erasing is not there yet"))
    }

    fn disk_bytes(&self) -> Result<u64> {
        usage::bytes_below(&*self.options.files, &self.dir)
            .map_err(|error| self.place.system("counting its bytes", &error))
    }
}
