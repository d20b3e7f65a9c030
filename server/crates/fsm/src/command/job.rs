//! Jobs: work on all rows, which takes as long as it takes.
//!
//! Unlike an operation a job has no deadline and stands in nobody's way. Each member does its part for itself and
//! keeps how far it is; what is replicated is that there is a job, at which pace, and that it is over.

use elastickv_types::{ByteRate, KeyId, LogId};

use super::Origin;

/// The operation of its origin is the job's id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JobCommand {
    pub origin: Origin,
    pub change: JobChange,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobChange {
    /// Every row that is clear, or sealed under a key that was replaced, is sealed anew.
    StartRewrite {
        rate: Option<ByteRate>,
    },
    Pause,
    Resume,
    SetRate {
        rate: Option<ByteRate>,
    },
    Cancel,
    /// Every member says that it has done its part; the leader found that out from this membership.
    Finish {
        /// No log holds a user's entry in clear any more.
        log_sealed: bool,
        membership: LogId,
        /// The storage key that all of them sealed anew under. Where another one has taken its place since, there are
        /// rows under a key that was replaced, and it is not over.
        under: KeyId,
    },
}
