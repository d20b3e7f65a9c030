//! The load: a fixed number of clients, each of which calls, waits for the answer and calls again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde::Serialize;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

use crate::answers::Answers;
use crate::store::{Caller, Operation, Store};

/// Values are cut from so many random bytes, each time at another place.
const POOL: usize = 16 << 20;

/// A call that takes longer than this counts as failed.
const CALL_LIMIT: Duration = Duration::from_secs(20);

/// The shape of a load.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Shape {
    pub operation: Operation,
    pub clients: usize,
    pub connections: usize,
    pub keys: u64,
    pub value_bytes: usize,
}

impl Default for Shape {
    fn default() -> Self {
        Self { operation: Operation::Put, clients: 64, connections: 8, keys: 100_000, value_bytes: 1024 }
    }
}

/// What the clients saw in the measured time.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub operations: u64,
    pub errors: u64,
    pub first_error: Option<String>,
    pub elapsed: Duration,
    pub latency_us: Histogram<u64>,
}

const WARMING: u8 = 0;
const MEASURING: u8 = 1;
const OVER: u8 = 2;

/// Connected clients, ready to go.
#[derive(Debug)]
pub struct Load {
    callers: Vec<Caller>,
    pool: Bytes,
    shape: Shape,
    phase: Arc<AtomicU8>,
}

impl Load {
    /// Connects to the node that leads. Every client shares its connection with some others.
    pub async fn connect(store: &Store, shape: Shape) -> Result<Self> {
        let connections = connections(&store.leader().await?, shape).await?;
        let callers = (0..shape.clients).zip(connections.iter().cycle());
        let callers = callers.map(|(_, channel)| store.caller(channel.clone())).collect();
        let pool = pool(shape.value_bytes);
        Ok(Self { callers, pool, shape, phase: Arc::new(AtomicU8::new(WARMING)) })
    }

    /// Puts every key once, so that reads find something.
    pub async fn fill(&self) -> Result<()> {
        let mut running = JoinSet::new();
        let clients = self.callers.len() as u64;
        for (number, caller) in self.callers.iter().cloned().enumerate() {
            let (pool, shape) = (self.pool.clone(), self.shape);
            running.spawn(async move {
                let mut random = StdRng::seed_from_u64(number as u64);
                for which in (number as u64..shape.keys).step_by(clients as usize) {
                    caller.put(key(which), cut(&pool, shape.value_bytes, &mut random)).await?;
                }
                Ok::<(), anyhow::Error>(())
            });
        }
        running.join_all().await.into_iter().collect()
    }

    /// Runs all clients, and counts what they do after the warm-up.
    pub async fn run(self, warm_up: Duration, measured: Duration) -> Result<Outcome> {
        self.run_around(warm_up, measured, async || Ok(()), async || Ok(()))
            .await
            .map(|(outcome, (), ())| outcome)
    }

    /// As [`Self::run`]; `before` and `after` are called as the measured time begins and ends.
    pub async fn run_around<B, A>(
        self,
        warm_up: Duration,
        measured: Duration,
        before: impl AsyncFnOnce() -> Result<B>,
        after: impl AsyncFnOnce() -> Result<A>,
    ) -> Result<(Outcome, B, A)> {
        let mut running = JoinSet::new();
        for (number, caller) in self.callers.into_iter().enumerate() {
            let phase = Arc::clone(&self.phase);
            running.spawn(client(number as u64, caller, self.pool.clone(), self.shape, phase));
        }
        tokio::time::sleep(warm_up).await;
        let before = before().await?;
        let begun = Instant::now();
        self.phase.store(MEASURING, Ordering::Relaxed);
        tokio::time::sleep(measured).await;
        self.phase.store(OVER, Ordering::Relaxed);
        let elapsed = begun.elapsed();
        let after = after().await?;
        let seen = running.join_all().await;
        Ok((merge(seen, elapsed)?, before, after))
    }
}

/// Clients that put until the answers are told to stop.
pub async fn endless(
    leader: &str,
    shape: Shape,
    answers: &Arc<Answers>,
    running: &mut JoinSet<()>,
) -> Result<()> {
    let pool = pool(shape.value_bytes);
    let connections = connections(leader, shape).await?;
    for (number, channel) in (0..shape.clients as u64).zip(connections.iter().cycle()) {
        let (caller, pool, answers) = (Caller::Ours(channel.clone()), pool.clone(), Arc::clone(answers));
        running.spawn(async move {
            let mut random = StdRng::seed_from_u64(number);
            while !answers.is_over() {
                let key = key(random.random_range(0..shape.keys));
                match caller.put(key, cut(&pool, shape.value_bytes, &mut random)).await {
                    Ok(()) => answers.acknowledged(),
                    Err(_) => answers.failed(),
                }
            }
        });
    }
    Ok(())
}

/// Connections to one node, fewer than clients.
async fn connections(node: &str, shape: Shape) -> Result<Vec<Channel>> {
    let endpoint = Endpoint::from_shared(format!("http://{node}"))?;
    let endpoint = endpoint.tcp_nodelay(true).timeout(CALL_LIMIT);
    let mut connections = Vec::new();
    for _ in 0..shape.connections.clamp(1, shape.clients.max(1)) {
        connections.push(endpoint.connect().await.context("cannot connect to the leader")?);
    }
    Ok(connections)
}

fn pool(value_bytes: usize) -> Bytes {
    let mut pool = vec![0; POOL + value_bytes];
    StdRng::seed_from_u64(0).fill_bytes(&mut pool);
    pool.into()
}

struct Seen {
    latency_us: Histogram<u64>,
    errors: u64,
    first_error: Option<String>,
}

async fn client(
    number: u64,
    caller: Caller,
    pool: Bytes,
    shape: Shape,
    phase: Arc<AtomicU8>,
) -> Result<Seen> {
    let mut random = StdRng::seed_from_u64(number);
    let mut seen = Seen { latency_us: Histogram::new(3)?, errors: 0, first_error: None };
    loop {
        let key = key(random.random_range(0..shape.keys));
        let begun = Instant::now();
        let answer = match shape.operation {
            Operation::Put => caller.put(key, cut(&pool, shape.value_bytes, &mut random)).await,
            Operation::Get => {
                caller.get(key).await.and_then(|there| there.then_some(()).context("no such key"))
            }
        };
        let took = begun.elapsed();
        match phase.load(Ordering::Relaxed) {
            WARMING => continue,
            OVER => return Ok(seen),
            _ => {}
        }
        match answer {
            Ok(()) => seen.latency_us.record(took.as_micros() as u64)?,
            Err(why) => {
                seen.errors += 1;
                seen.first_error.get_or_insert_with(|| format!("{why:#}"));
            }
        }
    }
}

fn merge(all: Vec<Result<Seen>>, elapsed: Duration) -> Result<Outcome> {
    let mut latency_us = Histogram::new(3)?;
    let (mut errors, mut first_error) = (0, None);
    for seen in all {
        let seen = seen?;
        latency_us.add(&seen.latency_us).map_err(|why| anyhow!("{why}"))?;
        errors += seen.errors;
        first_error = first_error.or(seen.first_error);
    }
    Ok(Outcome { operations: latency_us.len(), errors, first_error, elapsed, latency_us })
}

fn key(which: u64) -> Bytes {
    format!("key-{which:012}").into()
}

fn cut(pool: &Bytes, bytes: usize, random: &mut StdRng) -> Bytes {
    let at = random.random_range(0..POOL);
    pool.slice(at..at + bytes)
}
