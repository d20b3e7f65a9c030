//! The typed names by which servers refuse, as they travel in `google.rpc.ErrorInfo`.

use super::Code;

macro_rules! reasons {
    ($($name:ident => $code:ident,)+) => {
        /// Why a server refused a call.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Reason {
            $($name,)+
        }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Reason::$name,)+];

            pub fn parse(name: &str) -> Option<Reason> {
                match name {
                    $(stringify!($name) => Some(Reason::$name),)+
                    _ => None,
                }
            }

            pub fn name(self) -> &'static str {
                match self {
                    $(Reason::$name => stringify!($name),)+
                }
            }

            /// The code under which an operator reads of it.
            pub fn code(self) -> Code {
                match self {
                    $(Reason::$name => Code::$code,)+
                }
            }
        }
    };
}

reasons! {
    NotLeader => LeaderMoved,
    NoLeader => NoLeader,
    NoQuorum => NoQuorum,
    OutcomeUnknown => OutcomeUnknown,
    Busy => Busy,
    StorageFull => StorageFull,
    KeyTooLarge => KeyTooLarge,
    ValueTooLarge => ValueTooLarge,
    EmptyKey => EmptyKey,
    BadRequestId => BadRequestId,
    UnknownGroup => UnknownGroup,
    BadLogLevel => BadLogLevel,
    NotReady => NotReady,
    Draining => Draining,
    MembershipConflict => MembershipConflict,
    ChangeInProgress => ChangeInProgress,
    UnknownMember => UnknownMember,
    NodeNameUsed => NodeNameUsed,
    NotAVoter => NotAVoter,
    AlreadyAMember => AlreadyAMember,
    ForeignCluster => ForeignCluster,
    WrongNode => WrongNode,
    LastVoter => LastVoter,
    LaggingLearner => LaggingLearner,
    Unreachable => MemberUnreachable,
    Fault => ServerFault,
    ChangeRefused => ChangeRefused,
    NoCandidate => NoSuccessor,
    TransferTimedOut => HandOverFailed,
    SnapshotFailed => SnapshotFailed,
    NodeIdCollision => NodeIdCollision,
    InvitationRefused => InvitationRefused,
    NotWaiting => InvitationRefused,
    ForeignStore => WrongNode,
    Removed => Stranger,
    TooManyMutations => WriteTooLarge,
    WriteTooLarge => WriteTooLarge,
    BadNodeName => BadName,
    BadAddress => BadName,
    BadConsistency => Unexpected,
    Malformed => Unexpected,
    DamagedChunk => Unexpected,
    SnapshotNeeded => Unexpected,
    UnknownCall => NotElastickv,
    Conflict => Conflict,
    KeyLocked => KeyLocked,
    LockTooLong => Unexpected,
    ScanTooLarge => Unexpected,
    BadHold => Unexpected,
    ConditionFailed => ConditionFailed,
    ReadTimestampCompacted => ReadTimestampCompacted,
    ReadInFuture => ReadInFuture,
    RequestExpired => RequestExpired,
    RequestAhead => RequestAhead,
    TooManyStamps => WriteTooLarge,
    MalformedToken => BadToken,
    BadExpiry => BadExpiry,
    BadTransaction => BadTransaction,
    Unauthenticated => Unauthenticated,
    NotPermitted => NotPermitted,

    // Of the encryption: first what a server finds out, then what the replicas decide.
    GateRefused => GateRefused,
    UnknownOperation => UnknownOperation,
    KeyNotOpen => NotSettled,
    KekMismatch => KekMismatch,
    KekUnavailable => KekUnavailable,
    WrappedKeyRefused => KeyMismatch,
    LocalEpochOutOfRange => BadEpoch,
    EncryptionUnsupported => NotCapable,
    EncryptionNotEnabled => NotCapable,
    PeerNotEncryptionCapable => NotCapable,
    PeerNotEncryptionRegistered => NotRegistered,
    DataDirRolledBack => DataDirRolledBack,
    BackupGone => BackupGone,
    CutoverTimedOut => NotSettled,
    NotControlGroup => OperationRefused,
    LocalEpochRollback => EpochRollback,
    OperationRunning => OperationRunning,
    OperationNotRunning => UnknownOperation,
    OperationIdExpired => OperationIdSpent,
    OperationIdUntimed => OperationIdSpent,
    OperationIdAhead => OperationIdSpent,
    OperationIdReused => OperationIdSpent,
    StepNotOfOperation => OperationRefused,
    DeadlineNotReached => OperationRefused,
    DeadlinePassed => OperationGivenUp,
    Refused => OperationRefused,
    MembershipChanged => MembershipConflict,
    NotBootstrapped => NotBootstrapped,
    BootstrappedOtherwise => BootstrappedOtherwise,
    UnknownKey => UnknownKeyId,
    KeyIdUsed => KeyIdUsed,
    KeyStateWrong => KeyUnfit,
    KeyPurposeWrong => KeyUnfit,
    CloseIndexWrong => OperationRefused,
    NotInKeyFloor => OperationRefused,
    FloorHoldsOwnKey => OperationRefused,
    RewrapIncomplete => OperationRefused,
    RewrapTwice => OperationRefused,
    CommitmentWrong => KeyMismatch,
    TooManyKeys => TooManyKeys,
    CreatedTooLate => OperationRefused,
    FloorBeforeCutover => OperationRefused,
    UnsealedRow => UnsealedRow,
    CountBroken => Unexpected,
    RowsNotSealed => RowsNotSealed,
    JobRunning => JobRunning,
    UnknownJob => NoSuchJob,
    JobOver => JobOver,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_reads_as_it_is_written() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.name()), Some(*reason));
        }
        assert_eq!(Reason::parse("FromTheFuture"), None);
    }
}
