//! What is looked at before anything of the data directory is used, in this order; each refusal has a
//! name and a way out.

use std::path::Path;

use elastickv_datadir::LockError;
use elastickv_sys::durable;
use elastickv_sys::files::{Lock, SharedFiles};

use super::refusal::NO_ROOM;
use crate::config::Config;
use crate::exit::Stop;
use crate::identity::Identity;

const PROBE: &str = ".probe";

/// Makes the data directory and takes its lock, which one process may hold.
pub fn lock(files: &SharedFiles, dir: &Path) -> Result<Lock, Stop> {
    let shown = dir.display();
    let unusable = |error: std::io::Error| {
        Stop::refused(
            "DataDirUnusable",
            format!("the data directory {shown} can not be used: {error}"),
            "check that it exists, belongs to this user and is on a writable file system",
        )
    };
    files.create_dir_all(dir).map_err(unusable)?;
    elastickv_datadir::lock(&**files, dir).map_err(|error| match error {
        LockError::Io { error, .. } => unusable(error),
        LockError::InUse { .. } => Stop::refused(
            "DataDirInUse",
            error.to_string(),
            "stop that process, or give this node a directory of its own",
        ),
    })
}

/// A file system that can not make a name durable would lose files that were acknowledged.
pub fn probe_file_system(files: &SharedFiles, dir: &Path) -> Result<(), Stop> {
    let path = dir.join(PROBE);
    durable::replace(&**files, &path, b"probe").and_then(|()| files.remove(&path)).map_err(|error| {
        if error.kind() == std::io::ErrorKind::StorageFull {
            let text = format!("there is no room on the disk of {}: {error}", dir.display());
            return Stop::refused(NO_ROOM, text, "make room, then start again");
        }
        Stop::refused(
            "UnsupportedFilesystem",
            format!("files in {} can not be made durable: {error}", dir.display()),
            "put the data directory on a local file system with room",
        )
    })
}

/// A directory that belongs to a cluster is not started for another one.
pub fn cluster_fits(config: &Config, identity: &Identity) -> Result<(), Stop> {
    let (Some(expected), Some(cluster)) = (&config.cluster_name, identity.cluster()) else { return Ok(()) };
    if *expected == cluster.name {
        return Ok(());
    }
    Err(Stop::refused(
        "ForeignCluster",
        format!("the data directory belongs to cluster {} ({}), not to {expected}", cluster.name, cluster.id),
        "start it with that cluster's name, or give this node a directory of its own",
    ))
}
