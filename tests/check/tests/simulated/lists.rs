//! Optimistic transactions on lists: a snapshot, a read set that is validated, answers that are lost.

use elastickv_check::lists::{Element, Key, Transaction, check};
use elastickv_check::{Call, Findings, Moment, Outcome};
use rand::RngExt;
use rand::rngs::StdRng;

use crate::store::{Commit, Store};
use crate::{all_clean, found};

const CLIENTS: usize = 8;
const KEYS: u64 = 6;
const STEPS: usize = 1_500;

/// Commits since a version that counts as an old one.
const OLD: u64 = 40;

/// One call in so many gets no answer.
const LOST_ANSWERS: u32 = 12;

/// Where the store goes wrong, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    /// A transaction commits though what it read was overwritten.
    NoValidation,
    /// A transaction only reads, and of an old snapshot.
    StaleSnapshot,
    /// A commit whose answer was lost is sent again, meets itself, and is told that it was aborted.
    ForgottenRequest,
    /// The same, but the second sending is applied as well.
    AppliedTwice,
    /// Acknowledged, and never applied.
    Lost,
    /// Acknowledged, and applied to all keys but one.
    Half,
    /// Answered as aborted, and applied.
    AbortedButApplied,
}

enum Phase {
    Idle,
    /// Has its snapshot.
    Reading(Transaction, Commit),
    /// Has its answer, which is on its way.
    Answered(Transaction),
}

struct World {
    random: StdRng,
    fault: Option<Fault>,
    armed: usize,
    injected: bool,
    time: u64,
    element: u64,
    store: Store<Vec<Element>>,
    /// Commits that the store has yet to see, though their clients have given up.
    late: Vec<(Transaction, Commit)>,
    history: Vec<Transaction>,
}

fn run(fault: Option<Fault>, mut random: StdRng) -> (Findings, bool) {
    let armed = random.random_range(100..STEPS / 2);
    let store = Store::new();
    let (late, history) = (Vec::new(), Vec::new());
    let mut world =
        World { random, fault, armed, injected: false, time: 0, element: 0, store, late, history };
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| Phase::Idle).collect();
    for _ in 0..STEPS {
        let client = world.random.random_range(0..CLIENTS);
        let phase = std::mem::replace(&mut clients[client], Phase::Idle);
        clients[client] = world.step(client as u32, phase);
        world.apply_late();
    }
    world.close(clients);
    (check(&world.history), world.injected)
}

impl World {
    fn step(&mut self, client: u32, phase: Phase) -> Phase {
        self.time += 10;
        self.armed = self.armed.saturating_sub(1);
        match phase {
            Phase::Idle => self.begin(client),
            Phase::Reading(transaction, at) => Phase::Answered(self.commit(transaction, at)),
            Phase::Answered(mut transaction) => {
                transaction.call.ended = Moment(self.time);
                self.history.push(transaction);
                Phase::Idle
            }
        }
    }

    /// Whether the fault happens here.
    fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.fault == Some(fault) && self.armed == 0 && !self.injected;
        self.injected |= strikes;
        strikes
    }

    fn begin(&mut self, client: u32) -> Phase {
        let (begun, ended) = (Moment(self.time), Moment(self.time));
        let call = Call { client, begun, ended, outcome: Outcome::Committed };
        let first = self.random.random_range(0..KEYS);
        let keys: Vec<_> = (0..self.random.random_range(1..=3)).map(|more| (first + more) % KEYS).collect();
        let appended = self.random.random_range(0..=keys.len());
        let mut at = self.store.newest();
        if appended == 0 && self.overwritten_long_ago(keys[0]) && self.strikes(Fault::StaleSnapshot) {
            at = self.commits_ago(OLD);
        }
        let reads = keys.iter().map(|&key| (Key(key), self.store.read(key, at))).collect();
        let appends = keys[..appended].iter().map(|&key| {
            self.element += 1;
            (Key(key), Element(self.element))
        });
        let appends = appends.collect();
        Phase::Reading(Transaction { call, reads, appends }, at)
    }

    fn commits_ago(&self, commits: u64) -> Commit {
        Commit(self.store.newest().0.saturating_sub(commits))
    }

    /// Whether what overwrote the old version is old enough to have been acknowledged.
    fn overwritten_long_ago(&self, key: u64) -> bool {
        let (old, less_old) = (self.commits_ago(OLD), self.commits_ago(OLD / 2));
        self.store.read(key, old) != self.store.read(key, less_old)
    }

    fn commit(&mut self, mut transaction: Transaction, at: Commit) -> Transaction {
        if transaction.appends.is_empty() {
            return transaction;
        }
        if !self.random.random_ratio(1, LOST_ANSWERS) {
            transaction.call.outcome = self.judge(&transaction, at);
            return transaction;
        }
        transaction.call.outcome = Outcome::Unknown;
        match self.random.random_range(0..3) {
            0 => {}
            1 => self.late.push((transaction.clone(), at)),
            _ => {
                let first = self.judge(&transaction, at);
                if first == Outcome::Committed && self.strikes(Fault::ForgottenRequest) {
                    transaction.call.outcome = Outcome::Aborted;
                } else if first == Outcome::Committed && self.strikes(Fault::AppliedTwice) {
                    self.push(&transaction);
                }
            }
        }
        transaction
    }

    fn judge(&mut self, transaction: &Transaction, at: Commit) -> Outcome {
        let keys = || transaction.reads.iter().map(|(key, _)| key.0);
        if keys().all(|key| self.store.written(key) <= at) {
            if transaction.call.outcome == Outcome::Committed && self.strikes(Fault::Lost) {
                return Outcome::Committed;
            }
            let mut applied = transaction.clone();
            if applied.appends.len() > 1 && self.strikes(Fault::Half) {
                applied.appends.pop();
            }
            self.put(&applied);
            return Outcome::Committed;
        }
        if transaction.call.outcome == Outcome::Unknown {
            return Outcome::Aborted;
        }
        let overwritten = transaction.appends.iter().any(|(key, _)| self.store.written(key.0) > at);
        if overwritten && self.strikes(Fault::NoValidation) {
            self.put(transaction);
            return Outcome::Committed;
        }
        if self.strikes(Fault::AbortedButApplied) {
            self.push(transaction);
        }
        Outcome::Aborted
    }

    /// Writes what was read with the new element behind it, as a client must that can only put.
    fn put(&mut self, transaction: &Transaction) {
        let list = |key: Key| {
            let read = transaction.reads.iter().find(|(other, _)| *other == key);
            read.map(|(_, list)| list.clone()).unwrap_or_default()
        };
        let writes = transaction.appends.iter().map(|&(key, element)| {
            let mut list = list(key);
            list.push(element);
            (key.0, list)
        });
        self.store.write(writes.collect());
    }

    /// Puts the new element behind what is there now.
    fn push(&mut self, transaction: &Transaction) {
        let writes = transaction.appends.iter().map(|&(key, element)| {
            let mut list = self.store.read(key.0, self.store.newest());
            list.push(element);
            (key.0, list)
        });
        let writes = writes.collect();
        self.store.write(writes);
    }

    fn apply_late(&mut self) {
        if !self.late.is_empty() && self.random.random_ratio(1, 20) {
            let (transaction, at) = self.late.remove(0);
            self.judge(&transaction, at);
        }
    }

    /// Lets every client have its answer and reads all keys once more.
    fn close(&mut self, clients: Vec<Phase>) {
        for (client, mut phase) in clients.into_iter().enumerate() {
            while !matches!(phase, Phase::Idle) {
                phase = self.step(client as u32, phase);
            }
        }
        self.time += 10;
        let call = Call {
            client: 0,
            begun: Moment(self.time),
            ended: Moment(self.time + 1),
            outcome: Outcome::Committed,
        };
        let at = self.store.newest();
        let reads = (0..KEYS).map(|key| (Key(key), self.store.read(key, at))).collect();
        self.history.push(Transaction { call, reads, appends: Vec::new() });
    }
}

#[test]
fn a_correct_store_passes() {
    all_clean(|random| run(None, random));
}

#[test]
fn one_fault_is_found() {
    // Appends that are overwritten may all be of transactions that nobody knows to have happened.
    found("no validation", 90, |random| run(Some(Fault::NoValidation), random));
    let every_time = [
        Fault::StaleSnapshot,
        Fault::ForgottenRequest,
        Fault::AppliedTwice,
        Fault::Lost,
        Fault::Half,
        Fault::AbortedButApplied,
    ];
    for fault in every_time {
        found(&format!("{fault:?}"), 100, |random| run(Some(fault), random));
    }
}
