//! Snapshot files (docs/formats/snapshot.md).

use std::path::Path;

use bytes::Bytes;
use elastickv_fsm::{
    Applied, Generation, GroupState, MembershipRecord, SnapshotHead, SnapshotReader, SnapshotWriter,
};
use elastickv_sys::memory::MemoryFiles;
use elastickv_types::{FullNodeId, GroupId, LogId, LogIndex, Term, Timestamp};

use crate::{Memory, Target};

const BUFFERS: usize = 8 << 10;
const FILE: &str = "/snapshot";

pub const SNAPSHOT: Target =
    Target { name: "snapshot", decode: snapshot, seeds: snapshots, memory: Memory::of_file(BUFFERS) };

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
        while let Ok(Some(_)) = reader.next_rows() {}
    }
}
