//! `identity.json`: who a data directory is, for ever.
//!
//! ```json
//! { "format": 1, "node_name": "n1", "store_id": "…", "cluster_id": "…", "cluster_name": "demo",
//!   "crc32c": "…" }
//! ```
//!
//! The store id is drawn when the directory is made; cluster id and name are added once, when the node
//! founds a cluster or is invited to one. A node that joins a sealed cluster has `begins_with` as well: the index that
//! its first snapshot of each group has to reach.
//!
//! A directory that is made of a backup has the same file as `identity.json.restoring` until all else is in it, and gets
//! it by one rename. Whatever moment that is interrupted at, there is a node or there is none.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use elastickv_sys::durable;
use elastickv_sys::files::Files;
use elastickv_types::{ClusterId, ClusterName, NodeName, StoreId};

const FILE: &str = "identity.json";
/// Who the directory will be once it is filled.
const RESTORING: &str = "identity.json.restoring";
const FORMAT: u32 = 1;
const LARGEST: u64 = 64 << 10;

/// Who a data directory is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub node: NodeName,
    pub store: StoreId,
    pub cluster: Option<(ClusterId, ClusterName)>,
    /// By group, the index that the first snapshot of a newcomer has to reach.
    pub begins_with: BTreeMap<u64, u64>,
}

impl Identity {
    /// Of a node that belongs to no cluster yet.
    pub fn new(node: NodeName, store: StoreId) -> Self {
        Self { node, store, cluster: None, begins_with: BTreeMap::new() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("{} can not be read or written: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{} {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("{} has format {found}, and this build knows {FORMAT}", path.display())]
    Format { path: PathBuf, found: u32 },
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
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

pub fn identity_path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Reads who a directory is; `None` when it does not say.
pub fn read_identity(files: &dyn Files, dir: &Path) -> Result<Option<Identity>, IdentityError> {
    let path = identity_path(dir);
    let read = || if files.exists(&path)? { files.read(&path, LARGEST).map(Some) } else { Ok(None) };
    let bytes = read().map_err(|error| IdentityError::Io { path: path.clone(), error })?;
    bytes.map(|bytes| parse(&path, &bytes)).transpose()
}

/// Replaces what a directory says of itself, durably.
pub fn write_identity(files: &dyn Files, dir: &Path, identity: &Identity) -> Result<(), IdentityError> {
    write(files, identity_path(dir), identity)
}

fn write(files: &dyn Files, path: PathBuf, identity: &Identity) -> Result<(), IdentityError> {
    let written =
        text(identity).map_err(io::Error::from).and_then(|text| durable::replace(files, &path, &text));
    written.map_err(|error| IdentityError::Io { path, error })
}

/// Where it stands as long as a directory is being filled, and what a replacement of that file leaves when it is cut short.
pub fn restoring_names() -> [String; 2] {
    [RESTORING.to_owned(), format!("{RESTORING}.tmp")]
}

/// Whether filling a directory was begun, and did not come to its end.
pub fn is_restoring(files: &dyn Files, dir: &Path) -> Result<bool, IdentityError> {
    let path = dir.join(RESTORING);
    files.exists(&path).map_err(|error| IdentityError::Io { path, error })
}

/// Says, durably, who a directory is going to be. Nobody takes it for a node yet.
pub fn announce_identity(files: &dyn Files, dir: &Path, identity: &Identity) -> Result<(), IdentityError> {
    write(files, dir.join(RESTORING), identity)
}

/// Makes the directory a node, by what was announced. Returns once that is on the disk.
pub fn assume_identity(files: &dyn Files, dir: &Path) -> Result<(), IdentityError> {
    let path = identity_path(dir);
    let assumed = files.rename(&dir.join(RESTORING), &path).and_then(|()| files.sync_dir(dir));
    assumed.map_err(|error| IdentityError::Io { path, error })
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Identity, IdentityError> {
    let damaged = |reason: String| IdentityError::Damaged { path: path.to_owned(), reason };
    let record: Record =
        serde_json::from_slice(bytes).map_err(|error| damaged(format!("does not parse: {error}")))?;
    if record.format != FORMAT {
        return Err(IdentityError::Format { path: path.to_owned(), found: record.format });
    }
    let computed = record.checksum().map_err(|error| damaged(error.to_string()))?;
    if record.crc32c != computed {
        return Err(damaged(format!("has checksum {computed}, and {} was written", record.crc32c)));
    }
    let cluster = match (record.cluster_id, record.cluster_name) {
        (Some(id), Some(name)) => Some((id, name)),
        (None, None) => None,
        _ => return Err(damaged("names a cluster by half".to_owned())),
    };
    let (node, store, begins_with) = (record.node_name, record.store_id, record.begins_with);
    Ok(Identity { node, store, cluster, begins_with })
}

fn text(identity: &Identity) -> serde_json::Result<Vec<u8>> {
    let (cluster_id, cluster_name) = identity.cluster.clone().unzip();
    let mut record = Record {
        format: FORMAT,
        node_name: identity.node.clone(),
        store_id: identity.store,
        cluster_id,
        cluster_name,
        begins_with: identity.begins_with.clone(),
        crc32c: String::new(),
    };
    record.crc32c = record.checksum()?;
    let mut bytes = serde_json::to_vec_pretty(&record)?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl Record {
    fn checksum(&self) -> serde_json::Result<String> {
        let bare = Self { crc32c: String::new(), ..self.clone() };
        Ok(format!("{:08x}", crc32c::crc32c(&serde_json::to_vec(&bare)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_announced_is_nobody_until_it_is_assumed() {
        let dir = tempfile::tempdir().unwrap();
        let (files, dir) = (elastickv_sys::files::SystemFiles, dir.path());
        let identity = Identity::new("r1".parse().unwrap(), StoreId::from_bytes([1; 16]));
        announce_identity(&files, dir, &identity).unwrap();
        assert_eq!((read_identity(&files, dir).unwrap(), is_restoring(&files, dir).unwrap()), (None, true));
        assume_identity(&files, dir).unwrap();
        assert_eq!(read_identity(&files, dir).unwrap(), Some(identity));
        assert!(!is_restoring(&files, dir).unwrap());
    }

    /// The files that docs/formats draws.
    #[test]
    fn the_drawn_files_are_read_and_written() {
        let drawn = include_str!("../../../../docs/formats/identity.md");
        let mut files = 0;
        for part in drawn.split("```json\n").skip(1) {
            let (file, _) = part.split_once("```").unwrap();
            let identity = parse(Path::new(FILE), file.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(text(&identity).unwrap()).unwrap(), file);
            files += 1;
        }
        assert_eq!(files, 2);
    }
}
