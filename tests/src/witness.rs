//! Readers that run all the time and remember for how long they got no answer.
//!
//! One writer counts up in a key of its own. A linearizable reader must see at least what was acknowledged
//! before it asked; a stale one may see anything older, but must get an answer from every node.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;
use tokio::task::JoinSet;

use crate::client::{Client, Consistency};

const KEY: &str = "witness/count";
const DEADLINE: Duration = Duration::from_secs(5);
/// Reads are not to take the machine from whoever is watched.
const BREATH: Duration = Duration::from_millis(5);

#[derive(Debug, Default)]
struct Shared {
    /// The highest count that was acknowledged.
    acknowledged: AtomicU64,
    stop: AtomicBool,
}

/// Running readers, and the writer whose counting they watch.
#[derive(Debug)]
pub struct Witness {
    shared: Arc<Shared>,
    readers: JoinSet<Watched>,
    writer: tokio::task::JoinHandle<()>,
}

/// What the readers of one kind saw.
#[derive(Clone, Debug)]
pub struct Watched {
    pub consistency: Consistency,
    pub reads: u64,
    /// Reads that showed less than was acknowledged before they were asked.
    pub outdated: u64,
    /// The longest time without an answer, and the last reason for it.
    pub longest_gap: Duration,
    pub reason: String,
}

/// Everything the readers saw.
#[derive(Clone, Debug)]
pub struct Testimony {
    pub linearizable: Watched,
    pub stale: Watched,
}

impl Witness {
    /// Starts readers of both kinds on every node.
    pub fn start(clients: &[Client]) -> Self {
        let shared = Arc::new(Shared::default());
        let clients: Vec<_> = clients.iter().map(|client| client.with_deadline(DEADLINE)).collect();
        let mut readers = JoinSet::new();
        for client in &clients {
            for consistency in [Consistency::Linearizable, Consistency::Stale] {
                readers.spawn(read(Arc::clone(&shared), client.clone(), consistency));
            }
        }
        let writer = tokio::spawn(count(Arc::clone(&shared), clients));
        Self { shared, readers, writer }
    }

    pub async fn finish(self) -> Result<Testimony> {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.writer.await?;
        let all = self.readers.join_all().await;
        let worst = |consistency| {
            let mut sum = Watched::of(consistency);
            for one in all.iter().filter(|one| one.consistency == consistency) {
                sum.add(one);
            }
            sum
        };
        Ok(Testimony { linearizable: worst(Consistency::Linearizable), stale: worst(Consistency::Stale) })
    }
}

impl Testimony {
    /// Demands that no reader was ever without an answer for longer than this, and that none was lied to.
    pub fn demand(&self, longest_gap: Duration, reads: u64) -> Result<()> {
        for watched in [&self.linearizable, &self.stale] {
            ensure!(watched.longest_gap <= longest_gap, "reads stopped: {self}");
            ensure!(watched.reads >= reads, "too few reads to prove anything: {self}");
        }
        ensure!(self.linearizable.outdated == 0, "linearizable reads showed what was outdated: {self}");
        Ok(())
    }
}

impl Watched {
    fn of(consistency: Consistency) -> Self {
        Self { consistency, reads: 0, outdated: 0, longest_gap: Duration::ZERO, reason: String::new() }
    }

    fn add(&mut self, other: &Self) {
        self.reads += other.reads;
        self.outdated += other.outdated;
        if other.longest_gap > self.longest_gap {
            self.longest_gap = other.longest_gap;
            self.reason.clone_from(&other.reason);
        }
    }

    fn gap(&mut self, gap: Duration, reason: &str) {
        if gap > self.longest_gap {
            self.longest_gap = gap;
            reason.clone_into(&mut self.reason);
        }
    }
}

async fn read(shared: Arc<Shared>, client: Client, consistency: Consistency) -> Watched {
    let mut watched = Watched::of(consistency);
    let mut answered = Instant::now();
    let mut reason = String::new();
    while !shared.stop.load(Ordering::Relaxed) {
        let before = shared.acknowledged.load(Ordering::SeqCst);
        match client.get(KEY.into(), consistency).await {
            Ok(found) => {
                watched.reads += 1;
                watched.outdated += u64::from(number(found.as_ref()) < before);
                watched.gap(answered.elapsed(), &reason);
                reason.clear();
                answered = Instant::now();
            }
            Err(refusal) => reason = refusal.to_string(),
        }
        tokio::time::sleep(BREATH).await;
    }
    watched.gap(answered.elapsed(), &reason);
    watched
}

async fn count(shared: Arc<Shared>, clients: Vec<Client>) {
    // A write whose fate is unknown may still take effect, but its number is lower than the next one's.
    for (number, client) in (1..).zip(clients.iter().cycle()) {
        if shared.stop.load(Ordering::Relaxed) {
            return;
        }
        let put = client.put(KEY.into(), number.to_string().into(), Bytes::new()).await;
        if put.is_ok() {
            shared.acknowledged.store(number, Ordering::SeqCst);
        }
        tokio::time::sleep(BREATH).await;
    }
}

fn number(found: Option<&Bytes>) -> u64 {
    let text = found.and_then(|value| std::str::from_utf8(value).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = self.longest_gap.as_millis();
        write!(f, "{} {:?} reads, longest gap {gap} ms", self.reads, self.consistency)?;
        if !self.reason.is_empty() {
            write!(f, " ({})", self.reason)?;
        }
        Ok(())
    }
}

impl fmt::Display for Testimony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outdated = self.linearizable.outdated;
        write!(f, "{}; {}; {outdated} linearizable reads were outdated", self.linearizable, self.stale)
    }
}
