//! Random writes with read sets and request ids, against a model that looks at everything that was ever written, on
//! both engines. Entries come in batches of any size; one replica collects versions, is restarted and falls
//! behind, and nobody is answered otherwise for it. With a rule left out the same seeds show that it is missed.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use elastickv_engine::Direction;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::subject::{Fjall, Subject};
use elastickv_mvcc::gc::{self, Budget, Cursor};
use elastickv_mvcc::{ClearRows, Pins, RowLatch};
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::*;

use crate::*;

const ENTRIES: usize = 60;

/// Few, with zero bytes, and some the beginning of others.
const KEYS: [&[u8]; 9] = [b"\0", b"\0\0", b"\0\x01", b"a", b"a\0", b"a\0\x01", b"a\xff", b"b", b"\xff\xff"];

type Answered = Result<Written, WriteRejection>;

/// All that was ever written, in no order.
#[derive(Default)]
struct Model {
    versions: Vec<(Vec<u8>, Timestamp)>,
    requests: BTreeMap<RequestId, First>,
    last: Timestamp,
    oldest: Timestamp,
}

impl Model {
    fn take(&mut self, index: LogIndex, batch: &WriteBatch) -> Vec<Answered> {
        self.oldest = self.oldest.max(batch.bounds.oldest);
        batch.writes.iter().map(|write| self.write(index, &write)).collect()
    }

    fn write(&mut self, index: LogIndex, write: &Write) -> Answered {
        let commit_ts = write.commit_ts;
        if let Some(first) = write.request_id.and_then(|request| self.requests.get(&request)) {
            return Ok(Written { commit_ts: first.commit_ts, index: first.index, repeated: true });
        }
        if commit_ts <= self.last {
            return Err(WriteRejection::StaleTimestamp { proposed: commit_ts, last: self.last });
        }
        if let Some(reads) = &write.reads {
            self.judge(reads)?;
        }
        self.last = commit_ts;
        self.versions.extend(write.mutations.iter().map(|mutation| (mutation.key().to_vec(), commit_ts)));
        if let Some(request) = write.request_id {
            self.requests.insert(request, First { commit_ts, index });
        }
        Ok(Written { commit_ts, index, repeated: false })
    }

    fn judge(&self, reads: &ReadSet) -> Result<(), WriteRejection> {
        if reads.at() < self.oldest {
            return Err(WriteRejection::ReadTimestampCompacted { asked: reads.at(), oldest: self.oldest });
        }
        let was_read = |key: &[u8]| {
            let in_span = |span: Span<'_>| key >= span.start && (span.end.is_empty() || key < span.end);
            reads.keys().any(|read| read == key) || reads.spans().any(in_span)
        };
        let newer = self.versions.iter().filter(|(key, at)| *at > reads.at() && was_read(key));
        match newer.min_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1))) {
            None => Ok(()),
            Some((key, commit_ts)) => {
                Err(WriteRejection::Conflict { key: key.clone().into(), commit_ts: *commit_ts })
            }
        }
    }
}

/// A replica on a store of its own.
struct Replica<S> {
    subject: S,
    keyspaces: GroupKeyspaces,
    applied: Applied,
    tables: Tables,
    next: u64,
    latch: RowLatch,
    pins: Pins,
    collecting: Option<Cursor>,
}

fn group() -> GroupId {
    GroupId::from_u64(2).unwrap()
}

impl<S: Subject> Replica<S> {
    fn new() -> Self {
        let (subject, keyspaces) = (S::new(), GroupKeyspaces::new(group()));
        subject.engine().create_keyspace(keyspaces.meta()).unwrap();
        subject.engine().create_keyspace(&keyspaces.rows(Generation::FIRST)).unwrap();
        subject.engine().create_keyspace(&keyspaces.locks(Generation::FIRST)).unwrap();
        let (applied, tables) = (Applied::new(group()), Tables::default());
        let (latch, pins) = (RowLatch::default(), Pins::new(Timestamp::ZERO));
        Self { subject, keyspaces, applied, tables, next: 0, latch, pins, collecting: None }
    }

    /// Applies entries in one batch of the store.
    fn apply(&mut self, rules: Rules, entries: &[WriteBatch]) -> Vec<Vec<Answered>> {
        let store = Store { keyspaces: &self.keyspaces, engine: self.subject.engine(), sealer: &ClearRows };
        let mut batch = ApplyBatch::new(store, self.applied.clone(), self.tables.clone());
        let mut answers = Vec::new();
        for entry in entries {
            let index = LogIndex::new(self.next);
            let (place, command) = (Place { index, form: Form::Clear }, Command::WriteBatch(entry.clone()));
            let decision = plan(batch.state(), &batch, rules, place, command).unwrap();
            batch.perform(decision.actions).unwrap();
            batch.mark_applied(LogId::new(Term::new(1), index));
            self.next += 1;
            let Answer::Writes(of_entry) = decision.answer else { panic!("{:?}", decision.answer) };
            answers.push(of_entry);
        }
        let ready = batch.finish();
        self.subject.engine().write(ready.batch).unwrap();
        (self.applied, self.tables) = (ready.applied, ready.tables);
        answers
    }

    fn restart(&mut self) {
        self.subject.reopen();
        let view = self.subject.engine().view().unwrap();
        let applied = read_applied(&*view, &self.keyspaces).unwrap();
        let tables = read_tables(&*view, &self.keyspaces, applied.generation).unwrap();
        assert_eq!((&applied, &tables), (&self.applied, &self.tables));
        (self.applied, self.tables) = (applied, tables);
    }

    /// Collects a few rows of what nobody can read any more.
    fn collect(&mut self, rows: usize) -> usize {
        let watermark = self.pins.raise(self.applied.state.oldest);
        let cursor = self.collecting.take().unwrap_or_else(|| Cursor::start(watermark));
        let budget = Budget { rows: NonZeroUsize::new(rows).unwrap(), bytes: usize::MAX };
        let keyspace = self.keyspaces.rows(self.applied.generation);
        let engine = self.subject.engine();
        let step = gc::step(&self.latch.hold(), engine, &keyspace, &ClearRows, &cursor, budget, |_, _| {});
        let step = step.unwrap();
        self.collecting = step.cursor;
        step.deletions.len()
    }

    fn rows(&self) -> usize {
        let view = self.subject.engine().view().unwrap();
        let keyspace = self.keyspaces.rows(self.applied.generation);
        view.range(&keyspace, elastickv_engine::KeyRange::ALL, Direction::Forward).unwrap().count()
    }
}

struct Draw {
    dice: SharedRandom,
    now: u64,
    requests: u64,
}

impl Draw {
    fn below(&self, limit: u64) -> u64 {
        self.dice.u64() % limit
    }

    fn key(&self) -> &'static [u8] {
        KEYS[self.below(KEYS.len() as u64) as usize]
    }

    fn entry(&mut self) -> WriteBatch {
        let oldest = if self.below(8) == 0 { self.now.saturating_sub(self.below(30)) } else { 0 };
        let writes: Vec<_> = (0..self.below(5)).map(|_| self.write()).collect();
        let bounds = Bounds { oldest: Timestamp::from_u64(oldest), ..Bounds::default() };
        WriteBatch { bounds, writes: Writes::of(&writes) }
    }

    fn write(&mut self) -> Write {
        self.now += self.below(4);
        let behind = if self.below(12) == 0 { self.below(4) } else { 0 };
        let commit_ts = Timestamp::from_u64(self.now.saturating_sub(behind));
        let mutations = (0..self.below(3)).map(|_| match self.below(3) {
            0 => Mutation::Delete { key: self.key() },
            _ => Mutation::Put { key: self.key(), value: b"v", expire_at: self.below(2) },
        });
        let mutations = Mutations::of(mutations.collect::<Vec<_>>()).unwrap();
        let reads = (self.below(3) > 0).then(|| self.reads()).flatten();
        Write { commit_ts, request_id: self.request(), reads, mutations }
    }

    fn request(&mut self) -> Option<RequestId> {
        let number = match self.below(4) {
            0 => return None,
            1 => self.below(self.requests + 1),
            _ => {
                self.requests += 1;
                self.requests
            }
        };
        let mut id = [0; 16];
        id[5] = number as u8;
        id[6] = 0x70;
        id[8..].copy_from_slice(&(1 << 63 | number).to_be_bytes());
        Some(RequestId::from_bytes(id))
    }

    fn reads(&self) -> Option<ReadSet> {
        let at = Timestamp::from_u64(self.now.saturating_sub(self.below(12)));
        let mut reads = ReadSet::builder(at)?;
        (0..self.below(3)).for_each(|_| reads.key(self.key()).unwrap());
        for _ in 0..self.below(2) {
            let start = if self.below(4) == 0 { &b""[..] } else { self.key() };
            let end = if self.below(4) == 0 { &b""[..] } else { self.key() };
            reads.span(Span { start, end });
        }
        Some(reads.build())
    }
}

#[derive(Default, Debug)]
struct Seen {
    written: usize,
    repeated: usize,
    conflicts: usize,
    compacted: usize,
    stale: usize,
    collected: usize,
}

impl Seen {
    fn note(&mut self, answers: &[Answered]) {
        for answer in answers {
            *match answer {
                Ok(written) if written.repeated => &mut self.repeated,
                Ok(_) => &mut self.written,
                Err(WriteRejection::Conflict { .. }) => &mut self.conflicts,
                Err(WriteRejection::ReadTimestampCompacted { .. }) => &mut self.compacted,
                Err(WriteRejection::StaleTimestamp { .. }) => &mut self.stale,
                Err(rejection) => panic!("{rejection}"),
            } += 1;
        }
    }
}

/// One run; tells the first entry that is answered otherwise than the model would.
fn run<S: Subject>(seed: u64, rules: Rules, seen: &mut Seen) -> Result<(), String> {
    let mut draw = Draw { dice: SeededRandom::shared(seed), now: 1, requests: 0 };
    let (mut model, mut steady, mut other) = (Model::default(), Replica::<S>::new(), Replica::<S>::new());
    let entries: Vec<_> = (0..ENTRIES).map(|_| draw.entry()).collect();
    let wanted: Vec<_> =
        (0..).map(LogIndex::new).zip(&entries).map(|(at, entry)| model.take(at, entry)).collect();
    let mut found = Vec::new();
    let mut rest = &entries[..];
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(1 + draw.below(5) as usize));
        found.extend(steady.apply(rules, now));
        rest = later;
    }
    for (place, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
        if wanted != found {
            return Err(format!("entry {place}: {found:?} where {wanted:?} was due"));
        }
        seen.note(found);
    }
    for (entry, found) in entries.iter().zip(&found) {
        assert_eq!(
            other.apply(rules, std::slice::from_ref(entry)),
            std::slice::from_ref(found),
            "seed {seed}"
        );
        match draw.below(10) {
            0 => other.restart(),
            1..=4 => seen.collected += other.collect(1 + draw.below(20) as usize),
            _ => {}
        }
    }
    assert_eq!((&other.applied, &other.tables), (&steady.applied, &steady.tables), "seed {seed}");
    assert!(other.rows() <= steady.rows());
    Ok(())
}

fn holds<S: Subject>(seeds: u64) {
    let mut seen = Seen::default();
    for seed in 0..seeds {
        run::<S>(seed, Rules::default(), &mut seen).unwrap_or_else(|wrong| panic!("seed {seed}, {wrong}"));
    }
    println!("{seen:?}");
    // A run in which nothing happens shows nothing.
    let least = seeds as usize;
    assert!(seen.written > 20 * least && seen.repeated > 5 * least && seen.conflicts > 5 * least, "{seen:?}");
    assert!(seen.compacted > least && seen.stale > least && seen.collected > least, "{seen:?}");
}

#[test]
fn what_was_read_is_judged_as_the_model_judges_it() {
    holds::<ModelEngine>(200);
}

#[test]
fn the_real_engine_tells_the_same() {
    holds::<Fjall>(12);
}

#[test]
fn with_a_rule_left_out_it_is_missed() {
    for rule in [Rule::ReadSets, Rule::Sessions, Rule::Timestamps] {
        let wrong = |seed| run::<ModelEngine>(seed, Rules::without(rule), &mut Seen::default()).is_err();
        let found = (0..50).filter(|seed| wrong(*seed)).count();
        println!("without {rule:?}: {found} of 50");
        assert!(found > 40, "{found} of 50 runs miss {rule:?}");
    }
}
