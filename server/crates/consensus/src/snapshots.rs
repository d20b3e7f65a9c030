//! A group's snapshots on this node.
//!
//! ```text
//! snapshots/<index>-<id>.snap            finished: synced before it got this name
//! snapshots/<id>.building                being written; removed at the next start
//! snapshots/<id>.incoming                being received; kept over a restart, so that a transfer goes on
//! snapshots/<name>.damaged               set aside when reading it found damage
//! ```
//!
//! `<index>` and `<id>` are sixteen and thirty-two hex digits. One finished snapshot is kept.

mod build;
mod incoming;
mod install;
mod received;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use elastickv_fsm::{SnapshotError, SnapshotHead, SnapshotReader, read_head};
use elastickv_sys::files::{Open, SharedFiles};
use elastickv_sys::random::SharedRandom;
use elastickv_types::{GroupId, LogId, LogIndex};
use parking_lot::Mutex;

use crate::keys::KeyError;
use crate::replica::Replica;

pub use incoming::{CHUNK_BYTES, IncomingSnapshot};
use received::{Arrivals, Received};

const FINISHED: &str = ".snap";
const BUILDING: &str = ".building";
const INCOMING: &str = ".incoming";
const DAMAGED: &str = ".damaged";

/// Names the very bytes of a snapshot: two replicas' snapshots of one index differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SnapshotId([u8; 16]);

impl SnapshotId {
    pub fn from_slice(raw: &[u8]) -> Option<Self> {
        raw.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl std::fmt::Debug for SnapshotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SnapshotId({self})")
    }
}

/// A finished snapshot.
#[derive(Clone, Debug)]
pub struct SnapshotFile {
    pub id: SnapshotId,
    pub path: PathBuf,
    pub bytes: u64,
    pub head: SnapshotHead,
    /// Where it came from another member: what removes it again unless it becomes the current one.
    #[expect(dead_code, reason = "held, never read")]
    received: Option<Arc<Received>>,
}

impl SnapshotFile {
    pub fn last(&self) -> Option<LogId> {
        self.head.applied.last
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SnapshotsError {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Perform(#[from] elastickv_fsm::PerformError),
    #[error(transparent)]
    Engine(#[from] elastickv_engine::EngineError),
    #[error(transparent)]
    Row(#[from] elastickv_mvcc::RowError),
    #[error(transparent)]
    Keys(#[from] KeyError),
    #[error("the snapshot directory {dir}: {error}")]
    Dir { dir: String, error: io::Error },
    #[error("the snapshot {id} arrived with checksum {found:08x} instead of {expected:08x}; it is sent anew")]
    Checksum { id: SnapshotId, found: u32, expected: u32 },
    #[error("a chunk of the snapshot {id} begins at byte {offset} where {durable} bytes are there")]
    Gap { id: SnapshotId, offset: u64, durable: u64 },
    #[error("{free} bytes are free for a snapshot in {dir}, and {needed} are needed or kept in reserve")]
    Full { dir: String, free: u64, needed: u64 },
    #[error("nothing has been applied that a snapshot could hold")]
    Nothing,
}

impl SnapshotsError {
    /// Whether the disk had no room, which is waited out rather than a fault.
    pub fn is_full(&self) -> bool {
        let io_full = |error: &io::Error| error.kind() == io::ErrorKind::StorageFull;
        match self {
            SnapshotsError::Snapshot(SnapshotError::Io { error, .. }) => io_full(error),
            SnapshotsError::Dir { error, .. } => io_full(error),
            SnapshotsError::Full { .. } => true,
            SnapshotsError::Engine(error) => matches!(error, elastickv_engine::EngineError::Full { .. }),
            _ => false,
        }
    }
}

#[derive(Debug)]
pub struct Snapshots {
    group: GroupId,
    dir: PathBuf,
    files: SharedFiles,
    random: SharedRandom,
    /// Free bytes that a snapshot leaves on the disk.
    reserve: u64,
    current: Mutex<Option<SnapshotFile>>,
    /// One is built at a time: what asks meanwhile gets a newer one.
    building: Mutex<()>,
    /// The file of the one that is being built, and what was applied before it began.
    under_way: Mutex<Option<(String, LogIndex)>>,
    /// Built on request and not yet handed to the library.
    ready: Mutex<Option<SnapshotFile>>,
    incoming: Mutex<Option<IncomingSnapshot>>,
    arrivals: Arc<Arrivals>,
    received: AtomicU64,
    /// What was wrong with the snapshot that was set aside last.
    damage: Mutex<Option<String>>,
}

impl Snapshots {
    /// Finds the newest finished snapshot and clears away what a crash left half done.
    pub fn open(
        group: GroupId,
        dir: &Path,
        files: SharedFiles,
        random: SharedRandom,
        reserve: u64,
    ) -> Result<Self, SnapshotsError> {
        let dir_error = |error| SnapshotsError::Dir { dir: dir.display().to_string(), error };
        files.create_dir_all(dir).map_err(dir_error)?;
        let arrivals = Arrivals::new(files.clone());
        let snapshots = Self {
            group,
            dir: dir.to_owned(),
            files,
            random,
            reserve,
            current: Mutex::new(None),
            building: Mutex::new(()),
            under_way: Mutex::new(None),
            ready: Mutex::new(None),
            incoming: Mutex::new(None),
            arrivals,
            received: AtomicU64::new(0),
            damage: Mutex::new(None),
        };
        for name in snapshots.files.list(dir).map_err(dir_error)? {
            let path = dir.join(&name);
            if name.ends_with(BUILDING) {
                snapshots.files.remove(&path).map_err(dir_error)?;
            } else if let Some(id) = finished_id(&name) {
                // Names sort by index, so the last one is the newest.
                snapshots.adopt(id, path)?;
            }
        }
        Ok(snapshots)
    }

    pub fn files(&self) -> &SharedFiles {
        &self.files
    }

    pub fn dir_error(&self, error: io::Error) -> SnapshotsError {
        SnapshotsError::Dir { dir: self.dir.display().to_string(), error }
    }

    fn adopt(&self, id: SnapshotId, path: PathBuf) -> Result<(), SnapshotsError> {
        let bytes = self.len(&path)?;
        match read_head(&*self.files, &path, self.group) {
            Ok(head) if self.finished_path(&head, id) == path => {
                self.make_current(SnapshotFile { id, path, bytes, head, received: None }).map(|_| ())
            }
            Ok(_) => {
                let (file, reason) = (path.display().to_string(), "its name is that of another".to_owned());
                self.set_aside(&path, &SnapshotError::Damaged { file, offset: 0, reason })
            }
            Err(error @ SnapshotError::Damaged { .. } | error @ SnapshotError::HeaderUnknownMagic { .. }) => {
                self.set_aside(&path, &error)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn len(&self, path: &Path) -> Result<u64, SnapshotsError> {
        let len = self.files.open(path, Open::Read).and_then(|file| file.len());
        len.map_err(|error| self.dir_error(error))
    }

    /// The newer of this snapshot and the current one is the current one from now on, and returned; the
    /// other's file goes. It never goes back: the log may be purged behind the newer one already. At a start
    /// the current one itself may be installed into a store that is behind it.
    fn make_current(&self, file: SnapshotFile) -> Result<SnapshotFile, SnapshotsError> {
        let mut current = self.current.lock();
        let (kept, gone) = match current.take() {
            Some(newer) if newer.last() > file.last() => (newer, Some(file)),
            older => (file, older),
        };
        self.arrivals.now_current(&kept.path);
        *current = Some(kept.clone());
        drop(current);
        if let Some(gone) = gone.filter(|gone| gone.path != kept.path) {
            self.files.remove(&gone.path).map_err(|error| self.dir_error(error))?;
        }
        Ok(kept)
    }

    fn set_aside(&self, path: &Path, damage: &SnapshotError) -> Result<(), SnapshotsError> {
        tracing::error!(group = self.group.get(), %damage, "a damaged snapshot is set aside");
        *self.damage.lock() = Some(damage.to_string());
        let aside = path.with_added_extension(DAMAGED.trim_start_matches('.'));
        self.files
            .rename(path, &aside)
            .and_then(|()| self.files.sync_dir(&self.dir))
            .map_err(|error| self.dir_error(error))
    }

    /// What there is to go back to, in words.
    pub fn found(&self) -> String {
        let current = self.current().map(|file| match file.last() {
            Some(last) => format!("{} ends at {last}", file.path.display()),
            None => format!("{} holds nothing", file.path.display()),
        });
        let damage = || self.damage.lock().clone();
        current.or_else(damage).unwrap_or_else(|| format!("there is no snapshot in {}", self.dir.display()))
    }

    pub fn current(&self) -> Option<SnapshotFile> {
        self.current.lock().clone()
    }

    /// What the snapshot is of that is being built, at the least.
    pub fn building(&self) -> Option<LogIndex> {
        self.under_way.lock().as_ref().map(|(_, begun)| *begun)
    }

    /// Names of what may hold rows as they once were: damaged snapshots, transfers that were broken off, and what was
    /// not built to its end and could not be removed.
    pub fn leftovers(&self) -> Result<Vec<String>, SnapshotsError> {
        let under_way = self.under_way.lock().as_ref().map(|(name, _)| name.clone());
        let names = self.files.list(&self.dir).map_err(|error| self.dir_error(error))?;
        let left = |name: &String| {
            name.ends_with(DAMAGED)
                || name.ends_with(INCOMING)
                || name.ends_with(BUILDING) && under_way.as_ref() != Some(name)
        };
        Ok(names.into_iter().filter(left).collect())
    }

    /// Removes those; whoever is sending one of them begins again. None is being built meanwhile.
    pub fn remove_leftovers(&self) -> Result<Vec<String>, SnapshotsError> {
        let _turn = self.building.lock();
        let mut incoming = self.incoming.lock();
        *incoming = None;
        let names = self.leftovers()?;
        for name in &names {
            self.files.remove(&self.dir.join(name)).map_err(|error| self.dir_error(error))?;
        }
        self.files.sync_dir(&self.dir).map_err(|error| self.dir_error(error))?;
        Ok(names)
    }

    pub fn take_ready(&self) -> Option<SnapshotFile> {
        self.ready.lock().take()
    }

    pub fn has_ready(&self) -> bool {
        self.ready.lock().is_some()
    }

    pub fn set_ready(&self, file: SnapshotFile) {
        *self.ready.lock() = Some(file);
    }

    /// Reads the current snapshot through, so that a damaged one is never sent. One that is found damaged
    /// is replaced by another, which the next call reads.
    pub fn verify_current(&self, replica: &Replica) -> Result<Option<(SnapshotFile, u32)>, SnapshotsError> {
        let Some(file) = self.current() else { return Ok(None) };
        match self.verify(&file.path) {
            Ok(crc32c) => Ok(Some((file, crc32c))),
            Err(SnapshotsError::Snapshot(error @ SnapshotError::Damaged { .. })) => {
                tracing::error!(group = self.group.get(), %error, "a damaged snapshot is built anew");
                self.build(replica).map(|_| None)
            }
            Err(error) => Err(error),
        }
    }

    /// Checks every section, and returns the checksum of the whole file.
    fn verify(&self, path: &Path) -> Result<u32, SnapshotsError> {
        let mut reader = SnapshotReader::open(&*self.files, path, self.group)?;
        while reader.next_section()?.is_some() {}
        self.checksum(path)
    }

    fn checksum(&self, path: &Path) -> Result<u32, SnapshotsError> {
        let read = || -> io::Result<u32> {
            let file = self.files.open(path, Open::Read)?;
            let len = file.len()?;
            let mut buffer = vec![0; 1 << 20];
            let (mut offset, mut crc) = (0, 0);
            while offset < len {
                let part = usize::try_from(len - offset).unwrap_or(usize::MAX).min(buffer.len());
                let (bytes, _) = buffer.split_at_mut(part);
                file.read_exact_at(bytes, offset)?;
                crc = crc32c::crc32c_append(crc, bytes);
                offset += part as u64;
            }
            Ok(crc)
        };
        read().map_err(|error| self.dir_error(error))
    }

    /// Refuses what would eat into the reserve.
    fn check_room(&self, bytes: u64) -> Result<(), SnapshotsError> {
        let free = self.files.space(&self.dir).map_err(|error| self.dir_error(error))?.free;
        let needed = self.reserve.saturating_add(bytes);
        if free >= needed {
            return Ok(());
        }
        Err(SnapshotsError::Full { dir: self.dir.display().to_string(), free, needed })
    }

    fn fresh_id(&self) -> SnapshotId {
        SnapshotId(self.random.bytes16())
    }

    fn finished_path(&self, head: &SnapshotHead, id: SnapshotId) -> PathBuf {
        finished_path_in(&self.dir, head, id.0)
    }
}

/// Where a finished snapshot of this head and id lies.
pub fn finished_path_in(dir: &Path, head: &SnapshotHead, id: [u8; 16]) -> PathBuf {
    let (index, id) = (head.applied.last.map_or(0, |last| last.index.get()), SnapshotId(id));
    dir.join(format!("{index:016x}-{id}{FINISHED}"))
}

/// Where a group's snapshots are in its directory.
pub fn dir(group_dir: &Path) -> PathBuf {
    group_dir.join("snapshots")
}

/// Whether a file of this name is a finished snapshot.
pub fn is_finished(name: &str) -> bool {
    finished_id(name).is_some()
}

fn finished_id(name: &str) -> Option<SnapshotId> {
    let (index, id) = name.strip_suffix(FINISHED)?.split_once('-')?;
    u64::from_str_radix(index, 16).ok().filter(|_| index.len() == 16)?;
    parse_id(id)
}

fn parse_id(text: &str) -> Option<SnapshotId> {
    let raw = u128::from_str_radix(text, 16).ok().filter(|_| text.len() == 32)?;
    Some(SnapshotId(raw.to_be_bytes()))
}
