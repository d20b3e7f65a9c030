//! A data directory made of a backup: the only node of a new cluster.
//!
//! ```text
//! LOCK · groups/1/snapshots/…snap · groups/1/log/ · groups/1/log-load · encryption/keys.json · identity.json
//! ```
//!
//! in this order, each on the disk before the next. What has no `identity.json` is refused by every start, so an
//! interrupted restore is never taken for a node. The first start installs the snapshot; on the way into the store every
//! value is sealed under the new cluster's own key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use elastickv_consensus::{Member, key_table, only_member, seed_log, seed_path};
use elastickv_datadir::{Identity, LOCK, group_dir, log_dir, log_mark, write_identity};
use elastickv_fsm::{
    Applied, Restoring, SnapshotHead, SnapshotReader, SnapshotSection, SnapshotWriter, UnixMillis, Writer,
};
use elastickv_keyring::{FilePiece, LoadMark, Others, Owner, Piece, Resync, SidecarFile};
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

/// A directory that is empty and held.
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

impl EmptyDir {
    /// Takes a directory, making it if need be, that holds nothing but perhaps its lock.
    pub fn take(files: SharedFiles, dir: &Path) -> Result<Self, BackupError> {
        let failed = io_at(dir);
        files.create_dir_all(dir).map_err(&failed)?;
        let unlike = |name: &String| name != LOCK;
        let not_empty = || BackupError::NotEmpty { dir: dir.to_owned() };
        // Else taking the lock would change a directory that is somebody's.
        if files.list(dir).map_err(&failed)?.iter().any(unlike)
            && !files.exists(&dir.join(LOCK)).map_err(&failed)?
        {
            return Err(not_empty());
        }
        let held = elastickv_datadir::lock(&*files, dir).map_err(DataDirError::from)?;
        if files.list(dir).map_err(&failed)?.iter().any(unlike) {
            return Err(not_empty());
        }
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
        let last = head.applied.last.unwrap_or(LogId::new(Default::default(), Default::default()));
        let group = group_dir(&self.dir, GroupId::CONTROL);
        let (rows, bytes) = self.seed(verified, &head, &group, random, &mut pace, strides)?;
        seed_log(&self.files, &log_dir(&group), GroupId::CONTROL, &member, last)?;
        self.keys(&head, &rekeyed, node, token, random, &group)?;
        let synced = [group.as_path(), group.parent().unwrap_or(&group), &self.dir];
        synced.iter().try_for_each(|dir| self.files.sync_dir(dir).map_err(io_at(dir)))?;
        let cluster = (rekeyed.cluster, node.cluster.clone());
        let identity = Identity { cluster: Some(cluster), ..Identity::new(node.name.clone(), store) };
        write_identity(&*self.files, &self.dir, &identity).map_err(DataDirError::from)?;
        Ok(Restored { cluster: rekeyed.cluster, store, last, rows, bytes })
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
