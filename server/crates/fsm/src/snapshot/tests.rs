use std::path::Path;

use bytes::Bytes;
use elastickv_sys::files::SystemFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term, Timestamp};

use super::*;

fn head() -> SnapshotHead {
    let id = |term, index| Some(LogId::new(Term::new(term), LogIndex::new(index)));
    SnapshotHead {
        group: GroupId::CONTROL,
        applied: Applied {
            last: id(3, 9),
            generation: Generation::FIRST,
            state: GroupState {
                last_commit_ts: Timestamp::from_unix_ms(7),
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

const GOLDEN_HEADER: &str = "454b5654484c43310000000000000007";

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
    assert!(hex::encode(&whole).starts_with(GOLDEN_HEADER));
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
