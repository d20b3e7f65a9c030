//! The operation that is under way.

use elastickv_types::{KeyId, LogIndex, Purpose};

use crate::command::{OperationKind, Origin, StepTag, UnixMillis};

/// What a step or an operation did. Doing it again is no error: it tells where it was done first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    pub changed: bool,
    pub first: LogIndex,
    /// The key that a rotation installed, or found installed.
    pub key: Option<KeyId>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Running {
    /// As its first entry said.
    pub origin: Origin,
    pub kind: OperationKind,
    /// Of a rotation.
    pub purpose: Option<Purpose>,
    pub since: UnixMillis,
    pub deadline: UnixMillis,
    pub begun: LogIndex,
    pub steps: Vec<(StepTag, Done)>,
}

impl Running {
    /// What a step did, if it was taken.
    pub fn taken(&self, tag: StepTag) -> Option<Done> {
        self.steps.iter().find(|(taken, _)| *taken == tag).map(|(_, done)| *done)
    }
}
