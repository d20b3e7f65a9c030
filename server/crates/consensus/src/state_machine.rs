//! Our state machine behind the library's trait.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use elastickv_engine::EngineError;
use elastickv_fsm::{ApplyBatch, Form, MembershipRecord, Place, Ready, Rules, decode_payload, plan};
use elastickv_log::{Log, Room};
use elastickv_sys::stages::{Stage, Stopwatch};
use elastickv_types::{FullNodeId, LogIndex};
use futures_util::{Stream, TryStreamExt};
use openraft::EntryPayload;
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine};

use crate::convert::{self, Answers, RaftEntry, RaftLogId, SnapshotMeta, StoredMembership, Types};
use crate::entry;
use crate::log_store::Durable;
use crate::replica::{Replica, Waiting};
use crate::snapshots::{SnapshotFile, Snapshots};

type Responder = openraft::storage::ApplyResponder<Types>;
type RaftSnapshot = openraft::alias::SnapshotOf<Types, SnapshotFile>;

/// Entries are gathered into one batch of the store up to this many bytes.
const BATCH_BYTES: usize = 4 << 20;
const ROOM_PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone, Debug)]
pub struct StateMachine {
    pub replica: Arc<Replica>,
    pub snapshots: Arc<Snapshots>,
    pub durable_end: Durable,
    pub log: Log,
    pub rules: Rules,
    pub stopwatch: Stopwatch,
}

/// What was gathered for one batch of the store, and who waits for it.
struct Gathered<'a> {
    batch: ApplyBatch<'a>,
    rules: Rules,
    membership: Option<MembershipRecord>,
    admitted: BTreeSet<FullNodeId>,
    waiting: Vec<(Responder, Answers)>,
    last: Option<LogIndex>,
}

impl<'a> Gathered<'a> {
    fn begin(replica: &'a Replica, rules: Rules) -> io::Result<Self> {
        let broken_off = || io::Error::other("applying was broken off before");
        Ok(Self {
            batch: replica.begin_batch().ok_or_else(broken_off)?,
            rules,
            membership: None,
            admitted: replica.membership().admitted,
            waiting: Vec::new(),
            last: None,
        })
    }

    fn add(&mut self, entry: RaftEntry, responder: Option<Responder>) -> io::Result<()> {
        let id = convert::log_id(&entry.log_id);
        let answers = match entry.payload {
            EntryPayload::Blank => Answers::default(),
            EntryPayload::Normal(proposal) => {
                let fault = |error: &dyn std::fmt::Display| io::Error::other(format!("entry {id}: {error}"));
                let command = decode_payload(proposal.0).map_err(|error| fault(&error))?;
                let place = Place { index: id.index, form: Form::Clear };
                let decision = plan(self.batch.state(), &self.batch, self.rules, place, command)
                    .map_err(|error| fault(&error))?;
                self.batch.perform(decision.actions).map_err(|error| fault(&error))?;
                decision.answer
            }
            EntryPayload::Membership(membership) => {
                let membership = convert::membership(&membership);
                let body = entry::encode_membership(&membership);
                self.admitted.extend(membership.members.keys());
                let record = MembershipRecord { id: Some(id), body, admitted: self.admitted.clone() };
                self.batch.set_membership(&record);
                self.membership = Some(record);
                Answers::default()
            }
        };
        self.batch.mark_applied(id);
        self.last = Some(id.index);
        self.waiting.extend(responder.map(|responder| (responder, answers)));
        Ok(())
    }
}

impl StateMachine {
    /// An entry may be committed before it is on this node's own disk. Waiting here keeps the store from
    /// ever being ahead of the log, so that a log found shorter than the store has lost something.
    async fn wait_until_durable(&mut self, index: LogIndex) -> io::Result<()> {
        let closed = |_| io::Error::other("the log was closed while an entry waited for it");
        loop {
            let durable = self.durable_end.wait_for(|end| *end > index);
            match tokio::time::timeout(ROOM_PAUSE, durable).await {
                Ok(reached) => return reached.map(|_| ()).map_err(closed),
                Err(_) if self.log.room() != Room::Ample => self.replica.set_waiting(Some(Waiting::Room)),
                Err(_) => {}
            }
        }
    }

    async fn flush(&mut self, gathered: Gathered<'_>) -> io::Result<()> {
        let Gathered { batch, membership, waiting, last, .. } = gathered;
        let Ready { batch, applied, tables } = batch.finish();
        let Some(last) = last else {
            self.replica.give_back(tables);
            return Ok(());
        };
        self.wait_until_durable(last).await?;
        let began = self.stopwatch.now();
        loop {
            let attempt = || self.replica.write(batch.clone(), applied.clone(), membership.clone());
            match elastickv_sys::task::in_place(attempt) {
                Ok(()) => break,
                // A full disk is waited for; the entry stays where it is, in the log.
                Err(EngineError::Full { .. }) => self.replica.set_waiting(Some(Waiting::Room)),
                Err(error) => return Err(io::Error::other(error)),
            }
            tokio::time::sleep(ROOM_PAUSE).await;
        }
        self.replica.give_back(tables);
        self.stopwatch.took_since(Stage::Apply, began);
        if self.replica.waiting().is_some() {
            self.replica.set_waiting(None);
        }
        for (responder, answers) in waiting {
            responder.send(answers);
        }
        Ok(())
    }

    async fn apply_all<S>(&mut self, mut entries: S) -> io::Result<()>
    where
        S: Stream<Item = io::Result<EntryResponder<Types>>> + Unpin + Send,
    {
        let replica = self.replica.clone();
        let mut gathered = Gathered::begin(&replica, self.rules)?;
        while let Some((entry, responder)) = entries.try_next().await? {
            gathered.add(entry, responder)?;
            if gathered.batch.bytes() >= BATCH_BYTES {
                self.flush(gathered).await?;
                gathered = Gathered::begin(&replica, self.rules)?;
            }
        }
        self.flush(gathered).await
    }
}

impl RaftStateMachine<Types> for StateMachine {
    type SnapshotData = SnapshotFile;
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> io::Result<(Option<RaftLogId>, StoredMembership)> {
        let applied = self.replica.applied();
        let record = self.replica.membership();
        let membership = stored_membership(&record)?;
        Ok((applied.last.map(convert::raft_log_id), membership))
    }

    async fn apply<S>(&mut self, entries: S) -> io::Result<()>
    where
        S: Stream<Item = io::Result<EntryResponder<Types>>> + Unpin + Send,
    {
        self.replica.set_applying(true);
        let result = self.apply_all(entries).await;
        self.replica.set_applying(false);
        if let Err(error) = &result {
            tracing::error!(group = self.replica.group.get(), %error, "applying stopped");
        }
        result
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn install_snapshot(&mut self, _meta: &SnapshotMeta, snapshot: SnapshotFile) -> io::Result<()> {
        let (replica, snapshots) = (self.replica.clone(), self.snapshots.clone());
        let install = move || snapshots.install(&replica, snapshot);
        elastickv_sys::task::blocking(install).await.map_err(io::Error::other)?.map_err(io::Error::other)
    }

    async fn get_current_snapshot(&mut self) -> io::Result<Option<RaftSnapshot>> {
        self.snapshots.current().map(raft_snapshot).transpose()
    }
}

impl RaftSnapshotBuilder<Types> for StateMachine {
    type SnapshotData = SnapshotFile;

    /// Hands over the snapshot that was built before it was asked for, or the current one when it was asked
    /// for twice; builds one only where there is none.
    async fn build_snapshot(&mut self) -> io::Result<RaftSnapshot> {
        if let Some(ready) = self.snapshots.take_ready().or_else(|| self.snapshots.current()) {
            return raft_snapshot(ready);
        }
        let (replica, snapshots) = (self.replica.clone(), self.snapshots.clone());
        let build = move || snapshots.build(&replica);
        let file = elastickv_sys::task::blocking(build).await.map_err(io::Error::other)?;
        raft_snapshot(file.map_err(io::Error::other)?)
    }
}

pub fn stored_membership(record: &MembershipRecord) -> io::Result<StoredMembership> {
    if record.id.is_none() && record.body.is_empty() {
        return Ok(StoredMembership::default());
    }
    let membership = convert::raft_membership(&entry::decode_membership(record.body.clone())?)?;
    Ok(StoredMembership::new(record.id.map(convert::raft_log_id), membership))
}

pub fn raft_snapshot(file: SnapshotFile) -> io::Result<RaftSnapshot> {
    let meta = SnapshotMeta {
        last_log_id: file.head.applied.last.map(convert::raft_log_id),
        last_membership: stored_membership(&file.head.membership)?,
    };
    Ok(RaftSnapshot { meta, snapshot: file })
}
