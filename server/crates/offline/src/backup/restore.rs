//! A data directory made of a backup: the only node of a new cluster.
//!
//! ```text
//! LOCK · identity.json.restoring · groups/1/snapshots/…snap · groups/1/log/ · groups/1/log-load · encryption/keys.json
//!      · identity.json.restoring → identity.json
//! ```
//!
//! in this order, each on the disk before the next. Until the last rename every start refuses the directory, so that what is
//! half restored is never taken for a node, and a repeat removes what there is and begins anew, under other ids and keys. The
//! first start installs the snapshot; on the way into the store every value is sealed under the new cluster's own key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use elastickv_consensus::{Member, key_table, only_member, seed_log, seed_path};
use elastickv_datadir::{
    GROUPS, Identity, LOCK, announce_identity, assume_identity, group_dir, is_restoring, log_dir, log_mark,
    restoring_names,
};
use elastickv_fsm::{
    Applied, Restoring, SnapshotHead, SnapshotReader, SnapshotSection, SnapshotWriter, UnixMillis, Writer,
};
use elastickv_keyring::{FilePiece, LoadMark, Others, Owner, Piece, Resync, SIDECAR_DIR, SidecarFile};
use elastickv_sys::files::{Lock, SharedFiles};
use elastickv_sys::random::SharedRandom;
use elastickv_types::{
    ClusterId, ClusterName, GroupId, LoadToken, LocalEpoch, LogId, NodeName, PeerAddress, StoreId,
};

use super::rekey::Rekeyed;
use super::verify::Verified;
use super::{BackupError, io_at};
use crate::data_dir::DataDirError;
use crate::resync::NoStore;
use crate::{Pace, Strides};

/// Who the restored node is to be.
#[derive(Clone, Debug)]
pub struct NewNode {
    pub name: NodeName,
    /// Where others will reach it.
    pub address: PeerAddress,
    pub cluster: ClusterName,
    pub unix_ms: u64,
}

/// A directory that is held, and empty but for what an interrupted restore has left.
#[derive(Debug)]
pub struct EmptyDir {
    files: SharedFiles,
    dir: PathBuf,
    _held: Lock,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    pub cluster: ClusterId,
    pub store: StoreId,
    pub last: LogId,
    pub rows: u64,
    /// The snapshot that the node begins with.
    pub bytes: u64,
}

/// What a restore fills a directory with.
const LEFT: [&str; 2] = [GROUPS, SIDECAR_DIR];

/// What is in there is a restore's, or nobody's. A directory that is a node already is somebody's.
fn refuse_others(files: &SharedFiles, dir: &Path) -> Result<(), BackupError> {
    let restoring = is_restoring(&**files, dir).map_err(DataDirError::from)?;
    let known = restoring_names();
    let ours =
        |name: &String| name == LOCK || known.contains(name) || restoring && LEFT.contains(&name.as_str());
    match files.list(dir).map_err(io_at(dir))?.iter().all(ours) {
        true => Ok(()),
        false => Err(BackupError::NotEmpty { dir: dir.to_owned() }),
    }
}

impl EmptyDir {
    /// Takes a directory, making it if need be, that holds nothing but perhaps its lock and what an interrupted restore
    /// has left. Nothing of that is removed yet.
    pub fn take(files: SharedFiles, dir: &Path) -> Result<Self, BackupError> {
        files.create_dir_all(dir).map_err(io_at(dir))?;
        // Else taking the lock would change a directory that is somebody's, and is not in use.
        if !files.exists(&dir.join(LOCK)).map_err(io_at(dir))? {
            refuse_others(&files, dir)?;
        }
        let held = elastickv_datadir::lock(&*files, dir).map_err(DataDirError::from)?;
        refuse_others(&files, dir)?;
        Ok(Self { files, dir: dir.to_owned(), _held: held })
    }

    /// Fills it.
    pub fn restore(
        self,
        verified: &Verified,
        rekeyed: Rekeyed,
        node: &NewNode,
        random: &SharedRandom,
        mut pace: Pace,
        strides: &Strides,
    ) -> Result<Restored, BackupError> {
        let store = StoreId::from_random(random.bytes16());
        let member = Member { name: node.name.clone(), address: node.address.clone(), store_id: store };
        let token = LoadToken::new(random.u64());
        let head = new_head(verified, &rekeyed, node, &member, token)?;
        let cluster = (rekeyed.cluster, node.cluster.clone());
        let identity = Identity { cluster: Some(cluster), ..Identity::new(node.name.clone(), store) };
        announce_identity(&*self.files, &self.dir, &identity).map_err(DataDirError::from)?;
        self.clear()?;
        let last = head.applied.last.unwrap_or(LogId::new(Default::default(), Default::default()));
        let group = group_dir(&self.dir, GroupId::CONTROL);
        let (rows, bytes) = self.seed(verified, &head, &group, random, &mut pace, strides)?;
        seed_log(&self.files, &log_dir(&group), GroupId::CONTROL, &member, last)?;
        self.keys(&head, &rekeyed, node, token, random, &group)?;
        let parent = self.dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        let synced =
            [&group, group.parent().unwrap_or(&group), self.dir.as_path(), parent.unwrap_or(Path::new("."))];
        synced.iter().try_for_each(|dir| self.files.sync_dir(dir).map_err(io_at(dir)))?;
        assume_identity(&*self.files, &self.dir).map_err(DataDirError::from)?;
        Ok(Restored { cluster: rekeyed.cluster, store, last, rows, bytes })
    }

    /// Removes what an interrupted restore has left.
    fn clear(&self) -> Result<(), BackupError> {
        for name in LEFT {
            let path = self.dir.join(name);
            if self.files.exists(&path).map_err(io_at(&path))? {
                self.files.remove_dir_all(&path).map_err(io_at(&path))?;
            }
        }
        self.files.sync_dir(&self.dir).map_err(io_at(&self.dir))
    }

    /// The backup's snapshot with another head; what is in it stays as it was sealed.
    fn seed(
        &self,
        verified: &Verified,
        head: &SnapshotHead,
        group: &Path,
        random: &SharedRandom,
        pace: &mut Pace,
        strides: &Strides,
    ) -> Result<(u64, u64), BackupError> {
        let backup = &verified.backup;
        let from = backup.manifest.group(GroupId::CONTROL.get()).map(|group| group.file.clone());
        let mut reader = SnapshotReader::open(
            &*backup.files,
            &backup.dir.join(from.unwrap_or_default()),
            GroupId::CONTROL,
        )?;
        let path = seed_path(group, head, random);
        let dir = path.parent().unwrap_or(group);
        self.files.create_dir_all(dir).map_err(io_at(dir))?;
        let mut writer = SnapshotWriter::create(&*self.files, &path, head)?;
        strides.expect(verified.bytes);
        let mut before = 0;
        while let Some(section) = reader.next_section()? {
            copy(&mut writer, section)?;
            let read = reader.offset() - before;
            before = reader.offset();
            strides.add(read);
            pace.take(read);
        }
        let summary = writer.finish()?;
        self.files.sync_dir(dir).map_err(io_at(dir))?;
        Ok((summary.rows, summary.bytes))
    }

    /// The load mark that the log begins with, and the sidecar that agrees with it.
    fn keys(
        &self,
        head: &SnapshotHead,
        rekeyed: &Rekeyed,
        node: &NewNode,
        token: LoadToken,
        random: &SharedRandom,
        group: &Path,
    ) -> Result<(), BackupError> {
        let state = &head.applied.state;
        let unreadable = |error: elastickv_consensus::KeyError| BackupError::Unreadable {
            path: self.dir.clone(),
            reason: error.to_string(),
        };
        let Some(table) = key_table(state, rekeyed.cluster, node.name.full_id()).map_err(unreadable)? else {
            return Ok(());
        };
        let log = FilePiece::at(self.files.clone(), log_mark(group));
        let marked = log.write(LoadMark::Settled { token }.into());
        marked.map_err(|error| io_at(group)(std::io::Error::other(error)))?;
        let owner = Owner { node: node.name.clone(), cluster: Some(rekeyed.cluster) };
        let file = SidecarFile::of(self.files.clone(), &self.dir, owner);
        file.probe()?;
        let others = Others { store: &NoStore, log: &log };
        let cutovers = state.raft.cutover.map(|at| (GroupId::CONTROL, at)).into_iter().collect();
        let used = BTreeMap::new();
        Resync { file, others, random: random.clone(), table, cutovers, used }.run()?;
        Ok(())
    }
}

fn copy(writer: &mut SnapshotWriter, section: SnapshotSection) -> Result<(), BackupError> {
    match section {
        SnapshotSection::Requests(found) => {
            found.iter().try_for_each(|(request, first)| writer.request(request, *first))?;
        }
        SnapshotSection::Over(found) => {
            found.iter().try_for_each(|(start, over)| writer.over(*start, *over))?;
        }
        SnapshotSection::Locks(mut found) => {
            found.try_for_each(|(key, value)| writer.lock(&key, &value))?;
        }
        SnapshotSection::Rows(mut found) => {
            found.try_for_each(|(key, value)| writer.row(&key, &value))?;
        }
    }
    Ok(())
}

fn new_head(
    verified: &Verified,
    rekeyed: &Rekeyed,
    node: &NewNode,
    member: &Member,
    token: LoadToken,
) -> Result<SnapshotHead, BackupError> {
    let SnapshotHead { group, applied, .. } = verified.head.clone();
    let last = applied.last.unwrap_or(LogId::new(Default::default(), Default::default()));
    let restoring = Restoring {
        last,
        wrapped: rekeyed.wrapped.clone(),
        fresh: rekeyed.fresh.clone(),
        made_at: UnixMillis::new(node.unix_ms),
        writer: Writer { node: node.name.full_id(), epoch: LocalEpoch::ZERO, token },
    };
    let state = applied.state.restored(&restoring)?;
    let keyring_version = state.control.as_deref().and_then(|control| control.keyring_version);
    Ok(SnapshotHead {
        group,
        applied: Applied { last: Some(last), state, ..applied },
        membership: only_member(member, last),
        keyring_version,
    })
}
