//! A node that is being made of a backup is cut off after every call, and in every way that a power loss may leave it.

use std::collections::BTreeMap;

use elastickv_datadir::{identity_path, read_identity};
use elastickv_sys::crash::Op;
use elastickv_sys::files::SharedFiles;
use elastickv_sys::recording::{RecordingFiles, Tape};
use elastickv_types::ClusterId;

use super::*;
use crate::backup::{EmptyDir, NewNode};
use crate::{DataDir, DataDirError};

fn new_node() -> NewNode {
    NewNode {
        name: "r1".parse().unwrap(),
        address: "127.0.0.1:1".parse().unwrap(),
        cluster: "restored".parse().unwrap(),
        unix_ms: 9,
    }
}

async fn restore(
    files: SharedFiles,
    source: &Source,
    backup: &Verified,
    dir: &Path,
) -> Result<(), BackupError> {
    let random = SystemRandom::shared();
    let cluster = ClusterId::from_random(random.bytes16());
    let rekeyed = backup.rekey(Some(&source.kek), cluster, &*random).await.unwrap();
    let empty = EmptyDir::take(files, dir)?;
    empty.restore(backup, rekeyed, &new_node(), &random, Pace::unbounded(), &Strides::default()).map(drop)
}

/// A restore, recorded call by call.
struct Recorded {
    source: Source,
    backup: Verified,
    root: TempDir,
    tape: Arc<Tape>,
}

impl Recorded {
    async fn new() -> Self {
        let source = Source::new().await;
        let (backup, root) = (source.backup(), tempfile::tempdir().unwrap());
        let (files, tape) = RecordingFiles::over(SystemFiles::shared(), Image::empty(root.path())).unwrap();
        restore(files, &source, &backup, &root.path().join("node")).await.unwrap();
        Self { source, backup, root, tape }
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("node")
    }

    /// All that the finished node has.
    fn node(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let disk = self.tape.disk_after(self.tape.len()).unwrap();
        let image = disk.states(1, 1).next().unwrap();
        image.files().clone()
    }

    /// Whether this state is a node, which then has all that a node has.
    fn is_node(&self, node: &BTreeMap<PathBuf, Vec<u8>>, image: &Image) -> Result<bool, PathBuf> {
        let identity = read_identity(&*image.to_memory(), &self.dir());
        let there = identity.map_err(|_| identity_path(&self.dir()))?.is_some();
        let lacks = node.iter().find(|(path, bytes)| image.get(path) != Some(bytes.as_slice()));
        match (there, lacks) {
            (true, Some((path, _))) => Err(path.clone()),
            (there, _) => Ok(there),
        }
    }

    /// What an operator does who finds it unfinished.
    async fn repeat(&self, image: &Image) {
        let (_laid, place) = lay(image, self.root.path());
        let (files, dir) = (SystemFiles::shared(), place(&self.dir()));
        if files.exists(&identity_path(&dir)).unwrap() {
            let again = restore(files.clone(), &self.source, &self.backup, &dir).await;
            assert!(matches!(again, Err(BackupError::NotEmpty { .. })), "{again:?}");
            return;
        }
        let taken = DataDir::take(files.clone(), &dir);
        assert!(matches!(taken, Err(DataDirError::NotOne { .. })), "{taken:?}");
        restore(files.clone(), &self.source, &self.backup, &dir).await.unwrap();
        let names = |below: &str| files.list(&dir.join(below)).unwrap();
        assert_eq!(names(""), ["LOCK", "encryption", "groups", "identity.json"]);
        assert_eq!(names("groups/1/snapshots").len(), 1, "of this restore alone");
        assert_eq!(names("encryption"), ["keys.json"]);
        let held = DataDir::take(files, &dir).unwrap();
        assert_eq!(held.sidecar().load().unwrap().unwrap().sidecar().keys.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_half_restored_is_no_node_and_a_repeat_finishes_it() {
    let recorded = Recorded::new().await;
    let node = recorded.node();
    let calls = recorded.tape.len();
    let (mut nodes, mut others) = (0, 0);
    for call in 0..=calls {
        let disk = recorded.tape.disk_after(call).unwrap();
        for (number, image) in disk.states(most(), call as u64).enumerate() {
            let is_node = recorded.is_node(&node, &image).unwrap_or_else(|lacks| {
                panic!("after {call} of {calls} calls a node without {}", lacks.display())
            });
            assert!(is_node || call < calls, "acknowledged, and lost");
            (nodes, others) = (nodes + u32::from(is_node), others + u32::from(!is_node));
            if number == call % 5 {
                recorded.repeat(&image).await;
            }
        }
    }
    println!("{calls} calls: {nodes} nodes, {others} unfinished ones");
    assert!(nodes > 0 && others > 100, "{nodes} nodes, {others} unfinished ones");
}

/// The control: without syncing, a directory is taken for a node that lacks something.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_syncs_what_is_half_restored_is_taken_for_a_node() {
    let recorded = Recorded::new().await;
    let node = recorded.node();
    for unsynced in [|op: &Op| matches!(op, Op::Sync(_)), |op: &Op| matches!(op, Op::SyncDir(_))] {
        let disk = recorded.tape.disk_after_without(recorded.tape.len(), unsynced).unwrap();
        let found = disk.states(256, 1).filter(|image| recorded.is_node(&node, image).is_err()).count();
        assert!(found > 0, "nothing of it was missed");
    }
}

#[tokio::test]
async fn what_is_somebody_elses_is_left_alone() {
    let source = Source::new().await;
    let (backup, root) = (source.backup(), tempfile::tempdir().unwrap());
    let dir = root.path().join("node");
    fs::create_dir_all(dir.join("groups")).unwrap();
    let files = SystemFiles::shared();
    let refused = restore(files.clone(), &source, &backup, &dir).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty { .. })), "without a word of a restore: {refused:?}");
    assert_eq!(files.list(&dir).unwrap(), ["groups"], "not even a lock");
    fs::write(dir.join("identity.json.restoring"), "").unwrap();
    fs::write(dir.join("letter"), "dear").unwrap();
    let refused = restore(files.clone(), &source, &backup, &dir).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty { .. })), "{refused:?}");
    fs::remove_file(dir.join("letter")).unwrap();
    restore(files, &source, &backup, &dir).await.unwrap();
}
