//! `identity.json`: who this data directory is, for ever.
//!
//! ```json
//! { "format": 1, "node_name": "n1", "store_id": "…", "cluster_id": "…", "cluster_name": "demo",
//!   "crc32c": "…" }
//! ```
//!
//! The store id is drawn when the directory is made; cluster id and name are added once, when the node
//! founds a cluster or is invited to one. A node that joins a sealed cluster has `begins_with` as well: the index that
//! its first snapshot of each group has to reach.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use elastickv_sys::durable;
use elastickv_sys::files::SharedFiles;
use elastickv_types::{ClusterId, ClusterName, GroupId, LogIndex, NodeName, StoreId};
use parking_lot::Mutex;

use crate::exit::Stop;

const FILE: &str = "identity.json";
const FORMAT: u32 = 1;
const LARGEST: u64 = 64 << 10;

#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: u32,
    node_name: NodeName,
    store_id: StoreId,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    cluster_id: Option<ClusterId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    cluster_name: Option<ClusterName>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    begins_with: BTreeMap<u64, u64>,
    /// Of the fields above, written as JSON without blanks: a changed letter of an id is an id as well.
    crc32c: String,
}

impl Record {
    fn checked(mut self) -> serde_json::Result<Self> {
        self.crc32c = self.checksum()?;
        Ok(self)
    }

    fn checksum(&self) -> serde_json::Result<String> {
        let bare = Self { crc32c: String::new(), ..self.clone() };
        Ok(format!("{:08x}", crc32c::crc32c(&serde_json::to_vec(&bare)?)))
    }
}

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
    path: PathBuf,
    files: SharedFiles,
    record: Mutex<Record>,
}

impl Identity {
    /// Reads the identity of a data directory, or gives a new one its own.
    pub fn load(
        files: &SharedFiles,
        dir: &Path,
        name: &NodeName,
        fresh: impl FnOnce() -> StoreId,
    ) -> Result<Self, Stop> {
        let path = dir.join(FILE);
        let unreadable = |error: std::io::Error| {
            Stop::refused(
                "IdentityUnreadable",
                format!("{} can not be read or written: {error}", path.display()),
                "check the file system and the owner of the data directory",
            )
        };
        let record = if files.exists(&path).map_err(unreadable)? {
            let bytes = files.read(&path, LARGEST).map_err(unreadable)?;
            parse(&path, &bytes)?
        } else {
            refuse_headless(files, dir)?;
            let record = Record {
                format: FORMAT,
                node_name: name.clone(),
                store_id: fresh(),
                cluster_id: None,
                cluster_name: None,
                begins_with: BTreeMap::new(),
                crc32c: String::new(),
            };
            write(files, &path, &record).map_err(unreadable)?;
            record
        };
        if record.node_name != *name {
            return Err(Stop::refused(
                "NodeNameMismatch",
                format!("{} belongs to node {}, not to {name}", dir.display(), record.node_name),
                "start it under its own name, or give this node a directory of its own",
            ));
        }
        Ok(Self { path, files: files.clone(), record: Mutex::new(record) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn node_name(&self) -> NodeName {
        self.record.lock().node_name.clone()
    }

    pub fn store_id(&self) -> StoreId {
        self.record.lock().store_id
    }

    pub fn cluster(&self) -> Option<Belonging> {
        let record = self.record.lock();
        Some(Belonging { id: record.cluster_id?, name: record.cluster_name.clone()? })
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
        if let (Some(id), Some(name)) = (record.cluster_id, record.cluster_name.clone())
            && id != to.id
        {
            return Err(BelongError::Foreign { name, id });
        }
        let mut changed = record.clone();
        changed.cluster_id = Some(to.id);
        changed.cluster_name.get_or_insert_with(|| to.name.clone());
        for (group, least) in beginning {
            let known = changed.begins_with.entry(group.get()).or_default();
            *known = (*known).max(least.get());
        }
        if changed == *record {
            return Ok(());
        }
        write(&self.files, &self.path, &changed).map_err(|error| BelongError::Write(error.to_string()))?;
        *record = changed;
        Ok(())
    }
}

/// A directory with data and no identity has lost it: giving it a new one would make it another node.
fn refuse_headless(files: &SharedFiles, dir: &Path) -> Result<(), Stop> {
    let groups = dir.join("groups");
    if !files.exists(&groups).unwrap_or(false) {
        return Ok(());
    }
    Err(Stop::refused(
        "IdentityMissing",
        format!("{} is gone, and the directory holds data of a node", dir.join(FILE).display()),
        "put the file back, or remove the member, empty the directory and join under a new name",
    ))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Record, Stop> {
    let damaged = |reason: String| {
        Stop::refused(
            "IdentityDamaged",
            format!("{} {reason}", path.display()),
            "put the file back from a copy, or remove the member, empty the directory and join under a new name",
        )
    };
    let record: Record =
        serde_json::from_slice(bytes).map_err(|error| damaged(format!("does not parse: {error}")))?;
    if record.format != FORMAT {
        return Err(Stop::refused(
            "IdentityFormat",
            format!("{} has format {}, and this build knows {FORMAT}", path.display(), record.format),
            "start the build that wrote it",
        ));
    }
    let computed = record.checksum().map_err(|error| damaged(error.to_string()))?;
    if record.crc32c != computed {
        return Err(damaged(format!("has checksum {computed}, and {} was written", record.crc32c)));
    }
    if record.cluster_id.is_some() != record.cluster_name.is_some() {
        return Err(damaged("names a cluster by half".to_owned()));
    }
    Ok(record)
}

fn write(files: &SharedFiles, path: &Path, record: &Record) -> std::io::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(&record.clone().checked()?)?;
    bytes.push(b'\n');
    durable::replace(&**files, path, &bytes)
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

    /// The files that docs/formats draws.
    #[test]
    fn the_drawn_files_are_read() {
        let drawn = include_str!("../../docs/formats/identity.md");
        let mut files = 0;
        for part in drawn.split("```json\n").skip(1) {
            let (file, _) = part.split_once("```").unwrap();
            let record = parse(Path::new(FILE), file.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string_pretty(&record).unwrap() + "\n", file);
            files += 1;
        }
        assert_eq!(files, 2);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test damages the file from outside")]
    fn a_file_that_says_something_else_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        load(dir.path(), "n1").unwrap();
        let path = dir.path().join(FILE);
        let good = std::fs::read_to_string(&path).unwrap();
        let refusal = |text: &str| {
            std::fs::write(&path, text).unwrap();
            load(dir.path(), "n1").unwrap_err().name
        };
        assert_eq!(refusal(&good.replace("\"format\": 1", "\"format\": 2")), "IdentityFormat");
        assert_eq!(refusal(&good.replace("store_id", "stored_id")), "IdentityDamaged");
        assert_eq!(refusal(&good.replace("0101-", "0102-")), "IdentityDamaged");
        assert_eq!(refusal(""), "IdentityDamaged");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(dir.path().join("groups")).unwrap();
        assert_eq!(load(dir.path(), "n1").unwrap_err().name, "IdentityMissing");
    }
}
