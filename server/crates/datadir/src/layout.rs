//! Where the parts of a data directory lie.

use std::io;
use std::path::{Path, PathBuf};

use elastickv_sys::files::Files;
use elastickv_types::GroupId;

/// What is replicated lies below it, a directory a group.
pub const GROUPS: &str = "groups";

/// Whether there is anything that replicates.
pub fn has_groups(files: &dyn Files, dir: &Path) -> io::Result<bool> {
    files.exists(&dir.join(GROUPS))
}

pub fn group_dir(dir: &Path, group: GroupId) -> PathBuf {
    dir.join(GROUPS).join(group.to_string())
}

/// The store's, below a group's.
pub fn state_dir(group_dir: &Path) -> PathBuf {
    group_dir.join("state")
}

pub fn log_dir(group_dir: &Path) -> PathBuf {
    group_dir.join("log")
}

/// The log's load mark: beside the directory of the log, which is the log's alone.
pub fn log_mark(group_dir: &Path) -> PathBuf {
    group_dir.join("log-load")
}
