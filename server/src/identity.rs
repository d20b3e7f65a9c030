//! Who this node is, for ever: what `identity.json` of its data directory says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use elastickv_datadir::{self as datadir, IdentityError};
use elastickv_sys::files::SharedFiles;
use elastickv_types::{ClusterId, ClusterName, GroupId, LogIndex, NodeName, StoreId};
use parking_lot::Mutex;

use crate::exit::Stop;

/// A cluster that this node belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Belonging {
    pub id: ClusterId,
    pub name: ClusterName,
}

/// For each group in whose log users' data stands in clear: the index that a newcomer's first snapshot has to reach.
pub type Beginning = BTreeMap<GroupId, LogIndex>;

/// An offer of another cluster than the one this node belongs to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BelongError {
    #[error("this node belongs to cluster {name} ({id}) already")]
    Foreign { name: ClusterName, id: ClusterId },
    #[error("the identity can not be written: {0}")]
    Write(String),
}

#[derive(Debug)]
pub struct Identity {
    dir: PathBuf,
    files: SharedFiles,
    record: Mutex<datadir::Identity>,
}

impl Identity {
    /// Reads the identity of a data directory, or gives a new one its own.
    pub fn load(
        files: &SharedFiles,
        dir: &Path,
        name: &NodeName,
        fresh: impl FnOnce() -> StoreId,
    ) -> Result<Self, Stop> {
        let record = match datadir::read_identity(&**files, dir).map_err(|error| refused(&error))? {
            Some(record) => record,
            None => {
                refuse_headless(files, dir)?;
                let record = datadir::Identity::new(name.clone(), fresh());
                datadir::write_identity(&**files, dir, &record).map_err(|error| refused(&error))?;
                record
            }
        };
        if record.node != *name {
            return Err(Stop::refused(
                "NodeNameMismatch",
                format!("{} belongs to node {}, not to {name}", dir.display(), record.node),
                "start it under its own name, or give this node a directory of its own",
            ));
        }
        Ok(Self { dir: dir.to_owned(), files: files.clone(), record: Mutex::new(record) })
    }

    pub fn path(&self) -> PathBuf {
        datadir::identity_path(&self.dir)
    }

    pub fn node_name(&self) -> NodeName {
        self.record.lock().node.clone()
    }

    pub fn store_id(&self) -> StoreId {
        self.record.lock().store
    }

    pub fn cluster(&self) -> Option<Belonging> {
        let cluster = self.record.lock().cluster.clone();
        cluster.map(|(id, name)| Belonging { id, name })
    }

    /// What this node has to begin with.
    pub fn beginning(&self) -> Beginning {
        let record = self.record.lock();
        let groups = record.begins_with.iter();
        groups
            .filter_map(|(&group, &least)| Some((GroupId::from_u64(group)?, LogIndex::new(least))))
            .collect()
    }

    /// Accepts a cluster, durably and once. How to begin there may be said again, and only rises: the cluster may have
    /// been sealed since the first invitation.
    pub fn belong(&self, to: &Belonging, beginning: &Beginning) -> Result<(), BelongError> {
        let mut record = self.record.lock();
        if let Some((id, name)) = record.cluster.clone()
            && id != to.id
        {
            return Err(BelongError::Foreign { name, id });
        }
        let mut changed = record.clone();
        changed.cluster.get_or_insert_with(|| (to.id, to.name.clone()));
        for (group, least) in beginning {
            let known = changed.begins_with.entry(group.get()).or_default();
            *known = (*known).max(least.get());
        }
        if changed == *record {
            return Ok(());
        }
        datadir::write_identity(&*self.files, &self.dir, &changed)
            .map_err(|error| BelongError::Write(error.to_string()))?;
        *record = changed;
        Ok(())
    }
}

/// A directory with data and no identity has lost it, or is not finished: giving it a new one would make it another node.
fn refuse_headless(files: &SharedFiles, dir: &Path) -> Result<(), Stop> {
    if datadir::is_restoring(&**files, dir).map_err(|error| refused(&error))? {
        return Err(Stop::refused(
            "RestoreUnfinished",
            format!("{} is being made of a backup, and that did not come to its end", dir.display()),
            "repeat elastickv-admin backup restore, which begins anew; or empty the directory",
        ));
    }
    if !datadir::has_groups(&**files, dir).unwrap_or(false) {
        return Ok(());
    }
    Err(Stop::refused(
        "IdentityMissing",
        format!("{} is gone, and the directory holds data of a node", datadir::identity_path(dir).display()),
        "put the file back, or remove the member, empty the directory and join under a new name",
    ))
}

fn refused(error: &IdentityError) -> Stop {
    let (name, hint) = match error {
        IdentityError::Io { .. } => {
            ("IdentityUnreadable", "check the file system and the owner of the data directory")
        }
        IdentityError::Damaged { .. } => (
            "IdentityDamaged",
            "put the file back from a copy, or remove the member, empty the directory and join under a new name",
        ),
        IdentityError::Format { .. } => ("IdentityFormat", "start the build that wrote it"),
    };
    Stop::refused(name, error.to_string(), hint)
}

#[cfg(test)]
mod tests {
    use elastickv_sys::files::SystemFiles;

    use super::*;

    fn load(dir: &Path, name: &str) -> Result<Identity, Stop> {
        Identity::load(&SystemFiles::shared(), dir, &name.parse().unwrap(), || StoreId::from_bytes([1; 16]))
    }

    fn belonging(byte: u8) -> Belonging {
        Belonging { id: ClusterId::from_bytes([byte; 16]), name: "demo".parse().unwrap() }
    }

    #[test]
    fn a_directory_belongs_to_one_name_and_one_cluster() {
        let dir = tempfile::tempdir().unwrap();
        let first = load(dir.path(), "n1").unwrap();
        assert_eq!(first.cluster(), None);
        let open = Beginning::new();
        first.belong(&belonging(1), &open).unwrap();
        first.belong(&belonging(1), &open).unwrap();
        assert!(matches!(first.belong(&belonging(2), &open), Err(BelongError::Foreign { .. })));
        assert_eq!(load(dir.path(), "n1").unwrap().cluster(), Some(belonging(1)));
        assert_eq!(load(dir.path(), "n2").unwrap_err().name, "NodeNameMismatch");
    }

    #[test]
    fn what_to_begin_with_is_kept_and_only_rises() {
        let dir = tempfile::tempdir().unwrap();
        let identity = load(dir.path(), "n4").unwrap();
        let least = |index| Beginning::from([(GroupId::CONTROL, LogIndex::new(index))]);
        for (said, kept) in
            [(0, Beginning::new()), (7, least(7)), (9, least(9)), (8, least(9)), (0, least(9))]
        {
            let said = if said == 0 { Beginning::new() } else { least(said) };
            identity.belong(&belonging(1), &said).unwrap();
            assert_eq!(identity.beginning(), kept);
            assert_eq!(load(dir.path(), "n4").unwrap().beginning(), kept);
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test damages the file from outside")]
    fn a_file_that_says_something_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        load(dir.path(), "n1").unwrap();
        let path = datadir::identity_path(dir.path());
        let good = std::fs::read_to_string(&path).unwrap();
        let refusal = |text: &str| {
            std::fs::write(&path, text).unwrap();
            load(dir.path(), "n1").unwrap_err().name
        };
        assert_eq!(refusal(&good.replace("\"format\": 1", "\"format\": 2")), "IdentityFormat");
        assert_eq!(refusal(&good.replace("store_id", "stored_id")), "IdentityDamaged");
        assert_eq!(refusal(&good.replace("0101-", "0102-")), "IdentityDamaged");
        assert_eq!(refusal(""), "IdentityDamaged");
        std::fs::rename(&path, path.with_added_extension("restoring")).unwrap();
        assert_eq!(load(dir.path(), "n1").unwrap_err().name, "RestoreUnfinished");
        std::fs::remove_file(path.with_added_extension("restoring")).unwrap();
        std::fs::create_dir(dir.path().join("groups")).unwrap();
        assert_eq!(load(dir.path(), "n1").unwrap_err().name, "IdentityMissing");
    }
}
