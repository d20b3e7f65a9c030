//! The job there is, or the last one there was.

use elastickv_types::{ByteRate, KeyId, LogIndex, OperationId};

use crate::command::Origin;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobPhase {
    Running,
    Paused,
    Cancelled,
    /// Every member has done its part.
    Finished {
        /// No log held a user's entry in clear any more.
        log_sealed: bool,
        /// The storage key that was active then: every row was sealed under it.
        under: KeyId,
    },
}

impl JobPhase {
    pub fn is_over(self) -> bool {
        match self {
            JobPhase::Running | JobPhase::Paused => false,
            JobPhase::Cancelled | JobPhase::Finished { .. } => true,
        }
    }

    pub(crate) fn as_u32(self) -> u32 {
        match self {
            JobPhase::Running => 1,
            JobPhase::Paused => 2,
            JobPhase::Cancelled => 3,
            JobPhase::Finished { log_sealed: true, .. } => 4,
            JobPhase::Finished { log_sealed: false, .. } => 5,
        }
    }

    pub fn under(self) -> Option<KeyId> {
        match self {
            JobPhase::Running | JobPhase::Paused | JobPhase::Cancelled => None,
            JobPhase::Finished { under, .. } => Some(under),
        }
    }

    /// The phase with this number; `None` when there can be no such phase.
    pub(crate) fn of(phase: u32, under: Option<KeyId>) -> Option<Self> {
        match (phase, under) {
            (1, None) => Some(JobPhase::Running),
            (2, None) => Some(JobPhase::Paused),
            (3, None) => Some(JobPhase::Cancelled),
            (4, Some(under)) => Some(JobPhase::Finished { log_sealed: true, under }),
            (5, Some(under)) => Some(JobPhase::Finished { log_sealed: false, under }),
            _ => None,
        }
    }
}

/// A rewrite of all rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// As its first entry said.
    pub origin: Origin,
    pub begun: LogIndex,
    pub rate: Option<ByteRate>,
    pub phase: JobPhase,
    /// The entry that brought it into its phase.
    pub changed: LogIndex,
}

impl Job {
    pub fn id(&self) -> OperationId {
        self.origin.operation
    }
}
