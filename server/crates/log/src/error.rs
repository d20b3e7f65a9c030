//! What can go wrong with a log. Errors are values that can be kept and handed out again, because a log
//! that failed once answers with the same failure for good.

use std::io;
use std::path::{Path, PathBuf};

use elastickv_types::{GroupId, LogId, LogIndex};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// The operating system refused; the log takes nothing more until it is opened anew.
    #[error("{doing} {path}: {text}", path = path.display())]
    Io { doing: &'static str, path: PathBuf, kind: io::ErrorKind, text: String },
    /// There is no room left on the disk. Nothing of the call happened; it may be repeated later.
    #[error("no room on the disk for {needed} bytes of the log in {dir}", dir = dir.display())]
    Full { dir: PathBuf, needed: u64 },
    #[error("{segment} is damaged at byte {offset}: {reason}", segment = segment.display())]
    Damaged { segment: PathBuf, offset: u64, reason: Damage },
    #[error("{segment} has format {found}, which this version does not know", segment = segment.display())]
    UnknownFormat { segment: PathBuf, found: u32 },
    #[error("{segment} holds at byte {offset} a record of kind {kind} version {version}, which this version does not know",
        segment = segment.display())]
    UnknownRecord { segment: PathBuf, offset: u64, kind: u8, version: u8 },
    #[error("{path} belongs to group {found}, not to {expected}", path = path.display())]
    ForeignGroup { path: PathBuf, found: u64, expected: GroupId },
    #[error("{segment} is missing", segment = segment.display())]
    SegmentMissing { segment: PathBuf },
    #[error("an entry with index {found} does not follow; {expected} would")]
    Gap { expected: LogIndex, found: LogIndex },
    #[error("the payload of entry {id} is {len} bytes long, more than the {limit} allowed")]
    TooLarge { id: LogId, len: u64, limit: u64 },
    #[error("the log is purged up to {purged}, so {asked} is gone")]
    Purged { asked: LogIndex, purged: LogId },
    #[error("the log holds {held} where a purge names {asked}")]
    Conflict { asked: LogId, held: LogId },
    #[error("the log is closed")]
    Closed,
}

/// How a segment contradicts what was written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("it is not a segment of a log")]
    Magic,
}

impl LogError {
    pub(crate) fn io(doing: &'static str, path: &Path, error: &io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), kind: error.kind(), text: error.to_string() }
    }

    /// Whether the call may be repeated once there is room again.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full { .. })
    }
}
