//! The log against a plain model of it: random calls, opened anew at random points.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// The plain model: what a log holds, kept in the simplest way.
pub(super) use crate::fuzz::Contents as Model;

impl Model {
    pub(super) fn of(log: &Log) -> Self {
        Self {
            entries: log.everything(),
            purged: log.purged(),
            last: log.last_id(),
            vote: log.vote(),
            committed: log.committed(),
        }
    }

    pub(super) fn next(&self) -> u64 {
        self.last.map_or(0, |last| last.index.get() + 1)
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.last = Some(entry.id);
        self.entries.push(entry);
    }

    pub(super) fn truncate(&mut self, last_kept: Option<LogIndex>) {
        let next = last_kept.map_or(0, |kept| kept.get() + 1);
        if next >= self.next() {
            return;
        }
        self.entries.retain(|entry| entry.id.index.get() < next);
        self.last = self.entries.last().map(|entry| entry.id).or(self.purged);
    }

    pub(super) fn purge(&mut self, upto: LogId) {
        if self.purged.is_some_and(|purged| upto.index <= purged.index) {
            return;
        }
        self.purged = Some(upto);
        self.entries.retain(|entry| entry.id.index > upto.index);
        if self.last.is_none_or(|last| last.index <= upto.index) {
            self.last = self.purged;
        }
    }

    pub(super) fn holds(&self, id: LogId) -> bool {
        self.purged == Some(id) || self.entries.iter().any(|entry| entry.id == id)
    }

    /// The committed id as the log tells it.
    pub(super) fn seen(&self) -> Self {
        Self { committed: self.committed.filter(|id| self.holds(*id)), ..self.clone() }
    }
}

/// A call, with its place told relative to the log it will meet.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Append { lens: Vec<usize>, new_term: bool },
    Truncate(Index),
    Purge(Index),
    PurgeBeyond(u64),
    Vote,
    Committed(Index),
    Roll,
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let len = prop_oneof![8 => 0..200_usize, 1 => 1000..6000_usize];
    prop_oneof![
        10 => (prop::collection::vec(len, 0..6), prop::bool::weighted(0.2))
            .prop_map(|(lens, new_term)| Step::Append { lens, new_term }),
        2 => any::<Index>().prop_map(Step::Truncate),
        2 => any::<Index>().prop_map(Step::Purge),
        1 => (1..20_u64).prop_map(Step::PurgeBeyond),
        2 => Just(Step::Vote),
        2 => any::<Index>().prop_map(Step::Committed),
        1 => Just(Step::Roll),
    ]
}

/// A step in terms of the log it meets.
#[derive(Clone, Debug)]
pub(super) enum Request {
    Append(Vec<Entry>),
    Truncate(Option<LogIndex>),
    Purge(LogId),
    Vote(Vote),
    Committed(Option<LogId>),
    Roll,
    Nothing,
}

/// Draws concrete calls; terms and votes only grow.
#[derive(Debug)]
pub(super) struct Caller {
    term: u64,
    votes: u64,
}

impl Caller {
    pub(super) fn new() -> Self {
        Self { term: 1, votes: 0 }
    }

    pub(super) fn request(&mut self, step: &Step, model: &Model) -> Request {
        match step {
            Step::Append { lens, new_term } => {
                self.term += u64::from(*new_term);
                let indexes = model.next()..;
                let entries = lens.iter().zip(indexes).map(|(len, at)| self.entry(at, *len));
                Request::Append(entries.collect())
            }
            Step::Truncate(which) => {
                let first = model.purged.map_or(0, |purged| purged.index.get() + 1);
                let next = first + which.index(model.entries.len() + 1) as u64;
                // What follows a truncation comes from another leader.
                self.term += 1;
                Request::Truncate(next.checked_sub(1).map(at))
            }
            Step::Purge(which) if model.entries.is_empty() => {
                let _ = which;
                Request::Nothing
            }
            Step::Purge(which) => Request::Purge(which.get(&model.entries).id),
            Step::PurgeBeyond(by) => {
                self.term += 1;
                Request::Purge(id(self.term, model.next() + by))
            }
            Step::Vote => {
                self.votes += 1;
                Request::Vote(Vote { committed: self.votes.is_multiple_of(3), ..vote(self.votes) })
            }
            Step::Committed(which) => {
                let known =
                    model.entries.iter().map(|entry| entry.id).chain(model.purged).collect::<Vec<_>>();
                let some = (!known.is_empty()).then(|| *which.get(&known));
                Request::Committed(some)
            }
            Step::Roll => Request::Roll,
        }
    }

    fn entry(&self, index: u64, len: usize) -> Entry {
        entry(self.term, index, &payload(self.term, index, len))
    }
}

/// Bytes that no other entry has.
pub(super) fn payload(term: u64, index: u64, len: usize) -> Vec<u8> {
    let seed = [term.to_be_bytes(), index.to_be_bytes()].concat();
    seed.iter().copied().cycle().take(len).collect()
}

impl Request {
    /// Asks the log; the outcome comes later, or at once if the log refuses.
    pub(super) fn ask(&self, log: &Log) -> Result<Option<Outcome>, LogError> {
        let (done, outcome) = outcome();
        match self {
            Self::Append(entries) => log.append(entries.clone(), done)?,
            Self::Truncate(kept) => log.truncate_after(*kept, done),
            Self::Purge(upto) => log.purge(*upto, done),
            Self::Vote(vote) => log.save_vote(*vote, done),
            Self::Roll => log.roll(done),
            Self::Committed(id) => {
                log.save_committed(*id);
                return Ok(None);
            }
            Self::Nothing => return Ok(None),
        }
        Ok(Some(outcome))
    }

    /// Every state that a log may be found in while and after this is done, in order.
    pub(super) fn apply(&self, model: &mut Model) -> Vec<Model> {
        let mut passed = Vec::new();
        match self {
            Self::Append(entries) => {
                for entry in entries {
                    model.push(entry.clone());
                    passed.push(model.clone());
                }
            }
            Self::Truncate(kept) => model.truncate(*kept),
            Self::Purge(upto) => model.purge(*upto),
            Self::Vote(vote) => model.vote = Some(*vote),
            Self::Committed(id) => model.committed = *id,
            Self::Roll | Self::Nothing => {}
        }
        passed.push(model.clone());
        passed
    }
}

proptest! {
    #![proptest_config(cases(150))]

    /// Whatever is asked, what is read is what the model holds: at once, and after opening again.
    #[test]
    fn a_log_reads_as_the_model_of_it(
        steps in prop::collection::vec((step(), prop::bool::weighted(0.2), prop::bool::weighted(0.08)), 1..60),
        marks in any::<bool>(),
        reads in prop::collection::vec((any::<Index>(), 0..30_u64, 0..2000_usize), 60),
    ) {
        let seal_after = if marks { Duration::from_micros(50) } else { NEVER };
        let options = || Options { seal_after, ..small() };
        let dir = scratch();
        let mut log = open(dir.path(), options()).unwrap();
        let (mut model, mut caller) = (Model::default(), Caller::new());
        let mut outcomes = Vec::new();
        for ((step, wait, reopen), (which, count, max_bytes)) in steps.iter().zip(reads) {
            let request = caller.request(step, &model);
            outcomes.extend(request.ask(&log).unwrap());
            request.apply(&mut model);
            prop_assert_eq!((log.last_id(), log.purged()), (model.last, model.purged));
            if *wait {
                outcomes.drain(..).for_each(|outcome: Outcome| outcome.wait().unwrap());
            }
            if !model.entries.is_empty() {
                let from = which.index(model.entries.len());
                let first = model.entries[from].id.index;
                let found = log.read(first, at(first.get() + count), max_bytes).unwrap();
                prop_assert_eq!(&found, &expected(&model.entries[from..], count, max_bytes));
            }
            if *reopen {
                drop(log);
                log = open(dir.path(), options()).unwrap();
                prop_assert_eq!(Model::of(&log), model.seen());
            }
        }
        outcomes.into_iter().for_each(|outcome| outcome.wait().unwrap());
        prop_assert_eq!(Model::of(&log), model.seen());
        log.close().unwrap();
        let log = open(dir.path(), options()).unwrap();
        prop_assert_eq!(Model::of(&log), model.seen());
    }
}

fn expected(entries: &[Entry], count: u64, max_bytes: usize) -> Vec<Entry> {
    let mut bytes = 0;
    let mut found = Vec::new();
    for entry in entries.iter().take(count as usize) {
        bytes += entry.payload.len();
        if bytes > max_bytes && !found.is_empty() {
            break;
        }
        found.push(entry.clone());
    }
    found
}
