//! Backups: what they are made of, made of what a member sent, looked through, and made a cluster of.
//!
//! ```text
//! MANIFEST.json    what there is, with lengths and checksums; written last
//! keys.json        the data keys, wrapped, as the cluster holds them; no node's epochs
//! group-1.snap     the group's snapshot: rows as they are stored, and all that stands beside them
//! ```
//!
//! A backup is as safe to leak as the disk of a node: what is sealed there is sealed here. Whoever has it and the wrapping
//! key has the data.

mod examine;
mod keys;
mod manifest;
mod partial;
mod rekey;
mod restore;
mod seal;
#[cfg(test)]
mod tests;
mod verify;

use std::io;
use std::path::PathBuf;

use elastickv_fsm::{RestoreError, SnapshotError};
use elastickv_log::LogError;
use elastickv_types::KeyId;

use crate::data_dir::DataDirError;

pub use examine::Tally;
pub use keys::{BackupKey, BackupKeys};
pub use manifest::{FileFacts, GroupFacts, KeyCount, Manifest, SCHEMA};
pub use partial::{Growing, Part, Partial, Plan};
pub use rekey::{Proof, RekeyError, Rekeyed};
pub use restore::{EmptyDir, NewNode, Restored};
pub use verify::{Backup, Verified};

/// The largest manifest or file of keys that is read.
pub(crate) const LARGEST_TEXT: u64 = 16 << 20;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{} has no manifest: it was not finished, or it is no backup", dir.display())]
    NoManifest { dir: PathBuf },
    #[error("{} does not parse: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("{} is of schema {found}, and this build knows {SCHEMA}", path.display())]
    Schema { path: PathBuf, found: String },
    #[error("{} is missing", path.display())]
    Missing { path: PathBuf },
    /// Values are sealed, and the keys did not come along.
    #[error("{} is missing, and {rows} values are sealed", path.display())]
    MissingSidecar { path: PathBuf, rows: u64 },
    #[error("{} has {found} bytes, and {expected} were written", path.display())]
    CutShort { path: PathBuf, found: u64, expected: u64 },
    #[error("{} is not what was written: its checksum is another", path.display())]
    Altered { path: PathBuf },
    #[error("{} is of another backup: {what}", path.display())]
    Foreign { path: PathBuf, what: String },
    #[error("{rows} values are sealed under key {key}, which did not come along")]
    KeyMissing { key: KeyId, rows: u64 },
    #[error("{} is there already", path.display())]
    Exists { path: PathBuf },
    #[error("{} is not empty", dir.display())]
    NotEmpty { dir: PathBuf },
    #[error("there is nothing to go on with in {}", dir.display())]
    NothingToResume { dir: PathBuf },
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("the state of the backup can not be restored: {0}")]
    State(#[from] RestoreError),
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Keyring(#[from] elastickv_keyring::KeyringError),
    #[error("a key does not open: {0}")]
    Crypto(#[from] elastickv_crypto::CryptoError),
    #[error("a row can not be read: {0}")]
    Row(#[from] elastickv_mvcc::RowError),
}

pub(crate) fn io_at(path: &std::path::Path) -> impl Fn(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |error| BackupError::Io { path: path.clone(), error }
}
