//! A data directory that is held, and says whose it is.

use std::io;
use std::path::{Path, PathBuf};

use elastickv_datadir::{Identity, IdentityError, LockError};
use elastickv_keyring::{Owner, SidecarFile};
use elastickv_sys::files::{Lock, SharedFiles};
use elastickv_sys::private::{acting_user, owner_of};
use elastickv_types::{ClusterId, GroupId};

#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("{} is no data directory: it has no identity.json", dir.display())]
    NotOne { dir: PathBuf },
    #[error("{} belongs to no cluster yet", dir.display())]
    NoCluster { dir: PathBuf },
    /// What is made while its parts are opened would not be the node's.
    #[error("{} belongs to user {owner}, and this program runs as user {user}", dir.display())]
    OtherUser { dir: PathBuf, owner: u32, user: u32 },
    #[error("{}: {error}", dir.display())]
    Io { dir: PathBuf, error: io::Error },
}

/// No server runs on it as long as this lives.
#[derive(Debug)]
pub struct DataDir {
    pub(crate) files: SharedFiles,
    dir: PathBuf,
    identity: Identity,
    cluster: ClusterId,
    _held: Lock,
}

impl DataDir {
    /// Takes the directory of a node that belongs to a cluster, as the user that the node runs as: its owner is whoever
    /// made its identity, since the directory itself may be a volume that was mounted for it.
    pub fn take(files: SharedFiles, dir: &Path) -> Result<Self, DataDirError> {
        let not_one = || DataDirError::NotOne { dir: dir.to_owned() };
        let failed = |error| DataDirError::Io { dir: dir.to_owned(), error };
        let identity = elastickv_datadir::identity_path(dir);
        // Else taking the lock would make one of any directory.
        if !files.exists(&identity).map_err(failed)? {
            return Err(not_one());
        }
        let (owner, user) = (owner_of(&identity).map_err(failed)?, acting_user());
        if owner != user {
            return Err(DataDirError::OtherUser { dir: dir.to_owned(), owner, user });
        }
        let held = elastickv_datadir::lock(&*files, dir)?;
        let identity = elastickv_datadir::read_identity(&*files, dir)?.ok_or_else(not_one)?;
        let (cluster, _) =
            identity.cluster.clone().ok_or_else(|| DataDirError::NoCluster { dir: dir.to_owned() })?;
        Ok(Self { files, dir: dir.to_owned(), identity, cluster, _held: held })
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }

    pub fn cluster(&self) -> ClusterId {
        self.cluster
    }

    pub(crate) fn control_dir(&self) -> PathBuf {
        elastickv_datadir::group_dir(&self.dir, GroupId::CONTROL)
    }

    pub(crate) fn sidecar(&self) -> SidecarFile {
        let owner = Owner { node: self.identity.node.clone(), cluster: Some(self.cluster) };
        SidecarFile::of(self.files.clone(), &self.dir, owner)
    }
}
