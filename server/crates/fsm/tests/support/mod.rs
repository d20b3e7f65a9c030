//! A replica without replication: entries are handed to it, and it keeps its state in a store.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold fails the test")]

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::{Batch, Engine};
use elastickv_fsm::*;
use elastickv_mvcc::ClearRows;
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::*;

pub mod random;
pub mod rules;
pub mod script;
mod show;

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

/// An entry of the log.
#[derive(Clone)]
enum Logged {
    Membership,
    Command(Form, Command),
}

pub struct Replica {
    log: Vec<Logged>,
    keyspaces: GroupKeyspaces,
    engine: Arc<ModelEngine>,
    pub applied: Applied,
    membership: MembershipRecord,
}

impl Replica {
    pub fn new(group: GroupId) -> Self {
        let keyspaces = GroupKeyspaces::new(group);
        let engine = Arc::new(ModelEngine::new());
        engine.create_keyspace(keyspaces.meta()).unwrap();
        engine.create_keyspace(&keyspaces.rows(Generation::FIRST)).unwrap();
        let membership = MembershipRecord::default();
        Self { log: Vec::new(), keyspaces, engine, applied: Applied::new(group), membership }
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

    /// Applies a membership entry.
    pub fn set_membership(&mut self) -> LogId {
        self.log.push(Logged::Membership);
        self.apply_membership()
    }

    fn apply_membership(&mut self) -> LogId {
        let id = LogId::new(Term::new(2), self.next_index());
        let body = Bytes::from_static(b"members");
        let record = MembershipRecord { id: Some(id), body, ..MembershipRecord::default() };
        let mut batch = ApplyBatch::new(&self.keyspaces, &ClearRows, self.applied.clone());
        batch.set_membership(&record);
        batch.mark_applied(id);
        self.membership = record;
        self.write(batch.finish());
        id
    }

    /// Applies an entry as one would who does not see all of the state.
    pub fn apply_seeing(&mut self, blind: random::Blind, form: Form, command: Command) -> Entry {
        match blind {
            random::Blind::Nothing => self.apply(form, command),
            _ => self.apply_once(form, &command, blind),
        }
    }

    /// Applies an entry as it would come from the log, and once more from the state before it.
    pub fn apply(&mut self, form: Form, command: Command) -> Entry {
        let command = decode_command(encode_command(&command)).unwrap();
        self.log.push(Logged::Command(form, command.clone()));
        let before = self.applied.clone();
        let first = self.apply_once(form, &command, random::Blind::Nothing);
        let after = std::mem::replace(&mut self.applied, before);
        let again = self.apply_once(form, &command, random::Blind::Nothing);
        assert_eq!(first.decision, again.decision, "replayed, {command:?} is decided otherwise");
        assert_eq!(after, self.applied, "replayed, {command:?} leads elsewhere");
        first
    }

    /// Applies what a past of so many operations would have left, one a second from then on.
    pub fn live_through(&mut self, operations: u64, from_ms: u64) {
        let mut batch = ApplyBatch::new(&self.keyspaces, &ClearRows, self.applied.clone());
        let first = self.next_index().get();
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
        batch.perform(remembered.collect()).unwrap();
        batch.mark_applied(LogId::new(Term::new(2), LogIndex::new(first + operations - 1)));
        self.write(batch.finish());
    }

    fn apply_once(&mut self, form: Form, command: &Command, blind: random::Blind) -> Entry {
        let id = LogId::new(Term::new(2), self.next_index());
        let mut batch = ApplyBatch::new(&self.keyspaces, &ClearRows, self.applied.clone());
        let decision =
            plan(&blind.see(batch.state(), command), Place { index: id.index, form }, command.clone());
        batch.perform(decision.actions.clone()).unwrap();
        batch.mark_applied(id);
        let duties = batch.duties();
        self.write(batch.finish());
        Entry { index: id.index, decision, duties }
    }

    fn write(&mut self, (batch, applied): (Batch, Applied)) {
        self.engine.write(batch).unwrap();
        self.applied = applied;
    }

    /// What the store holds, read as a start of the process reads it.
    pub fn stored(&self) -> Applied {
        read_applied(&*self.engine.view().unwrap(), &self.keyspaces).unwrap()
    }

    /// Forgets everything but the store.
    pub fn restart(&mut self) {
        self.applied = self.stored();
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
        for entry in self.log.clone().into_iter().skip(from) {
            match entry {
                Logged::Membership => drop(self.apply_membership()),
                Logged::Command(form, command) => {
                    drop(self.apply_once(form, &command, random::Blind::Nothing));
                }
            }
        }
    }

    /// Takes a snapshot and installs it over the store of another replica of the group.
    pub fn install_into(&self, other: &mut Replica) {
        let files = MemoryFiles::shared();
        let path = Path::new("/snapshot");
        let head = SnapshotHead {
            group: self.keyspaces.group(),
            applied: self.applied.clone(),
            membership: self.membership.clone(),
            keyring_version: self.state().control.as_ref().and_then(|control| control.keyring_version),
        };
        SnapshotWriter::create(&*files, path, &head).unwrap().finish().unwrap();
        let read = read_head(&*files, path, self.keyspaces.group()).unwrap();
        assert_eq!(read, head);
        let replaced = other.applied.state.clone();
        let mut batch = ApplyBatch::replacing(&other.keyspaces, &ClearRows, &replaced, read.applied.clone());
        batch.set_membership(&read.membership);
        other.membership = read.membership;
        other.write(batch.finish());
    }
}
