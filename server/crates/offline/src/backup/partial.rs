//! A backup that is being made.
//!
//! It grows in a directory beside the one that it is to be, `DIR.partial`, with a note of what it is of. What was
//! fetched before an interruption is kept, as long as the member that it came from still has the very snapshot. Only
//! once everything is there and synced, manifest last, does the directory get its name: what has the name is whole. The
//! note goes after that, so that as long as there is a `DIR.partial` it can be gone on with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elastickv_consensus::key_table;
use elastickv_fsm::SnapshotHead;
use elastickv_sys::durable;
use elastickv_sys::files::{File, Files, Open, SharedFiles};
use elastickv_types::{ClusterId, ClusterName, FullNodeId, GroupId, LogIndex, NodeName};
use serde::{Deserialize, Serialize};

use super::examine::examine;
use super::keys;
use super::manifest::{self, GroupFacts, KeyCount, Manifest, SCHEMA};
use super::seal::{facts_of, facts_of_bytes};
use super::{BackupError, LARGEST_TEXT, Tally, io_at};
use crate::own_state::Replicated;
use crate::{Pace, Strides};

const NOTE: &str = "PLAN.json";

/// What a member offered to send.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub cluster_id: ClusterId,
    pub cluster_name: ClusterName,
    pub node_name: NodeName,
    pub taken_at: String,
    pub parts: Vec<Part>,
}

/// A group's snapshot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub group_id: u64,
    #[serde(with = "hex")]
    pub snapshot_id: [u8; 16],
    pub bytes: u64,
    pub crc32c: u32,
}

#[derive(Debug)]
pub struct Partial {
    files: SharedFiles,
    dir: PathBuf,
    becomes: PathBuf,
    pub plan: Plan,
}

/// A part that grows.
#[derive(Debug)]
pub struct Growing {
    file: Arc<dyn File>,
    path: PathBuf,
    pub len: u64,
}

/// `DIR.partial`.
fn beside(becomes: &Path) -> PathBuf {
    becomes.with_added_extension("partial")
}

fn part_name(group_id: u64) -> String {
    format!("group-{group_id}.snap")
}

impl Partial {
    /// Whether there is one, unfinished, of what is to be this directory.
    pub fn is_there(files: &dyn Files, becomes: &Path) -> Result<bool, BackupError> {
        if files.exists(becomes).map_err(io_at(becomes))? {
            return Err(BackupError::Exists { path: becomes.to_owned() });
        }
        let dir = beside(becomes);
        files.exists(&dir).map_err(io_at(&dir))
    }

    /// Begins one; what an earlier one has left is removed.
    pub fn begin(files: SharedFiles, becomes: &Path, plan: Plan) -> Result<Self, BackupError> {
        let dir = beside(becomes);
        let failed = io_at(&dir);
        if files.exists(&dir).map_err(&failed)? {
            files.remove_dir_all(&dir).map_err(&failed)?;
        }
        files.create_dir_all(&dir).map_err(&failed)?;
        let note = serde_json::to_vec_pretty(&plan).map_err(|error| failed(error.into()))?;
        durable::replace(&*files, &dir.join(NOTE), &note).map_err(&failed)?;
        Ok(Self { files, dir, becomes: becomes.to_owned(), plan })
    }

    /// Goes on with one; `None` when nothing was fetched yet, not even what there is to fetch.
    pub fn resume(files: SharedFiles, becomes: &Path) -> Result<Option<Self>, BackupError> {
        let (dir, nothing) = (beside(becomes), || BackupError::NothingToResume { dir: becomes.to_owned() });
        if !files.exists(&dir).map_err(io_at(&dir))? {
            return Err(nothing());
        }
        let path = dir.join(NOTE);
        if !files.exists(&path).map_err(io_at(&path))? {
            // A directory of that name with anything else in it is not ours to replace.
            let unwritten = format!("{NOTE}.tmp");
            let there = files.list(&dir).map_err(io_at(&dir))?;
            return if there.iter().all(|name| *name == unwritten) { Ok(None) } else { Err(nothing()) };
        }
        let note = files.read(&path, LARGEST_TEXT).map_err(io_at(&path))?;
        let plan = serde_json::from_slice(&note).map_err(|_| nothing())?;
        Ok(Some(Self { files, dir, becomes: becomes.to_owned(), plan }))
    }

    /// The file of a part, with what it has so far.
    pub fn part(&self, part: &Part) -> Result<Growing, BackupError> {
        let path = self.dir.join(part_name(part.group_id));
        let failed = io_at(&path);
        let how = if self.files.exists(&path).map_err(&failed)? { Open::Write } else { Open::New };
        let file = self.files.open(&path, how).map_err(&failed)?;
        let len = file.len().map_err(&failed)?.min(part.bytes);
        Ok(Growing { file, path, len })
    }

    /// Whether a part that has all its bytes has the right ones. If it has not, they are dropped.
    pub fn check(&self, part: &Part, mut growing: Growing) -> Result<bool, BackupError> {
        let failed = io_at(&growing.path);
        let (mut crc, mut offset, mut buffer) = (0, 0, vec![0; 1 << 20]);
        while offset < growing.len {
            let read = growing.file.read_at(&mut buffer, offset).map_err(&failed)?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            crc = crc32c::crc32c_append(crc, bytes);
            offset += read as u64;
        }
        if (offset, crc) == (part.bytes, part.crc32c) {
            growing.file.sync_data().map_err(&failed)?;
            return Ok(true);
        }
        growing.cut()?;
        Ok(false)
    }

    /// Looks through what came, writes keys and manifest, and gives the directory its name.
    pub fn finish(self, pace: Pace, strides: &Strides) -> Result<(Manifest, Tally), BackupError> {
        let failed = io_at(&self.dir);
        let (manifest, tally) = self.describe(pace, strides)?;
        let text = manifest.clone().text().map_err(|error| failed(error.into()))?;
        let path = self.dir.join(manifest::FILE);
        durable::replace(&*self.files, &path, &text).map_err(io_at(&path))?;
        self.files.rename(&self.dir, &self.becomes).map_err(&failed)?;
        let parent = self.becomes.parent().filter(|parent| !parent.as_os_str().is_empty());
        self.files.sync_dir(parent.unwrap_or(Path::new("."))).map_err(&failed)?;
        let note = self.becomes.join(NOTE);
        self.files.remove(&note).map_err(io_at(&note))?;
        self.files.sync_dir(&self.becomes).map_err(io_at(&self.becomes))?;
        Ok((manifest, tally))
    }

    fn describe(&self, mut pace: Pace, strides: &Strides) -> Result<(Manifest, Tally), BackupError> {
        strides.expect(2 * self.plan.parts.iter().map(|part| part.bytes).sum::<u64>());
        let (group, name) = (GroupId::CONTROL, part_name(GroupId::CONTROL.get()));
        let path = self.dir.join(&name);
        let facts = facts_of(&*self.files, &path, &mut pace, strides)?;
        let (head, tally) = examine(&*self.files, &path, group, &mut pace, strides)?;
        let mut files = BTreeMap::from([(name.clone(), facts)]);
        let replicated = replicated(&path, &head, &self.plan)?;
        if let Some(replicated) = &replicated {
            let path = self.dir.join(keys::FILE);
            let text = keys::text(replicated).map_err(|error| io_at(&path)(error.into()))?;
            durable::replace(&*self.files, &path, &text).map_err(io_at(&path))?;
            files.insert(keys::FILE.to_owned(), facts_of_bytes(&text));
        }
        let last = head.applied.last;
        let state = &head.applied.state;
        let manifest = Manifest {
            schema: SCHEMA.to_owned(),
            cluster_id: self.plan.cluster_id,
            cluster_name: self.plan.cluster_name.clone(),
            node_name: self.plan.node_name.clone(),
            taken_at: self.plan.taken_at.clone(),
            read_ts: state.last_commit_ts.get().to_string(),
            storage_envelope_cutover_index: replicated
                .and_then(|found| found.table.storage_cutover)
                .map(LogIndex::get),
            groups: vec![GroupFacts {
                group_id: group.get(),
                file: name,
                term: last.map_or(0, |last| last.term.get()),
                applied_index: last.map_or(0, |last| last.index.get()),
                raft_envelope_cutover_index: state.raft.cutover.map(LogIndex::get),
                rows: tally.rows,
                locks: tally.locks,
            }],
            files,
            keys: tally
                .sealed
                .iter()
                .map(|(id, sealed)| KeyCount { key_id: id.get(), rows: sealed.rows })
                .collect(),
            clear_rows: tally.clear,
            crc32c: String::new(),
        };
        Ok((manifest, tally))
    }
}

/// The keys as the snapshot has them: nobody's epochs are among them.
fn replicated(path: &Path, head: &SnapshotHead, plan: &Plan) -> Result<Option<Replicated>, BackupError> {
    let state = &head.applied.state;
    let nobody = FullNodeId::of_name("");
    let table = key_table(state, plan.cluster_id, nobody)
        .map_err(|error| BackupError::Unreadable { path: path.to_owned(), reason: error.to_string() })?;
    let cutovers = state.raft.cutover.map(|at| (GroupId::CONTROL, at)).into_iter().collect();
    Ok(table.map(|table| Replicated { table, cutovers }))
}

impl Growing {
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        self.file.write_all_at(bytes, self.len).map_err(io_at(&self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> Result<(), BackupError> {
        self.file.set_len(0).map_err(io_at(&self.path))?;
        self.len = 0;
        Ok(())
    }
}
