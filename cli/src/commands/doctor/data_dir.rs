//! Looking through the directory of a node that is stopped: what a start would look at, and whether it would go on.

use std::path::Path;
use std::time::Duration;

use elastickv_crypto::WrapContext;
use elastickv_kek::{Kek, KekError};
use elastickv_keyring::{KeyringError, Remedy, Sidecar};
use elastickv_offline::{DataDir, Examined, OwnState, OwnStateError, Trouble, is_half_restored};
use elastickv_sys::files::{SharedFiles, Space, SystemFiles};
use tokio::time::Instant;

use super::cluster::finished;
use crate::client::Session;
use crate::commands::{backup, data_dir};
use crate::error::{CliError, Code};
use crate::model::doctor::{DoctorReport, Examination, Finding, Severity};
use crate::model::{Done, bytes_text};

/// What a node keeps free unless its settings say otherwise, twice.
const LOW: u64 = 512 << 20;
/// For each call of a wrapping key.
const CALL: Duration = Duration::from_secs(10);

pub async fn run(
    session: &Session,
    dir: &Path,
    kek: Option<&str>,
    cli: &str,
) -> Result<Done<DoctorReport>, CliError> {
    let files = SystemFiles::shared();
    let kek = backup::kek(kek)?;
    let mut examination = Examination::default();
    if half_restored(&files, dir, &mut examination)? {
        return Ok(finished(session, examination.report(&dir.display().to_string(), session.unix_ms(), cli)));
    }
    session.progress().say("taking the data directory");
    let held = DataDir::take(files, dir).map_err(|error| data_dir::untaken(&error))?;
    session.learn_cluster(held.cluster().to_string());
    let node = held.identity().node.to_string();
    session.progress().say("reading the node's own state");
    let examined = held.examine();
    examination.examined("store and log", own_state(&node, &examined));
    examination.examined("the sidecar", sidecar(&node, dir, &examined));
    one_time(&node, dir, &examined, &mut examination);
    room(&node, &examined, &mut examination);
    let known = examined.sidecar.as_ref().ok().and_then(Option::as_ref);
    match (kek, known) {
        (Some(kek), Some(known)) => {
            session.progress().say("trying the wrapping key");
            examination.examined("the wrapping key", opens(&kek, known.sidecar()).await);
        }
        (None, Some(_)) => examination.not_named("the wrapping key", "name it with --kek URI"),
        (_, None) => examination.not_named("the wrapping key", "there is no sidecar with keys"),
    }
    let patient = format!("{node} at {}", dir.display());
    Ok(finished(session, examination.report(&patient, session.unix_ms(), cli)))
}

fn half_restored(files: &SharedFiles, dir: &Path, examination: &mut Examination) -> Result<bool, CliError> {
    let half = is_half_restored(files, dir).map_err(|error| data_dir::unidentified(&error))?;
    if half {
        let shown = dir.display().to_string();
        let text = format!("{shown} was to be restored of a backup, and is not yet");
        examination.examined("restore", [Finding::new(Code::RestoreUnfinished, shown, text)]);
    }
    Ok(half)
}

fn own_state(node: &str, examined: &Examined) -> Option<Finding> {
    match &examined.own {
        Ok(OwnState { contradiction: Some(contradiction), .. }) => {
            let text = format!("{node} does not start: {contradiction}");
            Some(Finding::new(Code::DataDirRolledBack, node, text))
        }
        Ok(own) => unfit(node, own.trouble.as_ref()?),
        Err(OwnStateError::Log(error)) => {
            Some(Finding::new(Code::LogUnfit, node, format!("{node}'s log can not be read: {error}")))
        }
        Err(OwnStateError::Io(error)) => Some(Finding::new(Code::LocalFile, node, error.to_string())),
        Err(error) => {
            Some(Finding::new(Code::StoreUnfit, node, format!("{node}'s store can not be read: {error}")))
        }
    }
}

fn unfit(node: &str, trouble: &Trouble) -> Option<Finding> {
    let text = match trouble {
        // A store that knows of no keys is a whole one.
        Trouble::NoKeys => return None,
        Trouble::Missing { .. } | Trouble::Unopenable(_) => {
            format!("{node}'s store does not open: {trouble}")
        }
        Trouble::Unreadable(_) => {
            let text =
                format!("{node}'s store holds what was never written to it, and no start goes on: {trouble}");
            let away = format!(
                "{{cli}} explain {}   # a member that is lost is removed and joins anew",
                Code::LogUnfit
            );
            let finding = Finding::new(Code::StoreUnfit, node, text).with_try(away);
            return Some(finding.with_severity(Severity::Fault));
        }
    };
    Some(Finding::new(Code::StoreUnfit, node, text))
}

fn resync(dir: &Path) -> String {
    format!("{{cli}} encryption resync-sidecar --data-dir {}", dir.display())
}

/// What a start compares before all else: whether sidecar, store and log name the same last start.
fn one_time(node: &str, dir: &Path, examined: &Examined, examination: &mut Examination) {
    const WHAT: &str = "whether sidecar, store and log are of one time";
    match &examined.start {
        Some(start) => {
            examination.examined(WHAT, start.as_ref().err().map(|error| refused(node, dir, error)))
        }
        None => examination.not_examined(WHAT, "one of them can not be read"),
    }
}

fn refused(node: &str, dir: &Path, error: &KeyringError) -> Finding {
    let text = format!("{node} does not start: {error}");
    let finding = |code| Finding::new(code, node, text).with_severity(Severity::Fault);
    match error.remedy() {
        Remedy::Resync => finding(data_dir::keyring(error).code()).with_try(resync(dir)),
        Remedy::Rotate => finding(Code::EpochNearlyExhausted),
        _ => finding(data_dir::keyring(error).code()),
    }
}

fn sidecar(node: &str, dir: &Path, examined: &Examined) -> Vec<Finding> {
    let resync = resync(dir);
    let mut found: Vec<Finding> = match (&examined.sidecar, &examined.own) {
        (Err(error), _) => vec![unreadable(node, error).with_try(&resync)],
        (Ok(None), Ok(own)) if own.replicated().is_some() => {
            let text = format!("{node} has keys by its store, and no sidecar: it does not start");
            vec![Finding::new(Code::SidecarMissing, node, text).with_try(&resync)]
        }
        (Ok(Some(recorded)), Ok(own)) => behind(node, recorded.sidecar(), own)
            .into_iter()
            .map(|finding| finding.with_try(&resync))
            .collect(),
        (Ok(_), _) => Vec::new(),
    };
    if !examined.asides.is_empty() {
        let text = format!("{} earlier sidecars of {node} are kept", examined.asides.len());
        found.push(Finding::new(Code::SetAside, node, text));
    }
    found
}

fn unreadable(node: &str, error: &KeyringError) -> Finding {
    let error = data_dir::keyring(error);
    Finding::new(error.code(), node, format!("{node}'s sidecar: {}", error.message()))
}

fn behind(node: &str, sidecar: &Sidecar, own: &OwnState) -> Option<Finding> {
    let (replicated, _) = own.replicated()?;
    let (has, wants) = (sidecar.applied, replicated.table.index);
    let text = format!("{node}'s sidecar is of index {has}, and its store of {wants}");
    (has < wants).then(|| Finding::new(Code::SidecarBehind, node, text))
}

fn room(node: &str, examined: &Examined, examination: &mut Examination) {
    const WHAT: &str = "room on the disk";
    match &examined.space {
        Ok(space) => examination.examined(WHAT, low(node, *space)),
        Err(error) => examination.not_examined(WHAT, error.to_string()),
    }
}

fn low(node: &str, Space { free, .. }: Space) -> Option<Finding> {
    let text = format!("{node} has {} of disk left", bytes_text(free));
    (free < LOW).then(|| Finding::new(Code::DiskLow, node, text).with_try("make room on that file system"))
}

/// Every key, with the wrapping key that the operator named.
async fn opens(kek: &Kek, sidecar: &Sidecar) -> Vec<Finding> {
    let mut found = Vec::new();
    for (&key, held) in &sidecar.keys {
        let context = WrapContext { cluster: sidecar.cluster, key, purpose: held.purpose };
        let opened = kek.unwrap(context, &held.wrapped, held.commitment, Instant::now() + CALL).await;
        if let Err(error) = opened {
            let code = match error {
                KekError::Mismatch { .. } => Code::KekMismatch,
                _ => Code::KekUnavailable,
            };
            let text = format!("the wrapping key does not open {} key {key}: {error}", held.purpose);
            found.push(Finding::new(code, format!("key {key}"), text));
        }
    }
    found
}
