//! One proposer a group: everything that a user's write becomes an entry by passes here.
//!
//! Writes that wait are gathered into one entry; a few entries are under way at once, so that gathering
//! goes on while earlier ones are replicated. Each caller gets its own answer. A write that apply rejects
//! for its timestamp had no effect and is stamped and proposed again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{GroupHandle, LeaderState, ProposalAnswer, ProposeError};
use elastickv_fsm::{Answer as Applied, Command, Mutation, Write, WriteBatch, WriteRejection};
use elastickv_sys::clock::Moment;
use elastickv_sys::stages::{Stage, Stopwatch};
use elastickv_types::{FullNodeId, LogIndex, RequestId, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::clock::HybridClock;

/// Writes that wait or are under way at most, and what they hold in memory; more are refused.
const MOST_WRITES: usize = 8192;
const MOST_BYTES: usize = 128 << 20;
/// While no entry can be proposed, writes that nobody waits for any more are let go of this often.
const SWEEP: Duration = Duration::from_millis(500);
/// Entries under way at once. More make entries smaller, fewer leave the disk idle.
const UNDER_WAY: usize = 4;
const ENTRY_WRITES: usize = 1024;
const ENTRY_BYTES: usize = 1 << 20;
/// What a write takes in an entry beside its keys and values, at most.
const WRITE_BYTES: usize = 128;
/// A timestamp is rejected only around a change of leaders; more often than this means something else.
const ATTEMPTS: u8 = 5;

/// Why intake is closed for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    StorageFull,
    Draining,
}

/// Asked before each write is taken.
pub type Admission = Arc<dyn Fn() -> Result<(), Refused> + Send + Sync>;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    #[error("this node does not lead the group")]
    NotLeader { leader: Option<FullNodeId> },
    #[error("no majority of the group's voters answers")]
    NoQuorum,
    /// Nothing was proposed; it passes once a key is open here, or another node leads.
    #[error("no entry can be sealed here: {0}")]
    NoKey(String),
    #[error("too many writes wait already")]
    Busy,
    #[error("the disk has no room left for writes")]
    StorageFull,
    #[error("it was proposed, and its outcome is not known")]
    OutcomeUnknown,
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

impl From<Refused> for WriteError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::StorageFull => WriteError::StorageFull,
            Refused::Draining => WriteError::NotLeader { leader: None },
        }
    }
}

/// A write that is committed and applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WriteDone {
    pub index: LogIndex,
    pub commit_ts: Timestamp,
}

type Answer = oneshot::Sender<Result<WriteDone, WriteError>>;

struct Waiting {
    request_id: RequestId,
    mutations: Vec<Mutation>,
    answer: Answer,
    attempts: u8,
    since: Moment,
    _place: Place,
}

/// A write's share of the room for writes, given back when it is answered.
struct Place {
    _one: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

#[derive(Clone)]
struct Room {
    writes: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Room {
    fn new() -> Self {
        Self { writes: Arc::new(Semaphore::new(MOST_WRITES)), bytes: Arc::new(Semaphore::new(MOST_BYTES)) }
    }

    fn take(&self, bytes: usize) -> Option<Place> {
        let bytes = u32::try_from(bytes + WRITE_BYTES).ok()?;
        Some(Place {
            _one: self.writes.clone().try_acquire_owned().ok()?,
            _bytes: self.bytes.clone().try_acquire_many_owned(bytes).ok()?,
        })
    }

    fn taken(&self) -> usize {
        MOST_WRITES - self.writes.available_permits()
    }
}

impl Waiting {
    fn bytes(&self) -> usize {
        bytes(&self.mutations)
    }

    fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    fn fail(self, error: WriteError) {
        // A caller that gave up does not listen any more.
        drop(self.answer.send(Err(error)));
    }
}

fn bytes(mutations: &[Mutation]) -> usize {
    mutations.iter().map(Mutation::bytes).sum()
}

#[derive(Clone)]
pub struct Proposer {
    queue: mpsc::UnboundedSender<Waiting>,
    room: Room,
    stopwatch: Stopwatch,
}

impl std::fmt::Debug for Proposer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proposer({} of {MOST_WRITES} waiting)", self.waiting())
    }
}

impl Proposer {
    pub fn start(group: GroupHandle, clock: HybridClock, admission: Admission) -> Self {
        let stopwatch = group.config().stopwatch.clone();
        let (queue, waiting) = mpsc::unbounded_channel();
        let again = queue.downgrade();
        let loop_ = Loop { group, clock, admission, again, under_way: Arc::new(Semaphore::new(UNDER_WAY)) };
        elastickv_sys::task::spawn(loop_.run(waiting));
        Self { queue, room: Room::new(), stopwatch }
    }

    pub async fn write(
        &self,
        request_id: RequestId,
        mutations: Vec<Mutation>,
    ) -> Result<WriteDone, WriteError> {
        let _place = self.room.take(bytes(&mutations)).ok_or(WriteError::Busy)?;
        let (answer, answered) = oneshot::channel();
        let since = self.stopwatch.now();
        let waiting = Waiting { request_id, mutations, answer, attempts: 0, since, _place };
        let closed = |_| WriteError::Stopped("it takes no more writes".to_owned());
        self.queue.send(waiting).map_err(closed)?;
        // The sender is dropped without an answer only where an entry's outcome was lost.
        answered.await.unwrap_or(Err(WriteError::OutcomeUnknown))
    }

    /// Writes that are not answered yet.
    pub fn waiting(&self) -> usize {
        self.room.taken()
    }
}

struct Loop {
    group: GroupHandle,
    clock: HybridClock,
    admission: Admission,
    again: mpsc::WeakUnboundedSender<Waiting>,
    under_way: Arc<Semaphore>,
}

impl Loop {
    async fn run(self, queue: mpsc::UnboundedReceiver<Waiting>) {
        let mut backlog = Backlog { queue, held: VecDeque::new() };
        while backlog.wait().await {
            let Some(permit) = self.place_for_an_entry(&mut backlog).await else { return };
            let gathered = backlog.gather();
            if gathered.is_empty() {
                continue;
            }
            match self.may_propose(&gathered).await {
                Ok(()) => self.propose(gathered, permit).await,
                Err(error) => gathered.into_iter().for_each(|waiting| waiting.fail(error.clone())),
            }
        }
    }

    /// Waits until one entry fewer is under way. That can be long: without a quorum, on a full disk.
    async fn place_for_an_entry(&self, backlog: &mut Backlog) -> Option<OwnedSemaphorePermit> {
        let place = self.under_way.clone().acquire_owned();
        tokio::pin!(place);
        loop {
            tokio::select! {
                place = &mut place => return place.ok(),
                () = tokio::time::sleep(SWEEP) => backlog.sweep(),
            }
        }
    }

    /// What was admitted may have waited, and the disk may be full by now.
    async fn may_propose(&self, gathered: &[Waiting]) -> Result<(), WriteError> {
        self.leads().await?;
        if let Err(full @ Refused::StorageFull) = (self.admission)() {
            return Err(full.into());
        }
        let bytes = gathered.iter().map(|waiting| waiting.bytes() + WRITE_BYTES).sum();
        if self.group.has_room_for(bytes) { Ok(()) } else { Err(WriteError::StorageFull) }
    }

    /// A new leader proposes nothing of a user's before it has applied an entry of its own term: until
    /// then it may not know the last timestamp of its group.
    async fn leads(&self) -> Result<(), WriteError> {
        match self.group.settled_leader().await {
            LeaderState::Settled => Ok(()),
            LeaderState::NoQuorum => Err(WriteError::NoQuorum),
            LeaderState::Elsewhere(leader) => Err(WriteError::NotLeader { leader }),
            LeaderState::Stopped(text) => Err(WriteError::Stopped(text)),
        }
    }

    async fn propose(&self, gathered: Vec<Waiting>, permit: OwnedSemaphorePermit) {
        let stopwatch = self.group.config().stopwatch.clone();
        let floor = self.group.last_commit_ts();
        let mut writes = Vec::with_capacity(gathered.len());
        let mut callers = Vec::with_capacity(gathered.len());
        for waiting in gathered {
            stopwatch.took_since(Stage::Queue, waiting.since);
            match self.clock.draw(floor) {
                Some(commit_ts) => {
                    let mutations = waiting.mutations.clone();
                    writes.push(Write { commit_ts, request_id: waiting.request_id, mutations });
                    callers.push(waiting);
                }
                None => waiting.fail(WriteError::Stopped("there are no timestamps left".to_owned())),
            }
        }
        let command = Command::WriteBatch(WriteBatch { writes });
        let again = self.again.clone();
        let began = stopwatch.now();
        let done = move |result| {
            drop(permit);
            stopwatch.took_since(Stage::Commit, began);
            answer_all(callers, result, &again);
        };
        self.group.propose(&command, Box::new(done)).await;
    }
}

/// The writes that wait to become a part of an entry, in order.
struct Backlog {
    queue: mpsc::UnboundedReceiver<Waiting>,
    /// Taken from the queue to be looked at.
    held: VecDeque<Waiting>,
}

impl Backlog {
    /// Returns whether there is a write, once there is one; `false` when there will be none any more.
    async fn wait(&mut self) -> bool {
        if self.held.is_empty() {
            self.held.extend(self.queue.recv().await);
        }
        !self.held.is_empty()
    }

    /// The next entry's writes. What its caller gave up before it was proposed is not proposed.
    fn gather(&mut self) -> Vec<Waiting> {
        let mut bytes = 0;
        let mut gathered = Vec::new();
        while gathered.len() < ENTRY_WRITES && bytes < ENTRY_BYTES {
            let Some(next) = self.held.pop_front().or_else(|| self.queue.try_recv().ok()) else { break };
            if !next.is_given_up() {
                bytes += next.bytes();
                gathered.push(next);
            }
        }
        gathered
    }

    fn sweep(&mut self) {
        while let Ok(next) = self.queue.try_recv() {
            self.held.push_back(next);
        }
        self.held.retain(|waiting| !waiting.is_given_up());
    }
}

fn answer_all(
    callers: Vec<Waiting>,
    result: Result<ProposalAnswer, ProposeError>,
    again: &mpsc::WeakUnboundedSender<Waiting>,
) {
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => {
            let error = write_error(error);
            return callers.into_iter().for_each(|waiting| waiting.fail(error.clone()));
        }
    };
    let outcomes = match answer.answers {
        Applied::Writes(outcomes) => outcomes,
        // The group was cut over meanwhile: nothing of the batch took effect.
        Applied::Misfit(_) => return callers.into_iter().for_each(|waiting| propose_again(waiting, again)),
        // No batch of writes is answered so; to drop the callers tells them that the outcome is unknown.
        Applied::Nothing | Applied::Registered(_) | Applied::Done(_) => return,
    };
    for (waiting, outcome) in callers.into_iter().zip(outcomes) {
        match outcome {
            Ok(written) => {
                let done = WriteDone { index: answer.id.index, commit_ts: written.commit_ts };
                drop(waiting.answer.send(Ok(done)));
            }
            Err(WriteRejection::StaleTimestamp { .. }) => propose_again(waiting, again),
        }
    }
}

fn propose_again(mut waiting: Waiting, again: &mpsc::WeakUnboundedSender<Waiting>) {
    waiting.attempts += 1;
    let queue = again.upgrade().filter(|_| waiting.attempts < ATTEMPTS);
    match queue {
        None => waiting.fail(WriteError::Busy),
        Some(queue) => {
            if let Err(closed) = queue.send(waiting) {
                closed.0.fail(WriteError::Busy);
            }
        }
    }
}

fn write_error(error: ProposeError) -> WriteError {
    match error {
        ProposeError::NotLeader { leader } => WriteError::NotLeader { leader },
        ProposeError::NoQuorum => WriteError::NoQuorum,
        ProposeError::NoKey(text) => WriteError::NoKey(text),
        ProposeError::OutcomeUnknown => WriteError::OutcomeUnknown,
        ProposeError::Stopped(text) => WriteError::Stopped(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_for_writes_is_bounded_in_number_and_in_bytes_and_given_back() {
        let room = Room::new();
        let large: Vec<_> = std::iter::from_fn(|| room.take(16 << 20)).collect();
        assert_eq!(large.len(), 7, "an eighth would be beyond the bytes");
        assert!(room.take(1).is_some(), "a small one still fits");
        drop(large);
        let small: Vec<_> = std::iter::from_fn(|| room.take(0)).collect();
        assert_eq!((small.len(), room.taken()), (MOST_WRITES, MOST_WRITES));
        drop(small);
        assert_eq!(room.taken(), 0);
    }

    #[test]
    fn writes_that_were_given_up_are_let_go_and_never_proposed() {
        let room = Room::new();
        let (sender, queue) = mpsc::unbounded_channel();
        let mut backlog = Backlog { queue, held: VecDeque::new() };
        let stopwatch = Stopwatch::unwatched();
        let send = |request: u8| {
            let (answer, answered) = oneshot::channel();
            let request_id = RequestId::from_bytes([request; 16]);
            let _place = room.take(100).expect("there is room");
            let since = stopwatch.now();
            let waiting = Waiting { request_id, mutations: Vec::new(), answer, attempts: 0, since, _place };
            assert!(sender.send(waiting).is_ok());
            answered
        };
        let (_kept, given_up) = (send(1), send(2));
        drop(given_up);
        backlog.sweep();
        assert_eq!(room.taken(), 1);
        drop(send(3));
        let gathered = backlog.gather();
        assert_eq!(
            gathered.iter().map(|write| write.request_id).collect::<Vec<_>>(),
            [RequestId::from_bytes([1; 16])]
        );
    }
}
