//! The end of this node's part: what rows and entries were is removed from its files.

use std::time::Duration;

use elastickv_consensus::{EraseError, Rewriting};
use elastickv_fsm::Job;

use super::local::Local;

impl Local {
    pub(super) async fn erase(&self, job: &Job, at: Rewriting) -> Duration {
        match self.erase_all(job).await {
            Ok(log_sealed) => match self.group.end_rewriting(at, log_sealed) {
                Ok(()) => {
                    tracing::info!(job = %job.id(), log_sealed, "the part of this node in the rewrite is done");
                    Duration::ZERO
                }
                Err(error) => self.wait(job, "Fault", error),
            },
            Err(error) if error.is_full() => self.wait(job, "StorageFull", error),
            Err(error) => {
                tracing::warn!(%error, "what was sealed anew is not erased yet");
                self.wait(job, name(&error), error)
            }
        }
    }

    /// Whether no user's entry is left in the log in clear. Behind the cutover that is going to be so; before it the
    /// next entry would be clear again.
    async fn erase_all(&self, job: &Job) -> Result<bool, EraseError> {
        #[cfg(feature = "testing")]
        if !self.erases {
            return Ok(true);
        }
        self.at(job, "erasing the store");
        self.group.erase_store().await?;
        self.at(job, "erasing the log");
        let sealed = loop {
            let sealed = self.group.erase_log().await?;
            let cut_over = self.group.applied().state.raft.cutover.is_some();
            if sealed || !cut_over || !self.goes_on(job.id()) {
                break sealed;
            }
        };
        self.at(job, "erasing leftovers");
        let removed = self.group.erase_leftovers().await?;
        if !removed.is_empty() {
            tracing::info!(removed = removed.join(", "), "what was set aside is removed");
        }
        Ok(sealed)
    }
}

fn name(error: &EraseError) -> &'static str {
    match error {
        EraseError::Engine(elastickv_engine::EngineError::Waiting { .. }) => "OpenReads",
        EraseError::NotPurged { .. } => "LogHeld",
        EraseError::Engine(_)
        | EraseError::Snapshot(_)
        | EraseError::Log(_)
        | EraseError::Aside { .. }
        | EraseError::Sidecars(_)
        | EraseError::Entry(_)
        | EraseError::Stopped(_) => "Fault",
    }
}
