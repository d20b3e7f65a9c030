//! What performing a decision has to do.

use elastickv_types::{KeyId, LogIndex, RequestId, Timestamp};

use crate::command::{Mutations, Registration};
use crate::state::{First, Job, KeyRow, Lock, Over, Record, Running, Stage};

/// A change, decided and not yet performed.
///
/// The order of performing is fixed: what [`Action::WriteSidecar`] asks for is durable before the store's
/// batch, in which all the changes and the applied index stand; the batch before
/// [`Action::PublishKeyring`]; and that before anyone is answered. A crash in between is mended by
/// applying the entry again.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    /// This node's copy of keys, stage and cutovers becomes that of the state after this entry.
    WriteSidecar,

    PutRows {
        commit_ts: Timestamp,
        mutations: Mutations,
    },
    /// It is remembered what a request came to, and the oldest one is forgotten if there are too many.
    RememberRequest {
        request: RequestId,
        first: First,
    },
    PutLocks {
        lock: Lock,
        mutations: Mutations,
    },
    /// What it has locked takes effect or goes, and how it ended is remembered.
    EndTransaction {
        start_ts: Timestamp,
        over: Over,
    },
    AdvanceTimestamp {
        to: Timestamp,
    },
    RaiseCeiling {
        to: Timestamp,
    },
    RaiseOldest {
        to: Timestamp,
    },

    NoteSealed {
        key: KeyId,
        at: LogIndex,
    },
    CutOver {
        at: LogIndex,
    },
    RaiseFloor {
        key: KeyId,
        at: LogIndex,
    },

    SetStage(Stage),
    PutKey {
        key: KeyId,
        row: KeyRow,
    },
    PutWriter(Registration),
    DropWriters {
        key: KeyId,
    },
    SetRunning(Option<Box<Running>>),
    SetJob(Box<Job>),
    Remember {
        at: LogIndex,
        record: Box<Record>,
    },
    Forget {
        at: LogIndex,
    },
    MoveControlIndex {
        at: LogIndex,
    },
    MoveKeyringVersion {
        at: LogIndex,
    },

    /// What this node seals and opens with becomes that of the state after this entry.
    PublishKeyring,
}

// Rows are the users', wrappings and tokens are nobody's.
impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Action::WriteSidecar => f.write_str("WriteSidecar"),
            Action::PutRows { commit_ts, mutations } => write!(f, "PutRows({mutations:?} at {commit_ts})"),
            Action::RememberRequest { request, first } => {
                write!(f, "RememberRequest({request} at {}, {})", first.index, first.commit_ts)
            }
            Action::PutLocks { lock: Lock { start_ts, expires_at }, mutations } => {
                write!(f, "PutLocks({mutations:?} by {start_ts} until {expires_at})")
            }
            Action::EndTransaction { start_ts, over: Over::RolledBack } => {
                write!(f, "EndTransaction({start_ts} rolled back)")
            }
            Action::EndTransaction { start_ts, over: Over::Committed(first) } => {
                write!(f, "EndTransaction({start_ts} committed at {}, {})", first.index, first.commit_ts)
            }
            Action::AdvanceTimestamp { to } => write!(f, "AdvanceTimestamp({to})"),
            Action::RaiseCeiling { to } => write!(f, "RaiseCeiling({to})"),
            Action::RaiseOldest { to } => write!(f, "RaiseOldest({to})"),
            Action::NoteSealed { key, at } => write!(f, "NoteSealed(key {key} at {at})"),
            Action::CutOver { at } => write!(f, "CutOver(at {at})"),
            Action::RaiseFloor { key, at } => write!(f, "RaiseFloor(key {key} at {at})"),
            Action::SetStage(stage) => write!(f, "SetStage({})", stage.as_str()),
            Action::PutKey { key, row } => write!(f, "PutKey({key} {} {})", row.purpose, row.state),
            Action::PutWriter(Registration { key, writer }) => {
                write!(f, "PutWriter(key {key} node {} epoch {})", writer.node.short(), writer.epoch)
            }
            Action::DropWriters { key } => write!(f, "DropWriters(key {key})"),
            Action::SetRunning(None) => f.write_str("SetRunning(none)"),
            Action::SetRunning(Some(running)) => {
                write!(f, "SetRunning({} after {} steps)", running.kind, running.steps.len())
            }
            Action::SetJob(job) => {
                let rate = job.rate.map_or("no limit".to_owned(), |rate| rate.to_string());
                write!(f, "SetJob({:?} at {rate})", job.phase)
            }
            Action::Remember { at, record } => {
                let outcome = if record.outcome.is_ok() { "done" } else { "refused" };
                write!(f, "Remember({} {outcome} at {at})", record.kind)
            }
            Action::Forget { at } => write!(f, "Forget(record of {at})"),
            Action::MoveControlIndex { at } => write!(f, "MoveControlIndex({at})"),
            Action::MoveKeyringVersion { at } => write!(f, "MoveKeyringVersion({at})"),
            Action::PublishKeyring => f.write_str("PublishKeyring"),
        }
    }
}

/// A change of keys, and where it was made.
pub(super) fn keyring_change(at: LogIndex, changes: impl IntoIterator<Item = Action>) -> Vec<Action> {
    let moved = [Action::MoveControlIndex { at }, Action::MoveKeyringVersion { at }];
    changes.into_iter().chain(moved).collect()
}

/// A change of the stage, and where it was made; the keys stay what they are.
pub(super) fn stage_change(at: LogIndex, stage: Stage) -> Vec<Action> {
    vec![Action::SetStage(stage), Action::MoveControlIndex { at }]
}

/// Puts what a node keeps for itself around a change that it has to know. A writer's row is kept by the store
/// alone, but it decides what its node seals under.
pub(super) fn framed(mut actions: Vec<Action>) -> Vec<Action> {
    let kept = |action: &Action| matches!(action, Action::MoveControlIndex { .. } | Action::CutOver { .. });
    let kept = actions.iter().any(kept);
    let registered = actions.iter().any(|action| matches!(action, Action::PutWriter(_)));
    if kept {
        actions.insert(0, Action::WriteSidecar);
    }
    if kept || registered {
        actions.push(Action::PublishKeyring);
    }
    actions
}
