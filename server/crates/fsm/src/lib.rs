//! The replicated state machine of a group, without the replication.
//!
//! A command arrives from the log; [`plan`] decides, from the group's state alone, what it does or
//! why it is rejected; [`perform`] turns decisions into one batch of the engine, the applied index
//! with it. Deciding is the same on every replica and can not fail; performing depends on this node
//! and can. A rejection counts as applied; a fault stops the node before the index moves.
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

pub use codec::{
    CodecError, Payload, decode_command, decode_payload, encode_command, encode_payload, encode_sealed,
};
pub use command::*;
#[cfg(feature = "testing")]
pub use fuzz::{fuzz_payload, fuzz_records};
pub use keyspaces::{Generation, GroupKeyspaces};
pub use perform::{
    Applied, ApplyBatch, Duties, MembershipRecord, PerformError, read_applied, read_membership,
};
pub use plan::{
    Action, Answer, Decision, Form, Misfit, Place, Registered, Rejection, Wanted, WriteRejection, Written,
    admit, plan, travels_clear,
};
pub use snapshot::{SnapshotError, SnapshotHead, SnapshotReader, SnapshotSummary, SnapshotWriter, read_head};
pub use state::{
    Control, Done, Fingerprint, GroupState, History, KeyRow, KeyState, KeyTable, Milestone, NotBootstrapped,
    Outcome, RaftEnvelope, Reached, Record, RecordError, RecordKey, Registry, Running, Stage,
};
