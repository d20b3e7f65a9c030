//! Ordered keyspaces with atomic batches: what a replica's state is kept in.
//!
//! An engine's own durability is relaxed. `write` makes a batch visible at once, whole or not at
//! all, also after a crash of the process; only `persist` makes it outlive a loss of power. What a
//! client was promised rests on the Raft log, which replays whatever was not persisted here.
//!
//! An engine knows no key's meaning, no Raft and no encryption.

mod batch;
mod fjall_engine;
mod keyspace;
#[cfg(any(test, feature = "testing"))]
pub mod model;
#[cfg(any(test, feature = "testing"))]
pub mod subject;

#[cfg(test)]
mod tests;

use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

pub use batch::{Batch, Op};
pub use fjall_engine::{BlockCache, FjallEngine, FjallOptions, Shortages};
pub use keyspace::{KeyspaceName, KeyspaceNameError};

/// What an engine can answer instead of a result.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The disk has no room. Nothing of the batch is visible; reads go on; writing is possible again
    /// once there is room.
    #[error("no room on the disk for the store in {dir}: {reason}")]
    Full { dir: String, reason: String },
    /// The store is damaged or could not be written: it must not be used any more.
    #[error("the store in {dir} failed: {reason}")]
    Fault { dir: String, reason: String },
    /// What lies in this directory is damaged or no store. Only this error is a reason to set it aside.
    #[error("the store in {dir} can not be opened: {reason}")]
    Unopenable { dir: String, reason: String },
    /// Someone else has this store open.
    #[error("the store in {dir} is open elsewhere")]
    Locked { dir: String },
    /// Something had to be over before a deadline and was not; nothing is wrong with the store.
    #[error("the store in {dir} still waits for {waits_for}")]
    Waiting { dir: String, waits_for: String },
    /// Whoever asked for it does not want it any more; nothing is wrong with the store.
    #[error("erasing in {dir} was given up, since it is not wanted any more")]
    Unwanted { dir: String },
    /// A key is empty or longer than the store can hold. Nothing of the batch is visible.
    #[error("the store in {dir} holds keys of 1 to {longest} bytes, not of {length}")]
    KeyLength { dir: String, length: usize, longest: usize },
    #[error("the store in {dir} has no keyspace {keyspace}")]
    NoKeyspace { dir: String, keyspace: KeyspaceName },
}

/// Whether somebody still wants what is being done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    Wanted,
    /// It is begun again some time; what it has left behind is removed until then.
    NotNow,
    /// The store is about to be closed, and whoever opens it removes what is left behind.
    Closing,
}

/// What is asked often.
pub type Wanted<'a> = &'a (dyn Fn() -> Demand + Sync);

pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// One pair of a range.
pub type Pair = (Bytes, Bytes);

/// Pairs in key order; an error ends it.
pub type Pairs<'v> = Box<dyn Iterator<Item = Result<Pair>> + Send + 'v>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Forward,
    Backward,
}

/// A range of keys, in key order whichever way it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRange {
    pub start: Bound<Bytes>,
    pub end: Bound<Bytes>,
}

impl KeyRange {
    pub const ALL: KeyRange = KeyRange { start: Bound::Unbounded, end: Bound::Unbounded };

    /// Whether no key whatever can lie in it, because it ends before it starts.
    pub fn is_empty(&self) -> bool {
        match (&self.start, &self.end) {
            (Bound::Included(start), Bound::Included(end)) => start > end,
            (
                Bound::Included(start) | Bound::Excluded(start),
                Bound::Included(end) | Bound::Excluded(end),
            ) => start >= end,
            _ => false,
        }
    }
}

/// What the files of an engine hold at one moment; later writes do not show in it.
pub trait View: Send + Sync + std::fmt::Debug {
    fn get(&self, keyspace: &KeyspaceName, key: &[u8]) -> Result<Option<Bytes>>;
    /// A range that ends before it starts is empty.
    fn range<'v>(&'v self, keyspace: &KeyspaceName, range: KeyRange, way: Direction) -> Result<Pairs<'v>>;
}

pub trait Engine: Send + Sync + std::fmt::Debug + 'static {
    /// Makes a keyspace unless it is there. That and everything written before is on the disk on return.
    fn create_keyspace(&self, keyspace: &KeyspaceName) -> Result<()>;
    /// Removes a keyspace and what it holds unless it is gone; open views keep what they see. That
    /// and everything written before is on the disk on return.
    fn drop_keyspace(&self, keyspace: &KeyspaceName) -> Result<()>;
    fn keyspaces(&self) -> Result<Vec<KeyspaceName>>;
    /// Makes all of a batch visible, or nothing of it.
    fn write(&self, batch: Batch) -> Result<()>;
    /// Returns once everything written before is on the disk.
    fn persist(&self) -> Result<()>;
    fn view(&self) -> Result<Arc<dyn View>>;
    /// Returns once no file of the store holds a byte of a value that was overwritten or deleted
    /// before the call. Others read and write meanwhile; a view that stays open is waited for, so the caller may
    /// have none.
    fn erase(&self) -> Result<()> {
        self.erase_while(&|| Demand::Wanted)
    }
    /// The same, given up with [`EngineError::Unwanted`] soon after it is not wanted any more.
    fn erase_while(&self, wanted: Wanted<'_>) -> Result<()>;
    /// Bytes the store takes on the disk.
    fn disk_bytes(&self) -> Result<u64>;
}

/// The longest key: fjall counts a key's bytes in sixteen bits.
pub const LONGEST_KEY: usize = u16::MAX as usize;

fn check_key(dir: &str, key: &[u8]) -> Result<()> {
    match key.len() {
        1..=LONGEST_KEY => Ok(()),
        length => Err(EngineError::KeyLength { dir: dir.to_owned(), length, longest: LONGEST_KEY }),
    }
}

pub type SharedEngine = Arc<dyn Engine>;
