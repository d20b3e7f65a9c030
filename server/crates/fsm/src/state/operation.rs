//! The operation that is under way.

use elastickv_types::{KeyId, LogIndex};

use crate::command::{List, MOST_KEYS, OperationKind, Origin, StepTag, SubTag, UnixMillis};

/// What a step or an operation did. Doing it again is no error: it tells where it was done first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    pub changed: bool,
    pub first: LogIndex,
    /// The key that a rotation installed, or found installed.
    pub key: Option<KeyId>,
}

/// What an operation has done so far. At most it does something with every key that there may be.
pub type Steps = List<(StepTag, Done), MOST_KEYS>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// As its first entry said.
    pub origin: Origin,
    pub kind: OperationKind,
    pub since: UnixMillis,
    pub deadline: UnixMillis,
    pub begun: LogIndex,
    pub steps: Steps,
}

impl Running {
    /// Whether a step of this sort is one that the operation may take, and it has not taken all it can.
    pub fn takes(&self, tag: SubTag) -> bool {
        self.kind.takes(tag) && self.steps.len() < Steps::MOST
    }

    /// What a step did, if it was taken.
    pub fn taken(&self, tag: StepTag) -> Option<Done> {
        self.steps.iter().find(|(taken, _)| *taken == tag).map(|(_, done)| *done)
    }
}
