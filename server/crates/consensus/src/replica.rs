//! A group's state on this node: the store, how far it has come, and what it waits for.
//!
//! The state machine writes it, readers and snapshots read it. A reader takes a view together with
//! the generation it belongs to, so that a snapshot being installed can not slip in between.

use std::collections::BTreeSet;
use std::sync::Arc;

use elastickv_engine::{Batch, EngineError, KeyspaceName, SharedEngine, View};
use elastickv_fsm::{
    Applied, ApplyBatch, GroupKeyspaces, GroupState, Locked, MembershipRecord, PerformError, Store, Tables,
    drop_other_tables, read_applied, read_membership, read_tables,
};
use elastickv_keyring::Lookup;
use elastickv_mvcc::{RowLatch, SealedOnly, SharedSealer};
use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_types::{FullNodeId, GroupId, LogIndex};
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use tokio::sync::watch;

use crate::collection::Progress;
use crate::keys::{KeyError, NodeKeys};
use crate::open_reads::{Era, OpenReads};
use crate::rewriting::{Rewriting, read_sealed_only};

/// What applying an entry may have to wait for. A wait is visible and no fault; a hang without one is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waiting {
    /// The disk has no room for the store.
    Room,
    /// A key that is known is not open here, or none to seal under.
    Key(Lookup),
}

impl std::fmt::Display for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Waiting::Room => f.write_str("waiting for room on the disk"),
            Waiting::Key(key) => write!(f, "waiting for a key: {key}"),
        }
    }
}

/// The group's rows at one moment.
#[derive(Clone, Debug)]
pub struct ReadView {
    pub view: Arc<dyn View>,
    pub rows: KeyspaceName,
    pub applied: Applied,
    pub sealer: SharedSealer,
    #[expect(dead_code, reason = "held, never read")]
    era: Era,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    #[error(transparent)]
    Store(#[from] PerformError),
    #[error(transparent)]
    Keys(#[from] KeyError),
}

impl From<EngineError> for ReplicaError {
    fn from(error: EngineError) -> Self {
        Self::Store(error.into())
    }
}

#[derive(Debug, Default)]
struct Activity {
    applying_since: Option<Moment>,
    waiting: Option<Waiting>,
}

#[derive(Debug)]
pub struct Replica {
    pub group: GroupId,
    pub keyspaces: GroupKeyspaces,
    pub engine: SharedEngine,
    pub keys: NodeKeys,
    sealer: SharedSealer,
    pub clock: SharedClock,
    /// Held by whoever changes or removes rows: the collection, and a snapshot that takes their place.
    pub latch: RowLatch,
    pub collection: Mutex<Progress>,
    /// How far the last job has come; perhaps in another generation.
    pub rewriting: Mutex<Option<Rewriting>>,
    pub open_reads: OpenReads,
    /// Every row of the generation in use was found sealed.
    pub sealed_only: SealedOnly,
    /// Held shared while a view is taken and exclusively while state and rows change together.
    state: RwLock<Applied>,
    /// The same for those who only look. Writing to the store may take long, and nobody waits for it here.
    published: Mutex<Applied>,
    /// Whoever gathers a batch has them; they are not here again before it is written. A batch that was
    /// broken off took them along, and nothing is applied after it.
    tables: Mutex<Option<Tables>>,
    /// Of the tables that were here last.
    locked: Mutex<Locked>,
    membership: RwLock<MembershipRecord>,
    /// The members of the record above, decoded once.
    members: RwLock<BTreeSet<FullNodeId>>,
    applied_end: watch::Sender<LogIndex>,
    activity: Mutex<Activity>,
}

fn end_of(applied: &Applied) -> LogIndex {
    applied.last.map_or(LogIndex::default(), |id| id.index.next())
}

/// The ids a membership names. One that does not decode names none; reading it again at the start of the
/// group says why.
fn members_of(record: &MembershipRecord) -> BTreeSet<FullNodeId> {
    let membership = crate::entry::decode_membership(record.body.clone());
    membership.map(|membership| membership.members.into_keys().collect()).unwrap_or_default()
}

impl Replica {
    /// Reads how far the store has come, and removes what a crash left behind while a snapshot was
    /// installed.
    pub fn open(
        group: GroupId,
        engine: SharedEngine,
        keys: NodeKeys,
        clock: SharedClock,
    ) -> Result<Self, ReplicaError> {
        let keyspaces = GroupKeyspaces::new(group);
        engine.create_keyspace(keyspaces.meta())?;
        let view = engine.view()?;
        let applied = read_applied(&*view, &keyspaces)?;
        keys.publish(&applied.state)?;
        let membership = read_membership(&*view, &keyspaces)?;
        let collection = Progress::read(&*view, &keyspaces, applied.generation, applied.state.oldest)?;
        let rewriting = Rewriting::read(&*view, &keyspaces, applied.generation)?;
        let sealed_only = SealedOnly::default();
        sealed_only.set(read_sealed_only(&*view, &keyspaces, applied.generation)?);
        drop(view);
        engine.create_keyspace(&keyspaces.rows(applied.generation))?;
        engine.create_keyspace(&keyspaces.locks(applied.generation))?;
        let tables = read_tables(&*engine.view()?, &keyspaces, applied.generation)?;
        let (applied_end, _) = watch::channel(end_of(&applied));
        let members = RwLock::new(members_of(&membership));
        let replica = Self {
            members,
            group,
            keyspaces,
            engine,
            sealer: keys.sealer(sealed_only.clone()),
            keys,
            clock,
            latch: RowLatch::default(),
            collection: Mutex::new(collection),
            rewriting: Mutex::new(rewriting),
            open_reads: OpenReads::default(),
            sealed_only,
            published: Mutex::new(applied.clone()),
            locked: Mutex::new(tables.locks.locked()),
            tables: Mutex::new(Some(tables)),
            state: RwLock::new(applied),
            membership: RwLock::new(membership),
            applied_end,
            activity: Mutex::default(),
        };
        replica.drop_other_generations()?;
        Ok(replica)
    }

    pub fn applied(&self) -> Applied {
        self.published.lock().clone()
    }

    pub fn locked(&self) -> Locked {
        *self.locked.lock()
    }

    pub fn membership(&self) -> MembershipRecord {
        self.membership.read().clone()
    }

    /// Whether an applied membership named this node and the one in effect does not.
    pub fn was_removed(&self, id: FullNodeId) -> bool {
        !self.members.read().contains(&id) && self.membership.read().admitted.contains(&id)
    }

    /// One above the last applied index.
    pub fn applied_end(&self) -> watch::Receiver<LogIndex> {
        self.applied_end.subscribe()
    }

    pub fn read_view(&self) -> Result<ReadView, EngineError> {
        let era = self.open_reads.begin();
        let applied = self.state.read();
        let view = self.engine.view()?;
        let rows = self.keyspaces.rows(applied.generation);
        Ok(ReadView { view, rows, applied: applied.clone(), sealer: self.sealer.clone(), era })
    }

    /// A view together with the membership in effect in it.
    pub fn consistent_view(&self) -> Result<(ReadView, MembershipRecord), PerformError> {
        let read = self.read_view()?;
        let membership = read_membership(&*read.view, &self.keyspaces)?;
        Ok((read, membership))
    }

    fn store(&self) -> Store<'_> {
        Store { keyspaces: &self.keyspaces, engine: &*self.engine, sealer: &*self.sealer }
    }

    pub fn sealer(&self) -> &SharedSealer {
        &self.sealer
    }

    /// Takes over the keys that a state brings, durably. Nothing else of it counts yet: rows that are sealed too
    /// early are as good as others, and a key that seals is used by this load alone.
    pub fn adopt_keys(&self, state: &GroupState) -> Result<(), KeyError> {
        if state.control.as_deref().is_some_and(|control| control.control_index.is_some()) {
            self.keys.record(self.group, state)?;
            self.keys.publish(state)?;
        }
        Ok(())
    }

    /// Makes another generation of rows the group's, with the state that belongs to it. The tables of that
    /// generation are stored.
    pub fn switch(
        &self,
        applied: Applied,
        membership: MembershipRecord,
        tables: Tables,
    ) -> Result<(), EngineError> {
        let replaced = self.applied().state;
        let mut batch = ApplyBatch::replacing(self.store(), &replaced, applied, tables);
        batch.set_membership(&membership);
        let ready = batch.finish();
        // Its rows came from elsewhere.
        self.sealed_only.set(false);
        self.write(ready.batch, ready.applied, Some(membership))?;
        self.give_back(ready.tables);
        Ok(())
    }

    /// Nothing is applied, though it may be gathered, as long as this is held.
    pub fn hold_applying(&self) -> RwLockReadGuard<'_, Applied> {
        self.state.read()
    }

    /// `None` after a batch that was begun and never written.
    pub fn begin_batch(&self) -> Option<ApplyBatch<'_>> {
        let tables = self.tables.lock().take()?;
        Some(ApplyBatch::new(self.store(), self.applied(), tables))
    }

    /// What a batch took along, once it is written.
    pub fn give_back(&self, tables: Tables) {
        *self.locked.lock() = tables.locks.locked();
        *self.tables.lock() = Some(tables);
    }

    /// Makes a batch visible together with the state it leads to.
    pub fn write(
        &self,
        batch: Batch,
        applied: Applied,
        membership: Option<MembershipRecord>,
    ) -> Result<(), EngineError> {
        let end = end_of(&applied);
        {
            let mut state = self.state.write();
            self.engine.write(batch)?;
            *self.published.lock() = applied.clone();
            *state = applied;
        }
        if let Some(record) = membership {
            *self.members.write() = members_of(&record);
            *self.membership.write() = record;
        }
        self.applied_end.send_replace(end);
        Ok(())
    }

    /// Removes the rows, locks and tables of generations that are not the group's any more, or never became it.
    pub fn drop_other_generations(&self) -> Result<(), PerformError> {
        let current = self.applied().generation;
        drop_other_tables(&*self.engine, &self.keyspaces, current)?;
        for keyspace in self.engine.keyspaces()? {
            let stale = self.keyspaces.generation_of(&keyspace).is_some_and(|found| found != current);
            if stale {
                self.engine.drop_keyspace(&keyspace)?;
            }
        }
        Ok(())
    }

    pub fn set_applying(&self, busy: bool) {
        let mut activity = self.activity.lock();
        activity.applying_since = busy.then(|| self.clock.now());
        activity.waiting = None;
    }

    pub fn set_waiting(&self, waiting: Option<Waiting>) {
        let mut activity = self.activity.lock();
        activity.waiting = waiting;
        // Time spent waiting is not time spent hanging.
        activity.applying_since = activity.applying_since.map(|_| self.clock.now());
    }

    pub fn waiting(&self) -> Option<Waiting> {
        self.activity.lock().waiting
    }

    /// How long the current apply has been at work without saying that it waits.
    pub fn applying_for(&self) -> Option<std::time::Duration> {
        let activity = self.activity.lock();
        match activity.waiting {
            Some(_) => None,
            None => activity.applying_since.map(|since| self.clock.now().since(since)),
        }
    }
}
