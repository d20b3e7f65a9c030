//! Counting every row of this node by the key it is sealed under: exactly, by looking at each.
//!
//! The last count is kept, with where it began: whoever retires a key asks for one that began after the key was
//! closed, in the rows that there are now.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Census, GroupHandle, RewriteError};
use elastickv_mvcc::rewrite::Tally;
use elastickv_sys::clock::SharedClock;
use elastickv_types::LogIndex;
use parking_lot::Mutex;

const ROWS: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Which rows were counted: another generation takes the place of one when a snapshot is installed.
    pub generation: u64,
    /// What was applied when it began.
    pub begun: LogIndex,
    pub tally: Tally,
    pub rows: u64,
    pub took: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    #[error("the count was broken off: {0}")]
    Broken(String),
}

#[derive(Debug)]
pub struct Verifier {
    group: GroupHandle,
    clock: SharedClock,
    last: Mutex<Option<Verified>>,
    /// One count at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Verifier {
    pub fn new(group: GroupHandle, clock: SharedClock) -> Arc<Self> {
        Arc::new(Self { group, clock, last: Mutex::new(None), turn: tokio::sync::Mutex::default() })
    }

    /// The last count, if the rows are still those that were counted.
    pub fn last(&self) -> Option<Verified> {
        let generation = self.group.applied().generation.get();
        self.last.lock().clone().filter(|last| last.generation == generation)
    }

    /// Counts everything, no more rows in a second than are allowed, and tells how many it has counted.
    pub async fn run(
        &self,
        rate: Option<NonZeroU64>,
        tell: impl Fn(u64) + Send,
    ) -> Result<Verified, VerifyError> {
        let _turn = self.turn.lock().await;
        let began = self.clock.now();
        let group = self.group.clone();
        let begun = elastickv_sys::task::blocking(move || group.begin_scan()).await;
        let mut scan = begun.map_err(|error| VerifyError::Broken(error.to_string()))?;
        while !scan.is_over() {
            scan = self.step(scan).await?;
            tell(rows_of(&scan.tally));
            if let Some(rate) = rate {
                let due = Duration::from_secs_f64(scan.visited as f64 / rate.get() as f64);
                tokio::time::sleep(due.saturating_sub(self.clock.now().since(began))).await;
            }
        }
        let verified = Verified {
            generation: scan.generation.get(),
            begun: scan.begun,
            rows: rows_of(&scan.tally),
            tally: scan.tally,
            took: self.clock.now().since(began),
        };
        self.group.cut_reads();
        *self.last.lock() = Some(verified.clone());
        Ok(verified)
    }

    async fn step(&self, mut scan: Census) -> Result<Census, VerifyError> {
        let group = self.group.clone();
        let counted = elastickv_sys::task::blocking(move || group.scan(&mut scan, ROWS).map(|()| scan));
        Ok(counted.await.map_err(|error| VerifyError::Broken(error.to_string()))??)
    }
}

fn rows_of(tally: &Tally) -> u64 {
    tally.of(|_| true).rows + tally.malformed
}
