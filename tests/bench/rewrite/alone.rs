//! A rewrite on one node that does nothing else: first of rows in clear, then of the same under a key that was
//! replaced.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use elastickv_proto::DekPurpose;
use elastickv_tests::cluster::{Cluster, Node, kek};
use elastickv_tests::ports;
use elastickv_tests::wait::PATIENCE;
use serde::Serialize;

use super::stage::{self, Job, Phase, mib};
use crate::account::Account;
use crate::collect::used;
use crate::ours;
use crate::place::{Medium, Place};

#[derive(Clone, Debug, Serialize)]
pub struct Alone {
    pub medium: Medium,
    pub mib: u64,
    pub sequential_mib_per_second: f64,
    pub jobs: Vec<Measured>,
    pub counted_per_second: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    pub rows_were: &'static str,
    pub mib_per_second: f64,
    /// For each second of a processor that the server took meanwhile, whatever it did.
    pub mib_per_core_second: f64,
    pub erasing: Erasing,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Erasing {
    pub seconds: f64,
    pub store_seconds: f64,
    pub before_mib: f64,
    pub peak_extra_mib: f64,
    pub after_mib: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Backups {
    pub mib: f64,
    pub create_mib_per_second: f64,
    pub restore_mib_per_second: f64,
}

pub async fn measure(place: &Place, size: u64) -> Result<(Alone, Backups)> {
    let sequential_mib_per_second = stage::write_through(&place.path, size).await?;
    let cluster = ours::plan(place)?.nodes(1).encrypted().start().await?;
    cluster.leader(PATIENCE).await?;
    let node = cluster.nodes().first().context("a cluster without nodes")?;
    let client = node.client();
    stage::fill(&client, size).await?;
    client.enable_storage().await?;
    client.enable_raft().await?;
    let mut jobs = vec![rewrite(place, node, "clear").await?];
    client.rotate(DekPurpose::Storage).await?;
    jobs.push(rewrite(place, node, "sealed").await?);
    let begun = Instant::now();
    let counted = Job::of(&client).verify().await?;
    let counted_per_second = counted as f64 / begun.elapsed().as_secs_f64();
    stage::answers(&client).await?;
    let backups = back_up(&cluster, node).await?;
    cluster.finish().await?;
    let medium = place.medium;
    Ok((Alone { medium, mib: size, sequential_mib_per_second, jobs, counted_per_second }, backups))
}

/// What is read as the node comes to a phase.
struct Reading {
    at: Instant,
    cpu: f64,
    bytes: u64,
    disk: u64,
}

async fn rewrite(place: &Place, node: &Node, rows_were: &'static str) -> Result<Measured> {
    let server = [node.process.id().context("the server does not run")?];
    let mut job = Job::of(&node.client());
    let mut phases: BTreeMap<Phase, Reading> = BTreeMap::new();
    let (mut peak, mut disk) = (0, 0);
    job.start(0).await?;
    job.follow(|phase, part| {
        if phase >= Phase::Store {
            disk = used(&node.data_dir)?;
            peak = peak.max(disk);
        }
        if phases.last_key_value().is_none_or(|(last, _)| *last < phase) {
            let cpu = Account::read(&server, &place.path)?.servers_cpu.iter().sum();
            phases.insert(phase, Reading { at: Instant::now(), cpu, bytes: part.bytes, disk });
        }
        Ok(())
    })
    .await?;
    // A phase that was over between two looks ended when the next one was seen.
    let came_to = |phase| phases.range(phase..).next().map(|(_, reading)| reading).context("it never ended");
    let (rows, store, log, done) =
        (came_to(Phase::Rows)?, came_to(Phase::Store)?, came_to(Phase::Log)?, came_to(Phase::Done)?);
    let (sealed, took) = (mib(store.bytes - rows.bytes), store.at.duration_since(rows.at));
    let measured = Measured {
        rows_were,
        mib_per_second: sealed / seconds(took),
        mib_per_core_second: sealed / (store.cpu - rows.cpu).max(0.01),
        erasing: Erasing {
            seconds: seconds(done.at.duration_since(store.at)),
            store_seconds: seconds(log.at.duration_since(store.at)),
            before_mib: mib(store.disk),
            peak_extra_mib: mib(peak.saturating_sub(store.disk)),
            after_mib: mib(disk),
        },
    };
    eprintln!("{} {measured:?}", place.medium.name());
    Ok(measured)
}

fn seconds(took: Duration) -> f64 {
    took.as_secs_f64().max(0.001)
}

async fn back_up(cluster: &Cluster, node: &Node) -> Result<Backups> {
    let (backup, restored) = (cluster.scratch().join("backup"), cluster.scratch().join("restored"));
    let (address, elsewhere) = (node.address.to_string(), ports::free()?.to_string());
    let begun = Instant::now();
    stage::admin(&["backup", "create", text(&backup), "--expect-cluster", "test", "--endpoint", &address])
        .await?;
    let created = seconds(begun.elapsed());
    let size = mib(used(&backup)?);
    let uri = kek::uri(&cluster.kek_file());
    let begun = Instant::now();
    let line = ["backup", "restore", text(&backup), "--data-dir", text(&restored), "--node-name", "r1"];
    let line = [&line[..], &["--address", &elsewhere, "--cluster-name", "restored", "--kek", &uri]].concat();
    stage::admin(&line).await?;
    let restored = seconds(begun.elapsed());
    Ok(Backups { mib: size, create_mib_per_second: size / created, restore_mib_per_second: size / restored })
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
