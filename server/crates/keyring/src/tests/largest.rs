//! Whatever the control group accepts, every node can keep: the largest table that it lets come to be is recorded.
//!
//! What is accepted and can not be recorded would stop each replica at the same entry, for ever.

use std::collections::{BTreeMap, BTreeSet};

use elastickv_fsm::{
    Actor, Answer, Bootstrap, Cohort, Command, Form, GroupState, Install, LAST_CREATED, NewKey,
    NothingWritten, OperationCommand, OperationKind, Origin, Phase, Place, Reason, Rejection, Rules, Step,
    StepCommand, UnixMillis, Wrapping, plan,
};
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::{GroupId, LogId, OperationId, Term};
use proptest::prelude::*;

use super::*;
use crate::{MOST_GROUPS, Sidecar};

/// The control group, and where its log goes on.
struct Control {
    state: GroupState,
    next: u64,
}

impl Control {
    fn new() -> Self {
        let membership = Some(LogId::new(Term::new(1), index(1)));
        Self { state: GroupState { membership, ..GroupState::new(GroupId::CONTROL) }, next: 2 }
    }

    fn apply(&mut self, command: Command) -> Result<(), Rejection> {
        let place = Place { index: index(self.next), form: Form::Clear };
        self.next += 1;
        let decision = plan(&self.state, &NothingWritten, Rules::default(), place, command).unwrap();
        decision.actions.iter().for_each(|action| self.state.perform(action, &mut BTreeSet::new()));
        match decision.answer {
            Answer::Done(done) => done.map(drop),
            other => panic!("{other:?}"),
        }
    }

    /// One operation: its first step may be rejected.
    fn operation(&mut self, kind: OperationKind, steps: Vec<Step>) -> Result<(), Rejection> {
        let at = UnixMillis::new(self.next * 1000);
        let mut id = [0; 16];
        id[..6].copy_from_slice(&at.get().to_be_bytes()[2..]);
        (id[6], id[8]) = (0x70, 0x80);
        let operation = OperationId::from_bytes(id);
        let origin = Origin { operation, actor: Actor::cut("ops"), reason: Reason::cut("why"), at };
        let membership = self.state.membership.unwrap();
        let phase =
            Phase::Begin { kind, purpose: None, since: at, deadline: at.saturating_add(60_000), membership };
        self.apply(Command::Operation(OperationCommand { origin: origin.clone(), phase })).unwrap();
        let count = steps.len();
        steps.into_iter().enumerate().try_for_each(|(place, step)| {
            let last = place + 1 == count;
            self.apply(Command::Step(StepCommand { origin: origin.clone(), last, step }))
        })
    }

    fn bootstrap(&mut self, storage: NewKey, raft: NewKey) -> Result<(), Rejection> {
        let membership = self.state.membership.unwrap();
        let bootstrap = Step::Bootstrap(Box::new(Bootstrap { storage, raft, membership }));
        self.operation(OperationKind::Bootstrap, vec![bootstrap])
    }

    fn rotate(&mut self, new: NewKey) -> Result<(), Rejection> {
        let purpose = Purpose::Storage;
        let (key, replaces) = (new.id, self.state.control.as_ref().unwrap().keys.active(purpose).unwrap());
        let install = Step::Install(Box::new(Install { purpose, key: new, replaces }));
        self.operation(OperationKind::Rotate, vec![install, Step::Activate { key, replaces }])
    }

    /// What each node is told to record.
    fn table(&self) -> KeyTable {
        let control = self.state.control.as_deref().unwrap();
        let keys = control.keys.unretired().map(|(id, row)| {
            let wrapping = row.wrapping.as_ref().unwrap();
            let created = i64::try_from(row.created_at.get()).unwrap();
            let entry = TableKey {
                purpose: row.purpose,
                state: KeyState::from_text(row.state.as_str()).unwrap(),
                index: row.created,
                created: jiff::Timestamp::from_millisecond(created).unwrap(),
                wrapped: wrapping.wrapped().clone(),
                commitment: row.commitment,
                kek: wrapping.kek().clone(),
                row: None,
            };
            (id, entry)
        });
        KeyTable {
            cluster: cluster(),
            index: index(u64::MAX),
            storage_cutover: Some(index(u64::MAX)),
            keys: keys.collect(),
            retired: BTreeMap::new(),
        }
    }
}

fn new_key(id: u32, wrapping: Wrapping, created: UnixMillis) -> NewKey {
    let commitment = elastickv_types::Commitment::new([0xdd; 32]);
    NewKey { id: key(id), wrapping, commitment, created, cohort: Cohort::default() }
}

/// A wrapping as large as there is, of letters that take as much as any in a text.
fn largest_wrapping() -> Wrapping {
    let (mut longest, mut wrapped) = (1, None);
    while let Some(next) = WrappedKey::new(Bytes::from(vec![0xff; longest])) {
        wrapped = Some(next);
        longest += 1;
    }
    let label = || "\"".repeat(Wrapping::LONGEST_LABEL);
    Wrapping::new(wrapped.unwrap(), KekLabel { provider: label(), key: label(), version: label() }).unwrap()
}

#[test]
fn the_largest_table_that_is_accepted_can_be_recorded() {
    let wrapping = largest_wrapping();
    let key_of = |id| new_key(id, wrapping.clone(), LAST_CREATED);
    let mut control = Control::new();
    control.bootstrap(key_of(u32::MAX), key_of(u32::MAX - 1)).unwrap();
    let refused = (2..10_000).find_map(|id| control.rotate(key_of(u32::MAX - id)).err()).unwrap();
    assert!(matches!(refused, Rejection::TooManyKeys { .. }), "{refused}");

    let table = control.table();
    let load = LoadMark::Starting { token: token(u64::MAX), previous: Some(token(u64::MAX)) };
    let mut sidecar = Sidecar::with_table(None, &owner().node, load, &table).unwrap();
    let groups = (0..MOST_GROUPS as u64).map(|group| GroupId::from_u64(u64::MAX - group).unwrap());
    sidecar.raft_cutovers = groups.map(|group| (group, index(u64::MAX))).collect();
    let node = Node::new(MemoryFiles::shared(), 7);
    node.file().save(None, sidecar.clone()).unwrap();
    assert_eq!(node.sidecar(), sidecar);
    let bytes =
        node.files.open(&node.sidecar_path(), elastickv_sys::files::Open::Read).unwrap().len().unwrap();
    println!("{} keys in {bytes} bytes", table.keys.len());
    assert!(bytes < 3 << 20, "{bytes} bytes leave no room");
}

proptest! {
    #![proptest_config(cases(200, 20_000))]

    /// Whenever a key may claim to be made, it is rejected or can be recorded.
    #[test]
    fn whatever_time_is_accepted_can_be_recorded(
        created in prop_oneof![
            any::<u64>(),
            (0..1000_u64).prop_map(|off| LAST_CREATED.get() - 500 + off),
            (0..(1_u64 << 50)),
        ],
    ) {
        let mut control = Control::new();
        let of = |id| new_key(id, largest_wrapping(), UnixMillis::new(created));
        match control.bootstrap(of(1), of(2)) {
            Err(rejection) => prop_assert!(matches!(rejection, Rejection::CreatedTooLate { .. }), "{rejection}"),
            Ok(()) => {
                let sidecar = Sidecar::with_table(None, &owner().node, settled(1), &control.table()).unwrap();
                let node = Node::new(MemoryFiles::shared(), 7);
                node.file().save(None, sidecar.clone()).unwrap();
                prop_assert_eq!(node.sidecar(), sidecar);
            }
        }
    }
}
