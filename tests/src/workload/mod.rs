//! Writers that run while trouble is made, and the record of every answer they got.
//!
//! Each writer has keys of its own and does one write after the other, so of one key it is always known
//! in which order its writes were *asked for*. Half of the writes go to a key never used before, the
//! others to a few keys that are overwritten, and now and then deleted, again and again. Every value is
//! unique: it names its writer and its number, and the bytes that fill it up follow from these.
//!
//! A write ends in one of three ways. *Acknowledged*: it must be there, until overwritten. *Refused*: the
//! answer proves that it was never proposed, so it must not be there. *Unknown*: no answer, or one that
//! proves nothing; it may be there, and it may take effect even after later writes.

mod history;
mod value;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::wait;
pub use history::{History, Operation, Outcome};
pub use value::{Change, WriterId, fresh_key, is_key_of_ours};
use writer::Writer;

/// How the writers write.
#[derive(Clone, Debug)]
pub struct Load {
    pub writers: usize,
    pub value_bytes: usize,
    /// Keys that each writer overwrites.
    pub hot_keys: u64,
    /// How long a write waits for its answer.
    pub deadline: Duration,
    /// The number of each writer's first write. Writers that go on where others ended have histories that can
    /// be joined: keys that are overwritten stay the same, and no value comes twice.
    pub first: u64,
}

impl Default for Load {
    fn default() -> Self {
        Self { writers: 32, value_bytes: 128, hot_keys: 4, deadline: Duration::from_secs(5), first: 0 }
    }
}

/// What the writers have done so far.
#[derive(Debug, Default)]
pub struct Progress {
    acknowledged: AtomicU64,
    finished: AtomicU64,
    stop: AtomicBool,
}

impl Progress {
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Writes that ended, however they did.
    pub fn finished(&self) -> u64 {
        self.finished.load(Ordering::Relaxed)
    }

    /// Waits until this many more writes than now were acknowledged.
    pub async fn more_acknowledged(&self, more: u64, limit: Duration) -> Result<()> {
        let goal = self.acknowledged() + more;
        wait::until(&format!("{more} more acknowledged writes"), limit, || async {
            let now = self.acknowledged();
            if now >= goal { Ok(()) } else { Err(anyhow!("{} are missing", goal - now)) }
        })
        .await
    }

    pub(crate) fn count(&self, outcome: &Outcome) {
        self.finished.fetch_add(1, Ordering::Relaxed);
        if matches!(outcome, Outcome::Acknowledged) {
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Asks all who count here to end what they do and to begin nothing more.
    pub(crate) fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Running writers.
#[derive(Debug)]
pub struct Writers {
    progress: Arc<Progress>,
    running: JoinSet<Vec<Operation>>,
    load: Load,
}

impl Writers {
    /// Starts them; each writes to one node at a time and turns to the next when a write fails.
    pub fn start(clients: &[Client], load: Load) -> Self {
        let progress = Arc::new(Progress::default());
        let mut running = JoinSet::new();
        for id in 0..load.writers {
            let mut clients: Vec<_> =
                clients.iter().map(|client| client.with_deadline(load.deadline)).collect();
            let first = id % clients.len().max(1);
            clients.rotate_left(first);
            let writer = Writer::new(WriterId(id as u32), clients, load.clone(), Arc::clone(&progress));
            running.spawn(writer.run());
        }
        Self { progress, running, load }
    }

    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Lets every writer end its write and gives all that they recorded.
    pub async fn finish(self) -> History {
        self.progress.end();
        let operations = self.running.join_all().await.into_iter().flatten().collect();
        History::new(operations, self.load.value_bytes)
    }
}
