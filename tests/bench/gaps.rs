//! How long nobody is answered while a cluster is sealed and its keys are rotated.
//!
//! A cluster can be sealed once, so each sample starts one. Under one load it passes both cutovers and a
//! rotation of each key; before them a window in which nothing happens shows what the machine itself does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use elastickv_proto::DekPurpose;
use elastickv_tests::client::Client;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;
use serde::Serialize;
use tokio::task::JoinSet;

use crate::answers::Answers;
use crate::load::{self, Shape};
use crate::machine::Machine;
use crate::place::{Medium, Place};
use crate::store::Operation;
use crate::{ours, report};

/// A step's window ends so long after its answer.
const AFTERMATH: Duration = Duration::from_millis(250);

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Clusters that are sealed, one after the other
    #[arg(long, default_value_t = 50)]
    clusters: usize,
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Seconds of load before the first window
    #[arg(long, default_value_t = 1)]
    warm_up: u64,
    #[arg(long, value_enum, default_value_t = Medium::Disk)]
    medium: Medium,
    /// Where the result is written; by default below tests/bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

/// What happens within a window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Nothing,
    StorageCutover,
    RaftCutover,
    RotateStorage,
    RotateRaft,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Window {
    longest_gap_ms: f64,
    acknowledged: u64,
    failed: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Summary {
    samples: usize,
    median_gap_ms: f64,
    longest_gap_ms: f64,
    acknowledged: u64,
    failed: u64,
}

#[derive(Debug, Serialize)]
struct Gaps {
    taken_at_unix: u64,
    machine: Machine,
    medium: Medium,
    clients: usize,
    summary: BTreeMap<Step, Summary>,
    windows: BTreeMap<Step, Vec<Window>>,
}

pub async fn run(options: Options) -> Result<()> {
    let _turn = turn::alone().await?;
    let place = Place::on(options.medium)?;
    let mut windows: BTreeMap<Step, Vec<Window>> = BTreeMap::new();
    for number in 0..options.clusters {
        for (step, window) in one_cluster(&place, &options).await? {
            eprintln!("cluster {number}: {step:?}: {window:?}");
            windows.entry(step).or_default().push(window);
        }
    }
    let summary = windows.iter().map(|(step, windows)| (*step, Summary::of(windows))).collect();
    let gaps = Gaps {
        taken_at_unix: report::now_unix()?,
        machine: Machine::look(),
        medium: options.medium,
        clients: options.clients,
        summary,
        windows,
    };
    let path = report::keep(&format!("gaps-{}", gaps.taken_at_unix), options.output.as_deref(), &gaps)?;
    gaps.print();
    println!("written to {}", path.display());
    Ok(())
}

async fn one_cluster(place: &Place, options: &Options) -> Result<Vec<(Step, Window)>> {
    let cluster = ours::plan(place)?.encrypted().start().await?;
    let (answers, mut clients) = (Arc::new(Answers::default()), JoinSet::new());
    let shape = Shape { operation: Operation::Put, clients: options.clients, ..Shape::default() };
    load::endless(&cluster_leader(&cluster).await?, shape, &answers, &mut clients).await?;
    tokio::time::sleep(Duration::from_secs(options.warm_up)).await;
    let mut seen = Vec::new();
    for &step in Step::value_variants() {
        seen.push((step, window(&cluster, step, &answers).await?));
    }
    answers.stop();
    clients.join_all().await;
    cluster.finish().await?;
    Ok(seen)
}

async fn cluster_leader(cluster: &Cluster) -> Result<String> {
    let leader = cluster.leader(PATIENCE).await?;
    Ok(cluster.node(leader).address.to_string())
}

async fn window(cluster: &Cluster, step: Step, answers: &Answers) -> Result<Window> {
    let leader = cluster.leader(PATIENCE).await?;
    let client = cluster.node(leader).client();
    answers.begin();
    step.perform(&client).await.with_context(|| format!("{step:?}"))?;
    tokio::time::sleep(AFTERMATH).await;
    let (longest_gap, acknowledged, failed) = answers.end();
    ensure!(acknowledged > 0, "nothing was acknowledged during {step:?}");
    Ok(Window { longest_gap_ms: longest_gap.as_secs_f64() * 1e3, acknowledged, failed })
}

impl Step {
    async fn perform(self, client: &Client) -> Result<()> {
        match self {
            Step::Nothing => tokio::time::sleep(AFTERMATH).await,
            Step::StorageCutover => drop(client.enable_storage().await?),
            Step::RaftCutover => drop(client.enable_raft().await?),
            Step::RotateStorage => drop(client.rotate(DekPurpose::Storage).await?),
            Step::RotateRaft => drop(client.rotate(DekPurpose::Raft).await?),
        }
        Ok(())
    }
}

impl Summary {
    fn of(windows: &[Window]) -> Self {
        let gaps = || windows.iter().map(|window| window.longest_gap_ms);
        Self {
            samples: windows.len(),
            median_gap_ms: report::median(gaps().collect()),
            longest_gap_ms: gaps().fold(0.0, f64::max),
            acknowledged: windows.iter().map(|window| window.acknowledged).sum(),
            failed: windows.iter().map(|window| window.failed).sum(),
        }
    }
}

impl Gaps {
    fn print(&self) {
        println!(
            "{} clients, {}; longest time between two acknowledged writes",
            self.clients,
            self.medium.name()
        );
        println!(
            "{:15} {:>7} {:>10} {:>8} {:>12} {:>6}",
            "STEP", "SAMPLES", "MEDIAN MS", "MAX MS", "ACKNOWLEDGED", "FAILED"
        );
        for (step, of) in &self.summary {
            println!(
                "{:15} {:>7} {:>10.1} {:>8.1} {:>12} {:>6}",
                format!("{step:?}"),
                of.samples,
                of.median_gap_ms,
                of.longest_gap_ms,
                of.acknowledged,
                of.failed
            );
        }
    }
}
