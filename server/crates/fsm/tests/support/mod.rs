//! A replica without replication: entries are handed to it, and it keeps its state in a store.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::{Batch, Direction, Engine, KeyRange};
use elastickv_fsm::*;
use elastickv_mvcc::{ClearRows, LockKey, OpenedRow, RowKey, Sealer as _};
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::*;

pub mod random;
pub mod rules;
pub mod script;
mod show;
pub mod writes;

pub fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

/// A timed id; the last bytes tell those of one millisecond apart.
pub fn operation(drawn_ms: u64, tail: u64) -> OperationId {
    let mut raw = [0; 16];
    raw[..6].copy_from_slice(&drawn_ms.to_be_bytes()[2..]);
    raw[6] = 0x70;
    raw[8..].copy_from_slice(&(1 << 63 | tail).to_be_bytes());
    OperationId::from_bytes(raw)
}

pub fn commitment(of: KeyId) -> Commitment {
    Commitment::new([of.get() as u8; 32])
}

pub fn wrapping(by: &str) -> Wrapping {
    let kek = KekLabel { provider: "file".to_owned(), key: by.to_owned(), version: "1".to_owned() };
    Wrapping::new(WrappedKey::new(Bytes::from_static(&[0xcc; 60])).unwrap(), kek).unwrap()
}

/// What applying an entry came to.
pub struct Entry {
    pub index: LogIndex,
    pub decision: Decision,
    pub duties: Duties,
}

/// An entry of the log, and what it came to.
#[derive(Clone)]
enum Logged {
    Membership,
    /// What so many operations would have left, one a second from then on, as if by one entry each.
    Past(u64, u64),
    Command(Form, Command, Option<Answer>),
}

pub struct Replica {
    log: Vec<Logged>,
    keyspaces: GroupKeyspaces,
    engine: Arc<ModelEngine>,
    pub applied: Applied,
    pub tables: Tables,
    membership: MembershipRecord,
}

/// Several entries on their way into one batch.
struct Gathering<'a> {
    batch: ApplyBatch<'a>,
    next: LogIndex,
    membership: Option<MembershipRecord>,
}

impl Gathering<'_> {
    fn id(&self) -> LogId {
        LogId::new(Term::new(2), self.next)
    }

    fn take(&mut self, entry: &Logged) -> Option<Decision> {
        match entry {
            Logged::Membership => {
                let (id, body) = (Some(self.id()), Bytes::from_static(b"members"));
                let record = MembershipRecord { id, body, ..MembershipRecord::default() };
                self.batch.set_membership(&record);
                self.membership = Some(record);
                self.end(1);
                None
            }
            Logged::Past(operations, from_ms) => {
                self.batch.perform(past(self.next.get(), *operations, *from_ms)).unwrap();
                self.end(*operations);
                None
            }
            Logged::Command(form, command, _) => {
                Some(self.command(*form, command.clone(), random::Blind::Nothing))
            }
        }
    }

    fn command(&mut self, form: Form, command: Command, blind: random::Blind) -> Decision {
        let seen = blind.see(self.batch.state(), &command);
        let place = Place { index: self.next, form };
        let decision = plan(&seen, &self.batch, Rules::default(), place, command).unwrap();
        self.batch.perform(decision.actions.clone()).unwrap();
        self.end(1);
        decision
    }

    fn end(&mut self, entries: u64) {
        self.next = LogIndex::new(self.next.get() + entries);
        self.batch.mark_applied(LogId::new(Term::new(2), LogIndex::new(self.next.get() - 1)));
    }
}

fn past(first: u64, operations: u64, from_ms: u64) -> Vec<Action> {
    let remembered = (0..operations).map(|place| {
        let (at, ms) = (LogIndex::new(first + place), from_ms + place * 1000);
        let record = Record {
            operation: operation(ms, place),
            kind: OperationKind::Rewrap,
            at: UnixMillis::new(ms),
            actor: Actor::cut("ops"),
            reason: Reason::cut("because"),
            outcome: Ok(Done { changed: true, first: at, key: None }),
        };
        Action::Remember { at, record: Box::new(record) }
    });
    remembered.collect()
}

impl Replica {
    pub fn new(group: GroupId) -> Self {
        let keyspaces = GroupKeyspaces::new(group);
        let engine = Arc::new(ModelEngine::new());
        engine.create_keyspace(keyspaces.meta()).unwrap();
        engine.create_keyspace(&keyspaces.rows(Generation::FIRST)).unwrap();
        engine.create_keyspace(&keyspaces.locks(Generation::FIRST)).unwrap();
        let (log, tables, membership) = Default::default();
        Self { log, keyspaces, engine, applied: Applied::new(group), tables, membership }
    }

    pub fn state(&self) -> &GroupState {
        &self.applied.state
    }

    pub fn control(&self) -> &Control {
        self.state().control.as_deref().expect("only the control group is asked")
    }

    pub fn next_index(&self) -> LogIndex {
        self.applied.last.map_or(LogIndex::default(), |id| id.index.next())
    }

    fn gather(&self, tables: Tables) -> Gathering<'_> {
        let store = Store { keyspaces: &self.keyspaces, engine: &*self.engine, sealer: &ClearRows };
        let batch = ApplyBatch::new(store, self.applied.clone(), tables);
        Gathering { batch, next: self.next_index(), membership: None }
    }

    /// Applies a membership entry.
    pub fn set_membership(&mut self) -> LogId {
        self.log.push(Logged::Membership);
        self.apply_all(&[Logged::Membership]);
        self.applied.last.unwrap()
    }

    /// Applies what a past of so many operations would have left, one a second from then on.
    pub fn live_through(&mut self, operations: u64, from_ms: u64) {
        self.log.push(Logged::Past(operations, from_ms));
        self.apply_all(&[Logged::Past(operations, from_ms)]);
    }

    /// Applies an entry as one would who does not see all of the state.
    pub fn apply_seeing(&mut self, blind: random::Blind, form: Form, command: Command) -> Entry {
        if blind == random::Blind::Nothing {
            return self.apply(form, command);
        }
        let mut gathering = self.gather(self.tables.clone());
        let index = gathering.next;
        let decision = gathering.command(form, command, blind);
        let duties = gathering.batch.duties();
        let ready = gathering.batch.finish();
        self.write(ready, None);
        Entry { index, decision, duties }
    }

    /// Applies an entry as it would come from the log, after it was tried once from the same state.
    pub fn apply(&mut self, form: Form, command: Command) -> Entry {
        let command = decode_command(encode_command(&command)).unwrap();
        let mut tried = self.gather(self.tables.clone());
        let decision = tried.command(form, command.clone(), random::Blind::Nothing);
        let tried = tried.batch.finish();
        let mut again = self.gather(self.tables.clone());
        let told = again.command(form, command.clone(), random::Blind::Nothing);
        assert_eq!(decision, told, "tried again, {command:?} is decided otherwise");
        let duties = again.batch.duties();
        let ready = again.batch.finish();
        assert_eq!(tried.batch, ready.batch, "tried again, {command:?} writes something else");
        assert_eq!(tried.applied, ready.applied, "tried again, {command:?} leads elsewhere");
        assert_eq!(tried.tables, ready.tables, "tried again, {command:?} is remembered otherwise");
        let index = self.next_index();
        self.write(ready, None);
        self.log.push(Logged::Command(form, command, Some(decision.answer.clone())));
        Entry { index, decision, duties }
    }

    /// Applies an entry of which it is known how it is answered.
    pub fn apply_knowing(&mut self, command: Command, told: Answer) {
        let entry = Logged::Command(Form::Clear, command, Some(told));
        self.apply_all(std::slice::from_ref(&entry));
        self.log.push(entry);
    }

    /// Applies entries of the log in one batch. What was answered before is answered now.
    fn apply_all(&mut self, entries: &[Logged]) {
        let tables = std::mem::take(&mut self.tables);
        let mut gathering = self.gather(tables);
        for entry in entries {
            let index = gathering.next;
            let decision = gathering.take(entry);
            if let (Logged::Command(_, _, Some(told)), Some(decision)) = (entry, decision) {
                assert_eq!(decision.answer, *told, "replayed, entry {index} is answered otherwise");
            }
        }
        let membership = gathering.membership.take();
        let ready = gathering.batch.finish();
        self.write(ready, membership);
    }

    fn write(&mut self, ready: Ready, membership: Option<MembershipRecord>) {
        self.engine.write(ready.batch).unwrap();
        self.applied = ready.applied;
        self.tables = ready.tables;
        self.membership = membership.unwrap_or_else(|| self.membership.clone());
    }

    /// The whole log again, on a store of its own, so many entries in a batch: it comes to the same.
    pub fn check_replay(&self, at_once: usize) {
        let mut other = Replica::new(self.keyspaces.group());
        self.log.chunks(at_once).for_each(|entries| other.apply_all(entries));
        let generation = self.applied.generation;
        assert_eq!(Applied { generation, ..other.applied.clone() }, self.applied, "{at_once} at once");
        assert_eq!(other.tables, self.tables, "{at_once} at once");
        assert_eq!(other.rows(), self.rows(), "{at_once} at once");
        assert_eq!(other.locks(), self.locks(), "{at_once} at once");
    }

    /// All locks, as they are stored.
    pub fn locks(&self) -> Vec<(LockKey, OpenedRow)> {
        let view = self.engine.view().unwrap();
        let locks = self.keyspaces.locks(self.applied.generation);
        let pairs = view.range(&locks, KeyRange::ALL, Direction::Forward).unwrap();
        let locks = pairs.map(|pair| {
            let (key, value) = pair.unwrap();
            (LockKey::decode(&key).unwrap(), ClearRows.open(&key, value).unwrap())
        });
        locks.collect()
    }

    /// All rows, as they are stored.
    pub fn rows(&self) -> Vec<(RowKey, OpenedRow)> {
        let view = self.engine.view().unwrap();
        let rows = self.keyspaces.rows(self.applied.generation);
        let pairs = view.range(&rows, KeyRange::ALL, Direction::Forward).unwrap();
        let rows = pairs.map(|pair| {
            let (key, value) = pair.unwrap();
            (RowKey::decode(&key).unwrap(), ClearRows.open(&key, value).unwrap())
        });
        rows.collect()
    }

    /// What the store holds, read as a start of the process reads it.
    pub fn stored(&self) -> (Applied, Tables) {
        let view = self.engine.view().unwrap();
        let applied = read_applied(&*view, &self.keyspaces).unwrap();
        let tables = read_tables(&*view, &self.keyspaces, applied.generation).unwrap();
        (applied, tables)
    }

    /// Forgets everything but the store.
    pub fn restart(&mut self) {
        (self.applied, self.tables) = self.stored();
    }

    pub fn persist(&self) {
        self.engine.persist().unwrap();
    }

    /// Of what was written since the store was persisted, only a part is left; the log has the rest.
    pub fn lose_power(&mut self, share: u64) {
        let left = self.engine.unpersisted() * share as usize / 100;
        self.engine = Arc::new(self.engine.crash(left));
        self.restart();
        let from = self.next_index().get() as usize;
        let lost: Vec<_> = self.log.iter().skip(from).cloned().collect();
        lost.chunks(3).for_each(|entries| self.apply_all(entries));
    }

    /// Takes a snapshot and installs it over the store of another replica of the group.
    pub fn install_into(&self, other: &mut Replica) {
        let files = MemoryFiles::shared();
        let path = Path::new("/snapshot");
        let head = SnapshotHead {
            group: self.keyspaces.group(),
            applied: Applied { generation: Generation::FIRST, ..self.applied.clone() },
            membership: self.membership.clone(),
            keyring_version: self.state().control.as_ref().and_then(|control| control.keyring_version),
        };
        let mut writer = SnapshotWriter::create(&*files, path, &head).unwrap();
        let view = self.engine.view().unwrap();
        let (keyspaces, generation) = (&self.keyspaces, self.applied.generation);
        for pair in (Requests { keyspaces, generation }).read(&*view).unwrap() {
            let (request, first) = pair.unwrap();
            writer.request(&request, first).unwrap();
        }
        for pair in (Transactions { keyspaces, generation }).over(&*view).unwrap() {
            let (start_ts, over) = pair.unwrap();
            writer.over(start_ts, over).unwrap();
        }
        let locks = self.keyspaces.locks(generation);
        for pair in view.range(&locks, KeyRange::ALL, Direction::Forward).unwrap() {
            let (key, value) = pair.unwrap();
            writer.lock(&key, &value).unwrap();
        }
        let rows = self.keyspaces.rows(self.applied.generation);
        for pair in view.range(&rows, KeyRange::ALL, Direction::Forward).unwrap() {
            let (key, value) = pair.unwrap();
            writer.row(&key, &value).unwrap();
        }
        writer.finish().unwrap();
        let mut reader = SnapshotReader::open(&*files, path, self.keyspaces.group()).unwrap();
        assert_eq!(*reader.head(), head);

        let generation = other.applied.generation.next();
        let keyspaces = other.keyspaces.clone();
        let (rows, locks) = (keyspaces.rows(generation), keyspaces.locks(generation));
        [&rows, &locks].into_iter().for_each(|keyspace| other.engine.create_keyspace(keyspace).unwrap());
        let requests = Requests { keyspaces: &keyspaces, generation };
        let transactions = Transactions { keyspaces: &keyspaces, generation };
        let mut batch = Batch::default();
        while let Some(section) = reader.next_section().unwrap() {
            match section {
                SnapshotSection::Requests(found) => {
                    found.iter().for_each(|(request, first)| requests.put(&mut batch, request, *first));
                }
                SnapshotSection::Over(found) => {
                    found.iter().for_each(|(start, over)| transactions.put_over(&mut batch, *start, *over));
                }
                SnapshotSection::Locks(found) => {
                    found.into_iter().for_each(|(key, value)| batch.put(&locks, key, value));
                }
                SnapshotSection::Rows(found) => {
                    found.into_iter().for_each(|(key, value)| batch.put(&rows, key, value));
                }
            }
        }
        other.engine.write(batch).unwrap();
        let tables = read_tables(&*other.engine.view().unwrap(), &keyspaces, generation).unwrap();
        let store = Store { keyspaces: &keyspaces, engine: &*other.engine, sealer: &ClearRows };
        let replaced = other.applied.state.clone();
        let applied = Applied { generation, ..head.applied };
        let mut batch = ApplyBatch::replacing(store, &replaced, applied, tables);
        batch.set_membership(&head.membership);
        let ready = batch.finish();
        other.write(ready, Some(head.membership));
        drop_other_tables(&*other.engine, &keyspaces, generation).unwrap();
        other.log = self.log.clone();
    }
}
