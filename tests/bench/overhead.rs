//! What sealing adds to each value and to each entry of the log, in bytes on the disk.
//!
//! The same writes are made without encryption and past both cutovers, one at a time, so that each is an
//! entry of its own. Snapshots hold rows as the store does; of the log's preallocated segments counts what
//! is written.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::PATIENCE;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::Serialize;

use crate::machine::Machine;
use crate::place::{Medium, Place};
use crate::{ours, report};

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Values that are written
    #[arg(long, default_value_t = 2000)]
    values: usize,
    #[arg(long, default_value_t = 1024)]
    value_bytes: usize,
    /// Where the result is written; by default below tests/bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Bytes on the disk of one node.
#[derive(Clone, Copy, Debug, Serialize)]
struct Sizes {
    log: u64,
    snapshot: u64,
    sidecar: u64,
}

#[derive(Debug, Serialize)]
struct Overhead {
    taken_at_unix: u64,
    machine: Machine,
    values: usize,
    value_bytes: usize,
    clear: Sizes,
    sealed: Sizes,
    per_value: f64,
    per_entry: f64,
}

pub async fn run(options: Options) -> Result<()> {
    let place = Place::on(Medium::Tmpfs)?;
    let clear = measure(&place, &options, false).await?;
    let sealed = measure(&place, &options, true).await?;
    let each = |sealed: u64, clear: u64| (sealed as f64 - clear as f64) / options.values as f64;
    let overhead = Overhead {
        taken_at_unix: report::now_unix()?,
        machine: Machine::look(),
        values: options.values,
        value_bytes: options.value_bytes,
        clear,
        sealed,
        per_value: each(sealed.snapshot, clear.snapshot),
        per_entry: each(sealed.log, clear.log),
    };
    let name = format!("overhead-{}", overhead.taken_at_unix);
    let path = report::keep(&name, options.output.as_deref(), &overhead)?;
    println!(
        "{} values of {} bytes: sealing adds {:.1} bytes a value and {:.1} a log entry; the sidecar of two keys has {} bytes",
        overhead.values, overhead.value_bytes, overhead.per_value, overhead.per_entry, sealed.sidecar
    );
    println!("written to {}", path.display());
    Ok(())
}

async fn measure(place: &Place, options: &Options, seal: bool) -> Result<Sizes> {
    let plan = ours::plan(place)?.nodes(1);
    let cluster = if seal { plan.encrypted().start().await? } else { plan.start().await? };
    let leader = cluster.leader(PATIENCE).await?;
    let node = cluster.node(leader);
    if seal {
        node.client().enable_storage().await?;
        node.client().enable_raft().await?;
    }
    let empty = sizes(&cluster, &node.data_dir).await?;
    let mut random = StdRng::seed_from_u64(7);
    for number in 0..options.values {
        let mut value = vec![0; options.value_bytes];
        random.fill_bytes(&mut value);
        node.client().put(format!("key-{number:012}").into(), value.into(), Bytes::new()).await?;
    }
    let full = sizes(&cluster, &node.data_dir).await?;
    cluster.finish().await?;
    Ok(Sizes { log: full.log - empty.log, snapshot: full.snapshot - empty.snapshot, sidecar: full.sidecar })
}

/// The log first: a snapshot with its purge would shorten it.
async fn sizes(cluster: &Cluster, data_dir: &Path) -> Result<Sizes> {
    let group = data_dir.join("groups/1");
    let log = written_below(&group.join("log"))?;
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().snapshot(false).await?;
    let snapshot = files_below(&group.join("snapshots"))?;
    let newest = snapshot.iter().map(|path| fs::metadata(path).map(|about| about.len()));
    let snapshot = newest.collect::<std::io::Result<Vec<_>>>()?.into_iter().max().unwrap_or(0);
    ensure!(snapshot > 0, "no snapshot below {}", group.display());
    let sidecar = fs::metadata(data_dir.join("encryption/keys.json")).map_or(0, |about| about.len());
    Ok(Sizes { log, snapshot, sidecar })
}

/// Bytes up to the last one of each file that is not zero.
fn written_below(directory: &Path) -> Result<u64> {
    let mut written = 0;
    for path in files_below(directory)? {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        written += bytes.iter().rposition(|&byte| byte != 0).map_or(0, |at| at as u64 + 1);
    }
    Ok(written)
}

fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let paths = listed.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.is_file()).collect())
}
