//! The replicated state machine of a group, without the replication.
//!
//! A command arrives from the log; [`plan`] decides, from what the group's own log has produced, what it does or
//! why it is rejected; [`perform`] turns decisions into one batch of the engine, the applied index
//! with it. Deciding is the same on every replica; performing depends on this node
//! and can fail. A rejection counts as applied; a fault stops the node before the index moves.
//!
//! This crate knows no Raft library, no network and no clock.

mod codec;
mod command;
#[cfg(any(test, feature = "testing"))]
mod fuzz;
mod keyspaces;
mod perform;
mod plan;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;

pub use codec::{
    CodecError, Payload, decode_command, decode_payload, encode_command, encode_payload, encode_sealed,
};
pub use command::*;
#[cfg(feature = "testing")]
pub use fuzz::{fuzz_payload, fuzz_records};
pub use keyspaces::{Generation, GroupKeyspaces};
pub use perform::{
    Applied, ApplyBatch, Duties, MembershipRecord, PerformError, Ready, Requests, Store, Transactions,
    drop_other_tables, read_applied, read_membership, read_tables,
};
#[cfg(any(test, feature = "testing"))]
pub use plan::NothingWritten;
pub use plan::{
    Action, Answer, Changed, Decision, Facts, Form, LockRejection, Misfit, Place, Registered, Rejection,
    Resolution, Rule, Rules, Wanted, WriteRejection, Written, admit, judge_drawn, plan, travels_clear,
};
pub use snapshot::{
    Rows, SnapshotError, SnapshotHead, SnapshotReader, SnapshotSection, SnapshotSummary, SnapshotWriter,
    read_head,
};
pub use state::{
    Control, Done, Fingerprint, First, FreshKey, GroupState, History, Job, JobPhase, KeyRow, KeyState,
    KeyTable, Lock, Locked, Locks, Milestone, NotBootstrapped, Outcome, Over, RaftEnvelope, Reached, Record,
    RecordError, RecordKey, Registry, RestoreError, Restoring, Running, Sessions, Stage, Tables,
};
