//! Backups in a tree of files that is cut off at any call: while they are made, and while a node is made of them.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "tests lay files behind the crate's back"
)]

mod creating;
mod format;
mod restoring;

use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Member, only_member};
use elastickv_fsm::{
    Applied, Control, GroupState, KeyRow, KeyState, RaftEnvelope, SnapshotHead, SnapshotWriter, Stage,
    UnixMillis, Wrapping,
};
use elastickv_kek::{Kek, KekUri};
use elastickv_keyring::subject;
use elastickv_mvcc::{KeyedRows, RowDraft, RowKey, SealedOnly, Sealer};
use elastickv_sys::crash::Image;
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;
use elastickv_types::{GroupId, KeyId, LogId, LogIndex, Purpose, StoreId, Term, Timestamp};
use tempfile::TempDir;
use tokio::time::Instant;

use super::{Backup, BackupError, Part, Partial, Plan, Verified};
use crate::{Pace, Strides};

/// More states than this of one moment are drawn from.
fn most() -> u64 {
    if std::env::var("ELASTICKV_SCALE").is_ok_and(|scale| scale == "full") { 512 } else { 12 }
}

const ROWS: u64 = 40;

/// The snapshot of a group whose rows and log are sealed, and the key that wrapped its keys.
struct Source {
    dir: TempDir,
    kek: Kek,
    snapshot: Vec<u8>,
}

impl Source {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let kek_file = dir.path().join("kek");
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&kek_file);
        std::io::Write::write_all(&mut file.unwrap(), &[5; 32]).unwrap();
        let kek = Kek::open(&KekUri::File(kek_file), SystemRandom::shared()).unwrap();
        let path = dir.path().join("snapshot");
        let head = head(&kek).await;
        let mut writer = SnapshotWriter::create(&SystemFiles, &path, &head).unwrap();
        let keystore = subject::keystore("n1");
        subject::adopt(&keystore, &subject::table(keystore.load_token(), Some(LogIndex::new(5))));
        let sealer = KeyedRows::new(keystore, SealedOnly::default());
        for number in 0..ROWS {
            let key = RowKey::encode(format!("key-{number:03}").as_bytes(), Timestamp::from_u64(1 + number));
            let draft = RowDraft { tombstone: false, expire_at: 0, body: b"a value that is sealed" };
            writer.row(&key, &sealer.seal(&key, draft).unwrap()).unwrap();
        }
        writer.finish().unwrap();
        Self { kek, snapshot: fs::read(path).unwrap(), dir }
    }

    fn plan(&self) -> Plan {
        Plan {
            cluster_id: subject::cluster(),
            cluster_name: "source".parse().unwrap(),
            node_name: "n1".parse().unwrap(),
            taken_at: "2026-11-21T10:00:00Z".to_owned(),
            parts: vec![Part {
                group_id: 1,
                snapshot_id: [3; 16],
                bytes: self.snapshot.len() as u64,
                crc32c: crc32c::crc32c(&self.snapshot),
            }],
        }
    }

    /// Fetches what is missing in pieces, as the command does.
    fn fill(&self, partial: Partial) -> Result<(), BackupError> {
        for part in &partial.plan.parts {
            loop {
                let mut growing = partial.part(part)?;
                while let Some(rest) =
                    self.snapshot.get(growing.len as usize..).filter(|rest| !rest.is_empty())
                {
                    growing.append(&rest[..rest.len().min(3000)])?;
                }
                if partial.check(part, growing)? {
                    break;
                }
            }
        }
        partial.finish(Pace::unbounded(), &Strides::default()).map(drop)
    }

    /// A finished backup.
    fn backup(&self) -> Verified {
        let dir = self.dir.path().join("backup");
        self.fill(Partial::begin(SystemFiles::shared(), &dir, self.plan()).unwrap()).unwrap();
        verified(&dir)
    }
}

fn verified(dir: &Path) -> Verified {
    let backup = Backup::open(SystemFiles::shared(), dir).unwrap();
    backup.verify(Pace::unbounded(), &Strides::default()).unwrap()
}

async fn head(kek: &Kek) -> SnapshotHead {
    let mut keys = Vec::new();
    for (raw, purpose) in [(1, Purpose::Storage), (2, Purpose::Raft)] {
        let id = KeyId::from_u32(raw).unwrap();
        let material = subject::material(id, purpose);
        let wrapped = kek.wrap(subject::cluster(), &material, Instant::now() + Duration::from_secs(10));
        let wrapped = wrapped.await.unwrap();
        let row = KeyRow {
            purpose,
            state: KeyState::Active,
            commitment: material.commitment(),
            created: LogIndex::new(3),
            created_at: UnixMillis::new(7),
            wrapping: Wrapping::new(wrapped.key, wrapped.by),
        };
        keys.push((id, row));
    }
    let index = |raw| Some(LogIndex::new(raw));
    let control = Control {
        stage: Stage::of(index(3), index(5), index(6)).unwrap(),
        keys: keys.into_iter().collect(),
        control_index: index(6),
        keyring_version: index(3),
        ..Control::default()
    };
    let raft = RaftEnvelope { cutover: index(6), ..RaftEnvelope::default() };
    let state = GroupState {
        last_commit_ts: Timestamp::from_u64(ROWS),
        raft: Arc::new(raft),
        control: Some(Arc::new(control)),
        ..GroupState::new(GroupId::CONTROL)
    };
    let last = LogId::new(Term::new(2), LogIndex::new(50));
    let member = Member {
        name: "n1".parse().unwrap(),
        address: "127.0.0.1:1".parse().unwrap(),
        store_id: StoreId::from_bytes([1; 16]),
    };
    SnapshotHead {
        group: GroupId::CONTROL,
        applied: Applied { last: Some(last), state, ..Applied::new(GroupId::CONTROL) },
        membership: only_member(&member, last),
        keyring_version: index(3),
    }
}

/// Lays what a power loss has left into a directory of its own.
fn lay(image: &Image, root: &Path) -> (TempDir, impl Fn(&Path) -> PathBuf) {
    let laid = tempfile::tempdir().unwrap();
    let (from, to) = (root.to_owned(), laid.path().to_owned());
    let place = move |path: &Path| to.join(path.strip_prefix(&from).unwrap());
    for dir in image.dirs() {
        fs::create_dir_all(place(dir)).unwrap();
    }
    for (path, bytes) in image.files() {
        fs::write(place(path), bytes).unwrap();
    }
    (laid, place)
}
