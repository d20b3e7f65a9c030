//! Transactions in two steps at random, among plain writes, on both engines and with restarts, beside a model
//! that knows no store: keys with all their versions, who has locked them, and who is over.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

use std::collections::BTreeMap;

use elastickv_engine::model::ModelEngine;
use elastickv_engine::subject::{Fjall, Subject};
use elastickv_fsm::*;
use elastickv_mvcc::{ClearRows, Rows};
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::*;

const SEEDS: u64 = 40;
const DEEDS: u64 = 400;
const KEYS: [&str; 5] = ["a", "a\0", "b", "bb", "c"];

type Key = &'static str;
type Value = Option<u64>;

fn at(ms: u64) -> Timestamp {
    Timestamp::from_unix_ms(ms)
}

#[derive(Clone, Debug)]
enum Deed {
    Write(Vec<(Key, Value)>),
    PreWrite { start: u64, until: u64, list: Vec<(Key, Value)> },
    Commit { start: u64, keys: Vec<Key> },
    RollBack { start: u64 },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    Done,
    /// The transaction was committed then.
    Committed(u64),
    /// Keys of others are in the way, and how many.
    InTheWay(usize),
    /// The transaction is over, or holds no such lock.
    NotThine,
}

#[derive(Clone, Copy, Debug)]
struct Lock {
    start: u64,
    until: u64,
    value: Value,
}

#[derive(Default)]
struct Model {
    versions: BTreeMap<Key, BTreeMap<u64, Value>>,
    locks: BTreeMap<Key, Lock>,
    /// When each was committed, if it was.
    over: BTreeMap<u64, Option<u64>>,
}

impl Model {
    fn shown(&self, key: Key, now: u64) -> Value {
        self.versions.get(key)?.range(..=now).next_back().and_then(|(_, value)| *value)
    }

    fn newest(&self, key: Key) -> u64 {
        self.versions.get(key).and_then(|versions| versions.keys().next_back().copied()).unwrap_or(0)
    }

    fn end(&mut self, start: u64, committed: Option<u64>) {
        self.locks.retain(|_, lock| lock.start != start);
        self.over.insert(start, committed);
    }

    /// Who has to go for these keys, and how many keys are in the way for good.
    fn meets(&self, keys: &[(Key, Value)], now: u64, own: Option<u64>) -> (Vec<u64>, Vec<Key>) {
        let (mut gone, mut blocked) = (Vec::new(), Vec::new());
        for (key, _) in keys {
            match self.locks.get(key) {
                Some(lock) if Some(lock.start) == own || gone.contains(&lock.start) => {}
                Some(lock) if lock.until <= now => gone.push(lock.start),
                Some(_) => blocked.push(*key),
                None => {}
            }
        }
        (gone, blocked)
    }

    fn perform(&mut self, deed: &Deed, now: u64) -> Told {
        match deed {
            Deed::Write(list) => {
                let (gone, blocked) = self.meets(list, now, None);
                if !blocked.is_empty() {
                    return Told::InTheWay(1);
                }
                gone.into_iter().for_each(|start| self.end(start, None));
                for (key, value) in list {
                    self.versions.entry(key).or_default().insert(now, *value);
                }
                Told::Done
            }
            Deed::PreWrite { start, until, list } => {
                if self.over.contains_key(start) {
                    return Told::NotThine;
                }
                let (gone, mut blocked) = self.meets(list, now, Some(*start));
                let changed = list.iter().map(|(key, _)| *key).filter(|key| self.newest(key) > *start);
                let changed: Vec<_> = changed.filter(|key| !blocked.contains(key)).collect();
                blocked.extend(changed);
                if !blocked.is_empty() {
                    return Told::InTheWay(blocked.len());
                }
                gone.into_iter().for_each(|start| self.end(start, None));
                for (key, value) in list {
                    self.locks.insert(key, Lock { start: *start, until: *until, value: *value });
                }
                Told::Done
            }
            Deed::Commit { start, keys } => match self.over.get(start) {
                Some(Some(committed)) => Told::Committed(*committed),
                Some(None) => Told::NotThine,
                None => self.commit(*start, keys, now),
            },
            Deed::RollBack { start } => match self.over.get(start) {
                Some(Some(_)) => Told::NotThine,
                Some(None) => Told::Done,
                None => {
                    self.end(*start, None);
                    Told::Done
                }
            },
        }
    }

    fn commit(&mut self, start: u64, keys: &[Key], now: u64) -> Told {
        let own: BTreeMap<_, _> = self.locks.iter().filter(|(_, lock)| lock.start == start).collect();
        if own.is_empty() || keys.iter().any(|key| !own.contains_key(key)) {
            return Told::NotThine;
        }
        let values: Vec<_> = own.into_iter().map(|(key, lock)| (*key, lock.value)).collect();
        for (key, value) in values {
            self.versions.entry(key).or_default().insert(now, value);
        }
        self.end(start, Some(now));
        Told::Committed(now)
    }
}

/// The real thing: decided, performed and stored.
struct Group<S> {
    subject: S,
    keyspaces: GroupKeyspaces,
    applied: Applied,
    tables: Tables,
    rules: Rules,
}

impl<S: Subject> Group<S> {
    fn new(rules: Rules) -> Self {
        let (subject, keyspaces) = (S::new(), GroupKeyspaces::new(GroupId::CONTROL));
        let first = [keyspaces.rows(Generation::FIRST), keyspaces.locks(Generation::FIRST)];
        first
            .iter()
            .chain([keyspaces.meta()])
            .for_each(|name| subject.engine().create_keyspace(name).unwrap());
        let (applied, tables) = (Applied::new(GroupId::CONTROL), Tables::default());
        Self { subject, keyspaces, applied, tables, rules }
    }

    fn perform(&mut self, deed: &Deed, now: u64) -> Told {
        let index = self.applied.last.map_or(LogIndex::new(1), |id| id.index.next());
        let tables = std::mem::take(&mut self.tables);
        let (keyspaces, engine) = (&self.keyspaces, self.subject.engine());
        let store = Store { keyspaces, engine, sealer: &ClearRows };
        let mut batch = ApplyBatch::new(store, self.applied.clone(), tables);
        let place = Place { index, form: Form::Clear };
        let decision = plan(batch.state(), &batch, self.rules, place, command(deed, at(now))).unwrap();
        batch.perform(decision.actions).unwrap();
        batch.mark_applied(LogId::new(Term::new(1), index));
        let ready = batch.finish();
        engine.write(ready.batch).unwrap();
        (self.applied, self.tables) = (ready.applied, ready.tables);
        told(decision.answer)
    }

    /// Forgets everything but the store.
    fn restart(&mut self) {
        self.subject.reopen();
        let view = self.subject.engine().view().unwrap();
        let applied = read_applied(&*view, &self.keyspaces).unwrap();
        let tables = read_tables(&*view, &self.keyspaces, applied.generation).unwrap();
        assert_eq!((&applied, &tables), (&self.applied, &self.tables));
        (self.applied, self.tables) = (applied, tables);
    }

    fn shown(&self, key: Key, now: u64) -> Value {
        let view = self.subject.engine().view().unwrap();
        let keyspace = self.keyspaces.rows(self.applied.generation);
        let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &ClearRows, oldest: Timestamp::ZERO };
        let found = rows.get(key.as_bytes(), at(now)).unwrap()?;
        Some(u64::from_be_bytes(found.value[..].try_into().unwrap()))
    }
}

fn mutations(list: &[(Key, Value)]) -> Mutations {
    let mut built = MutationsBuilder::default();
    for (key, value) in list {
        let key = key.as_bytes();
        let pushed = match value {
            Some(value) => built.push(Mutation::Put { key, value: &value.to_be_bytes(), expire_at: 0 }),
            None => built.push(Mutation::Delete { key }),
        };
        pushed.unwrap();
    }
    built.build()
}

fn command(deed: &Deed, now: Timestamp) -> Command {
    match deed {
        Deed::Write(list) => {
            let write = Write { commit_ts: now, request_id: None, reads: None, mutations: mutations(list) };
            Command::WriteBatch(WriteBatch { bounds: Bounds::default(), writes: Writes::of(&[write]) })
        }
        Deed::PreWrite { start, until, list } => Command::PreWrite(PreWrite {
            at: now,
            start_ts: at(*start),
            expires_at: UnixMillis::new(*until),
            mutations: mutations(list),
        }),
        Deed::Commit { start, keys } => {
            let keys = Keys::of(keys.iter().map(|key| key.as_bytes())).unwrap();
            Command::Resolve(Resolve { start_ts: at(*start), at: now, commit: true, keys })
        }
        Deed::RollBack { start } => {
            let keys = Keys::default();
            Command::Resolve(Resolve { start_ts: at(*start), at: now, commit: false, keys })
        }
    }
}

fn told(answer: Answer) -> Told {
    let over = |rejection: &LockRejection| {
        use LockRejection::*;
        matches!(rejection, Over { .. } | NotUnderWay { .. } | NotLocked { .. })
    };
    match answer {
        Answer::Writes(writes) if writes[0].is_ok() => Told::Done,
        Answer::Writes(_) => Told::InTheWay(1),
        Answer::PreWritten(Ok(())) | Answer::Resolved(Ok(Resolution::RolledBack { .. })) => Told::Done,
        Answer::Resolved(Ok(Resolution::Committed(written))) => Told::Committed(written.commit_ts.unix_ms()),
        Answer::PreWritten(Err(rejections)) if rejections.iter().any(over) => Told::NotThine,
        Answer::PreWritten(Err(rejections)) => Told::InTheWay(rejections.len()),
        Answer::Resolved(Err(rejection)) if over(&rejection) => Told::NotThine,
        other => panic!("{other:?}"),
    }
}

/// Deeds that get somewhere and still come twice, late and in each other's way.
struct Draw {
    dice: SharedRandom,
    starts: Vec<u64>,
    values: u64,
}

impl Draw {
    fn below(&self, limit: u64) -> u64 {
        self.dice.u64() % limit
    }

    fn list(&mut self) -> Vec<(Key, Value)> {
        let mut keys = KEYS.to_vec();
        let count = 1 + self.below(3);
        let mut list = Vec::new();
        for _ in 0..count {
            let key = keys.swap_remove(self.below(keys.len() as u64) as usize);
            self.values += 1;
            list.push((key, (self.below(4) > 0).then_some(self.values)));
        }
        list
    }

    /// One that began lately, or begins now.
    fn start(&mut self, now: u64) -> u64 {
        let lately = self.starts.len().min(4) as u64;
        match self.below(lately + 1) {
            0 => {
                self.starts.push(now - 1);
                now - 1
            }
            back => self.starts[self.starts.len() - back as usize],
        }
    }

    fn deed(&mut self, model: &Model, now: u64) -> Deed {
        match self.below(10) {
            0..2 => Deed::Write(self.list()),
            2..6 => {
                let until = now + self.below(60);
                Deed::PreWrite { start: self.start(now), until, list: self.list() }
            }
            6..9 => {
                let start = self.start(now);
                let own = model.locks.iter().filter(|(_, lock)| lock.start == start).map(|(key, _)| *key);
                let mut keys: Vec<Key> = own.filter(|_| self.below(2) == 0).collect();
                if self.below(8) == 0 {
                    keys.push(KEYS[self.below(5) as usize]);
                }
                Deed::Commit { start, keys }
            }
            _ => Deed::RollBack { start: self.start(now) },
        }
    }
}

#[derive(Default, Debug)]
struct Seen {
    told: BTreeMap<String, u64>,
    taken_back_by_others: u64,
    restarts: u64,
}

/// One run; where the two differ, if they do.
fn run<S: Subject>(seed: u64, rules: Rules, seen: &mut Seen) -> Result<(), String> {
    let mut draw = Draw { dice: SeededRandom::shared(seed), starts: Vec::new(), values: 0 };
    let (mut model, mut group) = (Model::default(), Group::<S>::new(rules));
    let mut now = 1;
    for number in 0..DEEDS {
        now += 1 + draw.below(9);
        let deed = draw.deed(&model, now);
        let held = model.locks.len();
        let (wanted, found) = (model.perform(&deed, now), group.perform(&deed, now));
        if wanted != found {
            return Err(format!("deed {number}, {deed:?}: {found:?} instead of {wanted:?}"));
        }
        if matches!(deed, Deed::Write(_)) && model.locks.len() < held {
            seen.taken_back_by_others += 1;
        }
        let kind = format!("{deed:?}").split([' ', '(']).next().unwrap().to_owned();
        let how = format!("{wanted:?}").split('(').next().unwrap().to_owned();
        *seen.told.entry(format!("{kind} {how}")).or_default() += 1;
        for key in KEYS {
            let then = now - draw.below(now);
            let (wanted, found) = (model.shown(key, then), group.shown(key, then));
            if wanted != found {
                return Err(format!("after {number}, {deed:?}: {key:?} is {found:?} instead of {wanted:?}"));
            }
        }
        let locked = group.tables.locks.locked();
        if locked.keys != model.locks.len() {
            return Err(format!("after {number}: {locked:?}, and {} keys are", model.locks.len()));
        }
        let first = model.locks.values().map(|lock| lock.until).min();
        assert_eq!(locked.first.map(|lock| lock.expires_at.get()), first, "after {number}");
        if draw.below(40) == 0 {
            group.restart();
            seen.restarts += 1;
        }
    }
    Ok(())
}

fn all<S: Subject>(seeds: u64) {
    let mut seen = Seen::default();
    for seed in 0..seeds {
        run::<S>(seed, Rules::default(), &mut seen).unwrap_or_else(|bad| panic!("seed {seed}: {bad}"));
    }
    println!("{seen:?}");
    // A run in which nothing meets shows nothing.
    for kind in ["Write Done", "Write InTheWay", "PreWrite Done", "PreWrite InTheWay", "PreWrite NotThine"] {
        assert!(seen.told.get(kind).is_some_and(|often| *often > seeds), "{kind}: {seen:?}");
    }
    for kind in ["Commit Committed", "Commit NotThine", "RollBack Done", "RollBack NotThine"] {
        assert!(seen.told.get(kind).is_some_and(|often| *often > seeds / 2), "{kind}: {seen:?}");
    }
    assert!(seen.taken_back_by_others > seeds && seen.restarts > seeds, "{seen:?}");
}

#[test]
fn the_group_does_what_the_model_does() {
    all::<ModelEngine>(SEEDS);
}

#[test]
fn and_so_it_does_on_the_real_engine() {
    all::<Fjall>(SEEDS / 5);
}

#[cfg(feature = "testing")]
#[test]
fn without_locks_it_does_not() {
    let rules = Rules::without(Rule::Locks);
    let found = (0..SEEDS)
        .find_map(|seed| run::<ModelEngine>(seed, rules, &mut Seen::default()).err().map(|bad| (seed, bad)));
    let (seed, bad) = found.expect("nobody misses the locks");
    println!("without locks, seed {seed}: {bad}");
}
