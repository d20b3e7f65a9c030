//! A write as a client asks for it, and what becomes of it.

use bytes::Bytes;
use elastickv_consensus::{ProposeError, ReadError};
use elastickv_fsm::{Mutations, ReadSet, UnixMillis, WriteRejection};
use elastickv_mvcc::RowError;
use elastickv_types::{FullNodeId, LogIndex, RequestId, Timestamp};

use crate::reads::ReadFailure;

/// All of it takes effect, or nothing.
#[derive(Clone, Debug, Default)]
pub struct WriteRequest {
    /// With one, the write takes effect once, however often it is asked for.
    pub request_id: Option<RequestId>,
    /// What must not have changed since it was read.
    pub reads: Option<ReadSet>,
    /// Judged as of the timestamp of `reads`, else as of now; and must still hold when the write takes effect.
    pub conditions: Vec<Condition>,
    pub mutations: Mutations,
}

/// What a key has to be for a write to take effect.
#[derive(Clone, PartialEq, Eq)]
pub struct Condition {
    pub key: Bytes,
    pub expected: Expected,
}

// Keys are the users'.
impl std::fmt::Debug for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Condition(key of {} bytes: {:?})", self.key.len(), self.expected)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    Absent,
    Exists,
    /// Its value is the one that was committed at this timestamp.
    Version(Timestamp),
}

impl Expected {
    /// `found` is when the value that is shown was committed.
    pub(crate) fn holds(self, found: Option<Timestamp>) -> bool {
        match self {
            Expected::Absent => found.is_none(),
            Expected::Exists => found.is_some(),
            Expected::Version(wanted) => found == Some(wanted),
        }
    }
}

/// Why intake is closed for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    StorageFull,
    Draining,
}

#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error("this node does not lead the group")]
    NotLeader { leader: Option<FullNodeId> },
    #[error("no majority of the group's voters answers")]
    NoQuorum,
    /// Nothing was proposed; it passes once a key is open here, or another node leads.
    #[error("no entry can be sealed here: {0}")]
    NoKey(String),
    #[error("too many writes wait already")]
    Busy,
    #[error("the disk has no room left for writes")]
    StorageFull,
    #[error("it was proposed, and its outcome is not known")]
    OutcomeUnknown,
    /// What was read has changed. Reading again and writing anew may succeed.
    #[error("a key that was read has changed at {commit_ts}")]
    Conflict { key: Bytes, commit_ts: Timestamp },
    /// A transaction is about to change a key. Once it has ended, the same write may succeed.
    #[error("a key is locked until {until}")]
    KeyLocked { key: Bytes, until: UnixMillis },
    #[error("a condition does not hold: {}", shown(.found))]
    ConditionFailed { key: Bytes, found: Option<Timestamp> },
    /// Its id is so old that nobody remembers whether it took effect.
    #[error("the request was drawn at {drawn}, and what came of those up to {horizon} is forgotten")]
    RequestExpired { drawn: UnixMillis, horizon: UnixMillis },
    #[error("the request claims to be drawn at {drawn}, long after {at}")]
    RequestAhead { drawn: UnixMillis, at: UnixMillis },
    #[error("what was read at {asked} can not be judged any more; the oldest timestamp that can is {oldest}")]
    ReadTimestampCompacted { asked: Timestamp, oldest: Timestamp },
    #[error("timestamp {asked} lies ahead of {now}")]
    ReadInFuture { asked: Timestamp, now: Timestamp },
    #[error("a row that the write depends on can not be read: {0}")]
    Damaged(String),
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

// Keys are the users'.
impl std::fmt::Debug for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

fn shown(found: &Option<Timestamp>) -> String {
    found.map_or("the key is absent".to_owned(), |at| format!("the key was written at {at}"))
}

impl WriteError {
    /// None where it has no effect yet for its timestamp alone.
    pub(crate) fn of(rejection: WriteRejection) -> Option<Self> {
        Some(match rejection {
            WriteRejection::StaleTimestamp { .. } => return None,
            WriteRejection::Conflict { key, commit_ts } => Self::Conflict { key, commit_ts },
            WriteRejection::KeyLocked { key, expires_at, .. } => Self::KeyLocked { key, until: expires_at },
            WriteRejection::RequestExpired { drawn, horizon } => Self::RequestExpired { drawn, horizon },
            WriteRejection::RequestAhead { drawn, at } => Self::RequestAhead { drawn, at },
            WriteRejection::ReadTimestampCompacted { asked, oldest } => {
                Self::ReadTimestampCompacted { asked, oldest }
            }
        })
    }
}

impl From<Refused> for WriteError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::StorageFull => WriteError::StorageFull,
            Refused::Draining => WriteError::NotLeader { leader: None },
        }
    }
}

impl From<ProposeError> for WriteError {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::NotLeader { leader } => WriteError::NotLeader { leader },
            ProposeError::NoQuorum => WriteError::NoQuorum,
            ProposeError::NoKey(text) => WriteError::NoKey(text),
            ProposeError::OutcomeUnknown => WriteError::OutcomeUnknown,
            ProposeError::Stopped(text) => WriteError::Stopped(text),
        }
    }
}

/// Reading failed before anything was proposed.
impl From<ReadFailure> for WriteError {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Read(ReadError::NotLeader { leader }) => WriteError::NotLeader { leader },
            ReadFailure::Read(ReadError::NoQuorum) => WriteError::NoQuorum,
            ReadFailure::Read(ReadError::Stopped(text)) => WriteError::Stopped(text),
            ReadFailure::Rows(RowError::ReadTimestampCompacted { asked, oldest }) => {
                WriteError::ReadTimestampCompacted { asked, oldest }
            }
            ReadFailure::InFuture { asked, now } => WriteError::ReadInFuture { asked, now },
            ReadFailure::Rows(error) => WriteError::Damaged(error.to_string()),
            error @ (ReadFailure::Limit(_) | ReadFailure::ScanTooLarge { .. }) => {
                WriteError::Damaged(error.to_string())
            }
        }
    }
}

/// A write that is committed and applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WriteDone {
    pub index: LogIndex,
    pub commit_ts: Timestamp,
    /// It had been asked for before, and took effect then.
    pub repeated: bool,
}
