//! What becomes of a command.

use elastickv_types::{KeyId, LogIndex, Timestamp};

use super::{Action, LockRejection, Misfit, Rejection, WriteRejection};
use crate::command::Bounds;
use crate::state::Done;

/// A write that took effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    pub commit_ts: Timestamp,
    /// The entry by which it did.
    pub index: LogIndex,
    /// It had been proposed before and took effect then.
    pub repeated: bool,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolution {
    Committed(Written),
    /// Whether it held locks up to now.
    RolledBack {
        changed: bool,
    },
}

/// A load that may seal: whether a row changed by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registered {
    pub changed: bool,
}

/// What whoever proposed an entry is told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Answer {
    /// An entry that asks for nothing.
    #[default]
    Nothing,
    /// To be proposed again in the legal form.
    Misfit(Misfit),
    /// One for each write of the batch.
    Writes(Vec<Result<Written, WriteRejection>>),
    /// What holds now, which may be above what was asked for.
    Ceiling(Bounds),
    /// What stands in the way, of every key that something is in the way of.
    PreWritten(Result<(), Vec<LockRejection>>),
    Resolved(Result<Resolution, LockRejection>),
    Registered(Result<Registered, Rejection>),
    Done(Result<Done, Rejection>),
}

/// The changes, and the answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    pub actions: Vec<Action>,
    pub answer: Answer,
}

impl Decision {
    /// Of an entry whose header alone says that it does not fit.
    pub fn misfit(misfit: Misfit) -> Self {
        Self { actions: Vec::new(), answer: Answer::Misfit(misfit) }
    }

    /// Whether it takes a key to perform where rows are sealed.
    pub fn writes_rows(&self) -> bool {
        self.actions.iter().any(|action| {
            matches!(action, Action::PutRows { .. } | Action::PutLocks { .. } | Action::EndTransaction { .. })
        })
    }

    /// An answer, and nothing to do.
    pub(super) fn told(result: Result<Done, Rejection>) -> Self {
        Self { actions: Vec::new(), answer: Answer::Done(result) }
    }
}

/// What a step, or a group, does to its state, and what it tells.
#[derive(Debug)]
pub(super) struct Change {
    pub actions: Vec<Action>,
    pub done: Done,
}

impl Change {
    pub fn made(at: LogIndex, actions: Vec<Action>) -> Self {
        Self { actions, done: Done { changed: true, first: at, key: None } }
    }

    /// It was made before.
    pub fn known(first: LogIndex) -> Self {
        Self { actions: Vec::new(), done: Done { changed: false, first, key: None } }
    }

    pub fn naming(self, key: KeyId) -> Self {
        Self { done: Done { key: Some(key), ..self.done }, ..self }
    }
}
