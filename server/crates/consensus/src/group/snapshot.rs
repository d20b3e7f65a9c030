//! Taking snapshots, by configuration and on demand, and purging the log behind them.

use std::time::Duration;

use elastickv_types::{LogId, LogIndex};
use openraft::async_runtime::WatchReceiver;

use super::GroupHandle;
use crate::snapshots::SnapshotsError;

/// How often the configured distance is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long the library has to take over a snapshot before it is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(200);

#[derive(Debug, thiserror::Error)]
pub enum TakeSnapshotError {
    #[error(transparent)]
    Snapshots(#[from] SnapshotsError),
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapshotTaken {
    pub last: LogId,
    pub bytes: u64,
}

fn stopped(error: impl std::fmt::Display) -> TakeSnapshotError {
    TakeSnapshotError::Stopped(error.to_string())
}

impl GroupHandle {
    /// Builds a snapshot of what is applied now. It is built before the library hears of it, so that a
    /// full disk fails this call and not the group.
    pub async fn take_snapshot(&self) -> Result<SnapshotTaken, TakeSnapshotError> {
        let _turn = self.inner.snapshotting.lock().await;
        let (replica, snapshots) = (self.inner.replica.clone(), self.snapshots().clone());
        let build = move || snapshots.build(&replica);
        let file = elastickv_sys::task::blocking(build).await.map_err(stopped)??;
        let last = file.last().ok_or(SnapshotsError::Nothing)?;
        let taken = SnapshotTaken { last, bytes: file.bytes };
        self.snapshots().set_ready(file);
        self.hand_over(last).await?;
        Ok(taken)
    }

    /// What a snapshot is of that is being built, at the least.
    pub fn building_snapshot(&self) -> Option<LogIndex> {
        self.snapshots().building()
    }

    /// The library does not hear a request that comes while it still takes over another snapshot, as one
    /// may be left to it by a call that was given up. So it is asked until it has taken this one.
    async fn hand_over(&self, last: LogId) -> Result<(), TakeSnapshotError> {
        let taken_over = self
            .wait_metrics(|metrics| metrics.snapshot.as_ref().is_some_and(|id| id.index >= last.index.get()));
        tokio::pin!(taken_over);
        loop {
            if self.snapshots().has_ready() {
                self.raft().trigger().snapshot().await.map_err(stopped)?;
            }
            tokio::select! {
                done = &mut taken_over => return done,
                () = tokio::time::sleep(ASK_AGAIN) => {}
            }
        }
    }

    /// Drops the log up to `keep` entries before the snapshot, once the store has persisted what they
    /// did, and waits until they are gone.
    pub async fn purge(&self, snapshot: LogId, keep: u64) -> Result<LogIndex, TakeSnapshotError> {
        let engine = self.inner.replica.engine.clone();
        let persisted = elastickv_sys::task::blocking(move || engine.persist()).await.map_err(stopped)?;
        persisted.map_err(SnapshotsError::from)?;
        let kept = self.snapshots().current().and_then(|file| file.last()).map_or(0, |last| last.index.get());
        if let Some(upto) = snapshot.index.get().min(kept).checked_sub(keep)
            && upto >= self.inner.log.first_index().get()
        {
            self.raft().trigger().purge_log(upto).await.map_err(stopped)?;
            self.wait_metrics(|metrics| metrics.purged.as_ref().is_some_and(|id| id.index >= upto)).await?;
        }
        Ok(self.inner.log.first_index())
    }

    async fn wait_metrics(
        &self,
        reached: impl Fn(&openraft::RaftMetrics<crate::convert::Types>) -> bool,
    ) -> Result<(), TakeSnapshotError> {
        let mut metrics = self.raft().metrics();
        loop {
            {
                let now = metrics.borrow_watched();
                if reached(&now) {
                    return Ok(());
                }
                if let Err(fatal) = &now.running_state {
                    return Err(stopped(fatal));
                }
            }
            metrics.changed().await.map_err(|_| stopped("it is closed"))?;
        }
    }

    pub(super) fn snapshot_as_configured(&self) {
        let Some(every) = self.inner.config.snapshot_entries else { return };
        let (handle, mut faults) = (self.clone(), self.faults());
        elastickv_sys::task::spawn(async move {
            let mut looks = tokio::time::interval(LOOK);
            loop {
                tokio::select! {
                    _ = looks.tick() => {}
                    _ = faults.changed() => return,
                }
                if handle.is_snapshot_due(every) {
                    handle.snapshot_and_purge(handle.inner.config.keep_log_entries).await;
                }
            }
        });
    }

    fn is_snapshot_due(&self, every: u64) -> bool {
        let index = |id: Option<LogId>| id.map_or(LogIndex::default(), |id| id.index);
        let current = self.snapshots().current();
        let taken = index(current.as_ref().and_then(|file| file.last()));
        let applied = index(self.inner.replica.applied().last);
        if applied.get().saturating_sub(taken.get()) >= every {
            return true;
        }
        // Of a store that is larger than its log, one more snapshot costs more of the disk than it gives back.
        let most = self.inner.config.snapshot_bytes.max(current.map_or(0, |file| file.bytes));
        self.inner.log.bytes_between(taken, applied) >= most
    }

    /// How many entries behind a snapshot are not too many bytes.
    fn small_enough(&self, snapshot: LogIndex) -> u64 {
        let first = self.inner.log.first_within(self.inner.config.snapshot_bytes);
        (snapshot.get() + 1).saturating_sub(first.get())
    }

    pub(super) async fn snapshot_and_purge(&self, keep: u64) {
        let group = self.group().get();
        let taken = match self.take_snapshot().await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(group, %error, "the snapshot is tried again later");
                return;
            }
        };
        let keep = keep.min(self.small_enough(taken.last.index));
        match self.purge(taken.last, keep).await {
            Ok(first) => {
                tracing::info!(group, index = taken.last.index.get(), first = first.get(), "snapshot taken")
            }
            Err(error) => tracing::warn!(group, %error, "the log is purged later"),
        }
    }
}
