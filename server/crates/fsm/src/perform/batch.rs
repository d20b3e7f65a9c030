//! Gathering what entries do.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use elastickv_engine::{Batch, Engine, KeyspaceName};
use elastickv_mvcc::{LockKey, OpenedRow, RowDraft, RowKey, Sealer};
use elastickv_types::{LogId, RequestId, Timestamp};

use super::locks::Transactions;
use super::looked::Looked;
use super::requests::Requests;
use super::{Applied, MembershipRecord, PerformError, stored};
use crate::command::{Mutation, Mutations, Span, request_drawn_at};
use crate::keyspaces::GroupKeyspaces;
use crate::plan::{Action, Changed, Facts};
use crate::state::{First, GroupState, Lock, Locks, Over, RecordKey, Tables};

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

/// Where a group's state is kept, and what seals its rows.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    pub keyspaces: &'a GroupKeyspaces,
    pub engine: &'a dyn Engine,
    pub sealer: &'a dyn Sealer,
}

/// Gathers what several entries do into one batch of the engine.
#[derive(Debug)]
pub struct ApplyBatch<'a> {
    store: Store<'a>,
    rows: KeyspaceName,
    locks: KeyspaceName,
    applied: Applied,
    tables: Tables,
    batch: Batch,
    /// What was locked in this batch and is not in any view, by lock key.
    prewritten: BTreeMap<Bytes, OpenedRow>,
    looked: OnceCell<Looked>,
    touched: BTreeSet<RecordKey>,
    duties: Duties,
}

/// What was gathered: the batch, and what holds once it is written.
#[derive(Debug)]
pub struct Ready {
    pub batch: Batch,
    pub applied: Applied,
    pub tables: Tables,
}

impl<'a> ApplyBatch<'a> {
    pub fn new(store: Store<'a>, applied: Applied, tables: Tables) -> Self {
        let rows = store.keyspaces.rows(applied.generation);
        let locks = store.keyspaces.locks(applied.generation);
        let (batch, prewritten, looked, touched, duties) = Default::default();
        Self { store, rows, locks, applied, tables, batch, prewritten, looked, touched, duties }
    }

    /// A batch that puts one state in the place of another: of that no record is left. The tables of the
    /// new one's generation are stored already.
    pub fn replacing(store: Store<'a>, replaced: &GroupState, applied: Applied, tables: Tables) -> Self {
        let mut batch = Self::new(store, applied, tables);
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
                    if let Some(looked) = self.looked.get_mut() {
                        looked.note_all(&mutations, commit_ts);
                    }
                }
                Action::RememberRequest { request, first } => self.remember(request, first),
                Action::PutLocks { lock, mutations } => self.put_locks(lock, &mutations)?,
                Action::EndTransaction { start_ts, over } => self.end_transaction(start_ts, over)?,
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
                | Action::SetJob(_)
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
        let value = self.store.sealer.seal(&row_key, draft_of(mutation))?;
        self.batch.put(&self.rows, row_key, value);
        Ok(())
    }

    fn put_locks(&mut self, lock: Lock, mutations: &Mutations) -> Result<(), PerformError> {
        for mutation in mutations.iter() {
            let key = Bytes::copy_from_slice(mutation.key());
            let (draft, lock_key) = (draft_of(mutation), lock_key(&key, lock));
            if let Some(before) = self.tables.locks.put(key.clone(), lock) {
                self.batch.delete(&self.locks, self::lock_key(&key, before));
            }
            let value = self.store.sealer.seal(&lock_key, draft)?;
            self.batch.put(&self.locks, lock_key.clone(), value);
            let RowDraft { tombstone, expire_at, body } = draft;
            let body = Bytes::copy_from_slice(body);
            self.prewritten.insert(lock_key, OpenedRow { tombstone, expire_at, body });
        }
        Ok(())
    }

    fn end_transaction(&mut self, start_ts: Timestamp, over: Over) -> Result<(), PerformError> {
        for (key, lock) in self.tables.locks.take(start_ts) {
            let lock_key = lock_key(&key, lock);
            let here = self.prewritten.remove(&lock_key);
            if let Over::Committed(First { commit_ts, .. }) = over {
                let OpenedRow { tombstone, expire_at, body } = match here {
                    Some(here) => here,
                    None => self.stored_lock(&lock_key)?,
                };
                let row_key = RowKey::encode(&key, commit_ts);
                let draft = RowDraft { tombstone, expire_at, body: &body };
                let value = self.store.sealer.seal(&row_key, draft)?;
                self.batch.put(&self.rows, row_key, value);
                if let Some(looked) = self.looked.get_mut() {
                    looked.note(key, commit_ts);
                }
            }
            self.batch.delete(&self.locks, lock_key);
        }
        let transactions =
            Transactions { keyspaces: self.store.keyspaces, generation: self.applied.generation };
        transactions.put_over(&mut self.batch, start_ts, over);
        if let Some(forgotten) = self.tables.locks.end(start_ts, over) {
            transactions.delete_over(&mut self.batch, forgotten);
            let horizon = &mut self.applied.state.over_horizon;
            *horizon = Some(forgotten).max(*horizon);
        }
        Ok(())
    }

    fn stored_lock(&self, lock_key: &Bytes) -> Result<OpenedRow, PerformError> {
        let value = self.looked()?.view().get(&self.locks, lock_key)?;
        let gone = || PerformError::Record { record: "lock", reason: "it is gone".to_owned() };
        Ok(self.store.sealer.open(lock_key, value.ok_or_else(gone)?)?)
    }

    pub fn set_membership(&mut self, record: &MembershipRecord) {
        self.batch.put(self.store.keyspaces.meta(), stored::MEMBERSHIP, stored::membership(record));
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

    fn remember(&mut self, request: RequestId, first: First) {
        let requests = Requests { keyspaces: self.store.keyspaces, generation: self.applied.generation };
        requests.put(&mut self.batch, &request, first);
        if let Some(forgotten) = self.tables.sessions.remember(request, first) {
            requests.delete(&mut self.batch, &forgotten);
            let horizon = &mut self.applied.state.horizon;
            *horizon = request_drawn_at(&forgotten).max(*horizon);
        }
    }

    fn looked(&self) -> Result<&Looked, PerformError> {
        if let Some(looked) = self.looked.get() {
            return Ok(looked);
        }
        let looked = Looked::at(self.store, &self.rows, &self.batch)?;
        Ok(self.looked.get_or_init(|| looked))
    }

    /// What was gathered, to be written.
    pub fn finish(mut self) -> Ready {
        let meta = self.store.keyspaces.meta();
        for key in std::mem::take(&mut self.touched) {
            match self.applied.state.record(key) {
                Some(value) => self.batch.put(meta, key.encode(), value),
                None => self.batch.delete(meta, key.encode()),
            }
        }
        self.batch.put(meta, stored::APPLIED, stored::applied(&self.applied));
        Ready { batch: self.batch, applied: self.applied, tables: self.tables }
    }
}

fn draft_of(mutation: Mutation<'_>) -> RowDraft<'_> {
    match mutation {
        Mutation::Put { value, expire_at, .. } => RowDraft { tombstone: false, expire_at, body: value },
        Mutation::Delete { .. } => RowDraft { tombstone: true, expire_at: 0, body: &[] },
    }
}

fn lock_key(key: &[u8], lock: Lock) -> Bytes {
    LockKey::encode(key, lock.start_ts, lock.expires_at.get())
}

impl Facts for ApplyBatch<'_> {
    fn first(&self, request: &RequestId) -> Option<First> {
        self.tables.sessions.first(request)
    }

    fn locks(&self) -> &Locks {
        &self.tables.locks
    }

    fn newer(&self, key: &[u8], than: Timestamp) -> Result<Option<Timestamp>, PerformError> {
        self.looked()?.newer(&self.rows, key, than)
    }

    fn first_newer(&self, span: Span<'_>, than: Timestamp) -> Result<Option<Changed>, PerformError> {
        self.looked()?.first_newer(&self.rows, span, than)
    }
}
