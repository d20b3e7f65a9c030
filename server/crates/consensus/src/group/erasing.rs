//! Removing from this node's files what rows and entries were before they were sealed.
//!
//! What was overwritten in the store lies on in its journals and tables; entries stay in the log, and a purge removes
//! only whole segments; snapshots hold rows as they were; and what was set aside once is nobody's to read. So, in
//! this order:
//!
//! ```text
//! store      the engine erases overwritten bytes
//! log        the segment in use is left, what it held is applied, a snapshot at or above it is taken, and the log
//!            is purged up to that: each segment that held a clear entry is unlinked
//! leftovers  snapshots, stores and sidecars that were set aside, transfers that were broken off
//! ```
//!
//! A clear entry of a user can come behind the cutover too: from a leader that did not know of it. It has no effect,
//! but its bytes are in the log. So those that came while the log was being purged are looked for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use elastickv_engine::Demand;
use elastickv_fsm::{Payload, decode_command, travels_clear};
use elastickv_keyring::{KeyringError, Keystore};
use elastickv_log::LogError;
use elastickv_types::LogIndex;
use tokio::sync::oneshot;

use super::{GroupHandle, TakeSnapshotError};
use crate::entry;
use crate::snapshots::SnapshotsError;

/// Bytes of payload read at a time.
const READ_BYTES: usize = 4 << 20;
/// A member that is being sent the log holds it for no longer than this before it is told of.
const PURGE: Duration = Duration::from_secs(20);
/// Where stores that did not open are put.
const ASIDE: &str = "state.aside-";

#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    #[error(transparent)]
    Engine(#[from] elastickv_engine::EngineError),
    #[error(transparent)]
    Snapshot(#[from] TakeSnapshotError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("what was set aside in {dir}: {error}")]
    Aside { dir: String, error: std::io::Error },
    #[error(transparent)]
    Sidecars(#[from] KeyringError),
    #[error("an entry of the log does not decode: {0}")]
    Entry(String),
    /// It goes on being sent to a member, or there was no room to note that it may go.
    #[error("files of the log still begin at {first} and should begin above {end}")]
    NotPurged { first: LogIndex, end: LogIndex },
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

impl EraseError {
    /// Whether it was broken off because nobody wants it any more.
    pub fn is_unwanted(&self) -> bool {
        matches!(self, EraseError::Engine(elastickv_engine::EngineError::Unwanted { .. }))
    }

    pub fn is_full(&self) -> bool {
        match self {
            EraseError::Engine(error) => matches!(error, elastickv_engine::EngineError::Full { .. }),
            EraseError::Snapshot(TakeSnapshotError::Snapshots(error)) => error.is_full(),
            EraseError::Log(error) => error.is_full(),
            _ => false,
        }
    }
}

fn stopped(error: impl std::fmt::Display) -> EraseError {
    EraseError::Stopped(error.to_string())
}

impl GroupHandle {
    /// Removes from the store's files what was overwritten or deleted before; broken off soon after it is not wanted
    /// any more, or the group has stopped.
    pub async fn erase_store(
        &self,
        wanted: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<(), EraseError> {
        let (engine, group) = (self.inner.replica.engine.clone(), self.clone());
        let runs = move || group.inner.faults.borrow().is_none() && group.metrics().running_state.is_ok();
        let demand = move || match (runs(), wanted()) {
            (false, _) => Demand::Closing,
            (true, false) => Demand::NotNow,
            (true, true) => Demand::Wanted,
        };
        let erase = move || engine.erase_while(&demand);
        Ok(elastickv_sys::task::blocking(erase).await.map_err(stopped)??)
    }

    /// Lets go of every entry that the log holds now, and of the files they are in. Tells whether no user's entry
    /// came in clear meanwhile.
    pub async fn erase_log(&self) -> Result<bool, EraseError> {
        let log = self.log().clone();
        let Some(end) = log.last_id() else { return Ok(true) };
        let (rolled, done) = oneshot::channel();
        log.roll(Box::new(move |result| drop(rolled.send(result))));
        done.await.map_err(stopped)??;
        // Others may have come before the log was rolled: their file goes only with them.
        let left = log.last_id().unwrap_or(end);
        self.wait_applied(left.index).await.map_err(stopped)?;
        let taken = self.take_snapshot().await?;
        let sealed = self.has_no_clear_entry(end.index.next()).await?;
        if let Ok(purged) = tokio::time::timeout(PURGE, self.purge(taken.last, 0)).await {
            purged?;
        }
        match log.first_in_files() {
            Some(first) if first <= end.index => Err(EraseError::NotPurged { first, end: end.index }),
            _ => Ok(sealed),
        }
    }

    /// Whether from here on the log holds no entry of a user's in clear, and none can come that has an effect.
    async fn has_no_clear_entry(&self, from: LogIndex) -> Result<bool, EraseError> {
        let cutover = self.applied().state.raft.cutover;
        if cutover.is_none_or(|cutover| cutover >= from) {
            return Ok(false);
        }
        let log = self.log().clone();
        let looked = elastickv_sys::task::blocking(move || first_clear(&log, from)).await.map_err(stopped)?;
        Ok(looked?.is_none())
    }

    /// Removes what was set aside and what was left by transfers, and tells what that was.
    pub async fn erase_leftovers(&self) -> Result<Vec<String>, EraseError> {
        let handle = self.clone();
        elastickv_sys::task::blocking(move || handle.remove_leftovers()).await.map_err(stopped)?
    }

    fn remove_leftovers(&self) -> Result<Vec<String>, EraseError> {
        let removed = self.snapshots().remove_leftovers();
        let mut removed = removed.map_err(|error: SnapshotsError| TakeSnapshotError::from(error))?;
        let (files, dir) = (&self.inner.files, &self.inner.dir);
        let failed = |error| EraseError::Aside { dir: dir.display().to_string(), error };
        for name in self.stores_aside().map_err(failed)? {
            files.remove_dir_all(&dir.join(&name)).map_err(failed)?;
            files.sync_dir(dir).map_err(failed)?;
            removed.push(name);
        }
        if let Some(keys) = self.keys() {
            removed.extend(keys.remove_asides()?);
        }
        Ok(removed)
    }

    /// Stores that did not open and were set aside.
    fn stores_aside(&self) -> std::io::Result<Vec<String>> {
        let names = self.inner.files.list(Path::new(&self.inner.dir))?;
        Ok(names.into_iter().filter(|name| name.starts_with(ASIDE)).collect())
    }

    /// Names of what may hold rows or keys as they once were: set aside, or left by a transfer. Where that can not be
    /// looked for, the reason stands among them: nothing was found is not what is known then.
    pub fn leftovers(&self) -> Vec<String> {
        let failed = |error: &dyn std::fmt::Display| vec![error.to_string()];
        let stores = self.stores_aside().unwrap_or_else(|error| failed(&error));
        let snapshots = self.snapshots().leftovers().unwrap_or_else(|error| failed(&error));
        let sidecars = self.keys().map_or_else(|| Ok(Vec::new()), |keys| keys.asides());
        let sidecars = sidecars.unwrap_or_else(|error| failed(&error));
        [stores, snapshots, sidecars].concat()
    }

    fn keys(&self) -> Option<&Arc<Keystore>> {
        self.replica().keys.store()
    }
}

/// The first entry of a user's that lies in clear in the log.
fn first_clear(log: &elastickv_log::Log, from: LogIndex) -> Result<Option<LogIndex>, EraseError> {
    let mut next = from.max(log.first_index());
    loop {
        let entries = log.read(next, LogIndex::new(u64::MAX), READ_BYTES)?;
        let Some(last) = entries.last() else { return Ok(None) };
        next = last.id.index.next();
        for entry in entries {
            if entry::is_users(&entry.payload) && is_clear(entry.payload)? {
                return Ok(Some(entry.id.index));
            }
        }
    }
}

fn is_clear(payload: bytes::Bytes) -> Result<bool, EraseError> {
    let wrong = |error: elastickv_fsm::CodecError| EraseError::Entry(error.to_string());
    Ok(match Payload::split(payload).map_err(wrong)? {
        Payload::Sealed(_) => false,
        Payload::Clear(command) => !travels_clear(&decode_command(command).map_err(wrong)?),
    })
}
