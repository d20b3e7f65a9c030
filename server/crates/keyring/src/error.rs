//! What can go wrong with a node's keys. No variant holds a key, a wrapping or a load token.

use std::io;
use std::path::PathBuf;

use elastickv_crypto::CryptoError;
use elastickv_types::{ClusterId, GroupId, KeyId, LocalEpoch, LogIndex, Purpose};

use crate::load::Pieces;

pub type Result<T, E = KeyringError> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    #[error("{doing} {path}: {text}", path = path.display())]
    Io { doing: &'static str, path: PathBuf, kind: io::ErrorKind, text: String },
    /// What this file system acknowledges it may forget.
    #[error("files in {dir} can not be made durable: {text}", dir = dir.display())]
    UnsupportedFilesystem { dir: PathBuf, text: String },
    #[error("{path} is damaged: {problem}", path = path.display())]
    Damaged { path: PathBuf, problem: Problem },
    #[error("{path} has version {found}, and this build knows {known}", path = path.display())]
    Version { path: PathBuf, found: u64, known: u64 },
    /// It is whole, and another node's or another cluster's.
    #[error("{path} belongs to {found}, not to {expected}", path = path.display())]
    Foreign { path: PathBuf, found: String, expected: String },
    /// What was to be written could not be read again; nothing was written.
    #[error("{path} would not be valid: {problem}", path = path.display())]
    Unwritable { path: PathBuf, problem: Problem },
    /// An earlier write failed half-way, so what is on the disk is not known until the next start.
    #[error("{path} takes nothing more after an earlier failure: {first}", path = path.display())]
    Latched { path: PathBuf, first: Box<KeyringError> },
    #[error("the {piece} can not be asked for, or told, this start: {text}")]
    Piece { piece: &'static str, kind: io::ErrorKind, text: String },
    /// Parts of the data directory are of different times.
    #[error("the data directory was put back in parts: {pieces}")]
    RolledBack { pieces: Pieces },
    /// This node has used up its starts, or the seals of its last one, under a key.
    #[error("{purpose} key {key} has no local epoch left on this node")]
    LocalEpochExhausted { key: KeyId, purpose: Purpose },
    /// Whoever asked for it would have repeated nonces.
    #[error("the local epoch under key {key} can not go back from {recorded} to {asked}")]
    EpochBackwards { key: KeyId, recorded: LocalEpoch, asked: LocalEpoch },
    #[error("key {key} is known already, and this is another one")]
    KeyConflict { key: KeyId },
    #[error("the keys of cluster {recorded} are recorded, and these are of cluster {asked}")]
    OtherCluster { recorded: ClusterId, asked: ClusterId },
    #[error("group {group} was cut over at {recorded}, not at {asked}")]
    CutoverConflict { group: GroupId, recorded: LogIndex, asked: LogIndex },
    #[error("there is no active {purpose} key to record")]
    NothingActive { purpose: Purpose },
    /// Nothing is recorded that a cutover could belong to.
    #[error("the keys of this node are not recorded yet")]
    NotRecorded,
    /// What was unwrapped is not the key that was wrapped.
    #[error("what was unwrapped as key {key} is another one")]
    KekMismatch { key: KeyId },
    #[error(transparent)]
    Lookup(#[from] Lookup),
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Why a key can not be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lookup {
    #[error("{purpose} key {key} is not known here")]
    Unknown { key: KeyId, purpose: Purpose },
    /// It will come; whoever needs it waits.
    #[error("{purpose} key {key} is not open yet")]
    NotOpen { key: KeyId, purpose: Purpose },
    #[error("key {key} serves {found}, not {asked}")]
    OtherPurpose { key: KeyId, asked: Purpose, found: Purpose },
    #[error("{purpose} key {key} is retired")]
    Retired { key: KeyId, purpose: Purpose },
    /// No key of this purpose is open, registered and in a state to seal under.
    #[error("no {purpose} key to seal under is open and registered")]
    NoSealKey { purpose: Purpose },
}

/// What is wrong with the content of a sidecar, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("it is not JSON of the kind that is written here: {0}")]
    Syntax(String),
    #[error("it is {found} bytes long, more than the {limit} allowed")]
    TooLong { found: u64, limit: u64 },
    #[error("field {field} is missing")]
    Missing { field: String },
    #[error("field {field} is not known")]
    Unknown { field: String },
    #[error("field {field} {reason}")]
    Invalid { field: String, reason: String },
    #[error("field {field} holds local epoch {found}, above the largest, {largest}", largest = LocalEpoch::EXHAUSTED)]
    LocalEpochOutOfRange { field: String, found: u64 },
    #[error("its checksum is {written}, and its content has {computed}")]
    Checksum { written: String, computed: String },
}

impl Problem {
    pub(crate) fn invalid(field: impl Into<String>, reason: impl std::fmt::Display) -> Self {
        Problem::Invalid { field: field.into(), reason: reason.to_string() }
    }
}

/// What mends an error; how that is asked for is not known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Rebuild the sidecar from the node's own state or the leader's.
    Resync,
    /// Run the build that wrote it, or a newer one.
    OtherBuild,
    /// This is not this node's directory: start the right one.
    OwnDirectory,
    /// Move the data directory to a local file system.
    OtherFilesystem,
    /// Remove the member, empty the directory, join under a new name.
    Rejoin,
    /// Rotate the key; until then, start only by accepting that the salt alone tells nonces apart.
    Rotate,
    /// Load the KEK that wrapped the key.
    OtherKek,
    /// See to the disk and start again.
    Disk,
    /// None: the entry that asked for it contradicts what is recorded.
    Report,
}

impl KeyringError {
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Damaged { .. } => Remedy::Resync,
            Self::Version { .. } => Remedy::OtherBuild,
            Self::Foreign { .. } => Remedy::OwnDirectory,
            Self::UnsupportedFilesystem { .. } => Remedy::OtherFilesystem,
            // Store and log are of one time, and only the sidecar is of another.
            Self::RolledBack { pieces: Pieces::Sidecar } => Remedy::Resync,
            Self::RolledBack { .. } => Remedy::Rejoin,
            Self::LocalEpochExhausted { .. } => Remedy::Rotate,
            Self::KekMismatch { .. } => Remedy::OtherKek,
            Self::Io { .. } | Self::Latched { .. } | Self::Piece { .. } => Remedy::Disk,
            Self::Unwritable { .. }
            | Self::EpochBackwards { .. }
            | Self::KeyConflict { .. }
            | Self::CutoverConflict { .. }
            | Self::OtherCluster { .. }
            | Self::NothingActive { .. }
            | Self::NotRecorded
            | Self::Lookup(_)
            | Self::Crypto(_) => Remedy::Report,
        }
    }
}
