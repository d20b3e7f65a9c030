//! The job there is, or the last one there was.

use elastickv_types::{ByteRate, LogIndex, OperationId};

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
            JobPhase::Finished { log_sealed: true } => 4,
            JobPhase::Finished { log_sealed: false } => 5,
        }
    }

    pub(crate) fn from_u32(raw: u32) -> Option<Self> {
        let all = [
            JobPhase::Running,
            JobPhase::Paused,
            JobPhase::Cancelled,
            JobPhase::Finished { log_sealed: true },
            JobPhase::Finished { log_sealed: false },
        ];
        all.into_iter().find(|phase| phase.as_u32() == raw)
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
