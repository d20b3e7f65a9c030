//! How much a store may take of memory, files and disk.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use elastickv_sys::clock::{SharedClock, SystemClock};
use elastickv_sys::files::{SharedFiles, SystemFiles};

const MIB: u64 = 1024 * 1024;

/// Memory for blocks read from tables. Stores opened with clones of one cache share its room.
#[derive(Clone)]
pub struct BlockCache(pub(super) Arc<lsm_tree::Cache>);

impl BlockCache {
    pub fn new(bytes: u64) -> Self {
        Self(Arc::new(lsm_tree::Cache::with_capacity_bytes(bytes)))
    }
}

impl fmt::Debug for BlockCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlockCache({} bytes)", self.0.capacity())
    }
}

/// Counts the moments at which somebody who watches the disk all the time saw that room was short. A store
/// looks only when it is written to, and its background work may fail in between.
#[derive(Clone, Default, Debug)]
pub struct Shortages(Arc<AtomicU64>);

impl Shortages {
    pub fn note(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Clone, Debug)]
pub struct FjallOptions {
    /// Written bytes a store keeps in memory before it starts to write them to tables. While that
    /// goes on, it takes up to three times as many more before writers have to wait.
    pub memtable_bytes: u64,
    pub cache: BlockCache,
    /// Table files a store keeps open.
    pub open_files: usize,
    /// Free bytes on the disk below which nothing is written, left for what goes on in the
    /// background: flushing the memory and merging tables. All stores on a disk share it, so it must
    /// do for as many as flush at the same time.
    pub reserve_bytes: u64,
    /// Where others note that room was short.
    pub shortages: Shortages,
    /// How long erasing waits, each time, for open views and for what goes on in the background.
    pub erase_deadline: Duration,
    pub files: SharedFiles,
    pub clock: SharedClock,
}

impl Default for FjallOptions {
    fn default() -> Self {
        Self {
            memtable_bytes: 8 * MIB,
            cache: BlockCache::new(32 * MIB),
            open_files: 64,
            reserve_bytes: 128 * MIB,
            shortages: Shortages::default(),
            erase_deadline: Duration::from_secs(600),
            files: SystemFiles::shared(),
            clock: SystemClock::shared(),
        }
    }
}
