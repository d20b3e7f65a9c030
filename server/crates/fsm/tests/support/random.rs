//! Random entries, drawn so that operations get somewhere and still come twice, late and wrong.

use std::sync::Arc;

use elastickv_fsm::*;
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::*;

use super::rules::named_membership;
use super::{commitment, key, operation, wrapping};

pub struct Draw {
    dice: SharedRandom,
    now_ms: u64,
    operations: Vec<OperationId>,
    past: Vec<(Form, Command)>,
}

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self { dice: SeededRandom::shared(seed), now_ms: 1000, operations: Vec::new(), past: Vec::new() }
    }

    pub fn below(&self, limit: u64) -> u64 {
        self.dice.u64() % limit
    }

    fn one_in(&self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len().max(1) as u64) as usize).copied()
    }

    /// The next entry of a control group in this state.
    pub fn entry(&mut self, state: &GroupState) -> (Form, Command) {
        self.now_ms += self.below(3000);
        if !self.past.is_empty() && self.one_in(12) {
            let again = self.below(self.past.len() as u64) as usize;
            return self.past[again].clone();
        }
        let control = state.control.as_deref().unwrap();
        let command = self.command(state, control);
        let entry = (self.form(state, control, &command), command);
        self.past.push(entry.clone());
        entry
    }

    fn form(&self, state: &GroupState, control: &Control, command: &Command) -> Form {
        let clear = matches!(
            command,
            Command::RegisterWriter(_)
                | Command::Group(GroupCommand { change: GroupChange::EnableRaft { .. }, .. })
        );
        let right = match (clear, state.raft.cutover, control.keys.active(Purpose::Raft)) {
            (false, Some(_), Some(key)) => Form::Sealed(key),
            _ => Form::Clear,
        };
        match self.below(20) {
            0 => Form::Clear,
            1 => self.any_key(control).map_or(right, Form::Sealed),
            _ => right,
        }
    }

    fn command(&mut self, state: &GroupState, control: &Control) -> Command {
        match (self.below(10), &control.running) {
            (0, _) if self.one_in(3) => self.job(state, control),
            (0, _) => self.register(control),
            (1, _) => self.group(state, control),
            (2, None) => self.step(state, control, OperationKind::Rotate),
            (_, None) | (2, Some(_)) => self.begin(state, control),
            (3..=4, Some(running)) => self.end(running.origin.operation),
            (_, Some(running)) if running.kind == OperationKind::EnableRaft => self.group(state, control),
            (_, Some(running)) => self.step(state, control, running.kind),
        }
    }

    fn any_key(&self, control: &Control) -> Option<KeyId> {
        self.pick(&control.keys.iter().map(|(key, _)| key).collect::<Vec<_>>())
    }

    fn key_in(&self, control: &Control, wanted: impl Fn(KeyState) -> bool) -> KeyId {
        let rows = control.keys.iter().filter(|(_, row)| wanted(row.state));
        let fitting = self.pick(&rows.map(|(key, _)| key).collect::<Vec<_>>());
        let other = key(1 + self.below(30) as u32);
        if self.one_in(10) { other } else { fitting.unwrap_or(other) }
    }

    fn register(&self, control: &Control) -> Command {
        let key = self.any_key(control).filter(|_| !self.one_in(20)).unwrap_or(key(99));
        Command::RegisterWriter(Registration { key, writer: self.writer() })
    }

    /// Few nodes, of which two share a short id; few epochs and tokens.
    fn writer(&self) -> Writer {
        let node = FullNodeId::from_u64([0x1_0001, 0x2_0001, 0x1_0002, 0x1_0003][self.below(4) as usize]);
        let (epoch, token) = (self.below(5) as u16, self.below(3));
        Writer { node: node.unwrap(), epoch: LocalEpoch::new(epoch), token: LoadToken::new(token) }
    }

    fn group(&self, state: &GroupState, control: &Control) -> Command {
        let change = if self.one_in(3) {
            GroupChange::EnableRaft { membership: self.membership(state) }
        } else {
            let one = self.key_in(control, |state| matches!(state, KeyState::Closed { .. }));
            GroupChange::RaiseFloor { keys: KeySet::new([one].into()).unwrap() }
        };
        let running = control.running.as_ref().map(|running| running.origin.operation);
        let operation = running.filter(|_| !self.one_in(4)).unwrap_or(operation(self.now_ms, 0));
        Command::Group(GroupCommand { origin: self.origin(operation), change })
    }

    fn job(&mut self, state: &GroupState, control: &Control) -> Command {
        let rate = ByteRate::from_u64(self.below(3));
        let change = match self.below(8) {
            0..=2 => JobChange::StartRewrite { rate },
            3 => JobChange::Pause,
            4 => JobChange::Resume,
            5 => JobChange::SetRate { rate },
            6 => JobChange::Cancel,
            _ => JobChange::Finish {
                log_sealed: self.one_in(2),
                membership: self.membership(state),
                under: self.key_in(control, |state| state == KeyState::Active),
            },
        };
        let known = control.job.as_ref().map(Job::id).filter(|_| !self.one_in(5));
        let id = known.unwrap_or(operation(self.now_ms, self.dice.u64() >> 2));
        Command::Job(JobCommand { origin: self.origin(id), change })
    }

    fn begin(&mut self, state: &GroupState, control: &Control) -> Command {
        let fresh = operation(self.now_ms, self.dice.u64() >> 2);
        let old = self.pick(&self.operations).filter(|_| self.one_in(8));
        let operation = old.unwrap_or(fresh);
        self.operations.push(operation);
        let kind = match control.stage {
            Stage::Cleartext => self.pick(&OperationKind::ALL[..2]),
            _ if self.one_in(3) => self.pick(&OperationKind::ALL),
            _ => self.pick(&[OperationKind::Rotate, OperationKind::Close, OperationKind::Retire]),
        };
        let since = UnixMillis::new(self.now_ms);
        let deadline = since.saturating_add(5000);
        let membership = self.membership(state);
        let phase = Phase::Begin { kind: kind.unwrap(), purpose: None, since, deadline, membership };
        Command::Operation(OperationCommand { origin: self.origin(operation), phase })
    }

    fn end(&self, operation: OperationId) -> Command {
        let ending = match self.below(3) {
            0 => Ending::Done { changed: true, first: LogIndex::new(1) },
            1 => Ending::Refused { name: RefusalName::cut("GateRefused"), text: Reason::cut("no") },
            _ => Ending::DeadlinePassed,
        };
        let origin = self.origin(operation);
        Command::Operation(OperationCommand { origin, phase: Phase::End(ending) })
    }

    fn step(&self, state: &GroupState, control: &Control, kind: OperationKind) -> Command {
        let fitting: Vec<_> = SubTag::ALL.into_iter().filter(|tag| kind.takes(*tag)).collect();
        let tag = self.pick(&fitting).filter(|_| !self.one_in(10)).or(self.pick(&SubTag::ALL)).unwrap();
        let step = self.any_step(state, control, tag);
        let last = match tag {
            SubTag::Install | SubTag::Bootstrap => self.one_in(4),
            _ => !self.one_in(4),
        };
        let running = control.running.as_ref().map(|running| running.origin.operation);
        let operation = running.filter(|_| !self.one_in(10)).or(self.pick(&self.operations));
        let origin = self.origin(operation.unwrap_or(operation_of_nobody()));
        Command::Step(StepCommand { origin, last, step })
    }

    fn any_step(&self, state: &GroupState, control: &Control, tag: SubTag) -> Step {
        let active = |purpose| control.keys.active(purpose).filter(|_| !self.one_in(10)).unwrap_or(key(7));
        let purpose = Purpose::ALL[self.below(2) as usize];
        let membership = self.membership(state);
        match tag {
            SubTag::Bootstrap => {
                let (storage, raft) = (self.new_key(), self.new_key());
                Step::Bootstrap(Box::new(Bootstrap { storage, raft, membership }))
            }
            SubTag::Install => {
                let (key, replaces) = (self.new_key(), active(purpose));
                Step::Install(Box::new(Install { purpose, key, replaces }))
            }
            SubTag::Rewrap => {
                let keys = control.keys.unretired().map(|(key, row)| Rewrapped {
                    key,
                    commitment: row.commitment,
                    wrapping: wrapping("new"),
                });
                let left_out = usize::from(self.one_in(5));
                Step::Rewrap(List::new(keys.skip(left_out).collect()).unwrap())
            }
            SubTag::Retire => {
                let key = self.key_in(control, |state| matches!(state, KeyState::Closed { .. }));
                let closed = match control.keys.get(key).map(|row| row.state) {
                    Some(KeyState::Closed { at }) if !self.one_in(10) => at,
                    _ => LogIndex::new(self.below(100)),
                };
                Step::Retire(Retire { key, closed, membership })
            }
            SubTag::EnableStorage => Step::EnableStorage { membership },
            SubTag::Activate => {
                let key = control.keys.installed(purpose).filter(|_| !self.one_in(10)).unwrap_or(key(5));
                Step::Activate { key, replaces: active(purpose) }
            }
            SubTag::Close => Step::Close { key: self.key_in(control, |state| state == KeyState::Retiring) },
        }
    }

    /// From few ids, so that some were used before.
    fn new_key(&self) -> NewKey {
        let id = key(1 + self.below(25) as u32);
        let commitment =
            if self.one_in(2) { commitment(id) } else { Commitment::new([self.below(250) as u8; 32]) };
        let cohort = Cohort::new((0..self.below(3)).map(|_| self.writer()).collect()).unwrap();
        NewKey { id, wrapping: wrapping("old"), commitment, created: UnixMillis::new(self.now_ms), cohort }
    }

    fn membership(&self, state: &GroupState) -> LogId {
        let effective = state.membership.unwrap();
        if self.one_in(15) { LogId::new(effective.term, LogIndex::new(self.below(9))) } else { effective }
    }

    fn origin(&self, operation: OperationId) -> Origin {
        let (actor, reason) = (Actor::cut("ops"), Reason::cut("because"));
        Origin { operation, actor, reason, at: UnixMillis::new(self.now_ms) }
    }
}

fn operation_of_nobody() -> OperationId {
    operation(1, 1)
}

/// A rule to be left out: the decision does not see the part of the state that it rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blind {
    Nothing,
    Registry,
    Membership,
    Running,
    History,
    Cutover,
    Floor,
    Stage,
    UsedKeys,
}

impl Blind {
    pub fn see(self, state: &GroupState, command: &Command) -> GroupState {
        if self == Blind::Nothing {
            return state.clone();
        }
        let mut seen = state.clone();
        let control = Arc::make_mut(seen.control.as_mut().unwrap());
        match self {
            Blind::Nothing => {}
            Blind::Registry => control.writers = Registry::default(),
            Blind::History => control.history = History::default(),
            Blind::Membership => seen.membership = named_membership(command).or(seen.membership),
            Blind::Running => control.running = None,
            Blind::Cutover => Arc::make_mut(&mut seen.raft).cutover = None,
            Blind::Floor => Arc::make_mut(&mut seen.raft).floor.clear(),
            Blind::Stage => {
                control.stage = control
                    .stage
                    .bootstrap()
                    .map_or(Stage::Cleartext, |bootstrap| Stage::Bootstrapped { bootstrap });
            }
            Blind::UsedKeys => {
                let held = state.control.as_ref().unwrap().keys.unretired();
                control.keys = held.map(|(key, row)| (key, row.clone())).collect();
            }
        }
        seen
    }
}
