//! One opened fjall database.
//!
//! fjall rotates, flushes and holds up writers by limits of each keyspace. Here the store does that
//! itself, over all keyspaces together: they are flushed to the same batch, the seals last. So what
//! the tables of the seals hold is a lower bound of what all tables hold, a journal can be removed
//! as soon as it is full, and fjall's own ways of waiting for its background thread, which do not
//! end when that thread has died, are never entered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_sys::files::Files;
use fjall::config::CompressionPolicy;
use fjall::{
    AbstractTree, CompressionType, Database, Keyspace, KeyspaceCreateOptions, PersistMode, SeqNo, Slice,
};
use lsm_tree::Table;

use super::brakes::{Brakes, Fitting};
use super::erase::Merged;
use super::failure::Place;
use super::options::FjallOptions;
use super::seal::{self, Seal};
use super::view::Named;
use super::{PAUSE, check};
use crate::{Batch, EngineError, KeyspaceName, Op, Result};

/// One thread for flushing and merging: it keeps the order in which keyspaces are flushed.
const WORKERS: usize = 1;
/// fjall's own memory of what it has given to its tables may be behind by this many numbers after
/// it was opened, because it does not look into the tables that hold the keyspaces' names.
const SEQUENCE_GAP: u64 = 1 << 16;
const LOCKED_FOR: Duration = Duration::from_millis(500);

/// Why a change was not made.
pub(super) enum Refused {
    /// Something went wrong earlier, and fjall takes no changes any more.
    Poisoned,
    Failed(EngineError),
}

pub(super) type Commit<T> = Result<T, Refused>;

impl Refused {
    fn because(error: &fjall::Error, place: &Place) -> Self {
        match error {
            fjall::Error::Poisoned => Self::Poisoned,
            error => Self::Failed(place.using(error)),
        }
    }

    pub(super) fn at(self, place: &Place) -> EngineError {
        match self {
            Self::Poisoned => place.fault("its background work failed"),
            Self::Failed(error) => error,
        }
    }
}

impl From<EngineError> for Refused {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

pub(super) struct Store {
    brakes: Arc<Brakes>,
    // Before the database, whose drop waits for its threads.
    named: Arc<Named>,
    seals: Keyspace,
    db: Database,
    last: u64,
}

impl Store {
    /// Opens the store with all whole batches, but none behind `up_to`.
    pub(super) fn open(dir: &Path, place: &Place, options: &FjallOptions, up_to: u64) -> Result<Self> {
        let expected = inspect_locked(dir, place, options, up_to)?;
        let brakes = Arc::new(Brakes::default());
        let db = open_database(dir, options, &brakes).map_err(|error| place.opening("fjall", error))?;
        db.supervisor.seqno.fetch_max(db.supervisor.seqno.get() + SEQUENCE_GAP);
        let seals =
            db.keyspace(seal::KEYSPACE, keyspace_options).map_err(|error| place.opening("fjall", error))?;
        let last = match seals.get(seal::KEY).map_err(|error| place.opening("fjall", error))? {
            Some(bytes) => {
                Seal::decode(&bytes).ok_or_else(|| place.unopenable("its last seal is no seal"))?.number
            }
            None => 0,
        };
        if last != expected.last {
            return Err(place.unopenable(format!("its last batch should be {} and is {last}", expected.last)));
        }
        let named = Arc::new(named_keyspaces(&db, place)?);
        let mut store = Self { brakes, named, seals, db, last };
        if store.db.visible_seqno() == 0 {
            // A view at zero would make fjall forget which others are open.
            store.commit(&Batch::default(), place).map_err(|refused| refused.at(place))?;
        }
        Ok(store)
    }

    pub(super) fn named(&self) -> &Arc<Named> {
        &self.named
    }

    pub(super) fn snapshot(&self) -> fjall::Snapshot {
        self.db.snapshot()
    }

    /// The number of the last batch.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn commit(&mut self, batch: &Batch, place: &Place) -> Commit<()> {
        let mut writing = self.db.batch();
        for op in batch.ops() {
            match op.clone() {
                Op::Put { keyspace, key, value } => {
                    writing.insert(self.keyspace(&keyspace, place)?, Slice::from(key), Slice::from(value));
                }
                Op::Delete { keyspace, key } => {
                    writing.remove(self.keyspace(&keyspace, place)?, Slice::from(key))
                }
            }
        }
        let seal = Seal { number: self.last + 1, floor: self.db.supervisor.seqno.get() };
        writing.insert(&self.seals, Slice::from(Bytes::from_static(seal::KEY)), seal.encode());
        writing.commit().map_err(|error| Refused::because(&error, place))?;
        self.last = seal.number;
        Ok(())
    }

    fn keyspace(&self, name: &KeyspaceName, place: &Place) -> Result<&Keyspace> {
        let missing = || EngineError::NoKeyspace { dir: place.0.to_string(), keyspace: name.clone() };
        self.named.get(name).ok_or_else(missing)
    }

    pub(super) fn create_keyspace(&mut self, name: &KeyspaceName, place: &Place) -> Commit<()> {
        let made = self
            .db
            .keyspace(name.as_str(), keyspace_options)
            .map_err(|error| Refused::because(&error, place))?;
        let mut named = BTreeMap::clone(&self.named);
        named.insert(name.clone(), made);
        self.named = Arc::new(named);
        // Only a batch makes fjall remember, over a restart, the numbers that the names' tables took.
        self.commit(&Batch::default(), place)?;
        self.persist(place)
    }

    pub(super) fn drop_keyspace(&mut self, name: &KeyspaceName, place: &Place) -> Commit<()> {
        let mut named = BTreeMap::clone(&self.named);
        let Some(keyspace) = named.remove(name) else { return Ok(()) };
        self.db.delete_keyspace(keyspace).map_err(|error| Refused::because(&error, place))?;
        self.named = Arc::new(named);
        self.commit(&Batch::default(), place)?;
        self.persist(place)
    }

    pub(super) fn persist(&self, place: &Place) -> Commit<()> {
        self.db.persist(PersistMode::SyncData).map_err(|error| Refused::because(&error, place))
    }

    /// Whether fjall has given up because something went wrong in it.
    pub(super) fn is_poisoned(&self) -> bool {
        self.db.persist(PersistMode::Buffer).is_err()
    }

    /// Bytes in memory that are not being flushed yet.
    pub(super) fn unflushed_bytes(&self) -> u64 {
        self.all().map(|keyspace| keyspace.tree.active_memtable().size()).sum()
    }

    /// Whether an earlier flush of all keyspaces still goes on.
    pub(super) fn is_flushing(&self) -> bool {
        self.all().any(|keyspace| keyspace.tree.sealed_memtable_count() > 0)
    }

    /// Starts to flush every keyspace. No batch may be committed meanwhile.
    pub(super) fn start_flush(&self, place: &Place) -> Result<()> {
        for keyspace in self.all() {
            keyspace.rotate_memtable().map_err(|error| place.using(&error))?;
        }
        Ok(())
    }

    /// Which of the tables that were merged into others are still there.
    pub(super) fn left_of(
        &self,
        merged: &Merged,
        files: &dyn Files,
        place: &Place,
    ) -> Result<Option<String>> {
        for keyspace in self.all() {
            let Some(merged) = merged.get(&**keyspace.name()) else { continue };
            let tables = files.list(&keyspace.path().join(check::TABLES));
            let names = tables.map_err(|error| place.system("listing its tables", &error))?;
            // After a keyspace was empty its numbers begin anew.
            let known: BTreeSet<u64> = keyspace.tree.current_version().iter_tables().map(Table::id).collect();
            let found: BTreeSet<u64> = names.iter().filter_map(|name| name.parse().ok()).collect();
            let left = found.difference(&known).filter(|number| merged.contains(*number)).count();
            if left > 0 {
                return Ok(Some(format!("{left} tables of {}", &**keyspace.name())));
            }
        }
        Ok(None)
    }

    pub(super) fn brakes(&self) -> &Arc<Brakes> {
        &self.brakes
    }

    /// Nobody reads what was overwritten before this.
    pub(super) fn watermark(&self) -> SeqNo {
        self.db.supervisor.snapshot_tracker.get_seqno_safe_to_gc()
    }

    /// The seals come last.
    pub(super) fn all(&self) -> impl Iterator<Item = &Keyspace> {
        self.named.values().chain([&self.seals])
    }
}

impl Drop for Store {
    /// What is merged right now would otherwise be waited for.
    fn drop(&mut self) {
        self.brakes.close();
    }
}

/// Inspects the files while nobody else has the store open. One that was just closed may still be
/// locked for a moment: by a thread that has not quite ended, or by a process that was forked and has
/// not yet become what it is going to be.
fn inspect_locked(dir: &Path, place: &Place, options: &FjallOptions, up_to: u64) -> Result<check::Found> {
    let files = &*options.files;
    let failed = |error: std::io::Error| place.opening("locking it", error.into());
    files.create_dir_all(dir).map_err(failed)?;
    let deadline = options.clock.now().after(LOCKED_FOR);
    loop {
        if let Some(_lock) = files.lock(&dir.join(check::LOCK)).map_err(failed)? {
            return check::inspect(dir, place, options, up_to);
        }
        if options.clock.now() >= deadline {
            return Err(EngineError::Locked { dir: place.0.to_string() });
        }
        std::thread::sleep(PAUSE);
    }
}

fn open_database(dir: &Path, options: &FjallOptions, brakes: &Arc<Brakes>) -> fjall::Result<Database> {
    let fitting = Arc::new(Fitting(Arc::clone(brakes)));
    let mut config = Database::builder(dir)
        .worker_threads(WORKERS)
        .journal_compression(CompressionType::None)
        .max_cached_files(Some(options.open_files.max(10)))
        .max_journaling_size(u64::MAX)
        .with_compaction_filter_factories(Arc::new(move |_| Some(fitting.clone() as _)))
        .into_config();
    config.cache = Arc::clone(&options.cache.0);
    Database::open(config)
}

/// Nothing is compressed: what is sealed does not shrink, and what is clear could not be searched for.
fn keyspace_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default()
        .data_block_compression_policy(CompressionPolicy::disabled())
        .index_block_compression_policy(CompressionPolicy::disabled())
        .max_memtable_size(u64::MAX)
}

fn named_keyspaces(db: &Database, place: &Place) -> Result<Named> {
    let mut named = BTreeMap::new();
    for text in db.list_keyspace_names() {
        if &*text == seal::KEYSPACE {
            continue;
        }
        let name = KeyspaceName::new(&text).map_err(|error| place.unopenable(error))?;
        let keyspace = db.keyspace(&text, keyspace_options).map_err(|error| place.opening("fjall", error))?;
        named.insert(name, keyspace);
    }
    Ok(named)
}
