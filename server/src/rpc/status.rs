//! Typed errors on their way out: a gRPC code, and an ErrorInfo detail whose reason programs can rely on.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use elastickv_consensus::{
    ChangeError, InboundError, ProposeError, ReadError, TakeSnapshotError, TransferError,
};
use elastickv_fsm::Rejection;
use elastickv_lifecycle::{Judgement, KeyTrouble, SuppliedError};
use elastickv_mvcc::RowError;
use elastickv_txn::{LimitError, ReadFailure, WriteError};
use elastickv_types::{FullNodeId, Timestamp};
use prost::Message;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::lifecycle::wire;
use crate::node::Node;

const DOMAIN: &str = "elastickv";
const JUDGEMENT: &str = "elastickv.v1.Judgement";
/// A full queue empties within a few commits.
const RETRY_AFTER_MS: u64 = 20;

/// An error with its name and what a program needs to know of it.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    /// Its typed name: one of ours, or what an earlier leader gave an operation.
    pub reason: Cow<'static, str>,
    pub message: String,
    pub facts: HashMap<String, String>,
    /// What a gate found, where one refused.
    pub judgement: Option<Arc<Judgement>>,
}

impl Refusal {
    pub fn new(code: Code, reason: impl Into<Cow<'static, str>>, message: impl ToString) -> Self {
        let reason = reason.into();
        Self { code, reason, message: message.to_string(), facts: HashMap::new(), judgement: None }
    }

    pub fn with(mut self, fact: &str, value: impl ToString) -> Self {
        self.facts.insert(fact.to_owned(), value.to_string());
        self
    }

    pub fn bad_request(reason: &'static str, message: impl ToString) -> Self {
        Self::new(Code::InvalidArgument, reason, message)
    }

    /// Names the leader and where it is, as far as this node knows.
    fn to_leader(node: &Node, leader: Option<FullNodeId>, message: impl ToString) -> Self {
        let Some(leader) = leader else {
            return Self::new(
                Code::Unavailable,
                "NoLeader",
                "the group has no leader that this node knows of",
            );
        };
        let refusal = Self::new(Code::FailedPrecondition, "NotLeader", message);
        match node.group().member(leader) {
            Some(member) => refusal.with("leader", &member.name).with("leader_address", &member.address),
            None => refusal,
        }
    }

    fn stopped(text: &str) -> Self {
        Self::new(Code::Internal, "Fault", text)
    }

    fn with_key(self, key: &[u8]) -> Self {
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.with("key", digits)
    }

    fn compacted(asked: Timestamp, oldest: Timestamp, message: impl ToString) -> Self {
        Self::new(Code::OutOfRange, "ReadTimestampCompacted", message)
            .with("value", asked)
            .with("limit", oldest)
    }

    fn in_future(asked: Timestamp, now: Timestamp, message: impl ToString) -> Self {
        Self::new(Code::OutOfRange, "ReadInFuture", message).with("value", asked).with("limit", now)
    }

    fn no_quorum(message: impl ToString) -> Self {
        Self::new(Code::Unavailable, "NoQuorum", message)
    }

    pub fn write(node: &Node, error: WriteError) -> Self {
        let message = error.to_string();
        match error {
            WriteError::NotLeader { leader } => Self::to_leader(node, leader, message),
            WriteError::NoQuorum => Self::no_quorum(message),
            WriteError::NoKey(_) => {
                Self::new(Code::Unavailable, "KeyNotOpen", message).with("retry_after_ms", RETRY_AFTER_MS)
            }
            WriteError::Busy => {
                Self::new(Code::ResourceExhausted, "Busy", message).with("retry_after_ms", RETRY_AFTER_MS)
            }
            WriteError::StorageFull => Self::new(Code::ResourceExhausted, "StorageFull", message),
            WriteError::OutcomeUnknown => Self::new(Code::Aborted, "OutcomeUnknown", message),
            WriteError::Conflict { key, commit_ts } => {
                Self::new(Code::Aborted, "Conflict", message).with_key(&key).with("commit_ts", commit_ts)
            }
            WriteError::KeyLocked { key, until } => Self::new(Code::Aborted, "KeyLocked", message)
                .with_key(&key)
                .with("until_ms", until)
                .with("retry_after_ms", RETRY_AFTER_MS),
            WriteError::ConditionFailed { key, found } => {
                let found = found.unwrap_or_default();
                Self::new(Code::FailedPrecondition, "ConditionFailed", message)
                    .with_key(&key)
                    .with("commit_ts", found)
            }
            WriteError::RequestExpired { horizon, .. } => {
                Self::new(Code::Aborted, "RequestExpired", message).with("limit", horizon)
            }
            WriteError::RequestAhead { at, .. } => {
                Self::bad_request("RequestAhead", message).with("limit", at)
            }
            WriteError::ReadTimestampCompacted { asked, oldest } => Self::compacted(asked, oldest, message),
            WriteError::ReadInFuture { asked, now } => Self::in_future(asked, now, message),
            WriteError::Damaged(_) => Self::new(Code::DataLoss, "Fault", message),
            WriteError::Stopped(text) => Self::stopped(&text),
        }
    }

    pub fn proposal(node: &Node, error: ProposeError) -> Self {
        let message = error.to_string();
        match error {
            ProposeError::NotLeader { leader } => Self::to_leader(node, leader, message),
            ProposeError::NoQuorum => Self::no_quorum(message),
            ProposeError::OutcomeUnknown => Self::new(Code::Aborted, "OutcomeUnknown", message),
            ProposeError::NoKey(_) => Self::new(Code::Unavailable, "KeyNotOpen", message),
            ProposeError::Stopped(text) => Self::stopped(&text),
        }
    }

    /// What all replicas decided.
    pub fn rejected(rejection: &Rejection) -> Self {
        let code = match rejection {
            Rejection::OperationRunning { .. }
            | Rejection::JobRunning { .. }
            | Rejection::MembershipChanged { .. } => Code::Aborted,
            Rejection::DeadlinePassed { .. } => Code::DeadlineExceeded,
            Rejection::UnknownKey { .. } | Rejection::UnknownJob { .. } => Code::NotFound,
            _ => Code::FailedPrecondition,
        };
        let refusal = Self::new(code, rejection.name().to_owned(), rejection).with("code", rejection.code());
        match rejection {
            Rejection::OperationRunning { running, kind, begun } => {
                refusal.with("operation_id", running).with("kind", kind).with("index", begun)
            }
            Rejection::JobRunning { job, begun } => refusal.with("job_id", job).with("index", begun),
            Rejection::BootstrappedOtherwise { first } => refusal.with("index", first),
            _ => refusal,
        }
    }

    /// What an older client brought along does not hold; nothing was proposed.
    pub fn supplied(error: SuppliedError) -> Self {
        let message = error.to_string();
        match error {
            SuppliedError::Key(KeyTrouble::WithoutId | KeyTrouble::SameId(_)) => {
                Self::bad_request("WrappedKeyRefused", message)
            }
            SuppliedError::Key(trouble) => Self::new(Code::FailedPrecondition, trouble.name(), message),
            SuppliedError::Rejected(rejection) => Self::rejected(&rejection),
            SuppliedError::NotAMember(node) => {
                Self::new(Code::NotFound, "UnknownMember", message).with("member", node)
            }
            SuppliedError::OtherEpoch { found, .. } => {
                Self::new(Code::FailedPrecondition, "LocalEpochRollback", message).with("epoch", found)
            }
        }
    }

    pub fn read(node: &Node, error: ReadFailure) -> Self {
        match error {
            ReadFailure::Limit(error) => error.into(),
            ReadFailure::Read(ReadError::NotLeader { leader }) => {
                Self::to_leader(node, leader, "this node does not lead the group")
            }
            ReadFailure::Read(error @ ReadError::NoQuorum) => Self::no_quorum(error),
            ReadFailure::Read(ReadError::Stopped(text)) => Self::stopped(&text),
            ReadFailure::InFuture { asked, now } => Self::in_future(asked, now, error),
            ReadFailure::ScanTooLarge { pairs } => {
                Self::new(Code::OutOfRange, "ScanTooLarge", error).with("pairs", pairs)
            }
            ReadFailure::Rows(error) => error.into(),
        }
    }

    pub fn change(node: &Node, error: ChangeError) -> Self {
        let message = error.to_string();
        match error {
            ChangeError::NotLeader { leader } => Self::to_leader(node, leader, message),
            ChangeError::NoQuorum => Self::no_quorum(message),
            ChangeError::Conflict { expected, found } => {
                Self::new(Code::Aborted, "MembershipConflict", message)
                    .with("index", found)
                    .with("expected", expected)
            }
            ChangeError::InProgress => Self::new(Code::Aborted, "ChangeInProgress", message),
            ChangeError::UnknownMember(name) => {
                Self::new(Code::NotFound, "UnknownMember", message).with("member", name)
            }
            ChangeError::LastVoter(name) => {
                Self::new(Code::FailedPrecondition, "LastVoter", message).with("member", name)
            }
            ChangeError::OutcomeUnknown => Self::new(Code::Aborted, "OutcomeUnknown", message),
            ChangeError::Refused(_) => Self::new(Code::FailedPrecondition, "ChangeRefused", message),
        }
    }

    pub fn transfer(node: &Node, error: TransferError) -> Self {
        let message = error.to_string();
        let name =
            |id: FullNodeId| node.group().member(id).map_or_else(|| id.to_string(), |m| m.name.to_string());
        match error {
            TransferError::NotLeader { leader } => Self::to_leader(node, leader, message),
            TransferError::NotAVoter(id) => {
                let name = name(id);
                Self::new(Code::FailedPrecondition, "NotAVoter", format!("{name} is not a voter"))
                    .with("member", name)
            }
            TransferError::NoCandidate => Self::new(Code::FailedPrecondition, "NoCandidate", message),
            TransferError::TookTooLong { to } => {
                let name = name(to);
                let message = format!("{name} did not take over in time; this node leads on");
                Self::new(Code::Aborted, "TransferTimedOut", message).with("member", name)
            }
            TransferError::Stopped(text) => Self::stopped(&text),
        }
    }

    pub fn snapshot(error: TakeSnapshotError) -> Self {
        match &error {
            TakeSnapshotError::Snapshots(inner) if inner.is_full() => {
                Self::new(Code::ResourceExhausted, "StorageFull", error)
            }
            TakeSnapshotError::Snapshots(_) => Self::new(Code::Internal, "SnapshotFailed", error),
            TakeSnapshotError::Stopped(text) => Self::stopped(text),
        }
    }
}

impl From<LimitError> for Refusal {
    fn from(error: LimitError) -> Self {
        let message = error.to_string();
        let limited = |reason, found: usize, limit: usize| {
            Self::bad_request(reason, &message).with("limit", limit).with("value", found)
        };
        match error {
            LimitError::EmptyKey => Self::bad_request("EmptyKey", &message),
            LimitError::KeyTooLarge { found, limit } => limited("KeyTooLarge", found, limit),
            LimitError::ValueTooLarge { found, limit } => limited("ValueTooLarge", found, limit),
            LimitError::TooManyMutations { found, limit } => limited("TooManyMutations", found, limit),
            LimitError::WriteTooLarge { found, limit } => limited("WriteTooLarge", found, limit),
            LimitError::TooManyStamps { found, limit } => {
                limited("TooManyStamps", found as usize, limit as usize)
            }
            LimitError::LockTooLong { found, limit } => {
                Self::bad_request("LockTooLong", &message).with("limit", limit).with("value", found)
            }
        }
    }
}

impl From<RowError> for Refusal {
    fn from(error: RowError) -> Self {
        match &error {
            RowError::ReadTimestampCompacted { asked, oldest } => Self::compacted(*asked, *oldest, &error),
            RowError::MalformedToken { .. } | RowError::ForeignToken { .. } => {
                Self::bad_request("MalformedToken", error)
            }
            // Nothing is wrong with the row.
            RowError::Key(_) if error.waits_for().is_some() => {
                Self::new(Code::Unavailable, "KeyNotOpen", error).with("retry_after_ms", RETRY_AFTER_MS)
            }
            RowError::UnsealedRow => Self::new(Code::DataLoss, "UnsealedRow", error),
            RowError::Engine(_)
            | RowError::RowKey { .. }
            | RowError::Key(_)
            | RowError::Keyring(_)
            | RowError::Envelope(_)
            | RowError::ReservedRowState { .. }
            | RowError::ShortRow { .. }
            | RowError::TombstoneWithBody { .. }
            | RowError::Sealed
            | RowError::MalformedCursor { .. }
            | RowError::CursorAhead { .. } => Self::new(Code::DataLoss, "Fault", error),
        }
    }
}

impl From<InboundError> for Refusal {
    fn from(error: InboundError) -> Self {
        match &error {
            InboundError::Stopped(text) => Self::stopped(text),
            InboundError::Invalid(_) => Self::bad_request("Malformed", error),
            InboundError::Full => Self::new(Code::ResourceExhausted, "StorageFull", error),
            InboundError::Snapshot(inner) if inner.is_full() => {
                Self::new(Code::ResourceExhausted, "StorageFull", error)
            }
            InboundError::BeforeSnapshot { least } => {
                let index = least.get();
                Self::new(Code::Unavailable, "SnapshotNeeded", error).with("index", index)
            }
            InboundError::NoKey(_) => Self::new(Code::Unavailable, "KeyNotOpen", error),
            InboundError::Snapshot(_) => Self::new(Code::Aborted, "SnapshotFailed", error),
        }
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Status {
        let details = ErrorDetails::with_error_info(refusal.reason, DOMAIN, refusal.facts);
        let status = Status::with_error_details(refusal.code, refusal.message, details);
        match refusal.judgement {
            None => status,
            Some(found) => with_detail(status, JUDGEMENT, wire::judgement(&found).encode_to_vec()),
        }
    }
}

/// Adds a message of ours behind the details that a status has.
fn with_detail(status: Status, name: &str, value: Vec<u8>) -> Status {
    let Ok(mut details) = tonic_types::pb::Status::decode(status.details()) else { return status };
    details.details.push(prost_types::Any { type_url: format!("type.googleapis.com/{name}"), value });
    Status::with_details(status.code(), status.message(), details.encode_to_vec().into())
}

/// The typed name in a status that came from a peer.
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}
