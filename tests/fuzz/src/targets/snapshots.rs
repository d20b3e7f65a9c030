//! Snapshot files (docs/formats/snapshot.md).

use std::path::Path;

use bytes::Bytes;
use elastickv_fsm::{
    Applied, First, Generation, GroupState, MembershipRecord, Over, SnapshotHead, SnapshotReader,
    SnapshotWriter,
};
use elastickv_mvcc::LockKey;
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::{FullNodeId, GroupId, LogId, LogIndex, RequestId, Term, Timestamp};

use super::{LARGE, part};
use crate::{Memory, Target, no_output};

const BUFFERS: usize = 8 << 10;
const FILE: &str = "/snapshot";

/// The file is there twice, the section once; a record of 26 bytes is an entry of a map, in nodes that may be half
/// empty.
const TIMES: usize = 8;

pub const SNAPSHOT: Target = Target {
    name: "snapshot",
    decode: snapshot,
    seeds: snapshots,
    costly: costly_snapshots,
    output: no_output,
    memory: Memory { times: TIMES, beside: BUFFERS },
};

fn section(tag: u8, body: &[u8]) -> Vec<u8> {
    let framed = [&[tag], &(body.len() as u64).to_be_bytes()[..], body].concat();
    let crc = crc32c::crc32c(&framed);
    [framed, crc.to_be_bytes().to_vec()].concat()
}

/// With checksums that hold: a state of records that are empty, of small ones, and rows as small as they come.
fn costly_snapshots() -> Vec<Vec<u8>> {
    let header = [&b"EKVTHLC1"[..], &[0; 8]].concat();
    let state = |records: &[u8]| [&header[..], &section(1, &[&[8, 1], records].concat())].concat();
    let floor = |key: u32| {
        let key = part(1, &[&b"e/floor/"[..], &key.to_be_bytes()].concat());
        part(15, &[key, part(2, &[0; 8])].concat())
    };
    let rows = (0..LARGE as u32 / 11).flat_map(|row| {
        let key = row.to_be_bytes();
        [&[0, 0, 0, 3], &key[1..], &[0; 4]].concat()
    });
    let request = |number: u32| {
        let id = [&[1, 2, 3, 4, 5, 6, 0x70, 0, 0x80, 0, 0, 0], &number.to_be_bytes()[..]].concat();
        [id, vec![0; 16]].concat()
    };
    let over = |start: u64| [&start.to_be_bytes()[..], &[0; 17]].concat();
    let lock = |key: u32| {
        let key = [&[9; 3], &key.to_be_bytes()[..]].concat();
        let key = LockKey::encode(&key, Timestamp::from_u64(1), 1);
        [&(key.len() as u32).to_be_bytes()[..], &key, &[0; 4]].concat()
    };
    vec![
        state(&part(15, &[]).repeat(LARGE / 2)),
        state(&(1..LARGE as u32 / 26).flat_map(floor).collect::<Vec<_>>()),
        state(&part(9, &[1; 8 * 4097])),
        state(&part(15, &[part(1, &[0; LARGE]), part(2, &[0])].concat())),
        [state(&[]), section(2, &rows.collect::<Vec<_>>())].concat(),
        [state(&[]), section(4, &(1..LARGE as u64 / 25).flat_map(over).collect::<Vec<_>>())].concat(),
        [state(&[]), section(5, &(1..LARGE as u32 / 30).flat_map(lock).collect::<Vec<_>>())].concat(),
        [state(&[]), section(3, &(1..LARGE as u32 / 32).flat_map(request).collect::<Vec<_>>())].concat(),
    ]
}

fn snapshots() -> Vec<Vec<u8>> {
    let files = MemoryFiles::shared();
    let head = SnapshotHead {
        group: GroupId::CONTROL,
        keyring_version: None,
        applied: Applied {
            last: Some(LogId::new(Term::new(3), LogIndex::new(9))),
            generation: Generation::FIRST,
            state: GroupState {
                last_commit_ts: Timestamp::from_unix_ms(7),
                ..GroupState::new(GroupId::CONTROL)
            },
        },
        membership: MembershipRecord {
            id: None,
            body: Bytes::from_static(b"members"),
            admitted: [FullNodeId::of_name("n1")].into(),
        },
    };
    let mut writer =
        SnapshotWriter::create(&*files, Path::new(FILE), &head).expect("memory takes a snapshot");
    let mut locks = Vec::new();
    for request in 0..20_u8 {
        let id = RequestId::from_bytes([1, 2, 3, 4, 5, 6, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, request]);
        let first = First { commit_ts: Timestamp::from_u64(request.into()), index: LogIndex::new(1) };
        writer.request(&id, first).expect("memory takes a request");
    }
    for number in 0..20_u8 {
        let key = LockKey::encode(&[number; 5], Timestamp::from_u64(7), 9);
        writer
            .over(Timestamp::from_u64(number.into()), Over::RolledBack)
            .expect("memory takes a transaction");
        locks.push(key);
    }
    for key in locks {
        writer.lock(&key, &[5; 20]).expect("memory takes a lock");
    }
    for row in 0..20_u8 {
        writer.row(&[row; 12], &[row; 40]).expect("memory takes a row");
    }
    writer.finish().expect("memory takes an end");
    files.get(Path::new(FILE)).into_iter().collect()
}

fn snapshot(data: &[u8]) {
    let files = MemoryFiles::shared();
    files.put(Path::new(FILE), data.to_vec());
    if let Ok(mut reader) = SnapshotReader::open(&*files, Path::new(FILE), GroupId::CONTROL) {
        while let Ok(Some(_)) = reader.next_section() {}
    }
}
