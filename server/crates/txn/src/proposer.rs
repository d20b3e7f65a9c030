//! One proposer a group: everything that becomes an entry on behalf of users passes here.
//!
//! Writes that wait are gathered into one entry; a few entries are under way at once, so that gathering
//! goes on while earlier ones are replicated. Each caller gets its own answer. A write that apply rejects
//! for its timestamp had no effect and is stamped and proposed again; what it read is judged again then.
//!
//! The bounds of the group's time, its ceiling and its oldest timestamp, go along with writes. Where there
//! are none they are an entry of their own: the ceiling when somebody asks for the time, the oldest timestamp
//! when there is something to collect.
//!
//! The steps of transactions that lock their keys are entries of their own, in line with the writes.
//!
//! Whatever is proposed is bound to the term in which it was stamped. An entry that came late, in a later term
//! of the same leader, could lie below what a leader between promised its readers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use elastickv_consensus::{GroupHandle, LeaderState, ProposalAnswer, ProposeError};
use elastickv_fsm::{
    Answer as Applied, Bounds, Command, Mutations, ReadSet, Write, WriteBatch, WriteRejection, Writes,
};
use elastickv_mvcc::Pins;
use elastickv_sys::stages::{Stage, Stopwatch};
use elastickv_types::{FullNodeId, RequestId, Term, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::backlog::{Backlog, MOST_WRITES, Room, WRITE_BYTES, Waiting, list_bytes};
use crate::holds::Holds;
use crate::oldest::{Facts, Retention};
use crate::steps::{Again, Step, StepDone, StepError, WaitingStep};
use crate::time::{GroupTime, Stamped};
use crate::write::{Refused, WriteDone, WriteError};

/// While no entry can be proposed, it is looked this often who waits for nothing: nobody listens, or another leads.
const SWEEP: Duration = Duration::from_millis(500);
/// Entries under way at once. More make entries smaller, fewer leave the disk idle.
const UNDER_WAY: usize = 4;
/// A timestamp is rejected only around a change of leaders; more often than this means something else.
const ATTEMPTS: u8 = 5;
/// An entry of bounds alone, at most.
const BOUNDS_BYTES: usize = 64;
const CLOSED: &str = "it takes no more writes";

/// Asked before each write is taken.
pub type Admission = Arc<dyn Fn() -> Result<(), Refused> + Send + Sync>;

/// Somebody needs the ceiling above a timestamp.
struct Renewal {
    at: Timestamp,
    answer: Option<oneshot::Sender<Result<(), WriteError>>>,
}

/// What an entry of bounds alone is answered to.
type Askers = Vec<Renewal>;

#[derive(Clone)]
pub struct Proposer {
    queue: mpsc::UnboundedSender<Waiting>,
    renewals: mpsc::UnboundedSender<Renewal>,
    steps: mpsc::UnboundedSender<WaitingStep>,
    /// A renewal that nobody waits for was asked for and is not done.
    renewing: Arc<AtomicBool>,
    room: Room,
    stopwatch: Stopwatch,
}

impl std::fmt::Debug for Proposer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proposer({} of {MOST_WRITES} waiting)", self.waiting())
    }
}

impl Proposer {
    pub fn start(
        group: GroupHandle,
        time: GroupTime,
        admission: Admission,
        retention: Retention,
        pins: Pins,
        holds: Holds,
    ) -> Self {
        let stopwatch = group.config().stopwatch.clone();
        let (queue, waiting) = mpsc::unbounded_channel();
        let (renewals, asked) = mpsc::unbounded_channel();
        let (steps, taken) = mpsc::unbounded_channel();
        let renewing = Arc::new(AtomicBool::new(false));
        let loop_ = Loop {
            group,
            time,
            admission,
            retention,
            pins,
            holds,
            again: queue.downgrade(),
            steps_again: steps.downgrade(),
            renewing: renewing.clone(),
            under_way: Arc::new(Semaphore::new(UNDER_WAY)),
        };
        elastickv_sys::task::spawn(loop_.run(waiting, asked, taken));
        Self { queue, renewals, steps, renewing, room: Room::new(), stopwatch }
    }

    pub async fn write(
        &self,
        request_id: Option<RequestId>,
        reads: Option<ReadSet>,
        mutations: Mutations,
    ) -> Result<WriteDone, WriteError> {
        let _place = self.room.take(list_bytes(reads.as_ref(), &mutations)).ok_or(WriteError::Busy)?;
        let (answer, answered) = oneshot::channel();
        let since = self.stopwatch.now();
        let waiting = Waiting { request_id, reads, mutations, answer, attempts: 0, since, _place };
        self.queue.send(waiting).map_err(closed)?;
        // The sender is dropped without an answer only where an entry's outcome was lost.
        answered.await.unwrap_or(Err(WriteError::OutcomeUnknown))
    }

    pub async fn step(&self, step: Step) -> Result<StepDone, StepError> {
        let _place = self.room.take(step.bytes()).ok_or(WriteError::Busy)?;
        let (answer, answered) = oneshot::channel();
        self.steps.send(WaitingStep { step, answer, attempts: 0, _place }).map_err(closed)?;
        answered.await.unwrap_or(Err(WriteError::OutcomeUnknown.into()))
    }

    /// Returns once the ceiling is above a timestamp.
    pub async fn renew(&self, at: Timestamp) -> Result<(), WriteError> {
        let (answer, answered) = oneshot::channel();
        self.renewals.send(Renewal { at, answer: Some(answer) }).map_err(closed)?;
        answered.await.unwrap_or(Err(WriteError::OutcomeUnknown))
    }

    /// Sees to it that the ceiling does not have to be waited for later.
    pub fn renew_early(&self, at: Timestamp) {
        if !self.renewing.swap(true, Ordering::AcqRel) {
            // Where the proposer has stopped there is no later.
            drop(self.renewals.send(Renewal { at, answer: None }));
        }
    }

    /// Writes that are not answered yet.
    pub fn waiting(&self) -> usize {
        self.room.taken()
    }
}

fn closed<T>(_: mpsc::error::SendError<T>) -> WriteError {
    WriteError::Stopped(CLOSED.to_owned())
}

struct Loop {
    group: GroupHandle,
    time: GroupTime,
    admission: Admission,
    retention: Retention,
    pins: Pins,
    holds: Holds,
    again: mpsc::WeakUnboundedSender<Waiting>,
    steps_again: mpsc::WeakUnboundedSender<WaitingStep>,
    renewing: Arc<AtomicBool>,
    under_way: Arc<Semaphore>,
}

impl Loop {
    async fn run(
        self,
        queue: mpsc::UnboundedReceiver<Waiting>,
        mut renewals: mpsc::UnboundedReceiver<Renewal>,
        mut steps: mpsc::UnboundedReceiver<WaitingStep>,
    ) {
        let mut backlog = Backlog::new(queue);
        let mut looks = tokio::time::interval(self.retention.look());
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                more = backlog.wait() => {
                    if !more {
                        return;
                    }
                    match self.place_for_an_entry(&mut backlog).await {
                        Ok(permit) => self.take_writes(&mut backlog, permit).await,
                        Err(error) => backlog.fail_all(&error),
                    }
                }
                Some(step) = steps.recv() => {
                    match self.place_for_an_entry(&mut backlog).await {
                        Ok(permit) => self.take_step(step, permit).await,
                        Err(error) => step.fail(error),
                    }
                }
                Some(first) = renewals.recv() => {
                    let mut askers = vec![first];
                    askers.extend(std::iter::from_fn(|| renewals.try_recv().ok()));
                    self.renew(askers).await;
                }
                _ = looks.tick() => self.raise_oldest().await,
            }
        }
    }

    /// Waits until one entry fewer is under way. That can be long: without a quorum, on a full disk. A node that has
    /// lost the lead keeps its entries under way until another leader tells it what became of them; meanwhile who
    /// waits is told where to go.
    async fn place_for_an_entry(&self, backlog: &mut Backlog) -> Result<OwnedSemaphorePermit, WriteError> {
        let place = self.under_way.clone().acquire_owned();
        tokio::pin!(place);
        loop {
            tokio::select! {
                place = &mut place => return place.map_err(|_| WriteError::Stopped(CLOSED.to_owned())),
                () = tokio::time::sleep(SWEEP) => backlog.sweep(),
            }
            if self.group.leading_term().is_none() {
                self.leads().await?;
            }
        }
    }

    async fn take_writes(&self, backlog: &mut Backlog, permit: OwnedSemaphorePermit) {
        let gathered = backlog.gather();
        if gathered.is_empty() {
            return;
        }
        let bytes = gathered.iter().map(|waiting| waiting.bytes() + WRITE_BYTES).sum();
        match self.may_propose(bytes).await {
            Ok(term) => self.propose_writes(term, gathered, permit).await,
            Err(error) => gathered.into_iter().for_each(|waiting| waiting.fail(error.clone())),
        }
    }

    /// What was admitted may have waited, and the disk may be full by now.
    async fn may_propose(&self, bytes: usize) -> Result<Term, WriteError> {
        let term = self.leads().await?;
        if let Err(full @ Refused::StorageFull) = (self.admission)() {
            return Err(full.into());
        }
        if self.group.has_room_for(bytes) { Ok(term) } else { Err(WriteError::StorageFull) }
    }

    /// The term in which this node leads. A new leader proposes nothing before it has applied an entry of its
    /// own term: until then it may not know what was promised before it.
    async fn leads(&self) -> Result<Term, WriteError> {
        match self.group.settled_leader().await {
            LeaderState::Settled(term) => {
                self.time.enter(term, self.group.times().promised());
                Ok(term)
            }
            LeaderState::NoQuorum => Err(WriteError::NoQuorum),
            LeaderState::Elsewhere(leader) => Err(WriteError::NotLeader { leader }),
            LeaderState::Stopped(text) => Err(WriteError::Stopped(text)),
        }
    }

    async fn propose_writes(&self, term: Term, gathered: Vec<Waiting>, permit: OwnedSemaphorePermit) {
        let stamped = match self.time.stamp(term, gathered.len() as u64) {
            Ok(Some(stamped)) => stamped,
            // Nothing was proposed, and this node may lead in the other term.
            Err(_) => return gathered.into_iter().for_each(|waiting| propose_again(waiting, &self.again)),
            Ok(None) => {
                let error = WriteError::Stopped("there are no timestamps left".to_owned());
                return gathered.into_iter().for_each(|waiting| waiting.fail(error.clone()));
            }
        };
        let stopwatch = self.group.config().stopwatch.clone();
        gathered.iter().for_each(|waiting| stopwatch.took_since(Stage::Queue, waiting.since));
        let bounds = Bounds {
            ceiling: stamped.ceiling.unwrap_or_default(),
            oldest: self.oldest_due(term, stamped.stamps.last).unwrap_or_default(),
        };
        let batch = WriteBatch { bounds, writes: writes_of(&gathered, &stamped) };
        let command = Command::WriteBatch(batch);
        let (again, me) = (self.again.clone(), self.group.me());
        let began = stopwatch.now();
        let done = move |result| {
            drop(permit);
            stopwatch.took_since(Stage::Commit, began);
            answer_all(gathered, stamped, result, &Resending { again, me });
        };
        self.group.propose(term, &command, Box::new(done)).await;
    }

    async fn take_step(&self, waiting: WaitingStep, permit: OwnedSemaphorePermit) {
        if waiting.is_given_up() {
            return;
        }
        let term = match self.may_propose(waiting.step.bytes() + WRITE_BYTES).await {
            Ok(term) => term,
            Err(error) => return waiting.fail(error),
        };
        let again = Again { queue: self.steps_again.clone(), me: self.group.me() };
        // It carries no ceiling along: if it commits, its own stamp is as good as one, since no later leader's
        // clock begins below the last commit.
        let stamped = match self.time.stamp(term, 1) {
            Ok(Some(stamped)) => stamped,
            Ok(None) => return waiting.fail(WriteError::Stopped("there are no timestamps left".to_owned())),
            Err(_) => return again.send(waiting),
        };
        let command = waiting.step.command(stamped.stamps.first);
        let done = move |result| {
            drop(permit);
            // Whoever hears of it may read it at once: readers do not wait for it any more.
            drop(stamped);
            waiting.decided(result, &again);
        };
        self.group.propose(term, &command, Box::new(done)).await;
    }

    /// Takes the ceiling above what all of them need.
    async fn renew(&self, askers: Askers) {
        let needed = askers.iter().map(|asker| asker.at).max().unwrap_or_default();
        let result = self.propose_ceiling(needed, askers).await;
        if let Err((error, askers)) = result {
            answer_askers(askers, &self.renewing, Err(error));
        }
    }

    async fn propose_ceiling(&self, needed: Timestamp, askers: Askers) -> Result<(), (WriteError, Askers)> {
        let term = match self.leads().await {
            Ok(term) => term,
            Err(error) => return Err((error, askers)),
        };
        let now = self.time.clock().reading();
        let Some(ceiling) = self.time.ceiling().wanted(needed.max(now)) else {
            answer_askers(askers, &self.renewing, Ok(()));
            return Ok(());
        };
        if !self.group.has_room_for(BOUNDS_BYTES) {
            return Err((WriteError::StorageFull, askers));
        }
        let oldest = self.oldest_due(term, now).unwrap_or_default();
        let (time, renewing) = (self.time.clone(), self.renewing.clone());
        let done = move |result: Result<ProposalAnswer, ProposeError>| {
            let result = ceiling_result(result);
            if result.is_ok() {
                time.committed(term, ceiling);
            }
            answer_askers(askers, &renewing, result);
        };
        self.propose_bounds(term, Bounds { ceiling, oldest }, Box::new(done)).await;
        Ok(())
    }

    /// The oldest timestamp rises without writes as well, as long as there is something to collect.
    async fn raise_oldest(&self) {
        self.holds.let_go();
        if self.group.leading_term().is_none() {
            return;
        }
        let Ok(term) = self.leads().await else { return };
        if let Some(oldest) = self.oldest_due(term, self.time.clock().reading())
            && self.group.has_room_for(BOUNDS_BYTES)
        {
            let bounds = Bounds { oldest, ..Bounds::default() };
            // If it comes to nothing, the next look finds it due again.
            self.propose_bounds(term, bounds, Box::new(drop)).await;
        }
    }

    fn oldest_due(&self, term: Term, now: Timestamp) -> Option<Timestamp> {
        if !self.holds.knows_all(term) {
            return None;
        }
        let applied = self.group.times();
        self.retention.due(Facts {
            now,
            last_commit_ts: applied.last_commit_ts,
            oldest: applied.oldest,
            pinned: self.pins.smallest(),
        })
    }

    async fn propose_bounds(&self, term: Term, bounds: Bounds, done: elastickv_consensus::ProposalDone) {
        self.group.propose(term, &Command::Ceiling(bounds), done).await;
    }
}

/// Every write gets the next stamp.
fn writes_of(gathered: &[Waiting], stamped: &Stamped) -> Writes {
    let write = |(waiting, commit_ts): (&Waiting, Timestamp)| Write {
        commit_ts,
        request_id: waiting.request_id,
        reads: waiting.reads.clone(),
        mutations: waiting.mutations.clone(),
    };
    let writes: Vec<_> = gathered.iter().zip(stamped.stamps.iter()).map(write).collect();
    Writes::of(&writes)
}

fn ceiling_result(result: Result<ProposalAnswer, ProposeError>) -> Result<(), WriteError> {
    match result?.answers {
        Applied::Ceiling(_) => Ok(()),
        // Not in the legal form: whoever asked asks again.
        Applied::Misfit(_) => Err(WriteError::Busy),
        Applied::Nothing
        | Applied::Writes(_)
        | Applied::PreWritten(_)
        | Applied::Resolved(_)
        | Applied::Registered(_)
        | Applied::Done(_) => Err(WriteError::OutcomeUnknown),
    }
}

fn answer_askers(askers: Askers, renewing: &AtomicBool, result: Result<(), WriteError>) {
    for asker in askers {
        match asker.answer {
            // A caller that gave up does not listen any more.
            Some(answer) => drop(answer.send(result.clone())),
            None => renewing.store(false, Ordering::Release),
        }
    }
}

/// Where a write goes that had no effect and may have one yet.
struct Resending {
    again: mpsc::WeakUnboundedSender<Waiting>,
    me: FullNodeId,
}

fn answer_all(
    callers: Vec<Waiting>,
    stamped: Stamped,
    result: Result<ProposalAnswer, ProposeError>,
    resending: &Resending,
) {
    let outcomes = match result.map(|answer| answer.answers) {
        Ok(Applied::Writes(outcomes)) => outcomes,
        // The group was cut over meanwhile: nothing of the batch took effect. Or this node leads in another
        // term by now, and nothing was proposed.
        Ok(Applied::Misfit(_)) => return resend_all(callers, resending),
        Err(ProposeError::NotLeader { leader }) if leader == Some(resending.me) => {
            return resend_all(callers, resending);
        }
        Err(error) => {
            let error = WriteError::from(error);
            return callers.into_iter().for_each(|waiting| waiting.fail(error.clone()));
        }
        // No batch of writes is answered so; to drop the callers tells them that the outcome is unknown.
        Ok(
            Applied::Nothing
            | Applied::Ceiling(_)
            | Applied::PreWritten(_)
            | Applied::Resolved(_)
            | Applied::Registered(_)
            | Applied::Done(_),
        ) => return,
    };
    // Whoever hears of a write may read it at once: readers wait for none of these any more.
    stamped.committed();
    drop(stamped);
    for (waiting, outcome) in callers.into_iter().zip(outcomes) {
        match outcome {
            Ok(written) => waiting.answer(Ok(WriteDone {
                index: written.index,
                commit_ts: written.commit_ts,
                repeated: written.repeated,
            })),
            Err(rejection) => reject(waiting, rejection, resending),
        }
    }
}

fn reject(waiting: Waiting, rejection: WriteRejection, resending: &Resending) {
    match WriteError::of(rejection) {
        Some(error) => waiting.fail(error),
        None => propose_again(waiting, &resending.again),
    }
}

fn resend_all(callers: Vec<Waiting>, resending: &Resending) {
    callers.into_iter().for_each(|waiting| propose_again(waiting, &resending.again));
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
