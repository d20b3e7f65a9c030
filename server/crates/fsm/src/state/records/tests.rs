use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::{
    ByteRate, Commitment, FullNodeId, GroupId, KekLabel, KeyId, LoadToken, LocalEpoch, LogId, LogIndex,
    OperationId, Purpose, Term, WrappedKey,
};

use prost::Message;

use super::*;
use crate::command::{
    Actor, LAST_CREATED, MOST_KEYS, OperationKind, Origin, Reason, RefusalName, StepTag, SubTag, UnixMillis,
    Wrapping, Writer,
};
use crate::plan::{Rejection, Wanted};
use crate::state::{
    Control, Done, Fingerprint, Job, JobPhase, KeyRow, KeyState, RaftEnvelope, Record, Running, Stage, Steps,
};

const PAGE: &str = include_str!("../../../../../../docs/formats/encryption-state.md");

/// The rows of the page's table: the key of a record, and what it holds.
fn drawn() -> BTreeMap<Bytes, Bytes> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `e/"));
    let rows = rows.map(|row| {
        let [_, key, _, value, _] = row.split('`').collect::<Vec<_>>().try_into().unwrap();
        let (name, id) = key.split_once(" ‖ ").unwrap_or((key, ""));
        let key = [name.as_bytes(), &hex::decode(id).unwrap()].concat();
        (key.into(), hex::decode(value).unwrap().into())
    });
    rows.collect()
}

fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

fn at(raw: u64) -> LogIndex {
    LogIndex::new(raw)
}

fn row(purpose: Purpose, state: KeyState, created: u64) -> KeyRow {
    let part = |text: &str| text.to_owned();
    let kek = KekLabel { provider: part("file"), key: part("kek.bin"), version: part("1") };
    let wrapping = Wrapping::new(WrappedKey::new(Bytes::from_static(&[0xcc; 4])).unwrap(), kek);
    KeyRow {
        purpose,
        state,
        commitment: Commitment::new([0xdd; 32]),
        created: at(created),
        created_at: UnixMillis::new(1_700_000_000_001),
        wrapping: wrapping.filter(|_| !state.is_retired()),
    }
}

fn record(last: u8, outcome: crate::state::Outcome) -> Record {
    let mut id = *b"\x01\x91\xf2\xa4\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x00";
    id[15] = last;
    Record {
        operation: OperationId::from_bytes(id),
        kind: OperationKind::Rotate,
        at: UnixMillis::new(1_700_000_000_000),
        actor: Actor::cut("ops"),
        reason: Reason::cut("why"),
        outcome,
    }
}

/// A control group that has seen everything once.
fn sample() -> GroupState {
    let mut control = Control {
        stage: Stage::FullySealed { bootstrap: at(2), storage: at(5), raft: at(7) },
        control_index: Some(at(12)),
        keyring_version: Some(at(12)),
        ..Control::default()
    };
    control.keys.put(key(1), row(Purpose::Storage, KeyState::Retired { closed: at(10), at: at(12) }, 2));
    control.keys.put(key(2), row(Purpose::Raft, KeyState::Active, 2));
    control.keys.put(key(3), row(Purpose::Storage, KeyState::Active, 8));
    control.keys.put(key(4), row(Purpose::Raft, KeyState::Closed { at: at(11) }, 3));
    let node = FullNodeId::of_name("n1");
    let token = LoadToken::new(0x0102_0304_0506_0708);
    control.writers.put(key(3), Writer { node, epoch: LocalEpoch::new(3), token });
    let done = Done { changed: true, first: at(9), key: Some(key(3)) };
    control.history.put(at(9), record(7, Ok(done)));
    control.history.put(
        at(10),
        record(8, Err(Rejection::Refused { name: RefusalName::cut("NoKek"), text: Reason::cut("no") })),
    );
    control.history.restore(UnixMillis::new(1_700_000_000_000), Some(UnixMillis::new(1_690_000_000_000)));
    let Record { operation, at: time, actor, reason, .. } = record(9, Ok(done));
    control.running = Some(Running {
        origin: Origin { operation, actor, reason, at: time },
        kind: OperationKind::Rotate,
        purpose: Some(Purpose::Raft),
        since: UnixMillis::new(1_700_000_000_000),
        deadline: UnixMillis::new(1_700_000_060_000),
        begun: at(13),
        steps: Steps::new(vec![(
            StepTag { tag: SubTag::Install, purpose: Some(Purpose::Raft), key: None },
            Done { changed: true, first: at(14), key: Some(key(4)) },
        )])
        .unwrap(),
    });
    let Record { operation, at: time, actor, reason, .. } = record(10, Ok(done));
    control.job = Some(Job {
        origin: Origin { operation, actor, reason, at: time },
        begun: at(15),
        rate: ByteRate::from_u64(20 << 20),
        phase: JobPhase::Paused,
        changed: at(16),
    });
    let raft = RaftEnvelope {
        cutover: Some(at(7)),
        floor: BTreeMap::from([(key(4), at(11))]),
        last_sealed: BTreeMap::from([(key(2), at(14))]),
    };
    GroupState { raft: Arc::new(raft), control: Some(Arc::new(control)), ..GroupState::default() }
}

fn read(records: impl IntoIterator<Item = (Bytes, Bytes)>) -> Result<GroupState, RecordError> {
    GroupState::from_records(GroupId::CONTROL, records)
}

#[test]
fn a_state_has_the_drawn_records() {
    assert!(sample().records().eq(drawn()), "the records, in the order of their keys");
    assert_eq!(read(drawn()), Ok(sample()));
}

#[test]
fn the_fingerprint_is_the_drawn_one() {
    let drawn = PAGE.split("```hex fingerprint\n").nth(1).unwrap().split("```").next().unwrap().trim();
    let drawn: [u8; 32] = hex::decode(drawn).unwrap().try_into().unwrap();
    assert_eq!(sample().control.unwrap().fingerprint(), Fingerprint::new(drawn));
}

#[test]
fn a_new_group_has_no_record_and_needs_none() {
    assert_eq!(read([]), Ok(GroupState::new(GroupId::CONTROL)));
    let other = GroupId::from_u64(2).unwrap();
    assert_eq!(GroupState::from_records(other, []), Ok(GroupState::new(other)));
    assert_eq!(GroupState::new(other).records().next(), None);
}

/// A cut can leave a shorter message, never the same one; what is added is a field of a later build.
#[test]
fn a_record_is_read_whole() {
    for (key, value) in drawn() {
        let with = |value: Bytes| {
            let mut records = drawn();
            records.insert(key.clone(), value);
            read(records)
        };
        for cut in 0..value.len() {
            assert_ne!(with(value.slice(..cut)), Ok(sample()), "{} cut at {cut}", key.escape_ascii());
        }
        for more in [&[0][..], &[0x98, 0x06, 0x01]] {
            let longer = [&value, more].concat();
            assert!(with(longer.into()).is_err(), "{} with more", key.escape_ascii());
        }
    }
}

#[test]
fn keys_that_are_none_are_refused_by_name() {
    for bad in
        ["e/", "e/other", "e/key/", "e/key/\0\0\0\0", "e/key/12345", "e/writer/\0\0\0\u{1}", "e/history/1"]
    {
        let error = read([(Bytes::copy_from_slice(bad.as_bytes()), Bytes::new())]).unwrap_err();
        assert_eq!(error.reason, "is not known to this build", "{bad:?}");
    }
    for key in sample().record_keys() {
        assert_eq!(RecordKey::decode(&key.encode()), Some(key));
        assert!(key.encode().len() <= RecordKey::LONGEST);
    }
    let error = read([(vec![0; 1 << 20].into(), Bytes::new())]).unwrap_err();
    assert_eq!(error.key, "\\x00".repeat(RecordKey::LONGEST) + "...");
}

#[test]
fn an_operation_has_as_many_steps_as_it_can_take() {
    let with = |steps: u32| {
        let mut state = sample();
        let taken = |id| {
            let tag = StepTag { tag: SubTag::Close, purpose: None, key: Some(key(id)) };
            (tag, Done { changed: false, first: at(1), key: None })
        };
        let steps = Steps::new((1..=steps).map(taken).collect())?;
        control(&mut state).running.as_mut()?.steps = steps;
        Some(state)
    };
    let most = with(Steps::MOST as u32).unwrap();
    assert_eq!(read(most.records()), Ok(most.clone()));
    assert_eq!(with(Steps::MOST as u32 + 1), None);
    let written = |steps: u32| {
        let done = wire::Done { changed: false, first: 1, key: None };
        let mut running = Vec::new();
        for id in 1..=steps {
            let step = wire::Taken { sub_tag: 7, purpose: None, key: Some(id), done: Some(done.clone()) };
            prost::encoding::message::encode(7, &step, &mut running);
        }
        let control = wire::Control { format: 1, running: Some(running.into()), ..wire::Control::default() };
        message::read_control(control.encode_to_vec().into()).err()
    };
    assert_eq!(written(Steps::MOST as u32), Some("it does not say which operation it is of"));
    assert_eq!(written(Steps::MOST as u32 + 1), Some("has more steps than an operation takes"));
}

/// The sample with one of its records changed, and what is found wrong.
fn contradicted(change: impl FnOnce(&mut GroupState)) -> String {
    let mut state = sample();
    change(&mut state);
    read(state.records()).unwrap_err().to_string()
}

fn control(state: &mut GroupState) -> &mut Control {
    Arc::make_mut(state.control.as_mut().unwrap())
}

#[test]
fn records_that_contradict_each_other_are_refused() {
    let second =
        contradicted(|state| control(state).keys.put(key(9), row(Purpose::Raft, KeyState::Active, 9)));
    assert_eq!(second, r"the record e/key/\x00\x00\x00\t is a second active one of its purpose");
    let waiting = contradicted(|state| {
        control(state).keys.put(key(8), row(Purpose::Raft, KeyState::Installed, 9));
        control(state).keys.put(key(9), row(Purpose::Raft, KeyState::Installed, 9));
    });
    assert_eq!(waiting, r"the record e/key/\x00\x00\x00\t is a second installed one of its purpose");
    let none =
        contradicted(|state| control(state).keys.put(key(3), row(Purpose::Storage, KeyState::Retiring, 8)));
    assert_eq!(none, "the record e/control and the active keys contradict each other");
    let cutover = contradicted(|state| Arc::make_mut(&mut state.raft).cutover = Some(at(8)));
    assert_eq!(cutover, "the record e/cutover and the stage contradict each other");
    let alone = drawn().into_iter().filter(|(key, _)| key.starts_with(b"e/cutover"));
    assert_eq!(read(alone).unwrap_err().reason, "and the stage contradict each other");
    let homeless = contradicted(|state| {
        let row = *control(state).writers.iter().next().unwrap().1;
        control(state).writers.put(key(1), row);
    });
    assert!(homeless.ends_with("is of a key that is not held"), "{homeless}");
    let wrapped = contradicted(|state| {
        let held = row(Purpose::Storage, KeyState::Active, 2);
        let state_ = KeyState::Retired { closed: at(10), at: at(12) };
        control(state).keys.put(key(1), KeyRow { state: state_, ..held });
    });
    assert!(wrapped.ends_with("a retired one with it"), "{wrapped}");
    let many = contradicted(|state| {
        let kept = |id| (key(id), row(Purpose::Storage, KeyState::Retiring, 8));
        (100..=100 + MOST_KEYS as u32).map(kept).for_each(|(id, row)| control(state).keys.put(id, row));
    });
    assert!(many.ends_with("is of one key more than a cluster holds"), "{many}");
    let late = contradicted(|state| {
        let created_at = LAST_CREATED.saturating_add(1);
        let row = KeyRow { created_at, ..row(Purpose::Storage, KeyState::Retiring, 8) };
        control(state).keys.put(key(9), row);
    });
    assert!(late.ends_with("was made later than a key can be"), "{late}");
    let twice = contradicted(|state| control(state).history.put(at(11), record(7, Ok(done_nothing()))));
    assert!(twice.ends_with("is the second one of its operation"), "{twice}");
}

fn done_nothing() -> Done {
    Done { changed: false, first: at(1), key: None }
}

#[test]
fn records_come_in_order_and_once() {
    let records: Vec<_> = sample().records().collect();
    let twice = records.iter().flat_map(|record| [record.clone(), record.clone()]);
    assert_eq!(read(twice).unwrap_err().reason, "is not in its place");
    assert_eq!(read(records.into_iter().rev()).unwrap_err().reason, "is not in its place");
}

#[test]
fn other_groups_have_no_control_state() {
    let other = GroupId::from_u64(2).unwrap();
    let error = GroupState::from_records(other, sample().records()).unwrap_err();
    assert_eq!(error.reason, "is in a group that is not the control group");
    let keys = drawn().into_iter().filter(|(key, _)| key.starts_with(b"e/key/"));
    assert_eq!(read(keys).unwrap_err().reason, "is missing beside its keys");
}

fn below(dice: &SharedRandom, limit: usize) -> usize {
    (dice.u64() % limit.max(1) as u64) as usize
}

fn framed(records: &[(Bytes, Bytes)]) -> Vec<u8> {
    let mut out = vec![1];
    for part in records.iter().flat_map(|(key, value)| [key, value]) {
        out.extend_from_slice(&(part.len() as u16).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[test]
fn whatever_the_records_hold_reading_them_returns() {
    let seed: Vec<_> = sample().records().collect();
    crate::fuzz::fuzz_records(&framed(&seed));
    let mut read_well = 0;
    for round in 0..40_000 {
        let dice = SeededRandom::shared(round);
        let mut records = seed.clone();
        for _ in 0..=below(&dice, 2) {
            let at = below(&dice, records.len());
            match below(&dice, 4) {
                0 => drop(records.remove(at)),
                1 => records[at].1 = seed[below(&dice, seed.len())].1.clone(),
                _ => {
                    let mut value = records[at].1.to_vec();
                    let place = below(&dice, value.len());
                    value[place] = dice.u64() as u8;
                    records[at].1 = value.into();
                }
            }
        }
        read_well += u32::from(read(records.clone()).is_ok());
        let outcome = std::panic::catch_unwind(|| crate::fuzz::fuzz_records(&framed(&records)));
        assert!(outcome.is_ok(), "round {round}");
    }
    assert!(read_well > 1000, "{read_well} were read");
}

/// One of each, the facts all different.
fn rejections() -> Vec<Rejection> {
    let operation =
        OperationId::from_bytes(*b"\x01\x91\xf2\xa4\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x07");
    let [n1, n2] = ["n1", "n2"].map(FullNodeId::of_name);
    let [one, two] = [3, 4].map(LocalEpoch::new);
    let (early, late) = (UnixMillis::new(5), UnixMillis::new(6));
    let id = |term, index| LogId::new(Term::new(term), at(index));
    let states = [
        KeyState::Installed,
        KeyState::Active,
        KeyState::Retiring,
        KeyState::Closed { at: at(7) },
        KeyState::Retired { closed: at(8), at: at(9) },
    ];
    let wrong_state = states.into_iter().zip(Wanted::ALL);
    let wrong_state =
        wrong_state.map(|(found, wanted)| Rejection::KeyStateWrong { key: key(2), found, wanted });
    let mut rejections = vec![
        Rejection::NotControlGroup,
        Rejection::LocalEpochRollback { key: key(2), node: n1, proposed: one, last: two },
        Rejection::NodeIdCollision { key: key(2), node: n1, holder: n2 },
        Rejection::OperationRunning { running: operation, kind: OperationKind::Rotate, begun: at(9) },
        Rejection::OperationNotRunning { operation },
        Rejection::OperationIdExpired { operation },
        Rejection::OperationIdUntimed { operation },
        Rejection::OperationIdAhead { operation, drawn: late, at: early },
        Rejection::OperationIdReused { operation, kind: OperationKind::Retire },
        Rejection::StepNotOfOperation { kind: OperationKind::Close },
        Rejection::DeadlineNotReached { deadline: late, at: early },
        Rejection::DeadlinePassed { deadline: late },
        Rejection::Refused { name: RefusalName::cut("GateRefused"), text: Reason::cut("n3 does not answer") },
        Rejection::Refused { name: RefusalName::cut(""), text: Reason::cut("of an earlier build") },
        Rejection::MembershipChanged { named: id(1, 2), effective: Some(id(3, 4)) },
        Rejection::MembershipChanged { named: id(1, 2), effective: None },
        Rejection::NotBootstrapped,
        Rejection::BootstrappedOtherwise { first: at(9) },
        Rejection::UnknownKey { key: key(2) },
        Rejection::KeyIdUsed { key: key(2) },
        Rejection::KeyPurposeWrong { key: key(2), found: Purpose::Raft },
        Rejection::CloseIndexWrong { key: key(2), closed: at(9), named: at(8) },
        Rejection::NotInKeyFloor { key: key(2) },
        Rejection::FloorHoldsOwnKey { key: key(2) },
        Rejection::RewrapIncomplete { key: key(2) },
        Rejection::RewrapTwice { key: key(2) },
        Rejection::CommitmentWrong { key: key(2) },
        Rejection::TooManyKeys { key: key(2) },
        Rejection::CreatedTooLate { key: key(2), created: late },
        Rejection::FloorBeforeCutover,
        Rejection::RowsNotSealed,
        Rejection::JobRunning { job: operation, begun: at(9) },
        Rejection::UnknownJob { job: operation },
        Rejection::JobOver { job: operation, since: at(9) },
    ];
    rejections.extend(wrong_state);
    rejections
}

#[test]
fn each_rejection_is_kept_as_what_it_is() {
    let mut codes = std::collections::BTreeSet::new();
    for kept in rejections() {
        let raw = rejection::to_wire(&kept);
        assert_eq!(rejection::from_wire(&raw), Ok(kept.clone()), "{kept}");
        codes.insert(raw.code);
        let shorter = raw.facts.split_last().map(|(_, facts)| facts.to_vec());
        let longer = [&raw.facts[..], &[1]].concat();
        for facts in shorter.into_iter().chain([longer]) {
            let found = rejection::from_wire(&wire::Refusal { facts, ..raw.clone() });
            assert_ne!(found, Ok(kept.clone()), "{kept} with other facts");
        }
    }
    assert_eq!(codes, (1..=33).collect());
}

/// The largest record there is, times the most that are kept, has to fit a snapshot's section.
#[test]
fn a_record_is_not_larger_than_it_may_be() {
    let wide = |most: usize| "x".repeat(most);
    let refused = Rejection::Refused { name: RefusalName::cut(&wide(600)), text: Reason::cut(&wide(600)) };
    let (actor, reason) = (Actor::cut(&wide(600)), Reason::cut(&wide(600)));
    let largest = Record { actor, reason, ..record(7, Err(refused)) };
    let raw = message::record(&largest).len() + RecordKey::History(at(u64::MAX)).encode().len();
    assert!((1200..1325).contains(&raw), "{raw} bytes");
}
