//! What to do after a failed call: a table, nothing else.
//!
//! A read can be asked again anywhere. A write is sent again only when it provably was not proposed:
//! there was no connection, or the server named a reason that excludes it. After anything else the
//! write may have happened, and only the operator can decide, with the operation's id, to repeat it.
//! A write that takes effect once however often it arrives is sent again after a lost answer as well.

use std::time::Duration;

use elastickv_types::PeerAddress;
use tonic::Code as Grpc;

use super::Failure;
use crate::error::Reason;

/// Whether a call changes anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intent {
    Read,
    Write,
    /// A write that does no harm when it arrives twice: the servers know it by its request id.
    Repeatable,
}

/// What to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Ask the node that was named as the leader.
    Follow(PeerAddress),
    /// Ask another node; when all were asked, pause and begin again.
    Elsewhere,
    /// Ask again after a pause, at least this long if the server said so.
    Pause(Option<Duration>),
    /// It will not get better by repeating.
    Stop,
}

pub fn decide(intent: Intent, failure: &Failure) -> Next {
    if may_have_happened(intent, failure) {
        return if may_be_repeated(intent, failure) { Next::Elsewhere } else { Next::Stop };
    }
    match failure {
        Failure::Unconnected { .. }
        | Failure::Untrusted { .. }
        | Failure::TimedOut { .. }
        | Failure::Broken { .. } => Next::Elsewhere,
        // Whoever points at another cluster does not mean to be served by the next endpoint.
        Failure::Foreign { .. } => Next::Stop,
        Failure::Refused { reason, told, .. } => match (on_reason(*reason).0, &told.leader_address) {
            (Repeat::AtLeader, Some(leader)) => Next::Follow(leader.clone()),
            (Repeat::AtLeader, None) | (Repeat::Elsewhere, _) => Next::Elsewhere,
            (Repeat::Later, _) => Next::Pause(told.retry_after),
            (Repeat::Never, _) => Next::Stop,
        },
        Failure::Unnamed { status, .. } => match fate_of(*status) {
            Fate::Refused => Next::Stop,
            Fate::Open => Next::Elsewhere,
        },
    }
}

/// A write of which nobody here knows whether it was done.
pub fn may_have_happened(intent: Intent, failure: &Failure) -> bool {
    if intent == Intent::Read {
        return false;
    }
    match failure {
        Failure::Unconnected { .. } | Failure::Untrusted { .. } | Failure::Foreign { .. } => false,
        Failure::TimedOut { .. } | Failure::Broken { .. } => true,
        Failure::Refused { reason, .. } => on_reason(*reason).1 == Fate::Open,
        Failure::Unnamed { status, .. } => fate_of(*status) == Fate::Open,
    }
}

/// Once its id is forgotten, the servers can not tell a repetition from a new write.
fn may_be_repeated(intent: Intent, failure: &Failure) -> bool {
    intent == Intent::Repeatable && failure.reason() != Some(Reason::RequestExpired)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    AtLeader,
    Elsewhere,
    Later,
    Never,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was not taken in.
    Refused,
    /// It may have been.
    Open,
}

/// Whether asking again may help, and whether a write was taken in.
fn on_reason(reason: Reason) -> (Repeat, Fate) {
    use Reason::*;
    match reason {
        NotLeader => (Repeat::AtLeader, Fate::Refused),
        NoLeader | NoQuorum | NotReady | Draining => (Repeat::Elsewhere, Fate::Refused),
        OutcomeUnknown | Fault => (Repeat::Elsewhere, Fate::Open),
        // A lock is taken away by its owner, or ends.
        Busy | KeyLocked => (Repeat::Later, Fate::Refused),
        RequestExpired => (Repeat::Never, Fate::Open),
        GateRefused
        | UnknownOperation
        | KeyNotOpen
        | KekMismatch
        | KekUnavailable
        | WrappedKeyRefused
        | LocalEpochOutOfRange
        | EncryptionUnsupported
        | EncryptionNotEnabled
        | PeerNotEncryptionCapable
        | PeerNotEncryptionRegistered
        | DataDirRolledBack
        | BackupGone
        | CutoverTimedOut
        | NotControlGroup
        | LocalEpochRollback
        | OperationRunning
        | OperationNotRunning
        | OperationIdExpired
        | OperationIdUntimed
        | OperationIdAhead
        | OperationIdReused
        | StepNotOfOperation
        | DeadlineNotReached
        | DeadlinePassed
        | Refused
        | MembershipChanged
        | NotBootstrapped
        | BootstrappedOtherwise
        | UnknownKey
        | KeyIdUsed
        | KeyStateWrong
        | KeyPurposeWrong
        | CloseIndexWrong
        | NotInKeyFloor
        | FloorHoldsOwnKey
        | RewrapIncomplete
        | RewrapTwice
        | CommitmentWrong
        | TooManyKeys
        | CreatedTooLate
        | FloorBeforeCutover
        | UnsealedRow
        | CountBroken
        | RowsNotSealed
        | JobRunning
        | UnknownJob
        | JobOver
        | StorageFull
        | KeyTooLarge
        | ValueTooLarge
        | EmptyKey
        | BadRequestId
        | UnknownGroup
        | MembershipConflict
        | ChangeInProgress
        | UnknownMember
        | NodeNameUsed
        | NotAVoter
        | AlreadyAMember
        | ForeignCluster
        | WrongNode
        | LastVoter
        | LaggingLearner
        | Unreachable
        | ChangeRefused
        | NoCandidate
        | TransferTimedOut
        | NodeIdCollision
        | InvitationRefused
        | NotWaiting
        | ForeignStore
        | Removed
        | TooManyMutations
        | WriteTooLarge
        | BadNodeName
        | BadAddress
        | BadConsistency
        | Malformed
        | UnknownCall
        | SnapshotFailed
        | DamagedChunk
        | SnapshotNeeded
        | Conflict
        | LockTooLong
        | ScanTooLarge
        | BadHold
        | ConditionFailed
        | ReadTimestampCompacted
        | ReadInFuture
        | RequestAhead
        | TooManyStamps
        | MalformedToken
        | BadExpiry
        | Unauthenticated
        | NotPermitted
        | BadTransaction
        | BadLogLevel => (Repeat::Never, Fate::Refused),
    }
}

/// What a bare gRPC status tells. Those that servers give on purpose exclude that anything was done;
/// the others may come from anything in between.
fn fate_of(status: Grpc) -> Fate {
    match status {
        Grpc::InvalidArgument
        | Grpc::NotFound
        | Grpc::AlreadyExists
        | Grpc::PermissionDenied
        | Grpc::Unauthenticated
        | Grpc::FailedPrecondition
        | Grpc::OutOfRange
        | Grpc::Unimplemented => Fate::Refused,
        Grpc::Ok
        | Grpc::Cancelled
        | Grpc::Unknown
        | Grpc::DeadlineExceeded
        | Grpc::ResourceExhausted
        | Grpc::Aborted
        | Grpc::Internal
        | Grpc::Unavailable
        | Grpc::DataLoss => Fate::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::super::failure::Told;
    use super::*;

    fn address(text: &str) -> PeerAddress {
        text.parse().unwrap()
    }

    fn refused(reason: Reason, told: Told) -> Failure {
        Failure::Refused { address: address("n1:1"), reason, message: String::new(), told }
    }

    fn lost() -> [Failure; 2] {
        let cause = String::new();
        [
            Failure::TimedOut { address: address("n1:1"), after: Duration::from_secs(1) },
            Failure::Broken { address: address("n1:1"), cause },
        ]
    }

    /// The one table that decides whether data can be written twice.
    #[test]
    fn a_write_is_sent_again_only_when_it_was_not_proposed() {
        use Reason::*;
        let resent = [NotLeader, NoLeader, NoQuorum, NotReady, Draining, Busy, KeyLocked];
        for reason in Reason::ALL {
            let next = decide(Intent::Write, &refused(*reason, Told::default()));
            assert_eq!(next != Next::Stop, resent.contains(reason), "{reason:?}: {next:?}");
        }
        for failure in lost() {
            assert_eq!(decide(Intent::Write, &failure), Next::Stop);
        }
        let unconnected = Failure::Unconnected { address: address("n1:1"), cause: String::new() };
        assert_eq!(decide(Intent::Write, &unconnected), Next::Elsewhere);
    }

    #[test]
    fn a_write_without_an_answer_may_have_happened() {
        let open: Vec<Reason> = Reason::ALL
            .iter()
            .copied()
            .filter(|reason| may_have_happened(Intent::Write, &refused(*reason, Told::default())))
            .collect();
        assert_eq!(open, [Reason::OutcomeUnknown, Reason::Fault, Reason::RequestExpired]);
        assert!(lost().iter().all(|failure| may_have_happened(Intent::Write, failure)));
    }

    #[test]
    fn a_repeatable_write_is_sent_again_after_a_lost_answer_as_long_as_its_id_is_known() {
        for failure in lost() {
            assert_eq!(decide(Intent::Repeatable, &failure), Next::Elsewhere);
            assert!(may_have_happened(Intent::Repeatable, &failure));
        }
        let after = |reason| decide(Intent::Repeatable, &refused(reason, Told::default()));
        assert_eq!(after(Reason::OutcomeUnknown), Next::Elsewhere);
        assert_eq!(after(Reason::RequestExpired), Next::Stop);
        assert_eq!(after(Reason::Conflict), Next::Stop);
        assert_eq!(after(Reason::Busy), Next::Pause(None));
    }

    #[test]
    fn no_bare_status_lets_a_write_be_sent_again() {
        for number in 0..=16 {
            let status = Grpc::from_i32(number);
            let failure = Failure::Unnamed { address: address("n1:1"), status, message: String::new() };
            assert_eq!(decide(Intent::Write, &failure), Next::Stop, "{status:?}");
        }
    }

    #[test]
    fn a_read_is_asked_again_unless_the_answer_would_be_the_same() {
        for failure in lost() {
            assert_eq!(decide(Intent::Read, &failure), Next::Elsewhere);
            assert!(!may_have_happened(Intent::Read, &failure));
        }
        assert_eq!(decide(Intent::Read, &refused(Reason::Fault, Told::default())), Next::Elsewhere);
        assert_eq!(decide(Intent::Read, &refused(Reason::EmptyKey, Told::default())), Next::Stop);
    }

    #[test]
    fn the_leader_is_followed_and_a_busy_one_is_left_alone_for_a_while() {
        let told = Told { leader_address: Some(address("n2:2")), ..Told::default() };
        assert_eq!(decide(Intent::Write, &refused(Reason::NotLeader, told)), Next::Follow(address("n2:2")));
        assert_eq!(decide(Intent::Write, &refused(Reason::NotLeader, Told::default())), Next::Elsewhere);
        let told = Told { retry_after: Some(Duration::from_millis(70)), ..Told::default() };
        assert_eq!(
            decide(Intent::Write, &refused(Reason::Busy, told)),
            Next::Pause(Some(Duration::from_millis(70)))
        );
    }
}
