use std::path::Path;

use bytes::Bytes;
use elastickv_mvcc::LockKey;
use elastickv_sys::files::SystemFiles;
use elastickv_types::{GroupId, LogId, LogIndex, RequestId, Term, Timestamp};

use super::*;
use crate::state::{First, Over, RaftEnvelope, Sessions};

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
                over_horizon: Some(Timestamp::from_u64(3)),
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

fn requests() -> Vec<(RequestId, First)> {
    let id = |tail| RequestId::from_bytes([1, 2, 3, 4, 5, 6, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, tail]);
    let first = |raw| First { commit_ts: Timestamp::from_u64(raw), index: LogIndex::new(raw + 1) };
    vec![(id(1), first(7)), (id(2), first(5))]
}

fn over() -> Vec<(Timestamp, Over)> {
    let first = First { commit_ts: Timestamp::from_u64(9), index: LogIndex::new(3) };
    vec![(Timestamp::from_u64(4), Over::RolledBack), (Timestamp::from_u64(5), Over::Committed(first))]
}

fn locks() -> Vec<(Bytes, Bytes)> {
    let lock = |key| (LockKey::encode(key, Timestamp::from_u64(6), 7), Bytes::from_static(b"sealed"));
    vec![lock(b"a"), lock(b"b")]
}

fn write(path: &Path, rows: &[(&[u8], &[u8])]) -> SnapshotSummary {
    let mut writer = SnapshotWriter::create(&SystemFiles, path, &head()).unwrap();
    for (request, first) in requests() {
        writer.request(&request, first).unwrap();
    }
    over().into_iter().for_each(|(start_ts, over)| writer.over(start_ts, over).unwrap());
    locks().into_iter().for_each(|(key, value)| writer.lock(&key, &value).unwrap());
    for (key, value) in rows {
        writer.row(key, value).unwrap();
    }
    writer.finish().unwrap()
}

fn read(path: &Path) -> Result<Vec<(Bytes, Bytes)>, SnapshotError> {
    let mut reader = SnapshotReader::open(&SystemFiles, path, GroupId::CONTROL)?;
    assert_eq!(*reader.head(), head());
    let mut rows = Vec::new();
    while let Some(section) = reader.next_section()? {
        match section {
            SnapshotSection::Requests(found) => assert_eq!(found, requests()),
            SnapshotSection::Over(found) => assert_eq!(found, over()),
            SnapshotSection::Locks(found) => assert_eq!(found.collect::<Vec<_>>(), locks()),
            SnapshotSection::Rows(more) => rows.extend(more),
        }
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
    let mut later = whole.clone();
    later[17] ^= 1;
    assert!(read(&later).unwrap_err().to_string().ends_with("name different ceilings"));
    let old = [&b"EKVTHLC1"[..], &whole[10..18], &whole[26..]].concat();
    assert!(read(&old).unwrap_err().to_string().ends_with("name different cutovers"));
    let unknown = [&b"EKVTHLC3"[..], &whole[8..]].concat();
    assert!(matches!(read(&unknown), Err(SnapshotError::HeaderUnknownMagic { .. })));
    for cut in 0..26 {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

/// Reads a snapshot of these sections behind the state.
#[expect(clippy::disallowed_methods, reason = "the test puts the file together")]
fn of_sections(sections: &[(u8, Vec<u8>)]) -> Result<(), String> {
    const END_BYTES: usize = 29;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    SnapshotWriter::create(&SystemFiles, &path, &head()).unwrap().finish().unwrap();
    let mut whole = std::fs::read(&path).unwrap();
    whole.truncate(whole.len() - END_BYTES);
    let rows = sections.iter().filter(|(tag, _)| *tag == TAG_ROWS).count() as u64;
    let end = [rows, sections.len() as u64 + 2].map(u64::to_be_bytes).concat();
    for (tag, body) in sections.iter().chain([&(TAG_END, end)]) {
        let framed = [&[*tag], &(body.len() as u64).to_be_bytes()[..], body].concat();
        whole.extend([&framed[..], &crc32c::crc32c(&framed).to_be_bytes()].concat());
    }
    std::fs::write(&path, whole).unwrap();
    let told = |error: SnapshotError| error.to_string();
    let mut reader = SnapshotReader::open(&SystemFiles, &path, GroupId::CONTROL).map_err(told)?;
    while reader.next_section().map_err(told)?.is_some() {}
    Ok(())
}

fn section_of(requests: &[(RequestId, First)]) -> (u8, Vec<u8>) {
    let parts = requests.iter().map(|(request, first)| {
        let numbers = [first.commit_ts.get(), first.index.get()].map(u64::to_be_bytes).concat();
        [&request.as_bytes()[..], &numbers].concat()
    });
    (TAG_REQUESTS, parts.collect::<Vec<_>>().concat())
}

#[test]
fn requests_that_nobody_could_have_written_are_refused() {
    let [one, other] = requests()[..] else { panic!("there are two") };
    let (first, second) = (section_of(&[one]), section_of(&[other]));
    let row = (TAG_ROWS, vec![0, 0, 0, 1, b'a', 0, 0, 0, 0]);
    assert_eq!(of_sections(&[first.clone(), second.clone(), row.clone()]), Ok(()));
    let refused = |sections: &[(u8, Vec<u8>)], reason| {
        let told = of_sections(sections).unwrap_err();
        assert!(told.ends_with(reason), "{told}");
    };
    refused(&[section_of(&[other, one])], "its requests are not in order");
    refused(&[section_of(&[one, one])], "its requests are not in order");
    refused(&[second, first.clone()], "its requests are not in order");
    refused(&[row, first.clone()], "it is not in its place");
    let cut = first.1[..31].to_vec();
    refused(&[(TAG_REQUESTS, cut)], "a request in it is cut");
    let untimed = RequestId::from_bytes([0x11; 16]);
    refused(&[section_of(&[(untimed, one.1)])], "does not tell its time");
    let numbered = |number: u64| {
        let tail = (1 << 63 | number).to_be_bytes();
        let id = [&one.0.as_bytes()[..8], &tail].concat();
        (RequestId::from_slice(&id).unwrap(), one.1)
    };
    let many: Vec<_> = (0..=Sessions::MOST as u64).map(numbered).collect();
    assert_eq!(of_sections(&[section_of(&many[1..])]), Ok(()));
    refused(&[section_of(&many)], "it has more requests than are remembered");
}

#[test]
fn transactions_and_locks_that_nobody_could_have_written_are_refused() {
    let over = |start: u64, how: u8, numbers: u64| {
        let numbers = numbers.to_be_bytes().repeat(2);
        (TAG_OVER, [&start.to_be_bytes()[..], &[how], &numbers].concat())
    };
    let pair = |key: &[u8]| [&(key.len() as u32).to_be_bytes()[..], key, &[0; 4]].concat();
    let lock = |key| (TAG_LOCKS, pair(&LockKey::encode(key, Timestamp::from_u64(6), 7)));
    let row = (TAG_ROWS, pair(b"a"));
    assert_eq!(of_sections(&[over(1, 0, 0), over(2, 1, 5), lock(b"b"), lock(b"c"), row.clone()]), Ok(()));
    let refused = |sections: &[(u8, Vec<u8>)], reason| {
        let told = of_sections(sections).unwrap_err();
        assert!(told.ends_with(reason), "{told}");
    };
    refused(&[over(2, 0, 0), over(2, 0, 0)], "its transactions are not in order");
    for wrong in [over(2, 0, 5), over(2, 2, 0)] {
        refused(&[wrong], "ended in no known way");
    }
    refused(&[(TAG_OVER, vec![0; 24])], "a transaction in it is cut");
    refused(&[lock(b"b"), over(1, 0, 0)], "it is not in its place");
    refused(&[row, lock(b"b")], "it is not in its place");
    refused(&[lock(b"b"), lock(b"a")], "its rows are not in key order");
    refused(&[(TAG_LOCKS, pair(b"no lock at all, and longer"))], "its user key is not terminated");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test looks into the file")]
fn sections_are_as_they_are_drawn() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let mut writer = SnapshotWriter::create(&SystemFiles, &path, &head()).unwrap();
    let at = writer.bytes() as usize;
    let first = First { commit_ts: Timestamp::from_u64(0x4142_4344_4546_4748), index: LogIndex::new(9) };
    let request = RequestId::from_bytes([1, 2, 3, 4, 5, 6, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]);
    writer.request(&request, first).unwrap();
    writer.over(Timestamp::from_u64(0x4142_4344_4546_4747), Over::Committed(first)).unwrap();
    writer.finish().unwrap();
    let whole = std::fs::read(&path).unwrap();
    let (requests, over) = (drawn("section requests"), drawn("section over"));
    let found = hex::encode(&whole[at..whole.len() - 29]);
    assert_eq!(found, [requests, over].concat());
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
