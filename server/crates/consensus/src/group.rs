//! The handle on a group: opening it, proposing, reading, and asking how it is.

mod backup;
mod change;
mod erasing;
mod handing_over;
mod newcomer;
mod open;
mod rewriting;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use elastickv_engine::EngineError;
use elastickv_fsm::{Applied, Command, First, Locked, PerformError, Requests, travels_clear};
use elastickv_log::{Log, Vote};
use elastickv_mvcc::gc::Budget;
use elastickv_mvcc::{Pins, RowError};
use elastickv_sys::files::SharedFiles;
use elastickv_sys::stages::Stage;
use elastickv_sys::{point, stall, wrong};
use elastickv_types::{FullNodeId, GroupId, LogId, LogIndex, RequestId, Term, Timestamp};
use openraft::async_runtime::WatchReceiver;
use openraft::errors::{ClientWriteError, ForwardReason, ForwardToLeader, RaftError};
use openraft::{Instant, RaftMetrics, ServerState};
use tokio::sync::watch;

use crate::collection::Collected;
use crate::config::GroupConfig;
use crate::convert::{self, Answers, Callback, Proposal, Types};
use crate::member::Member;
use crate::quorum::Quorum;
use crate::read_index::{ReadError, ReadIndex};
use crate::replica::{ReadView, Replica};
use crate::room;
use crate::snapshots::Snapshots;
use crate::state_machine::StateMachine;
use crate::status::{GroupStatus, MemberProgress, Role};

pub use backup::{SnapshotBytes, SnapshotForBackup};
pub use change::{ChangeError, TransferError};
pub use erasing::EraseError;
pub use open::{GroupParts, OpenError, Prepared, Starting, open_log};
pub use snapshot::{SnapshotTaken, TakeSnapshotError};

/// How often a read that waits looks whether applying waits as well.
const WAITING_LOOK: Duration = Duration::from_millis(10);

pub(crate) type RaftHandle = openraft::Raft<Types, StateMachine>;

/// What became of a proposal, from its proposer's side.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// Nothing was proposed.
    #[error("this node does not lead the group")]
    NotLeader { leader: Option<FullNodeId> },
    /// Nothing was proposed.
    #[error("no majority of the group's voters answers")]
    NoQuorum,
    /// Nothing was proposed: the group's entries are sealed.
    #[error("no entry can be sealed here: {0}")]
    NoKey(String),
    /// It was proposed, and a change of leaders left its outcome open.
    #[error("the leader changed before the proposal was known to be committed")]
    OutcomeUnknown,
    /// The group stopped; what had been proposed may or may not be committed.
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

/// Whether this node may propose users' writes now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LeaderState {
    /// It leads in this term, and has applied an entry of it.
    Settled(Term),
    /// It leads, or would, without a majority that answers.
    NoQuorum,
    Elsewhere(Option<FullNodeId>),
    Stopped(String),
}

/// A group's time, as far as entries tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    pub last_commit_ts: Timestamp,
    pub ceiling: Timestamp,
    pub oldest: Timestamp,
}

impl Times {
    /// The highest timestamp that the leaders up to here can have promised.
    pub fn promised(self) -> Timestamp {
        self.ceiling.max(self.last_commit_ts)
    }
}

/// A committed and applied proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProposalAnswer {
    pub id: LogId,
    pub answers: Answers,
}

pub type ProposalDone = Box<dyn FnOnce(Result<ProposalAnswer, ProposeError>) + Send>;

#[derive(Clone)]
pub struct GroupHandle {
    inner: Arc<Inner>,
}

struct Inner {
    group: GroupId,
    me: FullNodeId,
    files: SharedFiles,
    /// The group's own.
    dir: PathBuf,
    raft: RaftHandle,
    log: Log,
    replica: Arc<Replica>,
    snapshots: Arc<Snapshots>,
    /// One snapshot at a time is built and handed to the library.
    snapshotting: tokio::sync::Mutex<()>,
    /// One change of the membership at a time is carried out here.
    changing: tokio::sync::Mutex<()>,
    reads: ReadIndex,
    /// Held from choosing an entry's form to handing it over; by a marker alone.
    choosing: tokio::sync::RwLock<()>,
    /// Markers that are proposed here and not answered.
    open_markers: Arc<AtomicUsize>,
    config: GroupConfig,
    draining: AtomicBool,
    /// The index that the first snapshot of a newcomer has to reach; 0 where there is nothing to wait for.
    begins_with: AtomicU64,
    quorum: Arc<Quorum>,
    faults: watch::Sender<Option<String>>,
}

impl std::fmt::Debug for GroupHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GroupHandle({})", self.inner.group)
    }
}

fn known_leader(forward: &ForwardToLeader<Types>) -> Option<FullNodeId> {
    forward.leader_id.and_then(FullNodeId::from_u64)
}

pub(crate) fn not_leader_read(forward: &ForwardToLeader<Types>) -> ReadError {
    match forward.reason {
        ForwardReason::LeaseExpired => ReadError::NoQuorum,
        _ => ReadError::NotLeader { leader: known_leader(forward) },
    }
}

fn propose_error(error: ClientWriteError<Types>) -> ProposeError {
    match error {
        ClientWriteError::ForwardToLeader(forward) if forward.reason == ForwardReason::LeaseExpired => {
            ProposeError::NoQuorum
        }
        ClientWriteError::ForwardToLeader(forward) => {
            ProposeError::NotLeader { leader: known_leader(&forward) }
        }
        ClientWriteError::LogEntryDiscarded(_) => ProposeError::OutcomeUnknown,
        other => ProposeError::Stopped(other.to_string()),
    }
}

impl GroupHandle {
    pub fn group(&self) -> GroupId {
        self.inner.group
    }

    pub fn me(&self) -> FullNodeId {
        self.inner.me
    }

    pub(crate) fn raft(&self) -> &RaftHandle {
        &self.inner.raft
    }

    pub(crate) fn replica(&self) -> &Arc<Replica> {
        &self.inner.replica
    }

    pub(crate) fn log(&self) -> &Log {
        &self.inner.log
    }

    pub(crate) fn snapshots(&self) -> &Arc<Snapshots> {
        &self.inner.snapshots
    }

    pub(crate) fn current_vote(&self) -> Vote {
        convert::vote(&self.metrics().vote)
    }

    fn metrics(&self) -> RaftMetrics<Types> {
        self.inner.raft.metrics().borrow_watched().clone()
    }

    /// Creates the group with these members as its voters; done once, by one of them.
    pub async fn initialize(&self, members: Vec<Member>) -> Result<(), String> {
        let members: BTreeMap<_, _> = members.into_iter().map(|member| (member.id().get(), member)).collect();
        match self.inner.raft.initialize(members).await {
            Ok(()) => Ok(()),
            // It was created before: by this node in an earlier run, or by a peer.
            Err(RaftError::APIError(openraft::errors::InitializeError::NotAllowed(_))) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether the group exists: it has a membership.
    pub async fn is_initialized(&self) -> bool {
        self.inner.raft.is_initialized().await.unwrap_or(false)
    }

    /// Proposes a command as the leader of a term, in the form that is legal by what is applied here: the one
    /// place where entries begin. In a later term, which this node may lead as well, it is refused. `done` runs
    /// once with the outcome; if the group stops meanwhile it is dropped without running, and the outcome is
    /// unknown.
    ///
    /// Behind a marker that this node has proposed everything is sealed, although it is not known yet whether the
    /// marker takes effect: what is sealed in vain is rejected and proposed again, what is clear in vain has been
    /// written down in clear. So nobody has to be kept waiting while a group is cut over.
    pub async fn propose(&self, term: Term, command: &Command, done: ProposalDone) {
        let markers = self.inner.open_markers.clone();
        if !command.is_marker() {
            let _choosing = self.inner.choosing.read().await;
            let behind_marker = markers.load(Ordering::SeqCst) > 0;
            self.propose_as(term, command, behind_marker, done).await;
            point!(EntryHanded, if command.concerns_keys());
            return;
        }
        let began = self.inner.config.stopwatch.now();
        let choosing = self.inner.choosing.write().await;
        markers.fetch_add(1, Ordering::SeqCst);
        let answered = Box::new(move |result| {
            markers.fetch_sub(1, Ordering::SeqCst);
            done(result);
        });
        self.propose_as(term, command, true, answered).await;
        drop(choosing);
        self.inner.config.stopwatch.took_since(Stage::Marker, began);
        point!(EntryHanded);
    }

    async fn propose_as(&self, term: Term, command: &Command, behind_marker: bool, done: ProposalDone) {
        let state = self.inner.replica.applied().state;
        let sealed = (behind_marker || state.raft.cutover.is_some()) && !travels_clear(command);
        let sealed = sealed && !wrong!(ProposeClear, if matches!(command, Command::WriteBatch(_)));
        match self.inner.replica.keys.payload(self.inner.group, command, sealed) {
            Ok(payload) => {
                stall!(WritesSealed, if sealed && matches!(command, Command::WriteBatch(_)));
                self.propose_payload(term, payload, done).await;
            }
            Err(error) => done(Err(ProposeError::NoKey(error.to_string()))),
        }
    }

    async fn propose_payload(&self, term: Term, payload: Bytes, done: ProposalDone) {
        let answer =
            Callback(Box::new(move |result: Result<openraft::raft::ClientWriteResponse<Types>, _>| {
                done(match result {
                    Ok(response) => {
                        Ok(ProposalAnswer { id: convert::log_id(&response.log_id), answers: response.data })
                    }
                    Err(error) => Err(propose_error(error)),
                });
            }));
        let proposal = self.inner.raft.write(Proposal(payload)).with_leader(convert::leader_of(term));
        if let Err(fatal) = proposal.responder(answer).await {
            tracing::error!(group = self.inner.group.get(), error = %fatal, "a proposal found the group stopped");
        }
    }

    /// Waits, if this node has just become leader, until it knows what its predecessors left.
    pub async fn settled_leader(&self) -> LeaderState {
        let mut metrics = self.inner.raft.metrics();
        let mut applied_end = self.inner.replica.applied_end();
        let patience = tokio::time::sleep(self.inner.config.longest_election_timeout());
        tokio::pin!(patience);
        loop {
            let applied_term = self.inner.replica.applied().last.map(|id| id.term.get());
            let state = self.leader_state(&metrics.borrow_watched(), applied_term);
            if let Some(state) = state {
                return state;
            }
            tokio::select! {
                _ = metrics.changed() => {}
                _ = applied_end.changed() => {}
                () = &mut patience => return LeaderState::NoQuorum,
            }
        }
    }

    /// `None` while a leader has yet to apply an entry of its own term.
    fn leader_state(&self, metrics: &RaftMetrics<Types>, applied_term: Option<u64>) -> Option<LeaderState> {
        if let Err(fatal) = &metrics.running_state {
            return Some(LeaderState::Stopped(fatal.to_string()));
        }
        if metrics.state != ServerState::Leader {
            return Some(LeaderState::Elsewhere(metrics.current_leader.and_then(FullNodeId::from_u64)));
        }
        let ready = applied_term == Some(metrics.current_term) || !self.inner.config.waits_for_own_term();
        match (self.inner.quorum.is_there(metrics), ready) {
            (_, true) => Some(LeaderState::Settled(Term::new(metrics.current_term))),
            (true, false) => None,
            (false, false) => Some(LeaderState::NoQuorum),
        }
    }

    /// How far this node has come in the group's log, and the state that it came to.
    pub fn applied(&self) -> Applied {
        self.inner.replica.applied()
    }

    /// Every node that an applied membership ever named.
    pub fn admitted(&self) -> BTreeSet<FullNodeId> {
        self.inner.replica.membership().admitted
    }

    /// The term in which this node leads, as far as it knows.
    pub fn leading_term(&self) -> Option<Term> {
        let metrics = self.inner.raft.metrics();
        let metrics = metrics.borrow_watched();
        (metrics.state == ServerState::Leader).then(|| Term::new(metrics.current_term))
    }

    /// What is applied here of the group's time.
    pub fn times(&self) -> Times {
        let state = self.inner.replica.applied().state;
        Times { last_commit_ts: state.last_commit_ts, ceiling: state.ceiling, oldest: state.oldest }
    }

    /// How much transactions have locked, as of what is applied here.
    pub fn locked(&self) -> Locked {
        self.inner.replica.locked()
    }

    /// Returns once every write acknowledged before the call is applied here, with the term in which this node
    /// was confirmed to lead meanwhile.
    pub async fn applied_all_acknowledged(&self) -> Result<Term, ReadError> {
        let confirmed = self.confirm_leadership().await?;
        tokio::select! {
            biased;
            applied = self.wait_applied(confirmed.index) => applied?,
            () = self.until_all_acknowledged_is_applied() => {}
        }
        Ok(confirmed.term)
    }

    /// Asks a majority whether this node leads. It did after the call began, in the term that is told, and what
    /// was acknowledged before lies at or below the index.
    pub async fn confirm_leadership(&self) -> Result<LogId, ReadError> {
        self.inner.reads.confirm().await
    }

    /// Returns once applying waits for something here.
    pub async fn until_waiting(&self) {
        while self.inner.replica.waiting().is_none() {
            tokio::time::sleep(WAITING_LOOK).await;
        }
    }

    /// While applying waits for room, reads do not. A leader acknowledges what it has applied itself, and what
    /// its predecessors acknowledged lies before the first entry of its own term: with that one applied,
    /// nothing acknowledged is missing, though more may be committed.
    async fn until_all_acknowledged_is_applied(&self) {
        loop {
            tokio::time::sleep(WAITING_LOOK).await;
            let metrics = self.metrics();
            let applied_term = self.inner.replica.applied().last.map(|id| id.term.get());
            let settled = metrics.state == ServerState::Leader && applied_term == Some(metrics.current_term);
            if settled && self.inner.replica.waiting().is_some() {
                return;
            }
        }
    }

    /// A view of whatever this node has applied.
    pub fn stale_view(&self) -> Result<ReadView, ReadError> {
        elastickv_sys::task::in_place(|| self.view())
    }

    /// The same, for threads that may wait: the store may be in the middle of a batch, which takes its time.
    pub fn view(&self) -> Result<ReadView, ReadError> {
        self.inner.replica.read_view().map_err(|error| ReadError::Stopped(error.to_string()))
    }

    /// Returns once the entry at `index` is applied here.
    pub async fn wait_applied(&self, index: LogIndex) -> Result<(), ReadError> {
        let mut applied_end = self.inner.replica.applied_end();
        let mut faults = self.faults();
        let stopped = |text: &str| ReadError::Stopped(text.to_owned());
        tokio::select! {
            reached = applied_end.wait_for(|end| *end > index) => match reached {
                Ok(_) => Ok(()),
                Err(_) => Err(stopped("it is closed")),
            },
            fault = faults.wait_for(Option::is_some) => match fault {
                Ok(text) => Err(stopped(text.as_deref().unwrap_or_default())),
                Err(_) => Err(stopped("it is closed")),
            },
        }
    }

    /// What a request came to, if a view shows that it took effect.
    pub fn first_of(&self, read: &ReadView, request: &RequestId) -> Result<Option<First>, PerformError> {
        let (keyspaces, generation) = (&self.inner.replica.keyspaces, read.applied.generation);
        Requests { keyspaces, generation }.first(&*read.view, request)
    }

    /// Collects versions on this node, one step, which blocks.
    pub fn collect(&self, pins: &Pins, budget: Budget) -> Result<Collected, RowError> {
        self.inner.replica.collect(pins, budget)
    }

    /// Whether there is anything to look at for a step.
    pub fn has_to_collect(&self, pins: &Pins) -> bool {
        self.inner.replica.has_to_collect(pins)
    }

    /// Turns to a text once the group has stopped by a fault.
    pub fn faults(&self) -> watch::Receiver<Option<String>> {
        self.inner.faults.subscribe()
    }

    pub fn is_leader(&self) -> bool {
        self.inner.raft.is_leader()
    }

    /// Whether this node, as far as it can tell, is part of a group that can decide.
    pub fn has_quorum(&self) -> bool {
        self.inner.quorum.is_there(&self.inner.raft.metrics().borrow_watched())
    }

    pub(crate) fn heard_from_leader(&self) {
        self.inner.quorum.heard_from_leader();
    }

    /// Returns once another node leads than `leader`, or none is known to.
    pub async fn until_led_by_other_than(&self, leader: FullNodeId) {
        let mut metrics = self.inner.raft.metrics();
        while metrics.borrow_watched().current_leader == Some(leader.get()) {
            if metrics.changed().await.is_err() {
                return;
            }
        }
    }

    /// The leader this node knows of.
    pub fn leader(&self) -> Option<FullNodeId> {
        self.metrics().current_leader.and_then(FullNodeId::from_u64)
    }

    /// The member of the membership in effect here, committed or not.
    pub fn member(&self, id: FullNodeId) -> Option<Member> {
        self.metrics().membership_config.get_node(&id.get()).cloned()
    }

    /// Whether a node was a member and, by what is committed and applied here, is none any more.
    pub fn was_removed(&self, id: FullNodeId) -> bool {
        self.inner.replica.was_removed(id)
    }

    /// Keeps this node from leading, or lets it again.
    pub fn set_draining(&self, draining: bool) {
        self.inner.draining.store(draining, Ordering::SeqCst);
        self.inner.raft.runtime_config().elect(!draining);
    }

    pub fn is_draining(&self) -> bool {
        self.inner.draining.load(Ordering::SeqCst)
    }

    /// Whether the log is sure to take a user's entry with a payload of this length.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        room::is_sure_of_users(&self.inner.log, bytes)
    }

    /// Counters of the log alone, cheap enough for every look.
    pub fn room(&self) -> elastickv_log::Room {
        self.inner.log.room()
    }

    /// Bytes of snapshots that others sent since the start.
    pub fn snapshot_bytes_received(&self) -> u64 {
        self.inner.snapshots.received_bytes()
    }

    /// Bytes the store takes on the disk, if it can be told.
    pub fn store_bytes(&self) -> Option<u64> {
        self.inner.replica.engine.disk_bytes().ok()
    }

    pub fn config(&self) -> &GroupConfig {
        &self.inner.config
    }

    pub fn status(&self) -> GroupStatus {
        let metrics = self.metrics();
        let applied = self.inner.replica.applied();
        let stored = &metrics.membership_config;
        let membership = convert::membership(stored.membership());
        let fault = self.inner.faults.borrow().clone();
        GroupStatus {
            role: role(&metrics, fault.is_some()),
            leader: metrics.current_leader.and_then(FullNodeId::from_u64),
            term: elastickv_types::Term::new(metrics.current_term),
            committed: metrics.local_committed.as_ref().map(convert::log_id),
            applied: applied.last,
            last_log: self.inner.log.last_id(),
            first_log_index: self.inner.log.first_index(),
            snapshot: self.inner.snapshots.current().and_then(|file| file.last()),
            membership_id: stored.log_id().as_ref().map(convert::log_id),
            membership_pending: membership.changing()
                || stored.log_id() != metrics.committed_membership_config.log_id(),
            membership,
            has_quorum: self.inner.quorum.is_there(&metrics),
            progress: progress(&metrics),
            last_commit_ts: applied.state.last_commit_ts,
            waiting: self.inner.replica.waiting(),
            fault,
            log: self.inner.log.stats(),
            room: self.inner.log.room(),
        }
    }

    /// Persists the store, so that the next start has little to replay, and stops the group.
    pub async fn shutdown(&self) -> Result<(), String> {
        self.inner.raft.shutdown().await.map_err(|error| error.to_string())?;
        let engine = self.inner.replica.engine.clone();
        let persisted = elastickv_sys::task::blocking(move || engine.persist()).await;
        match persisted.map_err(|error| error.to_string())? {
            Ok(()) => {}
            Err(full @ EngineError::Full { .. }) => {
                tracing::warn!(group = self.inner.group.get(), %full, "the store is not persisted; the log is");
            }
            Err(error) => return Err(error.to_string()),
        }
        self.inner.log.clone().close().map_err(|error| error.to_string())
    }
}

fn role(metrics: &RaftMetrics<Types>, faulty: bool) -> Role {
    if faulty || metrics.running_state.is_err() {
        return Role::Stopped;
    }
    match metrics.state {
        ServerState::Leader => Role::Leader,
        ServerState::Candidate => Role::Candidate,
        ServerState::Follower => Role::Follower,
        ServerState::Learner => Role::Learner,
        ServerState::Shutdown => Role::Stopped,
    }
}

fn progress(metrics: &RaftMetrics<Types>) -> Vec<MemberProgress> {
    let Some(replication) = &metrics.replication else { return Vec::new() };
    let contact = |id: &u64| -> Option<Duration> {
        metrics.heartbeat.as_ref()?.get(id)?.as_ref().map(|moment| moment.elapsed())
    };
    replication
        .iter()
        .filter_map(|(id, matched)| {
            Some(MemberProgress {
                id: FullNodeId::from_u64(*id)?,
                matched: matched.as_ref().map(|id| LogIndex::new(id.index)),
                last_contact: contact(id),
            })
        })
        .collect()
}
