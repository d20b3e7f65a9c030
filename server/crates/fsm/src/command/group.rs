//! What each group decides about its own log, from its own state.

use elastickv_types::LogId;

use super::{KeySet, Origin};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupCommand {
    pub origin: Origin,
    pub change: GroupChange,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GroupChange {
    /// The marker: every later entry of this group is sealed. It names no key, and the membership is
    /// this group's own.
    EnableRaft { membership: LogId },
    /// Entries sealed under these keys are not accepted any more.
    RaiseFloor { keys: KeySet },
}
