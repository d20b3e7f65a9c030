//! Our state machine behind the library's trait.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_engine::EngineError;
use elastickv_fsm::{
    ApplyBatch, Command, Decision, Duties, Form, MembershipRecord, Payload, Place, RaftEnvelope, Ready,
    Rules, admit, decode_command, plan,
};
use elastickv_log::{Log, Room};
use elastickv_sys::point;
use elastickv_sys::stages::{Stage, Stopwatch};
use elastickv_types::{FullNodeId, LogId, LogIndex};
use futures_util::{Stream, TryStreamExt};
use openraft::EntryPayload;
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine};

use crate::convert::{self, Answers, RaftEntry, RaftLogId, SnapshotMeta, StoredMembership, Types};
use crate::entry;
use crate::keys::{KeyError, NodeKeys};
use crate::log_store::Durable;
use crate::member::Membership;
use crate::replica::{Replica, Waiting};
use crate::snapshots::{SnapshotFile, Snapshots};

type Responder = openraft::storage::ApplyResponder<Types>;
type RaftSnapshot = openraft::alias::SnapshotOf<Types, SnapshotFile>;

/// Entries are gathered into one batch of the store up to this many bytes.
const BATCH_BYTES: usize = 4 << 20;
const ROOM_PAUSE: Duration = Duration::from_millis(50);
const KEY_PAUSE: Duration = Duration::from_millis(20);

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

    fn decide(&self, id: LogId, form: Form, command: Command) -> io::Result<Decision> {
        let place = Place { index: id.index, form };
        plan(self.batch.state(), &self.batch, self.rules, place, command).map_err(|error| fault(id, error))
    }

    fn add_membership(&mut self, id: LogId, membership: &Membership) {
        let body = entry::encode_membership(membership);
        self.admitted.extend(membership.members.keys());
        let record = MembershipRecord { id: Some(id), body, admitted: self.admitted.clone() };
        self.batch.set_membership(&record);
        self.membership = Some(record);
    }

    fn mark_applied(&mut self, id: LogId, responder: Option<Responder>, answers: Answers) {
        self.batch.mark_applied(id);
        self.last = Some(id.index);
        self.waiting.extend(responder.map(|responder| (responder, answers)));
    }

    /// What is gathered is written now: it is much, or what comes after it depends on its being done.
    fn is_due(&self) -> bool {
        self.batch.bytes() >= BATCH_BYTES || self.batch.duties() != Duties::default()
    }
}

/// An entry of a user or of the lifecycle, as far as it can be read.
enum Read {
    Command(Form, Command),
    Decided(Decision),
}

fn fault(id: LogId, error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("entry {id}: {error}"))
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

    async fn add(
        &mut self,
        gathered: &mut Gathered<'_>,
        entry: RaftEntry,
        responder: Option<Responder>,
    ) -> io::Result<()> {
        let id = convert::log_id(&entry.log_id);
        let answers = match entry.payload {
            EntryPayload::Blank => Answers::default(),
            EntryPayload::Normal(proposal) => {
                let raft = gathered.batch.state().raft.clone();
                let decision = match self.read(&raft, id, proposal.0).await? {
                    Read::Decided(decision) => decision,
                    Read::Command(form, command) => {
                        point!(EntryCommitted, if command.concerns_keys());
                        point!(MarkerCommitted, if command.is_marker());
                        gathered.decide(id, form, command)?
                    }
                };
                point!(MisfitMet, if matches!(decision.answer, elastickv_fsm::Answer::Misfit(_)));
                if decision.writes_rows() {
                    self.once_a_key_is_open(id, NodeKeys::can_seal_rows).await?;
                }
                gathered.batch.perform(decision.actions).map_err(|error| fault(id, error))?;
                decision.answer
            }
            EntryPayload::Membership(membership) => {
                gathered.add_membership(id, &convert::membership(&membership));
                Answers::default()
            }
        };
        gathered.mark_applied(id, responder, answers);
        Ok(())
    }

    /// Judges a sealed entry by its header before it is opened: its key may be gone from here for good.
    async fn read(&mut self, raft: &RaftEnvelope, id: LogId, payload: Bytes) -> io::Result<Read> {
        let (form, command) = match Payload::split(payload).map_err(|error| fault(id, error))? {
            Payload::Clear(command) => (Form::Clear, command),
            Payload::Sealed(envelope) => {
                let key = NodeKeys::named_by(&envelope).map_err(|error| fault(id, error))?;
                let form = Form::Sealed(key);
                if let Err(misfit) = admit(raft, self.rules, Place { index: id.index, form }) {
                    return Ok(Read::Decided(Decision::misfit(misfit)));
                }
                let group = self.replica.group;
                (form, self.once_a_key_is_open(id, |keys| keys.open(group, &envelope)).await?)
            }
        };
        Ok(Read::Command(form, decode_command(command).map_err(|error| fault(id, error))?))
    }

    /// Waits as long as nothing is missing but a key that this node is going to open.
    async fn once_a_key_is_open<T>(
        &self,
        id: LogId,
        attempt: impl Fn(&NodeKeys) -> Result<T, KeyError>,
    ) -> io::Result<T> {
        let mut waited = false;
        loop {
            match attempt(&self.replica.keys) {
                Ok(done) => {
                    if waited {
                        self.replica.set_waiting(None);
                    }
                    return Ok(done);
                }
                Err(error) => match error.waits_for() {
                    Some(key) => self.replica.set_waiting(Some(Waiting::Key(key))),
                    None => return Err(fault(id, error)),
                },
            }
            waited = true;
            tokio::time::sleep(KEY_PAUSE).await;
        }
    }

    /// Writes a batch. Where it has duties, what was written before and then this node's copy of keys and cutovers are
    /// durable before it, it is itself durable before anything rests on it, and only then are the new keys used and callers answered.
    async fn flush(&mut self, gathered: Gathered<'_>) -> io::Result<()> {
        let Gathered { batch, membership, waiting, last, .. } = gathered;
        let Some(last) = last else {
            self.replica.give_back(batch.finish().tables);
            return Ok(());
        };
        self.wait_until_durable(last).await?;
        let began = self.stopwatch.now();
        let duties = batch.duties();
        let Ready { batch, applied, tables } = batch.finish();
        let state = applied.state.clone();
        if duties.sidecar {
            // A key may leave the sidecar. Rows that were sealed anew under another can not be lost any more then.
            self.once_there_is_room(|replica| replica.engine.persist()).await?;
            point!(SidecarDue);
            let record = || self.replica.keys.record(self.replica.group, &state);
            elastickv_sys::task::in_place(record).map_err(io::Error::other)?;
            point!(SidecarDurable);
        }
        self.once_there_is_room(|replica| replica.write(batch.clone(), applied.clone(), membership.clone()))
            .await?;
        point!(BatchWritten, if duties != Duties::default());
        if duties.sidecar {
            self.once_there_is_room(|replica| replica.engine.persist()).await?;
            point!(BatchDurable);
        }
        if duties.keyring {
            self.replica.keys.publish(&state).map_err(io::Error::other)?;
            point!(KeyringPublished);
        }
        self.replica.give_back(tables);
        self.stopwatch.took_since(Stage::Apply, began);
        if self.replica.waiting().is_some() {
            self.replica.set_waiting(None);
        }
        for (responder, answers) in waiting {
            responder.send(answers);
        }
        point!(EntriesAnswered, if duties != Duties::default());
        Ok(())
    }

    /// A full disk is waited for; the entry stays where it is, in the log.
    async fn once_there_is_room(
        &self,
        attempt: impl Fn(&Replica) -> Result<(), EngineError>,
    ) -> io::Result<()> {
        loop {
            match elastickv_sys::task::in_place(|| attempt(&self.replica)) {
                Ok(()) => return Ok(()),
                Err(EngineError::Full { .. }) => self.replica.set_waiting(Some(Waiting::Room)),
                Err(error) => return Err(io::Error::other(error)),
            }
            tokio::time::sleep(ROOM_PAUSE).await;
        }
    }

    async fn apply_all<S>(&mut self, mut entries: S) -> io::Result<()>
    where
        S: Stream<Item = io::Result<EntryResponder<Types>>> + Unpin + Send,
    {
        let replica = self.replica.clone();
        let mut gathered = Gathered::begin(&replica, self.rules)?;
        while let Some((entry, responder)) = entries.try_next().await? {
            self.add(&mut gathered, entry, responder).await?;
            if gathered.is_due() {
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

#[cfg(test)]
mod tests;
