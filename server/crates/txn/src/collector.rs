//! Collecting old versions in the background, on every replica for itself.
//!
//! It takes small steps with pauses between them, so that no more rows are looked at in a second than the setting
//! allows, and whoever else wants the store gets in between.

use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use elastickv_consensus::{Collected, GroupHandle};
use elastickv_engine::EngineError;
use elastickv_mvcc::gc::Budget;
use elastickv_mvcc::{Pins, RowError};
use tokio::sync::oneshot;

/// One step. It holds the latch on rows and writes one batch.
const STEP: Budget = Budget { rows: NonZeroUsize::new(1_000).unwrap(), bytes: 1 << 20 };
/// How often to see whether there is something to collect again.
const LOOK: Duration = Duration::from_millis(500);
/// A full disk may have room again; a row that can not be read stays so.
const FULL_PAUSE: Duration = Duration::from_secs(1);
const FAILED_PAUSE: Duration = Duration::from_secs(60);

/// What was collected since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CollectedSoFar {
    pub visited: u64,
    pub deleted: u64,
    /// Found again in each round, and counted again.
    pub unopened: u64,
}

#[derive(Debug, Default)]
struct Counters {
    visited: AtomicU64,
    deleted: AtomicU64,
    unopened: AtomicU64,
}

/// Collects for as long as a clone of it is there.
#[derive(Clone, Debug)]
pub struct Collector {
    counters: Arc<Counters>,
    _alive: Option<Arc<oneshot::Sender<()>>>,
}

impl Collector {
    /// One that collects nothing where no rate is given.
    pub fn start(group: GroupHandle, pins: Pins, rate: Option<NonZeroU32>) -> Self {
        let counters = Arc::new(Counters::default());
        let (alive, gone) = oneshot::channel();
        if let Some(rate) = rate {
            let work = collect(group, pins, rate, counters.clone());
            elastickv_sys::task::spawn(async move {
                tokio::select! {
                    () = work => {}
                    _ = gone => {}
                }
            });
        }
        Self { counters, _alive: rate.map(|_| Arc::new(alive)) }
    }

    pub fn so_far(&self) -> CollectedSoFar {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { visited, deleted, unopened } = &*self.counters;
        CollectedSoFar { visited: read(visited), deleted: read(deleted), unopened: read(unopened) }
    }
}

impl Counters {
    fn add(&self, step: Collected) {
        let parts =
            [(&self.visited, step.visited), (&self.deleted, step.deleted), (&self.unopened, step.unopened)];
        parts.into_iter().for_each(|(counter, by)| {
            counter.fetch_add(by as u64, Ordering::Relaxed);
        });
    }
}

async fn collect(group: GroupHandle, pins: Pins, rate: NonZeroU32, counters: Arc<Counters>) {
    loop {
        let pause = match group.has_to_collect(&pins) {
            true => step(&group, &pins, rate, &counters).await,
            false => LOOK,
        };
        tokio::time::sleep(pause).await;
    }
}

/// Returns how long to wait for the next one.
async fn step(group: &GroupHandle, pins: &Pins, rate: NonZeroU32, counters: &Counters) -> Duration {
    let (of, up_to) = (group.clone(), pins.clone());
    let Ok(result) = elastickv_sys::task::blocking(move || of.collect(&up_to, STEP)).await else {
        return FAILED_PAUSE;
    };
    match result {
        Ok(step) => {
            counters.add(step);
            if step.unopened > 0 {
                let (group, rows) = (group.group().get(), step.unopened);
                tracing::warn!(group, rows, "old versions do not open and are kept");
            }
            pause_after(step.visited, rate)
        }
        Err(RowError::Engine(EngineError::Full { .. })) => FULL_PAUSE,
        Err(error) => {
            tracing::error!(group = group.group().get(), %error, "old versions can not be collected");
            FAILED_PAUSE
        }
    }
}

fn pause_after(visited: usize, rate: NonZeroU32) -> Duration {
    Duration::from_secs_f64(visited as f64 / f64::from(rate.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_keeps_to_the_rate() {
        let rate = NonZeroU32::new(50_000).unwrap();
        assert_eq!(pause_after(1_000, rate), Duration::from_millis(20));
        assert_eq!(pause_after(0, rate), Duration::ZERO);
        assert_eq!(pause_after(10, NonZeroU32::MIN), Duration::from_secs(10));
    }
}
