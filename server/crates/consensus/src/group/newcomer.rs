//! A newcomer to a group that is sealed begins with a snapshot.
//!
//! What the group's log holds from before its cutovers is clear, and a newcomer that took it would store in clear what
//! everybody else has sealed. So it is told with its invitation which index its first snapshot has to reach. Until it
//! has installed such a one it takes no entry; a snapshot's rows are sealed by whoever built it. The leader that is
//! refused takes a snapshot and drops its log up to there, after which there is nothing else that it could send.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use elastickv_types::LogIndex;
use tokio::sync::Notify;

use super::GroupHandle;
use crate::inbound::InboundError;
use crate::network::AppendCall;

/// What there is to begin with where nothing is to be waited for.
const NOTHING: u64 = 0;

impl GroupHandle {
    /// From now on no entry is taken before the group has everything up to this index, by a snapshot.
    pub fn begin_with_snapshot(&self, least: LogIndex) {
        self.inner.begins_with.fetch_max(least.get(), SeqCst);
    }

    /// Refuses what would be taken too early. What does not join on to the log is left to the library: nothing of it is
    /// taken, and the leader learns where the log ends.
    pub(crate) fn check_beginning(&self, call: &AppendCall) -> Result<(), InboundError> {
        let raw = self.inner.begins_with.load(SeqCst);
        if raw == NOTHING {
            return Ok(());
        }
        let least = LogIndex::new(raw);
        if self.inner.replica.applied().last.is_some_and(|id| id.index >= least) {
            // Unless it was raised meanwhile; then it is looked at again.
            let reached = self.inner.begins_with.compare_exchange(raw, NOTHING, SeqCst, SeqCst);
            tracing::debug!(least = raw, reached = reached.is_ok(), "the group has begun");
            return Ok(());
        }
        match call.previous.is_none_or(|id| self.inner.log.id_at(id.index) == Some(id)) {
            true => Err(InboundError::BeforeSnapshot { least }),
            false => Ok(()),
        }
    }

    /// Takes a snapshot whenever a newcomer says that it has to begin with one.
    pub(super) fn snapshot_for_newcomers(&self, wanted: Arc<Notify>) {
        let (handle, mut faults) = (self.clone(), self.faults());
        elastickv_sys::task::spawn(async move {
            loop {
                tokio::select! {
                    () = wanted.notified() => handle.snapshot_and_purge(0).await,
                    _ = faults.changed() => return,
                }
            }
        });
    }
}
