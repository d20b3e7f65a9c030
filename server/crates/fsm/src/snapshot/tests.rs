use std::path::Path;

use bytes::Bytes;
use elastickv_sys::files::SystemFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term, Timestamp};

use super::*;
use crate::state::RaftEnvelope;

fn head() -> SnapshotHead {
    let id = |term, index| Some(LogId::new(Term::new(term), LogIndex::new(index)));
    SnapshotHead {
        group: GroupId::CONTROL,
        applied: Applied {
            last: id(3, 9),
            generation: Generation::FIRST,
            state: GroupState {
                last_commit_ts: Timestamp::from_unix_ms(5),
                ceiling: Timestamp::from_unix_ms(7),
                oldest: Timestamp::from_unix_ms(3),
                horizon: Some(UnixMillis::new(2)),
                membership: id(1, 0),
                ..GroupState::new(GroupId::CONTROL)
            },
        },
        membership: MembershipRecord {
            id: id(1, 0),
            body: Bytes::from_static(b"members"),
            admitted: [elastickv_types::FullNodeId::of_name("n1")].into(),
        },
        keyring_version: None,
    }
}

fn write(path: &Path, rows: &[(&[u8], &[u8])]) -> SnapshotSummary {
    let mut writer = SnapshotWriter::create(&SystemFiles, path, &head()).unwrap();
    for (key, value) in rows {
        writer.row(key, value).unwrap();
    }
    writer.finish().unwrap()
}

fn read(path: &Path) -> Result<Vec<(Bytes, Bytes)>, SnapshotError> {
    let mut reader = SnapshotReader::open(&SystemFiles, path, GroupId::CONTROL)?;
    assert_eq!(*reader.head(), head());
    let mut rows = Vec::new();
    while let Some(more) = reader.next_rows()? {
        rows.extend(more);
    }
    Ok(rows)
}

const PAGE: &str = include_str!("../../../../../docs/formats/snapshot.md");

/// A header as the page draws it.
fn drawn(name: &str) -> &str {
    let block = PAGE.split("```").find_map(|block| block.strip_prefix(&format!("hex {name}\n")));
    block.unwrap().trim()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test damages the file from outside")]
fn each_damaged_byte_and_each_cut_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let rows: Vec<(&[u8], &[u8])> = vec![(b"a", b"1"), (b"b", b""), (b"c", b"333")];
    let summary = write(&path, &rows);
    assert_eq!(summary.rows, 3);
    let whole = std::fs::read(&path).unwrap();
    assert_eq!(whole.len() as u64, summary.bytes);
    assert_eq!(crc32c::crc32c(&whole), summary.crc32c);
    assert!(hex::encode(&whole).starts_with(drawn("header v1")));
    assert_eq!(read(&path).unwrap().len(), 3);
    for at in 0..whole.len() {
        // The ceiling is covered by the checksum of the whole file, not by a section's.
        if (8..16).contains(&at) {
            continue;
        }
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        std::fs::write(&path, &damaged).unwrap();
        assert!(read(&path).is_err(), "byte {at}");
        std::fs::write(&path, &whole[..at]).unwrap();
        assert!(read(&path).is_err(), "cut at {at}");
    }
    std::fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
    assert!(read(&path).is_err(), "a byte too many");
}

/// The same snapshot of a group that is cut over.
fn cut_over(cutover: u64) -> SnapshotHead {
    let mut head = head();
    head.group = GroupId::from_u64(2).unwrap();
    let raft = RaftEnvelope { cutover: Some(LogIndex::new(cutover)), ..RaftEnvelope::default() };
    head.applied.state = GroupState { raft: raft.into(), control: None, ..head.applied.state };
    head.keyring_version = Some(LogIndex::new(77));
    head
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test changes the file from outside")]
fn after_a_cutover_the_header_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let head = cut_over(0x305);
    SnapshotWriter::create(&SystemFiles, &path, &head).unwrap().finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert!(hex::encode(&whole).starts_with(drawn("header v2")));
    let read = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read_head(&SystemFiles, &path, head.group)
    };
    assert_eq!(read(&whole).unwrap(), head);

    // Fields of a later version are skipped, as many as the length says.
    let later = [&whole[..8], &[0, 20], &whole[10..26], b"more", &whole[26..]].concat();
    assert_eq!(read(&later).unwrap(), head);
    for len in [0, 15, 17, 1025, 0xffff_u16] {
        let wrong = [&whole[..8], &len.to_be_bytes(), &whole[10..]].concat();
        assert!(matches!(read(&wrong), Err(SnapshotError::Damaged { .. })), "{len}");
    }

    // Another cutover than the state's, and none at all.
    let mut other = whole.clone();
    other[25] ^= 1;
    assert!(read(&other).unwrap_err().to_string().ends_with("name different cutovers"));
    let old = [&b"EKVTHLC1"[..], &whole[10..18], &whole[26..]].concat();
    assert!(read(&old).unwrap_err().to_string().ends_with("name different cutovers"));
    let unknown = [&b"EKVTHLC3"[..], &whole[8..]].concat();
    assert!(matches!(read(&unknown), Err(SnapshotError::HeaderUnknownMagic { .. })));
    for cut in 0..26 {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

/// The state section of a snapshot of a group that is cut over, encoded, and what it says once it is changed.
fn decoded(change: impl FnOnce(&mut Vec<u8>)) -> Result<SnapshotHead, String> {
    let mut raw = cut_over(0x305).encode();
    change(&mut raw);
    SnapshotHead::decode(&raw.into())
}

/// What a later build might add is not dropped: the replica that installs this would go on without it.
#[test]
fn a_state_is_read_whole() {
    assert_eq!(decoded(|_| {}), Ok(cut_over(0x305)));
    let unknown = "the state has a field that is not known to this build";
    let later = [0x98, 0x06, 0x01];
    let first_record = |raw: &[u8]| raw.windows(4).position(|at| at[0] == 0x7a && at[2..] == *b"\x0a\x09");
    assert_eq!(decoded(|raw| raw.extend(later)).unwrap_err(), unknown, "behind its records");
    let before = decoded(|raw| {
        let at = first_record(raw).unwrap();
        raw.splice(at..at, later);
    });
    assert_eq!(before.unwrap_err(), unknown, "before its records");
    let within = decoded(|raw| {
        let at = first_record(raw).unwrap();
        raw[at + 1] += 3;
        raw.extend(later);
    });
    assert_eq!(within.unwrap_err(), unknown, "within a record");
    let empty = decoded(|raw| raw.extend([0x7a, 0x00]));
    assert_eq!(empty.unwrap_err(), "a record has no key or no value");
}
