//! `MANIFEST.json`: what a backup is made of.

use std::collections::BTreeMap;
use std::path::Path;

use elastickv_sys::files::Files;
use elastickv_types::{ClusterId, ClusterName, NodeName};
use serde::{Deserialize, Serialize};

use super::{BackupError, LARGEST_TEXT, io_at};

pub const SCHEMA: &str = "elastickv.backup/v1";
pub(super) const FILE: &str = "MANIFEST.json";

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub schema: String,
    pub cluster_id: ClusterId,
    pub cluster_name: ClusterName,
    /// Where it was taken.
    pub node_name: NodeName,
    /// RFC 3339, by that node's clock.
    pub taken_at: String,
    /// The timestamp of the last write that is in it: a text, since it is larger than what a double holds.
    pub read_ts: String,
    /// Rows are sealed since this entry of the control group.
    pub storage_envelope_cutover_index: Option<u64>,
    pub groups: Vec<GroupFacts>,
    /// By name.
    pub files: BTreeMap<String, FileFacts>,
    /// Keys that values are sealed under.
    pub keys: Vec<KeyCount>,
    /// Values that are not sealed.
    pub clear_rows: u64,
    /// Of the fields above, written as JSON without blanks.
    pub crc32c: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupFacts {
    pub group_id: u64,
    pub file: String,
    /// The last entry that is in it.
    pub term: u64,
    pub applied_index: u64,
    /// Entries above it are sealed.
    pub raft_envelope_cutover_index: Option<u64>,
    pub rows: u64,
    pub locks: u64,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileFacts {
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyCount {
    pub key_id: u32,
    /// Values that are sealed under it, those of locks included.
    pub rows: u64,
}

#[derive(Deserialize)]
struct SchemaAlone {
    schema: String,
}

impl Manifest {
    /// As it is written.
    pub fn text(mut self) -> serde_json::Result<Vec<u8>> {
        self.crc32c = self.checksum()?;
        let mut text = serde_json::to_vec_pretty(&self)?;
        text.push(b'\n');
        Ok(text)
    }

    pub fn read(files: &dyn Files, dir: &Path) -> Result<Self, BackupError> {
        let path = dir.join(FILE);
        if !files.exists(&path).map_err(io_at(&path))? {
            return Err(BackupError::NoManifest { dir: dir.to_owned() });
        }
        Self::parse(&path, &files.read(&path, LARGEST_TEXT).map_err(io_at(&path))?)
    }

    pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Self, BackupError> {
        let unreadable = |error: serde_json::Error| BackupError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let SchemaAlone { schema } = serde_json::from_slice(text).map_err(unreadable)?;
        if schema != SCHEMA {
            return Err(BackupError::Schema { path: path.to_owned(), found: schema });
        }
        let manifest: Self = serde_json::from_slice(text).map_err(unreadable)?;
        if manifest.checksum().map_err(unreadable)? != manifest.crc32c {
            return Err(BackupError::Altered { path: path.to_owned() });
        }
        // They lie in the directory of the backup and nowhere else.
        let plain = |name: &String| !name.is_empty() && !name.starts_with('.') && !name.contains('/');
        if !manifest.files.keys().all(plain) {
            let reason = "it names a file elsewhere".to_owned();
            return Err(BackupError::Unreadable { path: path.to_owned(), reason });
        }
        Ok(manifest)
    }

    fn checksum(&self) -> serde_json::Result<String> {
        let bare = Self { crc32c: String::new(), ..self.clone() };
        Ok(format!("{:08x}", crc32c::crc32c(&serde_json::to_vec(&bare)?)))
    }

    pub fn group(&self, group_id: u64) -> Option<&GroupFacts> {
        self.groups.iter().find(|group| group.group_id == group_id)
    }
}
