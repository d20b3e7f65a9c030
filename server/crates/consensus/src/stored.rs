//! What a group left on the disk, read before the group is opened: whoever decides whether to open it at all
//! needs to know.

use std::path::Path;

use elastickv_engine::SharedEngine;
use elastickv_fsm::{
    Applied, GroupKeyspaces, GroupState, MembershipRecord, PerformError, read_applied, read_head,
    read_membership,
};
use elastickv_sys::files::SharedFiles;
use elastickv_types::GroupId;

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
