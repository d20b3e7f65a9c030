//! `backup …`

mod create;
mod needs_keys;
mod restore;
mod verify;

use std::num::NonZeroU64;
use std::path::Path;
use std::sync::Arc;

use elastickv_kek::{Kek, KekUri};
use elastickv_offline::backup::{Backup, BackupError, RekeyError, Verified};
use elastickv_offline::{Pace, Strides};
use elastickv_sys::clock::SystemClock;
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;

use super::striding::striding;
use super::{Desk, data_dir, kms};
use crate::args::BackupCommand;
use crate::client::Session;
use crate::error::{CliError, Code, Exit};

pub async fn run(desk: Desk<'_>, command: &BackupCommand) -> Exit {
    let session = desk.session;
    match command {
        BackupCommand::Create(args) => desk.show(create::run(session, args)).await,
        BackupCommand::Verify(args) => desk.show(verify::run(session, args)).await,
        BackupCommand::NeedsKeys(args) => desk.show(needs_keys::run(session, args)).await,
        BackupCommand::Restore(args) => desk.show(restore::run(session, args)).await,
    }
}

fn pace(rate: Option<NonZeroU64>) -> Pace {
    rate.map_or_else(Pace::unbounded, |rate| Pace::of(rate, SystemClock::shared()))
}

pub fn kek(uri: Option<&str>) -> Result<Option<Kek>, CliError> {
    let open = |uri: &str| {
        let uri: KekUri = uri.parse().map_err(|error| kms::trouble(&error))?;
        Kek::open(&uri, SystemRandom::shared()).map_err(|error| kms::trouble(&error))
    };
    uri.map(open).transpose()
}

/// Reads every byte of it.
async fn verified(session: &Session, dir: &Path, rate: Option<NonZeroU64>) -> Result<Verified, CliError> {
    let backup = Backup::open(SystemFiles::shared(), dir).map_err(|error| refused(&error))?;
    session.learn_cluster(backup.manifest.cluster_id.to_string());
    let strides = Arc::new(Strides::default());
    let (shared, pace) = (strides.clone(), pace(rate));
    let work = move || backup.verify(pace, &shared);
    striding(session, "looking through it", &strides, work).await?.map_err(|error| refused(&error))
}

pub fn refused(error: &BackupError) -> CliError {
    let code = match error {
        BackupError::NoManifest { .. } | BackupError::Missing { .. } => Code::BackupIncomplete,
        BackupError::CutShort { .. } => Code::BackupCutShort,
        BackupError::Altered { .. } | BackupError::Snapshot(elastickv_fsm::SnapshotError::Damaged { .. }) => {
            Code::BackupAltered
        }
        BackupError::Unreadable { .. } | BackupError::Row(_) | BackupError::Crypto(_) => Code::BackupAltered,
        BackupError::Schema { .. } => Code::OtherBuild,
        BackupError::Foreign { .. } => Code::BackupForeign,
        BackupError::MissingSidecar { .. } => Code::BackupMissingSidecar,
        BackupError::KeyMissing { .. } => Code::BackupKeyMissing,
        BackupError::State(_) => Code::BackupForeign,
        BackupError::Exists { .. } => Code::BackupThere,
        BackupError::NothingToResume { .. } => Code::NothingToResume,
        BackupError::NotEmpty { .. } => Code::DirectoryNotEmpty,
        BackupError::DataDir(error) => return data_dir::untaken(error),
        BackupError::Keyring(error) => return data_dir::keyring(error),
        BackupError::Io { .. } | BackupError::Snapshot(_) | BackupError::Log(_) => Code::LocalFile,
    };
    CliError::new(code, error.to_string())
}

fn not_rekeyed(error: &RekeyError) -> CliError {
    match error {
        RekeyError::Kek(elastickv_kek::KekError::Mismatch { .. }) => {
            CliError::new(Code::KekMismatch, error.to_string())
        }
        RekeyError::Kek(error) => kms::trouble(error),
        RekeyError::Backup(error) => refused(error),
        RekeyError::Label => CliError::new(Code::KekUnusable, error.to_string()),
    }
}
