//! What an operator waits for: the status of three nodes, a page of help, the tab key.
//!
//! Each is a process of its own, from its start to its end, as a shell runs it. The nodes are encrypted and fully sealed,
//! and nothing else is asked of them meanwhile.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::workspace;
use serde::Serialize;

use crate::machine::Machine;
use crate::place::{Medium, Place};
use crate::{ours, report};

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// How often each is run
    #[arg(long, default_value_t = 500)]
    runs: usize,
    /// Where the result is written; by default below tests/bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

/// What is run, and what its slowest hundredth may take.
struct Question {
    name: &'static str,
    line: &'static str,
    limit: Option<Duration>,
}

const QUESTIONS: [Question; 6] = [
    Question { name: "help", line: "--help", limit: Some(Duration::from_millis(10)) },
    Question { name: "cluster status", line: "cluster status", limit: Some(Duration::from_millis(50)) },
    Question { name: "encryption status", line: "encryption status", limit: Some(Duration::from_millis(50)) },
    Question { name: "keys list", line: "encryption keys list", limit: None },
    Question { name: "doctor", line: "doctor", limit: None },
    Question {
        name: "tab key: ids of keys",
        line: "-- 6 elastickv-admin --endpoint ENDPOINT encryption keys show",
        limit: Some(Duration::from_millis(250)),
    },
];

#[derive(Debug, Serialize)]
struct Answered {
    name: &'static str,
    runs: usize,
    p50_ms: f64,
    p99_ms: f64,
    most_ms: f64,
    limit_ms: Option<f64>,
    /// None where nothing was promised.
    holds: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Waits {
    taken_at_unix: u64,
    machine: Machine,
    answered: Vec<Answered>,
}

pub async fn run(options: Options) -> Result<()> {
    let place = Place::on(Medium::Disk)?;
    let cluster = ours::plan(&place)?.encrypted().start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().enable_storage().await?;
    cluster.node(leader).client().enable_raft().await?;
    let mut answered = Vec::new();
    for question in &QUESTIONS {
        answered.push(ask(&cluster, question, options.runs)?);
    }
    cluster.finish().await?;
    for one in &answered {
        println!("{}", line(one));
    }
    let result = Waits { taken_at_unix: report::now_unix()?, machine: Machine::look(), answered };
    let path =
        report::keep(&format!("operator-{}", result.taken_at_unix), options.output.as_deref(), &result)?;
    println!("written to {}", path.display());
    Ok(())
}

/// One after the other, as they come from a keyboard.
fn ask(cluster: &Cluster, question: &Question, runs: usize) -> Result<Answered> {
    let admin = workspace::admin()?;
    let endpoint = cluster.nodes().first().context("no nodes")?.address.to_string();
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let mut command = Command::new(&admin);
        command.env("ELASTICKV_ENDPOINT", &endpoint).stdin(Stdio::null());
        command.args(question.line.split(' ').map(|word| if word == "ENDPOINT" { &endpoint } else { word }));
        if question.line.starts_with("-- ") {
            // The word that is being typed.
            command.arg("").env("ELASTICKV_ADMIN_COMPLETE", "bash");
        }
        let began = Instant::now();
        let output = command.output()?;
        times.push(began.elapsed());
        ensure!(output.status.success() && !output.stdout.is_empty(), "{}: {output:?}", question.name);
    }
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
    let ms = |time: Option<&Duration>| time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let (p50_ms, p99_ms, most_ms) = (ms(at(50)), ms(at(99)), ms(times.last()));
    let limit_ms = question.limit.map(|limit| limit.as_secs_f64() * 1e3);
    let holds = limit_ms.map(|limit| p99_ms <= limit);
    Ok(Answered { name: question.name, runs, p50_ms, p99_ms, most_ms, limit_ms, holds })
}

fn line(one: &Answered) -> String {
    let verdict = match (one.limit_ms, one.holds) {
        (Some(limit), Some(true)) => format!("holds: at most {limit:.0} ms"),
        (Some(limit), _) => format!("DOES NOT HOLD: at most {limit:.0} ms"),
        (None, _) => "nothing promised".to_owned(),
    };
    format!(
        "{:22} p50 {:7.1} ms  p99 {:7.1} ms  most {:7.1} ms   {verdict}",
        one.name, one.p50_ms, one.p99_ms, one.most_ms
    )
}
