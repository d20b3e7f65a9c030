//! Why something could not be done; the same on every replica.

use bytes::Bytes;
use elastickv_types::{FullNodeId, KeyId, LocalEpoch, LogId, LogIndex, OperationId, Purpose, Timestamp};

use crate::command::{MOST_KEYS, OperationKind, Reason, RefusalName, UnixMillis};
use crate::state::{KeyState, NotBootstrapped};

/// Why a write took no effect.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteRejection {
    /// It may have taken effect before: so long ago that nobody remembers.
    #[error("the request was drawn at {drawn}, and what came of those up to {horizon} is forgotten")]
    RequestExpired { drawn: UnixMillis, horizon: UnixMillis },
    /// It would be remembered for longer than those that are drawn after it.
    #[error("the request claims to be drawn at {drawn}, long after {at}")]
    RequestAhead { drawn: UnixMillis, at: UnixMillis },
    #[error("timestamp {proposed} is not above the group's last one, {last}")]
    StaleTimestamp { proposed: Timestamp, last: Timestamp },
    #[error("what was read at {asked} can not be judged any more; the oldest timestamp that can is {oldest}")]
    ReadTimestampCompacted { asked: Timestamp, oldest: Timestamp },
    /// The smallest key that was read and is something else by now.
    #[error("a key that was read has changed at {commit_ts}")]
    Conflict { key: Bytes, commit_ts: Timestamp },
    /// Somebody is about to change the key; later it may be free.
    #[error("a key is locked until {expires_at} by the transaction that began at {start_ts}")]
    KeyLocked { key: Bytes, start_ts: Timestamp, expires_at: UnixMillis },
}

// The key is a user's.
impl std::fmt::Debug for WriteRejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The state in which a key would have served.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    Installed = 1,
    Active = 2,
    Retiring = 3,
    Closed = 4,
    /// Any but retired.
    Held = 6,
}

impl Wanted {
    pub(crate) const ALL: [Wanted; 5] =
        [Wanted::Installed, Wanted::Active, Wanted::Retiring, Wanted::Closed, Wanted::Held];
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Wanted::Installed => "installed",
            Wanted::Active => "active",
            Wanted::Retiring => "retiring",
            Wanted::Closed => "closed",
            Wanted::Held => "not retired",
        })
    }
}

/// Why a registration or an operation took no effect.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    #[error("only the control group decides this")]
    NotControlGroup,

    // --- the registry of writers
    #[error("node {node} proposed epoch {proposed} under key {key}, where another load of it has {last}")]
    LocalEpochRollback { key: KeyId, node: FullNodeId, proposed: LocalEpoch, last: LocalEpoch },
    #[error("node {node} has the short id of node {holder}, which writes under key {key}")]
    NodeIdCollision { key: KeyId, node: FullNodeId, holder: FullNodeId },

    // --- operations
    #[error("operation {running}, {kind}, is under way since {begun}")]
    OperationRunning { running: OperationId, kind: OperationKind, begun: LogIndex },
    #[error("operation {operation} is not under way")]
    OperationNotRunning { operation: OperationId },
    #[error("operation id {operation} is of a time of which the history knows nothing any more")]
    OperationIdExpired { operation: OperationId },
    #[error("operation id {operation} does not tell when it was drawn")]
    OperationIdUntimed { operation: OperationId },
    #[error("operation id {operation} claims to be drawn at {drawn}, long after {at}")]
    OperationIdAhead { operation: OperationId, drawn: UnixMillis, at: UnixMillis },
    #[error("operation id {operation} is that of another operation, {kind}")]
    OperationIdReused { operation: OperationId, kind: OperationKind },
    #[error("an operation of kind {kind} takes no such step")]
    StepNotOfOperation { kind: OperationKind },
    #[error("the deadline of the operation is {deadline}, and it is {at}")]
    DeadlineNotReached { deadline: UnixMillis, at: UnixMillis },
    #[error("the deadline of the operation, {deadline}, has passed")]
    DeadlinePassed { deadline: UnixMillis },
    #[error("{}", .text)]
    Refused { name: RefusalName, text: Reason },

    // --- the stage
    #[error("membership {named} was judged, and {} is in effect", shown(.effective))]
    MembershipChanged { named: LogId, effective: Option<LogId> },
    #[error("encryption is not bootstrapped")]
    NotBootstrapped,
    #[error("encryption was bootstrapped at {first}, with other keys")]
    BootstrappedOtherwise { first: LogIndex },

    // --- keys
    #[error("there is no key {key}")]
    UnknownKey { key: KeyId },
    #[error("key id {key} was used before")]
    KeyIdUsed { key: KeyId },
    #[error("key {key} is {found}, and it takes one that is {wanted}")]
    KeyStateWrong { key: KeyId, found: KeyState, wanted: Wanted },
    #[error("key {key} is of purpose {found}")]
    KeyPurposeWrong { key: KeyId, found: Purpose },
    #[error("key {key} was closed at {closed}, not at {named}")]
    CloseIndexWrong { key: KeyId, closed: LogIndex, named: LogIndex },
    #[error("key {key} is not in the key floor of the control group")]
    NotInKeyFloor { key: KeyId },
    #[error("the key floor would hold key {key}, under which its own entry is sealed")]
    FloorHoldsOwnKey { key: KeyId },
    #[error("key {key} is not among those that are wrapped anew")]
    RewrapIncomplete { key: KeyId },
    #[error("key {key} is wrapped anew twice")]
    RewrapTwice { key: KeyId },
    #[error("what is wrapped as key {key} has another commitment than that key")]
    CommitmentWrong { key: KeyId },
    #[error(
        "key {key} would be one more than the {MOST_KEYS} that a cluster can hold; some have to retire first"
    )]
    TooManyKeys { key: KeyId },
    #[error("key {key} claims to be made at {created}, which is later than a key can be kept with")]
    CreatedTooLate { key: KeyId, created: UnixMillis },

    // --- a group's own log
    #[error(
        "the group's entries are not sealed yet, and a key floor before that could shut out its first key"
    )]
    FloorBeforeCutover,

    // --- jobs
    #[error("rows are not sealed yet, so there is nothing to seal them anew under")]
    RowsNotSealed,
    #[error("job {job} is under way since {begun}")]
    JobRunning { job: OperationId, begun: LogIndex },
    #[error("there is no job {job}")]
    UnknownJob { job: OperationId },
    #[error("job {job} is over since {since}")]
    JobOver { job: OperationId, since: LogIndex },
}

fn shown(membership: &Option<LogId>) -> String {
    membership.map_or("none".to_owned(), |id| id.to_string())
}

impl Rejection {
    /// Its number in records and answers, for ever.
    pub fn code(&self) -> u32 {
        match self {
            Rejection::NotControlGroup => 1,
            Rejection::LocalEpochRollback { .. } => 2,
            Rejection::NodeIdCollision { .. } => 3,
            Rejection::OperationRunning { .. } => 4,
            Rejection::OperationNotRunning { .. } => 5,
            Rejection::OperationIdExpired { .. } => 6,
            Rejection::OperationIdUntimed { .. } => 7,
            Rejection::OperationIdAhead { .. } => 8,
            Rejection::OperationIdReused { .. } => 9,
            Rejection::StepNotOfOperation { .. } => 10,
            Rejection::DeadlineNotReached { .. } => 11,
            Rejection::DeadlinePassed { .. } => 12,
            Rejection::Refused { .. } => 13,
            Rejection::MembershipChanged { .. } => 14,
            Rejection::NotBootstrapped => 15,
            Rejection::BootstrappedOtherwise { .. } => 16,
            Rejection::UnknownKey { .. } => 17,
            Rejection::KeyIdUsed { .. } => 18,
            Rejection::KeyStateWrong { .. } => 19,
            Rejection::KeyPurposeWrong { .. } => 20,
            Rejection::CloseIndexWrong { .. } => 21,
            Rejection::NotInKeyFloor { .. } => 22,
            Rejection::FloorHoldsOwnKey { .. } => 23,
            Rejection::RewrapIncomplete { .. } => 24,
            Rejection::RewrapTwice { .. } => 25,
            Rejection::CommitmentWrong { .. } => 26,
            Rejection::TooManyKeys { .. } => 27,
            Rejection::CreatedTooLate { .. } => 28,
            Rejection::FloorBeforeCutover => 29,
            Rejection::RowsNotSealed => 30,
            Rejection::JobRunning { .. } => 31,
            Rejection::UnknownJob { .. } => 32,
            Rejection::JobOver { .. } => 33,
        }
    }

    /// Its name, for programs.
    pub fn name(&self) -> &str {
        match self {
            Rejection::NotControlGroup => "NotControlGroup",
            Rejection::LocalEpochRollback { .. } => "LocalEpochRollback",
            Rejection::NodeIdCollision { .. } => "NodeIdCollision",
            Rejection::OperationRunning { .. } => "OperationRunning",
            Rejection::OperationNotRunning { .. } => "OperationNotRunning",
            Rejection::OperationIdExpired { .. } => "OperationIdExpired",
            Rejection::OperationIdUntimed { .. } => "OperationIdUntimed",
            Rejection::OperationIdAhead { .. } => "OperationIdAhead",
            Rejection::OperationIdReused { .. } => "OperationIdReused",
            Rejection::StepNotOfOperation { .. } => "StepNotOfOperation",
            Rejection::DeadlineNotReached { .. } => "DeadlineNotReached",
            Rejection::DeadlinePassed { .. } => "DeadlinePassed",
            Rejection::Refused { name, .. } if name.as_str().is_empty() => "Refused",
            Rejection::Refused { name, .. } => name.as_str(),
            Rejection::MembershipChanged { .. } => "MembershipChanged",
            Rejection::NotBootstrapped => "NotBootstrapped",
            Rejection::BootstrappedOtherwise { .. } => "BootstrappedOtherwise",
            Rejection::UnknownKey { .. } => "UnknownKey",
            Rejection::KeyIdUsed { .. } => "KeyIdUsed",
            Rejection::KeyStateWrong { .. } => "KeyStateWrong",
            Rejection::KeyPurposeWrong { .. } => "KeyPurposeWrong",
            Rejection::CloseIndexWrong { .. } => "CloseIndexWrong",
            Rejection::NotInKeyFloor { .. } => "NotInKeyFloor",
            Rejection::FloorHoldsOwnKey { .. } => "FloorHoldsOwnKey",
            Rejection::RewrapIncomplete { .. } => "RewrapIncomplete",
            Rejection::RewrapTwice { .. } => "RewrapTwice",
            Rejection::CommitmentWrong { .. } => "CommitmentWrong",
            Rejection::TooManyKeys { .. } => "TooManyKeys",
            Rejection::CreatedTooLate { .. } => "CreatedTooLate",
            Rejection::FloorBeforeCutover => "FloorBeforeCutover",
            Rejection::RowsNotSealed => "RowsNotSealed",
            Rejection::JobRunning { .. } => "JobRunning",
            Rejection::UnknownJob { .. } => "UnknownJob",
            Rejection::JobOver { .. } => "JobOver",
        }
    }
}

impl From<NotBootstrapped> for Rejection {
    fn from(_: NotBootstrapped) -> Self {
        Rejection::NotBootstrapped
    }
}
