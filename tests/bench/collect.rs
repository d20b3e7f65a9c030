//! Disk use and reads while every key is overwritten again and again, with collecting and without.
//!
//! Both legs get the same writes at the same pace, as transactions of many keys. The reads that are
//! compared are made after the wanted number of versions was written, while the writing goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;
use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use serde::Serialize;
use tokio::task::JoinSet;
use v1::mutation::Change;

use crate::machine::Machine;
use crate::place::{Medium, Place};
use crate::{metrics, ours, report};

const SAMPLED_EVERY: Duration = Duration::from_secs(5);

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    #[arg(long, default_value_t = 1_000_000)]
    keys: u64,
    /// Versions of each key that are written before reads are measured
    #[arg(long, default_value_t = 20)]
    versions: u64,
    #[arg(long, default_value_t = 64)]
    value_bytes: usize,
    /// Keys in a transaction
    #[arg(long, default_value_t = 500)]
    batch: u64,
    #[arg(long, default_value_t = 8)]
    writers: u64,
    #[arg(long, default_value_t = 8)]
    readers: u64,
    /// Rows written each second
    #[arg(long, default_value_t = 100_000)]
    pace: u64,
    /// Rows written each second while reads are measured
    #[arg(long, default_value_t = 20_000)]
    measured_pace: u64,
    /// Seconds of measured reads
    #[arg(long, default_value_t = 30)]
    measured: u64,
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// As the server's setting of that name
    #[arg(long, default_value = "5s")]
    gc_retention: String,
    /// As the server's setting of that name, for the leg that collects
    #[arg(long, default_value = "200000")]
    gc_rate: String,
    #[arg(long, value_enum, default_value_t = Medium::Disk)]
    medium: Medium,
    /// Where the result is written; by default below tests/bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Collecting {
    On,
    Off,
}

/// One node's disk at one moment.
#[derive(Clone, Copy, Debug, Serialize)]
struct Sample {
    seconds: f64,
    rows_written: u64,
    rows_collected: u64,
    store_mib: f64,
    log_mib: f64,
}

#[derive(Debug, Serialize)]
struct Leg {
    collecting: Collecting,
    curve: Vec<Sample>,
    writes_failed: u64,
    reads: u64,
    reads_failed: u64,
    read_p50_us: u64,
    read_p99_us: u64,
}

#[derive(Debug, Serialize)]
struct Collected {
    taken_at_unix: u64,
    machine: Machine,
    medium: Medium,
    nodes: usize,
    keys: u64,
    versions: u64,
    pace: u64,
    measured_pace: u64,
    legs: Vec<Leg>,
}

pub async fn run(options: Options) -> Result<()> {
    let _turn = turn::alone().await?;
    let place = Place::on(options.medium)?;
    let mut legs = Vec::new();
    for collecting in [Collecting::On, Collecting::Off] {
        legs.push(leg(&place, &options, collecting).await?);
    }
    let collected = Collected {
        taken_at_unix: report::now_unix()?,
        machine: Machine::look(),
        medium: options.medium,
        nodes: options.nodes,
        keys: options.keys,
        versions: options.versions,
        pace: options.pace,
        measured_pace: options.measured_pace,
        legs,
    };
    let name = format!("collect-{}", collected.taken_at_unix);
    let path = report::keep(&name, options.output.as_deref(), &collected)?;
    collected.print();
    println!("written to {}", path.display());
    Ok(())
}

async fn leg(place: &Place, options: &Options, collecting: Collecting) -> Result<Leg> {
    let rate = if collecting == Collecting::On { options.gc_rate.as_str() } else { "0" };
    let plan = ours::plan(place)?.nodes(options.nodes).setting("gc-retention", &options.gc_retention);
    let cluster = plan.setting("gc-rate", rate).start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let shared = Arc::new(Shared::new(options.clone(), cluster.node(leader).client().channel()));
    let mut writers = JoinSet::new();
    (0..options.writers).for_each(|number| drop(writers.spawn(write(Arc::clone(&shared), number))));
    let mut curve = Vec::new();
    while shared.rows() < options.keys * options.versions {
        tokio::time::sleep(SAMPLED_EVERY).await;
        curve.push(sample(&cluster, &shared, collecting).await?);
    }
    shared.pace.store(options.measured_pace, Ordering::Relaxed);
    let mut readers = JoinSet::new();
    (0..options.readers).for_each(|number| drop(readers.spawn(read(Arc::clone(&shared), number))));
    let until = Instant::now() + Duration::from_secs(options.measured);
    while Instant::now() < until {
        tokio::time::sleep(SAMPLED_EVERY).await;
        curve.push(sample(&cluster, &shared, collecting).await?);
    }
    shared.over.store(true, Ordering::Relaxed);
    writers.join_all().await;
    let mut latency = Histogram::<u64>::new(3)?;
    let mut reads_failed = 0;
    for seen in readers.join_all().await {
        let (histogram, failed) = seen?;
        latency.add(&histogram)?;
        reads_failed += failed;
    }
    cluster.finish().await?;
    Ok(Leg {
        collecting,
        curve,
        writes_failed: shared.failed.load(Ordering::Relaxed),
        reads: latency.len(),
        reads_failed,
        read_p50_us: latency.value_at_quantile(0.5),
        read_p99_us: latency.value_at_quantile(0.99),
    })
}

/// What the clients of a leg have in common.
struct Shared {
    options: Options,
    channel: tonic::transport::Channel,
    began: Instant,
    batches: AtomicU64,
    failed: AtomicU64,
    pace: AtomicU64,
    over: AtomicBool,
}

impl Shared {
    fn new(options: Options, channel: tonic::transport::Channel) -> Self {
        let pace = AtomicU64::new(options.pace);
        let (batches, failed, over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        Self { options, channel, began: Instant::now(), batches, failed, pace, over }
    }

    fn rows(&self) -> u64 {
        self.batches.load(Ordering::Relaxed) * self.options.batch
    }

    /// How long one writer takes for a batch at the present pace.
    fn turn(&self) -> Duration {
        let rows = self.options.batch * self.options.writers;
        Duration::from_secs_f64(rows as f64 / self.pace.load(Ordering::Relaxed).max(1) as f64)
    }
}

async fn write(shared: Arc<Shared>, number: u64) {
    let mut random = StdRng::seed_from_u64(number);
    let mut service = v1::txn_client::TxnClient::new(shared.channel.clone());
    while !shared.over.load(Ordering::Relaxed) {
        let next = Instant::now() + shared.turn();
        let first = shared.batches.fetch_add(1, Ordering::Relaxed) * shared.options.batch;
        let mutations =
            (first..first + shared.options.batch).map(|row| put(&shared.options, row, &mut random));
        let request = v1::CommitRequest { mutations: mutations.collect(), ..Default::default() };
        if service.commit(request).await.is_err() {
            shared.failed.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep_until(next.into()).await;
    }
}

fn put(options: &Options, row: u64, random: &mut StdRng) -> v1::Mutation {
    let mut value = vec![0; options.value_bytes];
    random.fill_bytes(&mut value);
    v1::Mutation {
        key: key(row % options.keys),
        change: Some(Change::Put(value.into())),
        ..Default::default()
    }
}

fn key(which: u64) -> Bytes {
    format!("key-{which:012}").into()
}

async fn read(shared: Arc<Shared>, number: u64) -> Result<(Histogram<u64>, u64)> {
    let mut random = StdRng::seed_from_u64(1000 + number);
    let (mut latency_us, mut failed) = (Histogram::new(3)?, 0);
    while !shared.over.load(Ordering::Relaxed) {
        let key = key(random.random_range(0..shared.options.keys));
        let begun = Instant::now();
        match ours::get(shared.channel.clone(), key).await {
            Ok(true) => latency_us.record(begun.elapsed().as_micros() as u64)?,
            Ok(false) | Err(_) => failed += 1,
        }
    }
    Ok((latency_us, failed))
}

async fn sample(cluster: &Cluster, shared: &Shared, collecting: Collecting) -> Result<Sample> {
    let node = cluster.nodes().first().context("a cluster without nodes")?;
    let page = node.http("/metrics").await?;
    let group = node.data_dir.join("groups/1");
    let log = used(&group.join("log"))?;
    let collected = metrics::value(&page.body, "elastickv_gc_collected_rows")
        .context("nothing tells what was collected")?;
    let sample = Sample {
        seconds: shared.began.elapsed().as_secs_f64(),
        rows_written: shared.rows(),
        rows_collected: collected as u64,
        store_mib: mib(used(&node.data_dir)?.saturating_sub(log)),
        log_mib: mib(log),
    };
    eprintln!("{collecting:?} {sample:?}");
    Ok(sample)
}

/// Bytes on the disk below a directory. Files may go while it is looked at.
pub fn used(directory: &Path) -> Result<u64> {
    let mut bytes = 0;
    let Ok(entries) = fs::read_dir(directory) else { return Ok(0) };
    for entry in entries {
        let entry = entry?;
        let Ok(about) = entry.metadata() else { continue };
        bytes += if about.is_dir() {
            used(&entry.path())?
        } else {
            std::os::unix::fs::MetadataExt::blocks(&about) * 512
        };
    }
    Ok(bytes)
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

impl Collected {
    fn print(&self) {
        println!(
            "{} keys, {} versions each, {} nodes, {}",
            self.keys,
            self.versions,
            self.nodes,
            self.medium.name()
        );
        for leg in &self.legs {
            println!(
                "collecting {:?}: disk of one node\n{:>8} {:>12} {:>12} {:>10} {:>8}",
                leg.collecting, "SECONDS", "WRITTEN", "COLLECTED", "STORE MIB", "LOG MIB"
            );
            for at in &leg.curve {
                println!(
                    "{:>8.0} {:>12} {:>12} {:>10.0} {:>8.0}",
                    at.seconds, at.rows_written, at.rows_collected, at.store_mib, at.log_mib
                );
            }
            println!(
                "reads: {} ({} failed), p50 {:.2} ms, p99 {:.2} ms; transactions failed: {}",
                leg.reads,
                leg.reads_failed,
                leg.read_p50_us as f64 / 1e3,
                leg.read_p99_us as f64 / 1e3,
                leg.writes_failed
            );
        }
        if let [on, off] = self.legs.as_slice() {
            println!(
                "p99 of reads, collecting/not: {:.2}",
                on.read_p99_us as f64 / off.read_p99_us.max(1) as f64
            );
        }
    }
}
