//! The bytes that are drawn in `docs/formats/sidecar.md`, and what is refused of others.

use std::collections::BTreeMap;

use elastickv_sys::memory::MemoryFiles;
use elastickv_types::GroupId;

use super::*;
use crate::error::Problem;
use crate::sidecar::{Parsed, decode, encode};
use crate::{Active, KeyringError, Sidecar, SidecarKey};

/// The sidecar that the page shows.
fn drawn() -> Sidecar {
    let entry = |purpose, byte: u8, epoch, token_raw| SidecarKey {
        purpose,
        state: KeyState::Active,
        wrapped: WrappedKey::new(Bytes::from(vec![byte; 60])).unwrap(),
        commitment: elastickv_types::Commitment::new([byte ^ 0xff; 32]),
        created: "2026-04-29T10:00:00Z".parse().unwrap(),
        epoch: LocalEpoch::new(epoch),
        token: token(token_raw),
        kek: KekLabel { provider: "file".into(), key: "kek.bin".into(), version: "1".into() },
    };
    let load = 0x9f3c_0000_0000_0001;
    Sidecar {
        cluster: cluster(),
        node: "n1".parse().unwrap(),
        load: LoadMark::Starting { token: token(load), previous: Some(token(0x11)) },
        applied: index(184_273),
        storage_cutover: Some(index(184_100)),
        raft_cutovers: BTreeMap::from([(GroupId::CONTROL, index(184_201))]),
        active: Active { storage: key(305_419_896), raft: key(2_596_069_104) },
        keys: BTreeMap::from([
            (key(305_419_896), entry(Purpose::Storage, 0x11, 7, load)),
            (key(2_596_069_104), entry(Purpose::Raft, 0x22, 0, load)),
        ]),
    }
}

fn text() -> String {
    String::from_utf8(encode(&drawn()).unwrap()).unwrap()
}

/// Why a file that says something else is refused.
fn forged(from: &str, to: &str) -> Problem {
    let text = text();
    assert!(text.contains(from), "{from} is not in {text}");
    let changed = text.replacen(from, to, 1);
    match decode(changed.as_bytes()) {
        Err(problem) => problem,
        Ok(read) => panic!("{to} was read: {read:?}"),
    }
}

fn field(problem: Problem) -> String {
    match problem {
        Problem::Missing { field }
        | Problem::Unknown { field }
        | Problem::Invalid { field, .. }
        | Problem::LocalEpochOutOfRange { field, .. } => field,
        other => panic!("{other}"),
    }
}

#[test]
fn the_drawn_sidecar_is_what_is_written() {
    let page = page();
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (file, _) = rest.split_once("```").unwrap();
    assert_eq!(text(), file, "written:\n{}", text());
    let Parsed::Known(read) = decode(file.as_bytes()).unwrap() else { panic!("another version") };
    assert_eq!(*read, drawn());
}

#[test]
fn the_drawn_load_marks_are_what_is_written() {
    let marks = [
        ("settled", settled(0x0102_0304_0506_0708), None),
        ("settled, with an epoch", settled(0x0102_0304_0506_0708), Some(0x1122)),
        ("starting, the first", LoadMark::Starting { token: token(1), previous: None }, None),
        ("starting, after another", LoadMark::Starting { token: token(2), previous: Some(token(1)) }, None),
    ];
    for (name, mark, reached) in marks {
        let trace = LoadTrace { mark, reached: reached.map(LocalEpoch::new) };
        let row = format!("| load mark: {name} | `{}` |", hex::encode(trace.encode()));
        assert!(page().contains(&row), "the page lacks {row}");
        assert_eq!(LoadTrace::decode(&trace.encode()), Ok(trace));
    }
}

#[test]
fn a_complaint_names_its_field() {
    let cases = [
        (r#""node_name": "n1","#, "", "node_name"),
        (r#""start": "starting""#, r#""start": "stopped""#, "start"),
        (r#""load_token": "9f3c"#, r#""load_token": "9F3C"#, "load_token"),
        (r#""cluster_id": "0191f2a4"#, r#""cluster_id": "0191F2A4"#, "cluster_id"),
        (
            r#""storage_envelope_active": true"#,
            r#""storage_envelope_active": false"#,
            "storage_envelope_cutover_index",
        ),
        (r#""raft": 2596069104"#, r#""raft": 0"#, "active.raft"),
        (r#""raft": 2596069104"#, r#""raft": 4294967296"#, "active.raft"),
        (r#""1": 184201"#, r#""0": 184201"#, "raft_envelope_cutover_index.0"),
        (r#""1": 184201"#, r#""01": 184201"#, "raft_envelope_cutover_index.01"),
        (r#""305419896": {"#, r#""0305419896": {"#, "keys.0305419896"),
        (r#""305419896": {"#, r#""0": {"#, "keys.0"),
        (r#""local_epoch": 7"#, r#""local_epoch": 65536"#, "keys.305419896.local_epoch"),
        (r#""local_epoch": 7"#, r#""local_epoch": "7""#, "keys.305419896.local_epoch"),
        (r#""local_epoch": 7"#, r#""local_epochs": 7"#, "keys.305419896.local_epoch"),
        (r#""version": "1""#, r#""version": "1", "extra": true"#, "keys.305419896.kek.extra"),
        (r#""state": "active""#, r#""state": "retired""#, "keys.305419896.state"),
        (r#""wrapped": "I"#, r#""wrapped": "!"#, "keys.2596069104.wrapped"),
        (r#""created": "2026-04-29T10"#, r#""created": "2026-04-29t10"#, "keys.305419896.created"),
        (r#""crc32c""#, r#""crc""#, "crc32c"),
    ];
    for (from, to, expected) in cases {
        assert_eq!(field(forged(from, to)), expected, "of {to}");
    }
}

#[test]
fn what_stands_twice_or_is_no_json_of_ours_is_refused() {
    let twice = forged(r#""node_name": "n1","#, r#""node_name": "n1", "node_name": "n2","#);
    assert!(matches!(&twice, Problem::Syntax(text) if text.contains("node_name")), "{twice}");
    let twice = forged(r#""1": 184201"#, r#""1": 1, "1": 184201"#);
    assert!(matches!(twice, Problem::Syntax(_)), "{twice}");
    for other in ["-1", "1.5", "[]", "1e3", "18446744073709551616"] {
        let problem = forged(r#""raft_applied_index": 184273"#, &format!(r#""raft_applied_index": {other}"#));
        assert_eq!(field(problem), "raft_applied_index", "of {other}");
    }
    let problem = forged(r#""raft_applied_index": 184273"#, r#""raft_applied_index": 184274"#);
    assert!(matches!(problem, Problem::Checksum { .. }), "{problem}");
}

#[test]
fn another_version_is_not_read_any_further() {
    let newer = r#"{"version": 2, "whatever": {"it": "says"}}"#;
    assert!(matches!(decode(newer.as_bytes()), Ok(Parsed::Version(2))));
    let files = MemoryFiles::shared();
    let node = Node::new(files.clone(), 1);
    files.put(&node.sidecar_path(), newer.as_bytes().to_vec());
    assert!(matches!(node.load(), Err(KeyringError::Version { found: 2, known: 1, .. })));
}

#[test]
fn what_contradicts_itself_is_not_written() {
    let unwritable = |change: fn(&mut Sidecar)| {
        let mut sidecar = drawn();
        change(&mut sidecar);
        field(encode(&sidecar).unwrap_err())
    };
    let storage = || key(305_419_896);
    assert_eq!(unwritable(|it| it.active.storage = key(5)), "active.storage");
    assert_eq!(unwritable(|it| it.active.storage = it.active.raft), "active.storage");
    let state = unwritable(|it| {
        it.keys.values_mut().for_each(|entry| entry.state = KeyState::Closed);
    });
    assert_eq!(state, "active.storage");
    let two = unwritable(|it| {
        let entry = it.keys[&key(305_419_896)].clone();
        it.keys.insert(key(400_000_000), entry);
    });
    assert_eq!(two, "keys.400000000.state");
    let label = unwritable(|it| {
        it.keys.values_mut().for_each(|entry| entry.kek.version = "x".repeat(2049));
    });
    assert_eq!(label, format!("keys.{}.kek.version", storage()));
}

#[test]
fn a_sidecar_of_somebody_else_is_refused_and_left_alone() {
    let files = MemoryFiles::shared();
    let node = Node::new(files.clone(), 1);
    node.file().save(None, drawn()).unwrap();
    let before = files.get(&node.sidecar_path());
    let other = |name: &str, cluster: Option<ClusterId>| {
        let owner = Owner { node: name.parse().unwrap(), cluster };
        let file = SidecarFile::of(files.clone(), Path::new(ROOT), owner);
        assert!(matches!(file.load(), Err(KeyringError::Foreign { .. })));
        assert!(!name.is_empty() && files.get(&node.sidecar_path()) == before);
    };
    other("n2", Some(cluster()));
    other("n1", Some(ClusterId::from_bytes([9; 16])));
    other("n1", None);
}

#[test]
fn a_key_takes_little_room() {
    let mut sidecar = drawn();
    let base = encode(&sidecar).unwrap().len();
    assert!(base <= 4096, "{base} bytes");
    for id in 1..=1000 {
        let mut entry = sidecar.keys[&key(305_419_896)].clone();
        entry.state = KeyState::Retiring;
        entry.epoch = LocalEpoch::new(65_000);
        sidecar.keys.insert(key(4_000_000_000 + id), entry);
    }
    let each = (encode(&sidecar).unwrap().len() - base).div_ceil(1000);
    assert!(each <= 512, "{each} bytes a key");
}

#[test]
fn nothing_that_is_printed_tells_a_secret() {
    let sidecar = drawn();
    let printed = format!("{sidecar:?}");
    assert!(
        !printed.contains("9f3c") && !printed.contains(&0x9f3c_0000_0000_0001_u64.to_string()),
        "{printed}"
    );
    assert!(!printed.contains("17, 17, 17"), "{printed}");
}
