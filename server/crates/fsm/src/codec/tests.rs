use std::collections::BTreeSet;

use elastickv_types::{
    ByteRate, Commitment, FullNodeId, KekLabel, KeyId, LoadToken, LocalEpoch, LogId, LogIndex, OperationId,
    Purpose, Term, WrappedKey,
};

use super::*;
use crate::command::*;

#[path = "tests/writes.rs"]
mod writes;

const PAGES: [&str; 3] = [
    include_str!("../../../../../docs/formats/log-entry.md"),
    include_str!("../../../../../docs/formats/encryption-commands.md"),
    include_str!("../../../../../docs/formats/jobs.md"),
];

/// The bytes that one of the pages draws under a name: a block of hexadecimal digits.
fn drawn(name: &str) -> Bytes {
    let block = PAGES.iter().flat_map(|page| page.split("```"));
    let block = block.filter_map(|block| block.strip_prefix(&format!("hex {name}\n"))).next();
    let digits: String =
        block.unwrap_or_else(|| panic!("no block called {name}")).split_whitespace().collect();
    hex::decode(digits).unwrap().into()
}

fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

fn origin() -> Origin {
    Origin {
        operation: OperationId::from_bytes(
            *b"\x01\x91\xf2\xa4\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00\x00\x07",
        ),
        actor: Actor::new("ops").unwrap(),
        reason: Reason::new("why").unwrap(),
        at: UnixMillis::new(1_700_000_000_000),
    }
}

fn membership() -> LogId {
    LogId::new(Term::new(2), LogIndex::new(7))
}

fn writer(node: &str, epoch: u16) -> Writer {
    Writer {
        node: FullNodeId::of_name(node),
        epoch: LocalEpoch::new(epoch),
        token: LoadToken::new(0x0102_0304_0506_0708),
    }
}

fn wrapping(byte: u8) -> Wrapping {
    let part = |text: &str| text.to_owned();
    let kek = KekLabel { provider: part("file"), key: part("kek.bin"), version: part("1") };
    Wrapping::new(WrappedKey::new(Bytes::from(vec![byte; 4])).unwrap(), kek).unwrap()
}

fn new_key(id: u32) -> NewKey {
    NewKey {
        id: key(id),
        wrapping: wrapping(0xcc),
        commitment: Commitment::new([0xdd; 32]),
        created: UnixMillis::new(1_700_000_000_001),
        cohort: Cohort::new(vec![writer("n1", 0), writer("n2", 0xffff)]).unwrap(),
    }
}

fn step(last: bool, step: Step) -> Command {
    Command::Step(StepCommand { origin: origin(), last, step })
}

fn group(change: GroupChange) -> Command {
    Command::Group(GroupCommand { origin: origin(), change })
}

fn phase(phase: Phase) -> Command {
    Command::Operation(OperationCommand { origin: origin(), phase })
}

fn job(change: JobChange) -> Command {
    Command::Job(JobCommand { origin: origin(), change })
}

/// A command of each kind, with the name under which its bytes are drawn.
pub(super) fn samples() -> Vec<(&'static str, Command)> {
    let rewrapped =
        Rewrapped { key: key(5), commitment: Commitment::new([0xdd; 32]), wrapping: wrapping(0xee) };
    let done = Ending::Done { changed: true, first: LogIndex::new(300) };
    let refused = Ending::Refused {
        name: RefusalName::cut("GateRefused"),
        text: Reason::new("n3 does not answer").unwrap(),
    };
    let bootstrap =
        Bootstrap { storage: new_key(0x1122_3344), raft: new_key(0x5566_7788), membership: membership() };
    let install = Install { purpose: Purpose::Raft, key: new_key(6), replaces: key(5) };
    let retire = Retire { key: key(5), closed: LogIndex::new(44), membership: membership() };
    let floor = KeySet::new(BTreeSet::from([key(5), key(0xffff_ffff)])).unwrap();
    let begin = Phase::Begin {
        kind: OperationKind::Rotate,
        purpose: Some(Purpose::Storage),
        since: UnixMillis::new(1_700_000_000_000),
        deadline: UnixMillis::new(1_700_000_060_000),
        membership: membership(),
    };
    vec![
        ("write-batch", writes::full()),
        ("write-batch plain", writes::plain()),
        ("02", Command::Ceiling(writes::bounds())),
        ("10", writes::prewrite()),
        ("11", writes::resolve()),
        ("03", Command::RegisterWriter(Registration { key: key(5), writer: writer("n1", 3) })),
        ("04", step(true, Step::Bootstrap(Box::new(bootstrap)))),
        ("05-01", step(false, Step::Install(Box::new(install)))),
        ("05-02", step(true, Step::Rewrap(List::new(vec![rewrapped]).unwrap()))),
        ("05-03", step(true, Step::Retire(retire))),
        ("05-04", step(true, Step::EnableStorage { membership: membership() })),
        ("05-05", group(GroupChange::EnableRaft { membership: membership() })),
        ("05-06", step(true, Step::Activate { key: key(6), replaces: key(5) })),
        ("05-07", step(true, Step::Close { key: key(5) })),
        ("05-08", group(GroupChange::RaiseFloor { keys: floor })),
        ("05-09-begin", phase(begin)),
        ("05-09-done", phase(Phase::End(done))),
        ("05-09-refused", phase(Phase::End(refused))),
        ("05-09-deadline", phase(Phase::End(Ending::DeadlinePassed))),
        ("12-01", job(JobChange::StartRewrite { rate: ByteRate::from_u64(20 << 20) })),
        ("12-02", job(JobChange::Pause)),
        ("12-03", job(JobChange::Resume)),
        ("12-04", job(JobChange::SetRate { rate: None })),
        ("12-05", job(JobChange::Cancel)),
        ("12-06", job(JobChange::Finish { log_sealed: true, membership: membership(), under: key(3) })),
    ]
}

#[test]
fn each_command_has_the_drawn_bytes() {
    for (name, command) in samples() {
        assert_eq!(hex::encode(encode_payload(&command)), hex::encode(drawn(name)), "{name}");
        assert_eq!(decode_payload(drawn(name)), Ok(command), "{name}");
    }
}

#[test]
fn bytes_without_a_meaning_are_refused() {
    let with = |at: usize, byte: u8| {
        let mut raw = drawn("write-batch").to_vec();
        raw[at] = byte;
        decode_payload(raw.into()).unwrap_err()
    };
    assert_eq!(with(0, 2), CodecError::Format { found: 2 });
    assert_eq!(with(1, 1), CodecError::Sealed);
    assert_eq!(with(1, 2), CodecError::Kind { found: 2 });
    for opcode in [0x01].into_iter().chain(0x06..=0x0f).chain(0x13..=0xff) {
        assert_eq!(with(2, opcode), CodecError::Opcode { found: opcode });
    }
    assert_eq!(with(3, 2), CodecError::Version { opcode: 0, found: 2 });
}

#[test]
fn every_cut_is_refused_or_shorter() {
    for (name, _) in samples() {
        let raw = drawn(name);
        for cut in 0..raw.len() {
            let read = decode_payload(raw.slice(..cut));
            // Behind a head and behind its bounds a batch may end; any other cut lands inside a field.
            let ends: &[usize] = match name {
                "write-batch" => &[4, 13, 22],
                "write-batch plain" => &[4],
                "02" => &[4, 13],
                "10" => &[4, 13, 22, 31, 39],
                "11" => &[4, 13, 22, 24, 27],
                _ => &[],
            };
            assert_eq!(read.is_ok(), ends.contains(&cut), "{name} cut at {cut}");
        }
    }
}

/// What a later build might add is not skipped: that replica would go on as if it were not there.
#[test]
fn a_field_that_is_not_known_is_refused() {
    for (name, _) in samples() {
        let raw = [&drawn(name)[..], &[0x98, 0x06, 0x01]].concat();
        let found = decode_payload(raw.into());
        let opcode = drawn(name)[2];
        assert_eq!(found, Err(CodecError::Unknown { opcode }), "{name}");
    }
    let sub_tag = [&[1, 0, 5, 1, 0x52, 0x00][..], &drawn("05-07")[11..]].concat();
    assert!(matches!(decode_payload(sub_tag.into()), Err(CodecError::Unknown { opcode: 5 })));
}

/// Reads a message of opcode 03 or 05 that a careless writer could send.
fn refused(opcode: Opcode, message: &impl Message) -> &'static str {
    let mut out = BytesMut::new();
    put(opcode, message, &mut out);
    match decode_command(out.freeze()) {
        Err(CodecError::Invalid { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_out_of_range_are_refused_by_name() {
    let writer = |node, epoch| Some(wire::Writer { node, epoch, token: 1 });
    let register = |key, writer| refused(Opcode::RegisterWriter, &wire::Registration { key, writer });
    assert_eq!(register(1, writer(1, 0x1_0000)), "a local epoch does not fit two bytes");
    assert_eq!(register(1, writer(0, 1)), "a node has id 0");
    assert_eq!(register(0, writer(1, 1)), "a key has id 0");
    assert_eq!(register(1, None), "it registers nobody");

    let change = |change, last| {
        let origin = Some(fields::origin_to_wire(&origin()));
        refused(Opcode::KeyChange, &wire::KeyChange { change: Some(change), last, origin })
    };
    let floor = |keys| wire::Change::RaiseFloor(wire::RaiseFloor { keys });
    assert_eq!(change(floor(vec![]), false), "a key floor names no key, or too many");
    assert_eq!(change(floor((1..=1025).collect()), false), "a key floor names no key, or too many");
    assert_eq!(change(floor(vec![2, 1]), false), "the ids of a key floor are not in order");
    assert_eq!(change(floor(vec![1]), true), "what a group decides ends no operation");
    let install = |purpose| wire::Change::Install(wire::Install { purpose, key: None, replaces: 1 });
    assert_eq!(change(install(3), false), "a key has a purpose that is not known");
    assert_eq!(change(install(0x101), false), "a key has a purpose that is not known");
    assert_eq!(change(install(1), false), "it brings no key");
    let cutover = wire::Change::EnableStorage(wire::Cutover { membership: None });
    assert_eq!(change(cutover, false), "it names no membership");
}

#[test]
fn nothing_secret_is_printed() {
    let printed: String = samples().iter().map(|(_, command)| format!("{command:?}")).collect();
    for secret in ["204, 204", "cccc", "72623859790382856", "gone"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

/// Empty elements of two bytes are refused before they become structs of a hundred.
#[test]
fn lists_are_bounded_before_they_are_built() {
    let invalid = |opcode, reason| Err(CodecError::Invalid { opcode, reason });
    let change = |change| {
        let origin = Some(fields::origin_to_wire(&origin()));
        let mut out = BytesMut::new();
        put(Opcode::KeyChange, &wire::KeyChange { change: Some(change), last: false, origin }, &mut out);
        decode_command(out.freeze())
    };
    let rewrapped = wire::Rewrapped {
        key: 5,
        commitment: Bytes::from_static(&[0xdd; 32]),
        wrapping: Some(fields::wrapping_to_wire(&wrapping(1))),
    };
    let rewrap = |keys: Vec<wire::Rewrapped>| change(wire::Change::Rewrap(list_of(1, &keys)));
    assert!(rewrap(vec![rewrapped.clone(); MOST_KEYS]).is_ok());
    assert_eq!(rewrap(vec![rewrapped; MOST_KEYS + 1]), invalid(5, "it wraps too many keys"));
    let empty = wire::Rewrapped { key: 0, commitment: Bytes::new(), wrapping: None };
    let short = "a part is shorter or longer than it can be";
    assert_eq!(rewrap(vec![empty]), invalid(5, short));
    let install = |cohort: Vec<wire::Writer>| {
        let nobody = NewKey { cohort: Cohort::default(), ..new_key(6) };
        let key = [fields::new_key_to_wire(&nobody), list_of(5, &cohort)].concat().into();
        change(wire::Change::Install(wire::Install { purpose: 1, key: Some(key), replaces: 5 }))
    };
    let one = fields::writer_to_wire(&writer("n1", 1));
    assert!(install(vec![one.clone(); 1024]).is_ok());
    assert_eq!(install(vec![one; 1025]), invalid(5, "a cohort is too large"));
    assert_eq!(install(vec![wire::Writer { node: 0, epoch: 0, token: 0 }]), invalid(5, short));
}

fn list_of(field: u32, elements: &[impl Message]) -> Bytes {
    let mut out = Vec::new();
    elements.iter().for_each(|element| prost::encoding::message::encode(field, element, &mut out));
    out.into()
}
