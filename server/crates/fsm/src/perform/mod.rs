//! Performing what was decided: one batch of the engine, the applied index in it.
//!
//! ```text
//! keyspace gN.meta   key "applied"      → protobuf Applied
//!                    key "membership"   → protobuf Membership
//!                    keys "e/…"         → the encryption state, one record a key, writer and operation
//!                    keys "s/…"         → requests that took effect
//!                    keys "t/…"         → transactions that are over
//! keyspace gN.locks  lock keys          → what they are about to become
//! ```

mod batch;
mod generations;
mod locks;
mod looked;
mod requests;
mod stored;

use std::collections::BTreeSet;

use bytes::Bytes;
use elastickv_engine::{Engine, View};
use elastickv_types::{FullNodeId, GroupId, LogId};

use crate::keyspaces::{Generation, GroupKeyspaces};
use crate::state::{GroupState, RecordError, Tables};

pub use batch::{ApplyBatch, Duties, Ready, Store};
pub use locks::Transactions;
pub(crate) use locks::read_lock;
pub use requests::Requests;
pub(crate) use stored::admitted_from_wire;
pub use stored::{read_applied, read_membership};

/// A fault: this node can not perform what every replica decided.
#[derive(Debug, thiserror::Error)]
pub enum PerformError {
    #[error(transparent)]
    Row(#[from] elastickv_mvcc::RowError),
    #[error(transparent)]
    Engine(#[from] elastickv_engine::EngineError),
    #[error("the record {record:?} of the store does not decode: {reason}")]
    Record { record: &'static str, reason: String },
    #[error("the store does not hold a state: {0}")]
    State(#[from] RecordError),
}

/// How far a replica has come, and in what state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    pub last: Option<LogId>,
    pub generation: Generation,
    pub state: GroupState,
}

impl Applied {
    /// Where a group begins.
    pub fn new(group: GroupId) -> Self {
        Self { last: None, generation: Generation::FIRST, state: GroupState::new(group) }
    }
}

/// The membership in effect at the applied index, in the form that consensus gave it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MembershipRecord {
    pub id: Option<LogId>,
    pub body: Bytes,
    /// Every node that a membership of this group ever named; one that left never comes back.
    pub admitted: BTreeSet<FullNodeId>,
}

/// Reads the tables of a generation.
pub fn read_tables(
    view: &dyn View,
    keyspaces: &GroupKeyspaces,
    generation: Generation,
) -> Result<Tables, PerformError> {
    let sessions = Requests { keyspaces, generation }.load(view)?;
    Ok(Tables { sessions, locks: Transactions { keyspaces, generation }.load(view)? })
}

/// Removes the records of tables that other generations left.
pub fn drop_other_tables(
    engine: &dyn Engine,
    keyspaces: &GroupKeyspaces,
    generation: Generation,
) -> Result<(), PerformError> {
    [requests::REQUESTS, locks::OVER]
        .into_iter()
        .try_for_each(|prefix| prefix.drop_others(engine, keyspaces, generation))
}
