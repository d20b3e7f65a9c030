//! Keys of both purposes are replaced, old values sealed anew, and the old keys retired, again and again. What a node
//! keeps of keys, and what it has to open when it starts, stays what it was.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use elastickv_tests::scale;
use elastickv_tests::wait::PATIENCE;
use serde_json::Value;

use super::{HELD, LEADER, Stage};

const ROUNDS: (usize, usize) = (3, 20);
/// One of each purpose.
const KEYS: usize = 2;

/// What a node's part in it comes to.
#[derive(PartialEq, Eq, Debug)]
struct Measure {
    /// Keys in its sidecar, and those that it has open.
    keys: usize,
    open: usize,
    /// Of the sidecar, with all numbers of the same length.
    bytes: usize,
}

pub async fn run(stage: &mut Stage) -> Result<()> {
    let rounds = scale::pick(ROUNDS.0, ROUNDS.1);
    let (mut first, mut starts) = (None, Vec::new());
    for round in 1..=rounds {
        stage.write().await?;
        let (storage, raft) = replaced(stage).await?;
        // That closes it: from here on counts and snapshots are from since.
        stage.refused(storage).await?;
        stage.done("rewrite --reason old").await?;
        stage.done("status --verify").await?;
        stage.retired(storage, "").await?;
        stage.retired(raft, "").await?;
        let (measure, took) = started_again(stage).await?;
        println!(
            "round {round}: {} bytes in the sidecar, {} keys opened in a start of {} ms",
            measure.bytes,
            measure.open,
            took.as_millis()
        );
        starts.push(took);
        ensure!((measure.keys, measure.open) == (KEYS, KEYS), "round {round}: {measure:?}");
        let first = first.get_or_insert(measure.bytes);
        ensure!(measure.bytes == *first, "round {round}: {} bytes, and {first} in the first", measure.bytes);
        stage.whole().await?;
    }
    let (early, late) = starts.split_at(starts.len() / 2);
    println!(
        "starts took {:.2?} in the first half of the rounds, {:.2?} in the second",
        median(early),
        median(late)
    );
    no_id_came_twice(stage, rounds).await
}

fn median(durations: &[Duration]) -> Option<Duration> {
    let mut sorted = durations.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied()
}

async fn replaced(stage: &Stage) -> Result<(u32, u32)> {
    stage.done("rotate-dek --purpose storage").await?;
    stage.done("rotate-dek --purpose raft").await?;
    Ok((stage.key("storage", "retiring").await?, stage.key("raft", "retiring").await?))
}

/// What it kept, what it opened, and how long it took until it answered.
async fn started_again(stage: &Stage) -> Result<(Measure, Duration)> {
    let cluster = &stage.cluster;
    ensure!(cluster.terminate(HELD).await?.success());
    let path = cluster.node(HELD).data_dir.join("encryption/keys.json");
    let sidecar: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    let keys = sidecar["keys"].as_object().context("the sidecar has no keys")?.len();
    let bytes = serde_json::to_string(&levelled(sidecar))?.len();
    let began = Instant::now();
    cluster.start(HELD)?;
    cluster.answers(HELD, PATIENCE).await?;
    let took = began.elapsed();
    cluster.settle(PATIENCE).await?;
    cluster.hand_leadership(LEADER, PATIENCE).await?;
    let facts = cluster.node(HELD).client().encryption_status().await?.facts.context("no facts")?;
    let open = facts.keys.iter().filter(|key| key.open).count();
    Ok((Measure { keys, open, bytes }, took))
}

/// Ids, indexes and epochs have as many digits as they happen to have.
fn levelled(value: Value) -> Value {
    match value {
        Value::Number(_) => Value::from(0),
        Value::Array(all) => all.into_iter().map(levelled).collect(),
        Value::Object(all) => {
            let level = |(number, (name, value)): (usize, (String, Value))| {
                let is_id = name.bytes().all(|byte| byte.is_ascii_digit());
                let name = if is_id { format!("{number}") } else { name };
                // How many digits of a second there are is chance as well.
                let value = if name == "created" { Value::from("then") } else { levelled(value) };
                (name, value)
            };
            Value::Object(all.into_iter().enumerate().map(level).collect())
        }
        other => other,
    }
}

/// Every key that ever was is remembered, those that are gone too.
async fn no_id_came_twice(stage: &Stage, rounds: usize) -> Result<()> {
    let told = stage.done("keys list --all").await?;
    let keys = told["data"]["keys"].as_array().context("no keys")?;
    let retired = keys.iter().filter(|key| key["state"] == "retired").count();
    // One of each purpose went before the rounds.
    ensure!(
        retired == KEYS * (rounds + 1) && keys.len() == retired + KEYS,
        "{retired} of {} are retired",
        keys.len()
    );
    Ok(())
}
