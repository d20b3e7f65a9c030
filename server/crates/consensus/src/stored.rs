//! What a group left on the disk, read before the group is opened: whoever decides whether to open it at all
//! needs to know.

use std::path::Path;

use elastickv_engine::SharedEngine;
use elastickv_fsm::{
    Applied, Command, GroupKeyspaces, GroupState, MembershipRecord, Payload, PerformError, Step, StepCommand,
    decode_command, read_applied, read_head, read_membership,
};
use elastickv_log::{Entry, Log, LogError};
use elastickv_sys::files::SharedFiles;
use elastickv_types::{GroupId, LogIndex};

use crate::entry;
use crate::member::Membership;
use crate::snapshots;

/// A group as its store and its last snapshot have it.
#[derive(Clone, Debug)]
pub struct StoredGroup {
    pub applied: Applied,
    pub membership: Membership,
    /// What the newest snapshot stands for, if there is one that can be read.
    pub snapshot: Option<GroupState>,
}

impl StoredGroup {
    /// Reads what is there, and changes nothing. `dir` is the group's own directory.
    pub fn read(
        group: GroupId,
        engine: &SharedEngine,
        files: &SharedFiles,
        dir: &Path,
    ) -> Result<Self, PerformError> {
        let keyspaces = GroupKeyspaces::new(group);
        let snapshot = newest_snapshot(group, files, dir);
        if !engine.keyspaces()?.contains(keyspaces.meta()) {
            return Ok(Self { applied: Applied::new(group), membership: Membership::default(), snapshot });
        }
        let view = engine.view()?;
        let applied = read_applied(&*view, &keyspaces)?;
        let membership = members(read_membership(&*view, &keyspaces)?)?;
        Ok(Self { applied, membership, snapshot })
    }
}

/// Where sealing began is decided once: a store and a snapshot that name different places are not of one cluster's history.
/// What names none is of a time before it.
pub fn differing_cutovers(store: &GroupState, snapshot: &GroupState) -> Option<String> {
    let rows = |state: &GroupState| state.control.as_deref().and_then(|control| control.stage.storage());
    let entries = |state: &GroupState| state.raft.cutover;
    let pairs = [("rows", rows(store), rows(snapshot)), ("entries", entries(store), entries(snapshot))];
    pairs.into_iter().find_map(|(what, store, snapshot)| {
        let (store, snapshot) = (store?, snapshot?);
        (store != snapshot).then(|| {
            format!("the store seals {what} since index {store}, and the last snapshot since {snapshot}")
        })
    })
}

/// How much of a log is read at a time.
const PART_BYTES: usize = 1 << 20;

/// Whether a log holds anything that came with keys: an entry that is sealed, or the one that made them. A log whose
/// entries do not decode tells nothing; applying them says what is wrong.
pub fn tells_of_keys(log: &Log) -> Result<bool, LogError> {
    let end = log.last_id().map_or(LogIndex::default(), |id| id.index.next());
    let mut next = log.first_index();
    while next < end {
        let entries = log.read(next, end, PART_BYTES)?;
        let Some(last) = entries.last() else { break };
        next = last.id.index.next();
        if entries.into_iter().any(came_with_keys) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn came_with_keys(entry: Entry) -> bool {
    if !entry::is_users(&entry.payload) {
        return false;
    }
    match Payload::split(entry.payload) {
        Ok(Payload::Sealed(_)) => true,
        Ok(Payload::Clear(command)) => decode_command(command).is_ok_and(|command| {
            matches!(command, Command::Step(StepCommand { step: Step::Bootstrap(_), .. }))
        }),
        Err(_) => false,
    }
}

fn members(record: MembershipRecord) -> Result<Membership, PerformError> {
    if record.body.is_empty() {
        return Ok(Membership::default());
    }
    let undecodable =
        |error: std::io::Error| PerformError::Record { record: "membership", reason: error.to_string() };
    entry::decode_membership(record.body).map_err(undecodable)
}

/// Opening the group says what is wrong with a snapshot that can not be read.
fn newest_snapshot(group: GroupId, files: &SharedFiles, dir: &Path) -> Option<GroupState> {
    let dir = snapshots::dir(dir);
    let names = files.list(&dir).unwrap_or_default();
    let finished = names.iter().filter(|name| snapshots::is_finished(name));
    let heads = finished.filter_map(|name| read_head(&**files, &dir.join(name), group).ok());
    heads.max_by_key(|head| head.applied.last).map(|head| head.applied.state)
}
