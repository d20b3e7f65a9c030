//! What is checked, and what can be wrong with it.

use elastickv_fsm::KeyState;
use elastickv_types::{FullNodeId, GroupId, KeyId, LocalEpoch, LogIndex, NodeName, Purpose, StoreId};

/// A row of the table: in the order in which they are judged and shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Check {
    /// Of the cluster as a whole.
    Membership,
    Quorum,
    Key,
    /// Of each member.
    ShortId,
    Reachable,
    Identity,
    Formats,
    Encryption,
    Kek,
    State,
    Keys,
    Epochs,
    Clock,
    FileSystem,
    Disk,
    /// Of each member, where a key is to go.
    SealKey,
    Rows,
    Reads,
    Rewrite,
    Snapshot,
    Log,
    Leftovers,
}

impl Check {
    /// Those of a gate through which a key goes.
    pub const OF_A_KEY: [Check; 8] = [
        Check::Key,
        Check::SealKey,
        Check::Rows,
        Check::Reads,
        Check::Rewrite,
        Check::Snapshot,
        Check::Log,
        Check::Leftovers,
    ];

    /// Those of every gate.
    pub const ALL: [Check; 14] = [
        Check::Membership,
        Check::Quorum,
        Check::ShortId,
        Check::Reachable,
        Check::Identity,
        Check::Formats,
        Check::Encryption,
        Check::Kek,
        Check::State,
        Check::Keys,
        Check::Epochs,
        Check::Clock,
        Check::FileSystem,
        Check::Disk,
    ];

    /// For programs.
    pub fn name(self) -> &'static str {
        match self {
            Check::Membership => "membership-settled",
            Check::Quorum => "quorum-answers",
            Check::ShortId => "short-id-unique",
            Check::Reachable => "reachable",
            Check::Identity => "identity",
            Check::Formats => "formats",
            Check::Encryption => "encryption-enabled",
            Check::Kek => "kek-opens-probe",
            Check::State => "state-in-sync",
            Check::Keys => "keys-open",
            Check::Epochs => "epoch-headroom",
            Check::Clock => "clock",
            Check::FileSystem => "file-system",
            Check::Disk => "disk",
            Check::Key => "key-closed",
            Check::SealKey => "not-the-seal-key",
            Check::Rows => "no-row-under-it",
            Check::Reads => "no-older-read",
            Check::Rewrite => "no-rewrite-at-work",
            Check::Snapshot => "snapshot-from-since",
            Check::Log => "log-from-since",
            Check::Leftovers => "nothing-set-aside",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Check::Membership => "membership is settled",
            Check::Quorum => "a majority answers",
            Check::ShortId => "short id is unique",
            Check::Reachable => "reachable",
            Check::Identity => "is the node that the membership lists",
            Check::Formats => "build understands the formats",
            Check::Encryption => "encryption enabled",
            Check::Kek => "KEK opens the leader's probe",
            Check::State => "encryption state in sync",
            Check::Keys => "active keys are open",
            Check::Epochs => "epochs are left",
            Check::Clock => "clock agrees",
            Check::FileSystem => "file system can sync directories",
            Check::Disk => "room on the disk",
            Check::Key => "key is closed",
            Check::SealKey => "nothing is sealed under it",
            Check::Rows => "no value under it, by a count since it was closed",
            Check::Reads => "no open read is older than the count",
            Check::Rewrite => "no rewrite is at work",
            Check::Snapshot => "snapshot is from since it was closed",
            Check::Log => "log and snapshot begin behind its last entry",
            Check::Leftovers => "nothing set aside holds old values",
        }
    }

    /// Whether one finding is of the whole cluster.
    pub fn of_the_cluster(self) -> bool {
        matches!(self, Check::Membership | Check::Quorum | Check::Key)
    }
}

/// What is wrong, or may become so. One line each, without naming the member: it stands beside.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    #[error("a change of members is under way")]
    MembershipChanging,
    #[error("of {voters} voters {fit} can take part, and {needed} are needed")]
    NoMajority { fit: usize, needed: usize, voters: usize },
    #[error("its short id is that of {}, which is or was a member", .with)]
    NodeIdCollision { with: FullNodeId },
    #[error("no answer: {0}")]
    NoAnswer(String),
    #[error("the node that answers is {found}")]
    WrongNode { found: NodeName },
    #[error("the node that answers has the store {found}, not the one that was admitted")]
    WrongStore { found: StoreId },
    #[error("the node that answers belongs to another cluster, or to none")]
    WrongCluster,
    #[error("its build {build} knows format {format} up to version {has}, and {needs} is in use")]
    FormatTooOld { build: String, format: &'static str, has: u32, needs: u32 },
    #[error("it was started without encryption")]
    EncryptionNotEnabled,
    #[error("it has no KEK")]
    NoKek,
    #[error("its KEK does not open what the leader wrapped")]
    KekMismatch,
    #[error("only its previous KEK opens what the leader wrapped")]
    KekIsPrevious,
    #[error("its KEK can not be used for now: {0}")]
    KekUnavailable(String),
    #[error("it has applied the control group up to {applied} and has to reach {wanted}")]
    StateBehind { applied: LogIndex, wanted: LogIndex },
    #[error("it has applied more than the leader when it was asked")]
    StateAhead,
    #[error("its keys or stage differ from the leader's at the same index, {at}")]
    StateDiffers { at: LogIndex },
    #[error("{purpose} key {key} is not open there")]
    KeyNotOpen { key: KeyId, purpose: Purpose },
    #[error("it has no epoch left under key {key}")]
    LocalEpochExhausted { key: KeyId },
    #[error("it is at epoch {epoch} under key {key}, of {}", LocalEpoch::EXHAUSTED)]
    LocalEpochNearEnd { key: KeyId, epoch: LocalEpoch },
    #[error("its clock is {ms} ms away from the leader's")]
    ClockSkew { ms: u64 },
    #[error("its file system can not sync directories")]
    UnsupportedFilesystem,
    #[error("{free} bytes are free on its disk, below its reserve of {reserve}")]
    DiskFull { free: u64, reserve: u64 },
    #[error("there is no key {key}")]
    UnknownKey { key: KeyId },
    #[error("key {key} is {state}: a newer one has to take its place first")]
    KeyInUse { key: KeyId, state: KeyState },
    #[error("key {key} is not closed yet")]
    NotClosed { key: KeyId },
    #[error("group {group} still accepts entries under key {key}")]
    NotInFloor { key: KeyId, group: GroupId },
    #[error("it seals under key {key}")]
    SealsUnder { key: KeyId },
    #[error("its values were not counted since its last start or snapshot")]
    NotCounted,
    #[error("its values were counted at {begun}, before the key was closed at {closed}")]
    CountedBefore { begun: LogIndex, closed: LogIndex },
    #[error("{rows} values are sealed under it")]
    RowsLeft { rows: u64 },
    #[error("{rows} values are none, so that nobody can say what they are sealed under")]
    MalformedRows { rows: u64 },
    #[error("reads that began before its values were counted are still open: {reads}")]
    OlderReads { reads: u64 },
    #[error("a rewrite is at work: {activity}")]
    RewriteAtWork { activity: String },
    #[error("its snapshot is of {snapshot} and has to be of above {needed}")]
    SnapshotFromBefore { snapshot: LogIndex, needed: LogIndex },
    #[error("a snapshot is being built of {begun}, and the key was closed at {closed}")]
    SnapshotUnderWay { begun: LogIndex, closed: LogIndex },
    #[error("it has applied {applied}, and takes entries under the key before {floor}")]
    BeforeFloor { applied: LogIndex, floor: LogIndex },
    #[error("its log begins at {first} and has to begin above {last}, the last entry under the key")]
    LogFromBefore { first: LogIndex, last: LogIndex },
    #[error("what was set aside may hold old values or keys: {names}")]
    Leftovers { names: String },
    #[error("{free} bytes are free on its disk, not far above its reserve of {reserve}")]
    DiskLow { free: u64, reserve: u64 },
}

impl Problem {
    /// Its typed name.
    pub fn name(&self) -> &'static str {
        match self {
            Problem::MembershipChanging => "ChangeInProgress",
            Problem::NoMajority { .. } => "NoQuorum",
            Problem::NodeIdCollision { .. } => "NodeIdCollision",
            Problem::NoAnswer(_) => "Unreachable",
            Problem::WrongNode { .. } | Problem::WrongStore { .. } => "WrongNode",
            Problem::WrongCluster => "ForeignCluster",
            Problem::FormatTooOld { .. } => "FormatTooOld",
            Problem::EncryptionNotEnabled => "EncryptionNotEnabled",
            Problem::NoKek => "NoKek",
            Problem::KekMismatch => "KekMismatch",
            Problem::KekIsPrevious => "KekIsPrevious",
            Problem::KekUnavailable(_) => "KekUnavailable",
            Problem::StateBehind { .. } | Problem::StateAhead => "StateBehind",
            Problem::StateDiffers { .. } => "StateDiffers",
            Problem::KeyNotOpen { .. } => "KeyNotOpen",
            Problem::LocalEpochExhausted { .. } => "LocalEpochExhausted",
            Problem::LocalEpochNearEnd { .. } => "LocalEpochNearEnd",
            Problem::ClockSkew { .. } => "ClockSkew",
            Problem::UnsupportedFilesystem => "UnsupportedFilesystem",
            Problem::DiskFull { .. } => "StorageFull",
            Problem::DiskLow { .. } => "StorageLow",
            Problem::UnknownKey { .. } => "UnknownKey",
            Problem::KeyInUse { .. } => "KeyInUse",
            Problem::NotClosed { .. } => "KeyNotClosed",
            Problem::NotInFloor { .. } => "NotInKeyFloor",
            Problem::SealsUnder { .. } => "SealsUnderKey",
            Problem::NotCounted => "NotCounted",
            Problem::CountedBefore { .. } => "CountedBefore",
            Problem::RowsLeft { .. } => "RowsLeft",
            Problem::MalformedRows { .. } => "MalformedRows",
            Problem::OlderReads { .. } => "OlderReads",
            Problem::SnapshotUnderWay { .. } => "SnapshotUnderWay",
            Problem::BeforeFloor { .. } => "BeforeKeyFloor",
            Problem::RewriteAtWork { .. } => "RewriteAtWork",
            Problem::SnapshotFromBefore { .. } => "SnapshotFromBefore",
            Problem::LogFromBefore { .. } => "LogFromBefore",
            Problem::Leftovers { .. } => "Leftovers",
        }
    }

    /// Whether it is likely to pass in a moment, so that it is worth asking again.
    pub fn passes(&self) -> bool {
        match self {
            Problem::MembershipChanging
            | Problem::KekUnavailable(_)
            | Problem::StateBehind { .. }
            | Problem::StateAhead
            | Problem::KeyNotOpen { .. }
            | Problem::OlderReads { .. }
            | Problem::SnapshotUnderWay { .. }
            | Problem::BeforeFloor { .. }
            | Problem::SealsUnder { .. } => true,
            Problem::NoMajority { .. }
            | Problem::NodeIdCollision { .. }
            | Problem::NoAnswer(_)
            | Problem::WrongNode { .. }
            | Problem::WrongStore { .. }
            | Problem::WrongCluster
            | Problem::FormatTooOld { .. }
            | Problem::EncryptionNotEnabled
            | Problem::NoKek
            | Problem::KekMismatch
            | Problem::KekIsPrevious
            | Problem::StateDiffers { .. }
            | Problem::LocalEpochExhausted { .. }
            | Problem::LocalEpochNearEnd { .. }
            | Problem::ClockSkew { .. }
            | Problem::UnsupportedFilesystem
            | Problem::DiskFull { .. }
            | Problem::DiskLow { .. }
            | Problem::UnknownKey { .. }
            | Problem::KeyInUse { .. }
            | Problem::NotClosed { .. }
            | Problem::NotInFloor { .. }
            | Problem::NotCounted
            | Problem::CountedBefore { .. }
            | Problem::RowsLeft { .. }
            | Problem::MalformedRows { .. }
            | Problem::RewriteAtWork { .. }
            | Problem::SnapshotFromBefore { .. }
            | Problem::LogFromBefore { .. }
            | Problem::Leftovers { .. } => false,
        }
    }
}
