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
    #[error("{path} is damaged at byte {offset}: {reason}", path = path.display())]
    Damaged { path: PathBuf, offset: u64, reason: Damage },
    #[error("{path} has format {found}, which this version does not know", path = path.display())]
    UnknownFormat { path: PathBuf, found: u32 },
    #[error("{path} holds at byte {offset} a record of kind {kind} version {version}, which this version does not know",
        path = path.display())]
    UnknownRecord { path: PathBuf, offset: u64, kind: u8, version: u8 },
    #[error("{path} belongs to group {found}, not to {expected}", path = path.display())]
    ForeignGroup { path: PathBuf, found: u64, expected: GroupId },
    #[error("{path} is missing", path = path.display())]
    SegmentMissing { path: PathBuf },
    #[error("{path} is not named like a segment", path = path.display())]
    UnknownFile { path: PathBuf },
    #[error("an entry with index {found} does not follow; {expected} would")]
    Gap { expected: LogIndex, found: LogIndex },
    #[error("the payload of entry {id} is {bytes} bytes long, more than the {limit} allowed")]
    TooLarge { id: LogId, bytes: u64, limit: u64 },
    #[error("the log is purged up to {purged}, so {asked} is gone")]
    Purged { asked: LogIndex, purged: LogId },
    #[error("the log holds {held} where a purge names {asked}")]
    Conflict { asked: LogId, held: LogId },
    /// A contradiction inside the log: it has the entry, and has it nowhere.
    #[error("the place of entry {index} is not known")]
    Lost { index: LogIndex },
    #[error("the log is closed")]
    Closed,
    #[error("the log's writer stopped unexpectedly")]
    WriterGone,
    #[error("the log has no numbers left for segments")]
    Exhausted,
}

/// How bytes contradict what was written to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    #[error("it does not begin as it should")]
    Magic,
    #[error("its header does not match its checksum")]
    HeaderChecksum,
    #[error("its header holds a value that none can have")]
    HeaderFields,
    #[error("its header and its name disagree about its place in the log")]
    Sequence,
    #[error("it is {found} bytes long instead of {expected}")]
    Size { found: u64, expected: u64 },
    #[error("nothing is there, though something had been made sure of")]
    Nothing,
    #[error("the frame of a record does not match its checksum")]
    FrameChecksum,
    #[error("a record written for another place is there")]
    Misplaced,
    #[error("a record of {0} bytes does not fit there")]
    TooLong(u64),
    #[error("the body of a record does not match its checksum")]
    BodyChecksum,
    #[error("a record is followed by something else than zeroes")]
    Padding,
    #[error("the body of a record makes no sense")]
    Body,
    #[error("a segment begins with something else than an opening, or an opening stands elsewhere")]
    Opening,
    #[error("the opening of the segment contradicts the segment before it")]
    Standing,
    #[error("a record does not follow from those before it")]
    Order,
    #[error("a later segment is in use, but this one was never closed")]
    NotClosed,
    #[error("something is there, though this segment was never entered")]
    NotBlank,
    #[error("the next segment is another than the one named here")]
    Chain,
    #[error("another entry is there than the one that was written")]
    Entry,
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

/// Whether the operating system says that there is no room.
pub(crate) fn no_room(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
