//! What commands on data directories have in common.

use elastickv_datadir::{IdentityError, LockError};
use elastickv_keyring::{KeyringError, Remedy};
use elastickv_offline::DataDirError;

use crate::error::{CliError, Code};

/// Why a data directory is not ours to use.
pub fn locked(error: &LockError) -> CliError {
    let code = match error {
        LockError::InUse { .. } => Code::DataDirInUse,
        LockError::Io { .. } => Code::LocalFile,
    };
    CliError::new(code, error.to_string())
}

pub fn untaken(error: &DataDirError) -> CliError {
    let code = match error {
        DataDirError::Lock(error) => return locked(error),
        DataDirError::OtherUser { .. } => Code::OtherUser,
        DataDirError::Identity(error) => return unidentified(error),
        DataDirError::Io { .. } => Code::LocalFile,
        DataDirError::NotOne { .. } | DataDirError::NoCluster { .. } => Code::NoDataDir,
    };
    CliError::new(code, error.to_string())
}

pub fn unidentified(error: &IdentityError) -> CliError {
    let code = match error {
        IdentityError::Io { .. } => Code::LocalFile,
        IdentityError::Damaged { .. } | IdentityError::Format { .. } => Code::NoDataDir,
    };
    CliError::new(code, error.to_string())
}

/// What is wrong with the keys of a node that is stopped.
pub fn keyring(error: &KeyringError) -> CliError {
    let code = match error.remedy() {
        Remedy::Rejoin => Code::DataDirRolledBack,
        Remedy::OtherBuild => Code::OtherBuild,
        Remedy::Disk | Remedy::OtherFilesystem => Code::LocalFile,
        Remedy::Resync | Remedy::OwnDirectory | Remedy::Rotate | Remedy::OtherKek | Remedy::Report => {
            Code::SidecarUnfit
        }
    };
    CliError::new(code, error.to_string())
}
