//! Puts, deletes and gets of single keys, with answers that are lost and puts that are late.

use elastickv_check::registers::{Action, Operation, Value, check};
use elastickv_check::{Call, Findings, Moment, Outcome};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::store::{Commit, Store};
use crate::{all_clean, found};

const CLIENTS: usize = 6;
const KEYS: u64 = 5;
const STEPS: usize = 3_000;

/// Commits since a version that counts as an old one.
const OLD: u64 = 60;

/// One call in so many gets no answer.
const LOST_ANSWERS: u32 = 15;

/// Where the store goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// A get finds what was there long before it began.
    Stale,
    /// A put is acknowledged, and never applied.
    Lost,
    /// A put is applied again, long after it was acknowledged and overwritten.
    Again,
    /// A put is refused, and applied.
    RefusedButApplied,
}

enum Phase {
    Idle,
    Asked(Operation),
    Answered(Operation),
}

struct World {
    random: StdRng,
    fault: Option<Fault>,
    armed: usize,
    /// How often the store may go wrong, and how often it did.
    times: usize,
    injected: usize,
    time: u64,
    value: u64,
    store: Store<Option<Value>>,
    late: Vec<Operation>,
    history: Vec<Operation>,
}

fn run(fault: Option<Fault>, times: usize, mut random: StdRng) -> (Findings, bool) {
    let armed = random.random_range(100..STEPS / 2);
    let store = Store::new();
    let (late, history) = (Vec::new(), Vec::new());
    let mut world =
        World { random, fault, armed, times, injected: 0, time: 0, value: 0, store, late, history };
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| Phase::Idle).collect();
    for _ in 0..STEPS {
        let client = world.random.random_range(0..CLIENTS);
        let phase = std::mem::replace(&mut clients[client], Phase::Idle);
        clients[client] = world.step(client as u32, phase);
        if !world.late.is_empty() && world.random.random_ratio(1, 30) {
            let operation = world.late.remove(0);
            world.apply(&operation);
        }
    }
    for (client, mut phase) in clients.into_iter().enumerate() {
        while !matches!(phase, Phase::Idle) {
            phase = world.step(client as u32, phase);
        }
    }
    (check(&world.history), world.injected > 0)
}

impl World {
    fn step(&mut self, client: u32, phase: Phase) -> Phase {
        self.time += 10;
        self.armed = self.armed.saturating_sub(1);
        match phase {
            Phase::Idle => Phase::Asked(self.ask(client)),
            Phase::Asked(operation) => Phase::Answered(self.answer(operation)),
            Phase::Answered(mut operation) => {
                operation.call.ended = Moment(self.time);
                self.history.push(operation);
                Phase::Idle
            }
        }
    }

    fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.fault == Some(fault) && self.armed == 0 && self.injected < self.times;
        self.injected += usize::from(strikes);
        strikes
    }

    fn ask(&mut self, client: u32) -> Operation {
        let (begun, ended) = (Moment(self.time), Moment(self.time));
        let call = Call { client, begun, ended, outcome: Outcome::Committed };
        let action = match self.random.random_range(0..10) {
            0 => Action::Delete,
            1..3 => {
                self.value += 1;
                Action::Put(Value(self.value))
            }
            _ => Action::Get(None),
        };
        Operation { call, key: self.random.random_range(0..KEYS), action }
    }

    fn answer(&mut self, mut operation: Operation) -> Operation {
        if matches!(operation.action, Action::Get(_)) {
            operation.action = Action::Get(self.get(operation.key));
            return operation;
        }
        if self.random.random_ratio(1, LOST_ANSWERS) {
            operation.call.outcome = Outcome::Unknown;
            match self.random.random_range(0..3) {
                0 => {}
                1 => self.late.push(operation),
                _ => self.apply(&operation),
            }
        } else if self.strikes(Fault::RefusedButApplied) {
            operation.call.outcome = Outcome::Aborted;
            self.apply(&operation);
        } else if !self.strikes(Fault::Lost) {
            self.apply(&operation);
            if self.overwritten_long_ago(operation.key).is_some() && self.strikes(Fault::Again) {
                let old = self.overwritten_long_ago(operation.key);
                self.store.write(vec![(operation.key, old.flatten())]);
            }
        }
        operation
    }

    fn get(&mut self, key: u64) -> Option<Value> {
        let now = self.store.read(key, self.store.newest());
        match self.overwritten_long_ago(key) {
            Some(old) if old.is_some() && self.strikes(Fault::Stale) => old,
            _ => now,
        }
    }

    /// What the key held some time ago, if what overwrote it is old enough to have been acknowledged.
    fn overwritten_long_ago(&self, key: u64) -> Option<Option<Value>> {
        let ago = |commits| Some(Commit(self.store.newest().0.checked_sub(commits)?));
        let old = self.store.read(key, ago(OLD)?);
        (self.store.read(key, ago(OLD / 2)?) != old).then_some(old)
    }

    fn apply(&mut self, operation: &Operation) {
        let value = match operation.action {
            Action::Put(value) => Some(value),
            Action::Delete | Action::Get(_) => None,
        };
        self.store.write(vec![(operation.key, value)]);
    }
}

#[test]
fn a_correct_store_passes() {
    all_clean(|random| run(None, 0, random));
}

#[test]
fn one_fault_is_found_unless_it_is_overwritten_unseen() {
    for (fault, at_least) in
        [(Fault::Stale, 90), (Fault::Lost, 30), (Fault::Again, 30), (Fault::RefusedButApplied, 30)]
    {
        found(&format!("{fault:?}"), at_least, |random| run(Some(fault), 1, random));
    }
}

#[test]
fn a_fault_that_goes_on_is_found() {
    for fault in [Fault::Stale, Fault::Lost, Fault::Again, Fault::RefusedButApplied] {
        found(&format!("{fault:?}, again and again"), 100, |random| run(Some(fault), 20, random));
    }
}
