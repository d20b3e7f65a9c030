//! A newcomer to a group that is sealed begins with a snapshot.
//!
//! What the group's log holds from before its cutovers is clear, and a newcomer that took it would store in clear what
//! everybody else has sealed. So it is told with its invitation which index its first snapshot has to reach. Until it
//! has installed such a one it takes no entry; a snapshot's rows are sealed by whoever built it. The leader that is
//! refused takes a snapshot and drops its log up to there, after which there is nothing else that it could send.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use elastickv_types::LogIndex;
use tokio::sync::Notify;

use super::GroupHandle;
use crate::inbound::InboundError;
use crate::network::AppendCall;

impl GroupHandle {
    /// From now on no entry is taken before the group has everything up to this index, by a snapshot.
    pub fn begin_with_snapshot(&self, least: LogIndex) {
        self.inner.begins_with.fetch_max(least.get(), Ordering::SeqCst);
    }

    /// Refuses what would be taken too early. What does not join on to the log is left to the library: nothing of it is
    /// taken, and the leader learns where the log ends.
    pub(crate) fn check_beginning(&self, call: &AppendCall) -> Result<(), InboundError> {
        let least = LogIndex::new(self.inner.begins_with.load(Ordering::SeqCst));
        let reached = self.inner.replica.applied().last.map_or(LogIndex::default(), |id| id.index);
        let joins_on = call.previous.is_none_or(|id| self.inner.log.id_at(id.index) == Some(id));
        match reached < least && joins_on {
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
