//! Performing what was decided: one batch of the engine, the applied index in it.
//!
//! ```text
//! keyspace gN.meta   key "applied"      → protobuf Applied
//!                    key "membership"   → protobuf Membership
//!                    keys "e/…"         → the encryption state, one record a key, writer and operation
//! ```

use std::collections::BTreeSet;
use std::ops::Bound;

use bytes::Bytes;
use elastickv_engine::{Batch, Direction, KeyRange, KeyspaceName, Pair, View};
use elastickv_mvcc::{RowDraft, RowKey, Sealer};
use elastickv_types::{FullNodeId, GroupId, LogId, LogIndex, Term, Timestamp};
use prost::Message;

use crate::keyspaces::{Generation, GroupKeyspaces};
use crate::plan::Action;
use crate::state::{GroupState, RecordError, RecordKey};

const APPLIED: &[u8] = b"applied";
const MEMBERSHIP: &[u8] = b"membership";
const FORMAT: u32 = 1;

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

mod wire {
    //! What the store keeps beside the rows. Field numbers are for ever.

    use bytes::Bytes;

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct LogId {
        #[prost(uint64, tag = "1")]
        pub term: u64,
        #[prost(uint64, tag = "2")]
        pub index: u64,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct Applied {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(message, optional, tag = "2")]
        pub last: Option<LogId>,
        #[prost(uint64, tag = "3")]
        pub generation: u64,
        #[prost(fixed64, tag = "4")]
        pub last_commit_ts: u64,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    pub struct Membership {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(message, optional, tag = "2")]
        pub id: Option<LogId>,
        #[prost(bytes = "bytes", tag = "3")]
        pub body: Bytes,
        #[prost(fixed64, repeated, tag = "4")]
        pub admitted: Vec<u64>,
    }
}

pub(crate) fn admitted_from_wire(raw: &[u64]) -> Option<BTreeSet<FullNodeId>> {
    raw.iter().map(|id| FullNodeId::from_u64(*id)).collect()
}

fn id_to_wire(id: LogId) -> wire::LogId {
    wire::LogId { term: id.term.get(), index: id.index.get() }
}

fn id_from_wire(id: wire::LogId) -> LogId {
    LogId::new(Term::new(id.term), LogIndex::new(id.index))
}

fn check_format(record: &'static str, format: u32) -> Result<(), PerformError> {
    if format == FORMAT {
        return Ok(());
    }
    Err(PerformError::Record { record, reason: format!("format {format} is not known to this build") })
}

fn undecodable(record: &'static str) -> impl Fn(prost::DecodeError) -> PerformError {
    move |error| PerformError::Record { record, reason: error.to_string() }
}

/// How far the store has come; the beginning when it is new.
pub fn read_applied(view: &dyn View, keyspaces: &GroupKeyspaces) -> Result<Applied, PerformError> {
    let mut state = GroupState::from_records(keyspaces.group(), read_records(view, keyspaces)?)?;
    state.membership = read_membership(view, keyspaces)?.id;
    let Some(raw) = view.get(keyspaces.meta(), APPLIED)? else {
        return Ok(Applied { state, ..Applied::new(keyspaces.group()) });
    };
    let record = wire::Applied::decode(raw).map_err(undecodable("applied"))?;
    check_format("applied", record.format)?;
    state.last_commit_ts = Timestamp::from_u64(record.last_commit_ts);
    let generation = Generation::from_u64(record.generation);
    Ok(Applied { last: record.last.map(id_from_wire), generation, state })
}

fn read_records(view: &dyn View, keyspaces: &GroupKeyspaces) -> Result<Vec<Pair>, PerformError> {
    let range = KeyRange {
        start: Bound::Included(Bytes::from_static(RecordKey::PREFIX)),
        end: Bound::Excluded(Bytes::from_static(RecordKey::END)),
    };
    let records = view.range(keyspaces.meta(), range, Direction::Forward)?;
    Ok(records.collect::<Result<_, _>>()?)
}

pub fn read_membership(
    view: &dyn View,
    keyspaces: &GroupKeyspaces,
) -> Result<MembershipRecord, PerformError> {
    let Some(raw) = view.get(keyspaces.meta(), MEMBERSHIP)? else { return Ok(MembershipRecord::default()) };
    let record = wire::Membership::decode(raw).map_err(undecodable("membership"))?;
    check_format("membership", record.format)?;
    let admitted = admitted_from_wire(&record.admitted).ok_or_else(|| PerformError::Record {
        record: "membership",
        reason: "it admits a node with id 0".to_owned(),
    })?;
    Ok(MembershipRecord { id: record.id.map(id_from_wire), body: record.body, admitted })
}

/// What has to happen around a batch, beside writing it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Duties {
    /// Before the batch: this node's copy of keys and cutovers is durable as of the state after it, and
    /// the batch itself is durable before anybody is answered.
    pub sidecar: bool,
    /// After the batch: this node seals and opens by the state after it.
    pub keyring: bool,
}

/// Gathers what several entries do into one batch of the engine.
#[derive(Debug)]
pub struct ApplyBatch<'a> {
    keyspaces: &'a GroupKeyspaces,
    rows: KeyspaceName,
    sealer: &'a dyn Sealer,
    applied: Applied,
    batch: Batch,
    touched: BTreeSet<RecordKey>,
    duties: Duties,
}

impl<'a> ApplyBatch<'a> {
    pub fn new(keyspaces: &'a GroupKeyspaces, sealer: &'a dyn Sealer, applied: Applied) -> Self {
        let rows = keyspaces.rows(applied.generation);
        let (batch, touched, duties) = Default::default();
        Self { keyspaces, rows, sealer, applied, batch, touched, duties }
    }

    /// A batch that puts one state in the place of another: of that no record is left.
    pub fn replacing(
        keyspaces: &'a GroupKeyspaces,
        sealer: &'a dyn Sealer,
        replaced: &GroupState,
        applied: Applied,
    ) -> Self {
        let mut batch = Self::new(keyspaces, sealer, applied);
        batch.touched.extend(replaced.record_keys());
        batch.touched.extend(batch.applied.state.record_keys());
        batch
    }

    /// The state after what was gathered so far: what the next entry is decided against.
    pub fn state(&self) -> &GroupState {
        &self.applied.state
    }

    /// What has to happen around the batch, for all that was gathered so far.
    pub fn duties(&self) -> Duties {
        self.duties
    }

    pub fn perform(&mut self, actions: Vec<Action>) -> Result<(), PerformError> {
        for action in actions {
            self.applied.state.perform(&action, &mut self.touched);
            match action {
                Action::PutRow { key, commit_ts, value } => self.put_row(&key, commit_ts, false, &value)?,
                Action::PutTombstone { key, commit_ts } => self.put_row(&key, commit_ts, true, &[])?,
                Action::WriteSidecar => self.duties.sidecar = true,
                Action::PublishKeyring => self.duties.keyring = true,
                Action::AdvanceTimestamp { .. }
                | Action::NoteSealed { .. }
                | Action::CutOver { .. }
                | Action::RaiseFloor { .. }
                | Action::SetStage(_)
                | Action::PutKey { .. }
                | Action::PutWriter(_)
                | Action::DropWriters { .. }
                | Action::SetRunning(_)
                | Action::Remember { .. }
                | Action::Forget { .. }
                | Action::MoveControlIndex { .. }
                | Action::MoveKeyringVersion { .. } => {}
            }
        }
        Ok(())
    }

    fn put_row(
        &mut self,
        key: &[u8],
        commit_ts: Timestamp,
        tombstone: bool,
        body: &[u8],
    ) -> Result<(), PerformError> {
        let row_key = RowKey::encode(key, commit_ts);
        let value = self.sealer.seal(&row_key, RowDraft { tombstone, expire_at: 0, body })?;
        self.batch.put(&self.rows, row_key, value);
        Ok(())
    }

    pub fn set_membership(&mut self, record: &MembershipRecord) {
        let wire = wire::Membership {
            format: FORMAT,
            id: record.id.map(id_to_wire),
            body: record.body.clone(),
            admitted: record.admitted.iter().map(|id| id.get()).collect(),
        };
        self.batch.put(self.keyspaces.meta(), MEMBERSHIP, wire.encode_to_vec());
        self.applied.state.membership = record.id;
    }

    /// Marks an entry applied; the last thing done for it.
    pub fn mark_applied(&mut self, id: LogId) {
        self.applied.last = Some(id);
    }

    /// Bytes gathered so far.
    pub fn bytes(&self) -> usize {
        self.batch.bytes()
    }

    /// The batch, and the state that holds once it is written.
    pub fn finish(mut self) -> (Batch, Applied) {
        let wire = wire::Applied {
            format: FORMAT,
            last: self.applied.last.map(id_to_wire),
            generation: self.applied.generation.get(),
            last_commit_ts: self.applied.state.last_commit_ts.get(),
        };
        let meta = self.keyspaces.meta();
        for key in std::mem::take(&mut self.touched) {
            match self.applied.state.record(key) {
                Some(value) => self.batch.put(meta, key.encode(), value),
                None => self.batch.delete(meta, key.encode()),
            }
        }
        self.batch.put(meta, APPLIED, wire.encode_to_vec());
        (self.batch, self.applied)
    }
}
