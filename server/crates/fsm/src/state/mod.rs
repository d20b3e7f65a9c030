//! What a group's own log has produced.
//!
//! Every group knows how far its log is sealed. The control group knows the cluster's keys as well: its
//! [`Control`] state is nobody else's, so that nothing in one group is decided by another's log.
//!
//! States are cheap to clone: what is large is shared until it is changed.

mod control;
mod envelope;
mod fingerprint;
mod history;
mod job;
mod keys;
mod locks;
mod operation;
mod performing;
mod records;
mod registry;
mod restored;
mod sessions;
mod stage;
mod tables;

use std::sync::Arc;

use elastickv_types::{GroupId, LogId, Timestamp};

use crate::command::UnixMillis;

pub use control::Control;
pub use envelope::RaftEnvelope;
pub use fingerprint::Fingerprint;
pub use history::{Forgotten, History, Outcome, Record};
pub use job::{Job, JobPhase};
pub use keys::{KeyRow, KeyState, KeyTable};
pub use locks::{Lock, Locked, Locks, Over};
pub use operation::{Done, Running, Steps};
pub use records::{RecordError, RecordKey};
pub use registry::Registry;
pub use restored::{FreshKey, RestoreError, Restoring};
pub use sessions::{First, Sessions};
pub use stage::{Milestone, NotBootstrapped, Reached, Stage};
pub use tables::Tables;

/// The part of a replica's state that decides commands. It is derived from this group's log alone,
/// so that it is the same on every replica at the same index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupState {
    /// The timestamp of the last write that took effect; later ones are above it.
    pub last_commit_ts: Timestamp,
    /// What was promised of later timestamps ([`Bounds`](crate::Bounds)).
    pub ceiling: Timestamp,
    /// The oldest timestamp that can be read: what only earlier ones need may be gone.
    pub oldest: Timestamp,
    /// The time of the youngest request id that is forgotten; `None` while none is.
    pub horizon: Option<UnixMillis>,
    /// When the youngest transaction began that is over and forgotten; `None` while none is.
    pub over_horizon: Option<Timestamp>,
    /// The entry of the membership in effect.
    pub membership: Option<LogId>,
    pub raft: Arc<RaftEnvelope>,
    /// In the control group, and in no other.
    pub control: Option<Arc<Control>>,
}

impl GroupState {
    /// The state of a group whose log is empty.
    pub fn new(group: GroupId) -> Self {
        Self { control: (group == GroupId::CONTROL).then(Arc::default), ..Self::default() }
    }
}
