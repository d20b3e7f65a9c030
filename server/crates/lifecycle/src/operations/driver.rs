//! Carrying operations out: one task a node, which has work only while its node leads.
//!
//! Each turn reads where everything stands, decides what is next, and does that one thing. Whatever goes wrong in
//! between, a lost answer above all, is found out by the next turn from the state: nothing is proposed again before
//! it is known what became of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Member, ProposeError};
use elastickv_fsm::{Answer, Command, Ending, Origin, Rejection, Running, UnixMillis};
use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_sys::point;
use elastickv_sys::random::SharedRandom;
use elastickv_types::{GroupId, KeyId, OperationId};
use tokio::sync::{Notify, watch};

use super::keys::{self, KeyTrouble, Maker};
use super::opening::{Silences, waited_for};
use super::remembered::Remembered;
use super::request::Supplied;
use super::{Next, Progress, Refusal, Waiting, due, next, steps};
use crate::capability::fanout::{ask, ask_all};
use crate::capability::{Gate, Judgement, Opens, Proof, Report, judge};
use crate::keks::Keks;
use crate::ports::{Cluster, Fleet, Question, Standing, Watcher};

/// How often an idle node looks whether there is something to go on with.
const LOOK: Duration = Duration::from_millis(250);
/// How soon what was waited for is asked again.
const PAUSE: Duration = Duration::from_millis(100);
/// What stands in a gate's way and is likely to pass gets this long.
const GATE_PATIENCE: Duration = Duration::from_secs(10);
/// How often the leader looks whether a key is used up.
const USE_LOOK: Duration = Duration::from_secs(60);
/// How often the leader looks whether every member has done its part of a job.
const JOB_LOOK: Duration = Duration::from_secs(1);

/// What operations are carried out with.
#[derive(Clone, Debug)]
pub struct Parts {
    pub cluster: Arc<dyn Cluster>,
    pub fleet: Arc<dyn Fleet>,
    /// `None` on a node without encryption.
    pub keks: Option<Keks>,
    pub clock: SharedClock,
    pub random: SharedRandom,
    pub watcher: Arc<dyn Watcher>,
}

#[derive(Debug)]
pub struct Operations {
    pub(crate) parts: Parts,
    pub(super) begun: Notify,
    progress: watch::Sender<Arc<Progress>>,
    /// Operations that were begun here, with what their askers brought along.
    pub(super) begun_here: Remembered<Supplied>,
    judgements: Remembered<Arc<Judgement>>,
}

/// Why a turn did not bring the operation on.
enum Halt {
    /// It is another node's, if anybody's.
    Away,
    /// Something is missing, and is looked for again.
    Later(Vec<Waiting>),
    Refuse(Refusal),
}

impl From<ProposeError> for Halt {
    fn from(error: ProposeError) -> Self {
        match error {
            ProposeError::NotLeader { .. } | ProposeError::NoQuorum | ProposeError::Stopped(_) => Halt::Away,
            // The next turn sees what became of it.
            ProposeError::OutcomeUnknown => Halt::Later(Vec::new()),
            ProposeError::NoKey(_) => Halt::Later(Vec::new()),
        }
    }
}

/// What one leader remembers of the operation that it carries out; another one does without.
#[derive(Default)]
struct Memory {
    operation: Option<OperationId>,
    gate: Option<(Next, Moment)>,
    silences: Silences,
}

impl Operations {
    pub fn new(parts: Parts) -> Arc<Self> {
        let (progress, _) = watch::channel(Arc::default());
        let (begun_here, judgements) = Default::default();
        Arc::new(Self { parts, begun: Notify::new(), progress, begun_here, judgements })
    }

    /// What the operation is at that is carried out here.
    pub fn progress(&self) -> watch::Receiver<Arc<Progress>> {
        self.progress.subscribe()
    }

    /// What a gate found of an operation that it refused here.
    pub fn judgement(&self, operation: OperationId) -> Option<Arc<Judgement>> {
        let shown = self.progress.borrow().clone();
        if shown.operation == Some(operation) && shown.judgement.is_some() {
            return shown.judgement.clone();
        }
        self.judgements.find(operation)
    }

    /// Carries operations out for as long as the node runs.
    pub async fn run(self: Arc<Self>) {
        let mut memory = Memory::default();
        let mut looked = self.parts.clock.now();
        let mut job_looked = looked;
        loop {
            self.carry(&mut memory).await;
            if self.parts.clock.now().since(job_looked) >= JOB_LOOK {
                job_looked = self.parts.clock.now();
                self.end_job().await;
            }
            if self.parts.clock.now().since(looked) >= USE_LOOK {
                looked = self.parts.clock.now();
                self.rotate_what_is_due().await;
            }
            tokio::select! {
                () = self.begun.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Goes on with what is under way until it is over, or another node leads.
    async fn carry(&self, memory: &mut Memory) {
        loop {
            let Ok(standing) = self.parts.cluster.standing().await else { return };
            let Some(running) = standing.control.running.clone() else { return };
            let operation = running.origin.operation;
            if memory.operation != Some(operation) {
                *memory = Memory { operation: Some(operation), ..Memory::default() };
                self.show(|progress| {
                    *progress = Progress { operation: Some(operation), ..Progress::default() };
                });
            }
            let turned = match self.now() >= running.deadline {
                true => self.take(steps::end(self.origin(&running), Ending::DeadlinePassed)).await,
                false => self.turn(&standing, &running, memory).await,
            };
            let ended = match turned {
                Ok(()) => Ok(()),
                Err(Halt::Away) => return,
                Err(Halt::Later(waiting)) => {
                    self.show(|progress| progress.waiting = waiting);
                    tokio::time::sleep(PAUSE).await;
                    Ok(())
                }
                Err(Halt::Refuse(refusal)) => {
                    self.remember(operation, &refusal);
                    let ending = Ending::Refused { name: refusal.name(), text: refusal.reason() };
                    self.take(steps::end(self.origin(&running), ending)).await
                }
            };
            match ended {
                Err(Halt::Away) => return,
                Err(_) => tokio::time::sleep(PAUSE).await,
                Ok(()) => {}
            }
        }
    }

    async fn turn(&self, standing: &Standing, running: &Running, memory: &mut Memory) -> Result<(), Halt> {
        let operation = running.origin.operation;
        let next = next(standing, running, self.supplied(operation).retires);
        let origin = || self.origin(running);
        let mut gate = GateTurn { standing, memory, next: next.clone() };
        match next {
            Next::Bootstrap { last } => {
                let proof = self.pass(Gate::Bootstrap, &mut gate).await?;
                self.at("wrap");
                let supplied = self.supplied(operation);
                let keys = self.maker(standing)?.pair(&supplied, proof.cohort()).await;
                let [storage, raft] = keys.map_err(|trouble| self.trouble(trouble))?;
                point!(KeysMade);
                self.at("install");
                self.take(steps::bootstrap(proof, origin(), last, storage, raft)).await
            }
            Next::SealStorage => {
                let proof = self.pass(Gate::EnableStorage, &mut gate).await?;
                self.at("apply");
                self.take(steps::enable_storage(proof, origin())).await
            }
            Next::CutOver(group) => {
                let proof = self.pass(Gate::EnableRaft, &mut gate).await?;
                self.at("marker");
                self.cut_over(standing, &proof, origin(), group).await
            }
            Next::Install { purpose, replaces } => {
                let proof = self.pass(Gate::Rotate(purpose), &mut gate).await?;
                self.at("wrap");
                let supplied = self.supplied(operation);
                let key = self.maker(standing)?.one(purpose, &supplied, proof.cohort()).await;
                let key = key.map_err(|trouble| self.trouble(trouble))?;
                point!(KeysMade);
                self.at("install");
                self.take(steps::install(proof, origin(), purpose, key, replaces)).await
            }
            Next::Activate { key, replaces } => {
                self.at("open");
                self.until_held(standing, key, memory).await?;
                point!(KeyHeld);
                self.at("activate");
                self.take(steps::activate(origin(), key, replaces)).await
            }
            Next::Rewrap => {
                let proof = self.pass(Gate::Rewrap, &mut gate).await?;
                self.at("wrap");
                let keys = self.maker(standing)?.rewrapped().await;
                let keys = keys.map_err(|trouble| self.trouble(trouble))?;
                point!(KeysMade);
                self.take(steps::rewrap(proof, origin(), keys)).await
            }
            Next::Close { key } => {
                let proof = self.pass(Gate::Close(key), &mut gate).await?;
                self.at("close");
                self.take(steps::close(proof, origin(), key)).await
            }
            Next::RaiseFloor { group, key } => {
                self.at("floor");
                let Some(floor) = steps::raise_floor(origin(), key) else { return Err(Halt::Away) };
                self.take_in_group(group, floor).await
            }
            Next::Retire { key, closed } => {
                let proof = self.pass(Gate::Retire(key), &mut gate).await?;
                self.at("retire");
                self.take(steps::retire(proof, origin(), key, closed)).await
            }
            Next::End(ending) => self.take(steps::end(origin(), ending)).await,
        }
    }

    /// Asks everybody and judges once. What is likely to pass is given a moment.
    async fn pass<G: Opens>(&self, gate: Gate, turn: &mut GateTurn<'_>) -> Result<Proof<G>, Halt> {
        self.at("gate");
        let (judgement, reports) = match self.judge(gate, turn.standing).await {
            Ok(judged) => judged,
            Err(CheckError::Away(error)) => return Err(error.into()),
            Err(CheckError::Key(trouble)) => return Err(self.trouble(trouble)),
        };
        let now = self.parts.clock.now();
        turn.memory.silences.note(&reports, now);
        self.show(|progress| progress.judgement = Some(judgement.clone()));
        match Proof::of(&judgement) {
            Ok(proof) => {
                point!(GateJudged);
                Ok(proof)
            }
            Err(blocked) if self.may_pass_soon(&judgement, turn) && turn.since(now) < GATE_PATIENCE => {
                let now_ms = self.parts.clock.unix_ms();
                let waiting = blocked.0.iter().filter_map(|finding| Waiting::of_finding(finding, now_ms));
                Err(Halt::Later(waiting.collect()))
            }
            Err(_) => Err(Halt::Refuse(Refusal::Gate(judgement))),
        }
    }

    pub(super) async fn judge(
        &self,
        gate: Gate,
        standing: &Standing,
    ) -> Result<(Arc<Judgement>, Vec<Report>), CheckError> {
        let reports = self.ask(standing, &self.probe(standing).await?).await;
        let judgement = judge(gate, standing, &reports, self.parts.clock.unix_ms());
        Ok((Arc::new(judgement), reports))
    }

    async fn probe(&self, standing: &Standing) -> Result<Question, CheckError> {
        let probe = match &self.parts.keks {
            Some(keks) => Some(keys::probe(standing, keks, &*self.parts.random).await?),
            // The leader's own report says so.
            None => None,
        };
        Ok(Question { probe })
    }

    /// Asks one node, member or not, and has it prove its KEK.
    pub(crate) async fn ask_with_probe(
        &self,
        standing: &Standing,
        node: &Member,
    ) -> Result<Report, CheckError> {
        let question = self.probe(standing).await?;
        Ok(ask(&*self.parts.fleet, &self.parts.clock, node, &question).await)
    }

    async fn cut_over(
        &self,
        standing: &Standing,
        proof: &Proof<crate::capability::ForRaft>,
        origin: Origin,
        group: GroupId,
    ) -> Result<(), Halt> {
        // The gate asked for the control group's membership; of that group it is the one that counts.
        let of = standing.groups.iter().find(|standing| standing.group == group);
        let membership = match group == GroupId::CONTROL {
            true => Some(proof.membership()),
            false => of.and_then(|group| group.membership),
        };
        let Some(membership) = membership else { return Err(Halt::Later(Vec::new())) };
        self.take_in_group(group, steps::enable_raft(proof, origin, membership)).await
    }

    /// What a group decides about its own log.
    async fn take_in_group(&self, group: GroupId, command: Command) -> Result<(), Halt> {
        point!(StepDue);
        let answer = self.parts.cluster.propose_to(group, command).await?;
        point!(StepAnswered);
        // A group does not end an operation that it refuses.
        let refused = |rejection| Halt::Refuse(Refusal::of(&rejection));
        decided(answer.answers)?.map_err(refused)
    }

    /// Returns once a majority holds the key and everybody who answers, or is not gone for good.
    async fn until_held(&self, standing: &Standing, key: KeyId, memory: &mut Memory) -> Result<(), Halt> {
        let reports = self.ask(standing, &Question::default()).await;
        let now = self.parts.clock.now();
        memory.silences.note(&reports, now);
        let missing = waited_for(standing, key, &reports, &memory.silences, now);
        if missing.is_empty() {
            return Ok(());
        }
        let now_ms = self.parts.clock.unix_ms();
        let text = format!("key {key} is not open there yet");
        let waiting = missing.into_iter();
        let waiting = waiting.map(|member| Waiting::of_member(member, "KeyNotOpen", &text, now_ms));
        Err(Halt::Later(waiting.collect()))
    }

    /// Proposes a step or an end. A rejection ends the operation in the same entry, and the next turn sees that.
    async fn take(&self, command: Command) -> Result<(), Halt> {
        point!(StepDue);
        let answer = self.parts.cluster.propose(command).await?;
        point!(StepAnswered);
        decided(answer.answers).map(drop)
    }

    /// A leader rotates a key that is nearly used up.
    async fn rotate_what_is_due(&self) {
        let Ok(standing) = self.parts.cluster.standing().await else { return };
        if standing.control.running.is_some() || standing.control.stage.bootstrap().is_none() {
            return;
        }
        let reports = self.ask(&standing, &Question::default()).await;
        let Some(due) = due(&standing, &reports) else { return };
        tracing::warn!(key = due.key.get(), purpose = %due.purpose, "the key is rotated: {due}");
        let begun = self.rotate(due.purpose, &due.to_string()).await;
        if let Err(error) = begun {
            tracing::warn!(%error, "the rotation does not begin");
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.parts.clock.unix_ms()
    }

    pub(crate) async fn ask(&self, standing: &Standing, question: &Question) -> Vec<Report> {
        let members = standing.membership.members.values();
        ask_all(&*self.parts.fleet, &self.parts.clock, members, question).await
    }

    fn maker<'a>(&'a self, standing: &'a Standing) -> Result<Maker<'a>, Halt> {
        // The gate let nobody pass without one, this node included.
        let keks = self.parts.keks.as_ref();
        let keks = keks.ok_or_else(|| Halt::Refuse(Refusal::other("NoKek", "the leader has no KEK")))?;
        Ok(Maker { standing, keks, random: &*self.parts.random, now: self.now() })
    }

    fn trouble(&self, trouble: KeyTrouble) -> Halt {
        let (name, now_ms) = (trouble.name(), self.parts.clock.unix_ms());
        match trouble.passes() {
            true => Halt::Later(vec![Waiting::alone(name, trouble, now_ms)]),
            false => Halt::Refuse(Refusal::other(name, trouble)),
        }
    }

    pub(super) fn now(&self) -> UnixMillis {
        UnixMillis::new(self.parts.clock.unix_ms())
    }

    /// Who asked, and the time of this entry.
    fn origin(&self, running: &Running) -> Origin {
        Origin { at: self.now(), ..running.origin.clone() }
    }

    /// Whether what blocks is worth waiting for. Where a leader was lost on the way, that is also its coming back.
    fn may_pass_soon(&self, judgement: &Judgement, turn: &GateTurn<'_>) -> bool {
        let taken_over =
            turn.memory.operation.is_some_and(|operation| self.begun_here.find(operation).is_none());
        judgement.may_pass_soon(taken_over)
    }

    fn supplied(&self, operation: OperationId) -> Supplied {
        self.begun_here.find(operation).unwrap_or_default()
    }

    fn remember(&self, operation: OperationId, refusal: &Refusal) {
        let Refusal::Gate(judgement) = refusal else { return };
        let failed: BTreeSet<_> = judgement.blockers().map(|finding| finding.check).collect();
        failed.into_iter().for_each(|check| self.parts.watcher.gate_refused(check));
        self.judgements.note(operation, judgement.clone());
    }

    fn at(&self, phase: &'static str) {
        self.show(|progress| {
            if progress.phase != phase {
                progress.phase = phase;
                progress.waiting.clear();
            }
        });
    }

    fn show(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_if_modified(|shown| {
            let before = shown.clone();
            change(Arc::make_mut(shown));
            *before != **shown
        });
    }
}

/// Why a gate could not be judged at all.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Away(#[from] ProposeError),
    #[error("nothing could be wrapped for the members to open: {0}")]
    Key(#[from] KeyTrouble),
}

impl From<elastickv_kek::KekError> for CheckError {
    fn from(error: elastickv_kek::KekError) -> Self {
        CheckError::Key(error.into())
    }
}

/// What a gate is passed with.
struct GateTurn<'a> {
    standing: &'a Standing,
    memory: &'a mut Memory,
    next: Next,
}

impl GateTurn<'_> {
    /// For how long this same thing has been next.
    fn since(&mut self, now: Moment) -> Duration {
        match &self.memory.gate {
            Some((next, since)) if *next == self.next => now.since(*since),
            _ => {
                self.memory.gate = Some((self.next.clone(), now));
                Duration::ZERO
            }
        }
    }
}

/// What was decided about a step. Where nothing was, the next turn sees how things stand.
fn decided(answer: Answer) -> Result<Result<(), Rejection>, Halt> {
    match answer {
        Answer::Done(decided) => Ok(decided.map(drop)),
        Answer::Misfit(_)
        | Answer::Nothing
        | Answer::Writes(_)
        | Answer::Ceiling(_)
        | Answer::PreWritten(_)
        | Answer::Resolved(_)
        | Answer::Registered(_) => Err(Halt::Later(Vec::new())),
    }
}
