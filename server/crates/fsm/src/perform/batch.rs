//! Gathering what entries do.

use std::collections::BTreeSet;

use elastickv_engine::{Batch, KeyspaceName};
use elastickv_mvcc::{RowDraft, RowKey, Sealer};
use elastickv_types::{LogId, Timestamp};

use super::{Applied, MembershipRecord, PerformError, stored};
use crate::command::Mutation;
use crate::keyspaces::GroupKeyspaces;
use crate::plan::Action;
use crate::state::{GroupState, RecordKey};

/// What has to happen around a batch, beside writing it. An entry that brings duties is the last one of its
/// batch: what comes after it is sealed by the keys that it publishes.
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
                Action::PutRows { commit_ts, mutations } => {
                    mutations.iter().try_for_each(|mutation| self.put_row(commit_ts, mutation))?;
                }
                Action::WriteSidecar => self.duties.sidecar = true,
                Action::PublishKeyring => self.duties.keyring = true,
                Action::AdvanceTimestamp { .. }
                | Action::RaiseCeiling { .. }
                | Action::RaiseOldest { .. }
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

    fn put_row(&mut self, commit_ts: Timestamp, mutation: Mutation<'_>) -> Result<(), PerformError> {
        let row_key = RowKey::encode(mutation.key(), commit_ts);
        let draft = match mutation {
            Mutation::Put { value, expire_at, .. } => RowDraft { tombstone: false, expire_at, body: value },
            Mutation::Delete { .. } => RowDraft { tombstone: true, expire_at: 0, body: &[] },
        };
        let value = self.sealer.seal(&row_key, draft)?;
        self.batch.put(&self.rows, row_key, value);
        Ok(())
    }

    pub fn set_membership(&mut self, record: &MembershipRecord) {
        self.batch.put(self.keyspaces.meta(), stored::MEMBERSHIP, stored::membership(record));
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
        let meta = self.keyspaces.meta();
        for key in std::mem::take(&mut self.touched) {
            match self.applied.state.record(key) {
                Some(value) => self.batch.put(meta, key.encode(), value),
                None => self.batch.delete(meta, key.encode()),
            }
        }
        self.batch.put(meta, stored::APPLIED, stored::applied(&self.applied));
        (self.batch, self.applied)
    }
}
