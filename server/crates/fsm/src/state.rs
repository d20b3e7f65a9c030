//! What a group's own log has produced.

use elastickv_types::Timestamp;

/// The part of a replica's state that decides commands. It is derived from this group's log alone,
/// so that it is the same on every replica at the same index.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GroupState {
    /// The timestamp of the last write that took effect; later ones are above it.
    pub last_commit_ts: Timestamp,
}
