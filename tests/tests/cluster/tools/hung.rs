//! A member that is stopped where it stands: its connections stay open and nothing answers. Whoever looks sees all the
//! others, within the time that a command has, and how old the word of that one is.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::{Cluster, Node};
use elastickv_tests::wait::PATIENCE;
use serde_json::Value;

use crate::doors::admin::run;

/// What a command has where nobody said otherwise.
const DEADLINE: Duration = Duration::from_secs(10);

pub async fn leaves_the_others_in_sight(cluster: &Cluster) -> Result<()> {
    let leader = cluster.leader(PATIENCE).await?;
    let hung = cluster.node(cluster.others(leader)[0]);
    hung.process.stop()?;
    let looked = look(cluster, hung).await;
    hung.process.go_on()?;
    looked?;
    cluster.settle(PATIENCE).await.map(drop)
}

async fn look(cluster: &Cluster, hung: &Node) -> Result<()> {
    for (line, exit) in [
        ("cluster status", 7),
        ("encryption status", 7),
        ("encryption keys list", 0),
        ("encryption check rotate-dek --purpose storage", 0),
        ("encryption check raft-envelope", 3),
        ("doctor", 9),
    ] {
        let began = Instant::now();
        let ended = run(cluster, "", line).await?;
        let took = began.elapsed();
        ensure!(ended.code == exit, "{line}: {ended:?}");
        ensure!(took < DEADLINE, "{line} took {took:?} with a member that hangs");
        ensure!(ended.said["data"].is_object(), "{line}: {ended:?}");
        if !line.contains("check") {
            tells_its_age(&ended.said, &hung.name).with_context(|| line.to_owned())?;
        }
        println!("{line} with a member that hangs: {} ms", took.as_millis());
    }
    Ok(())
}

fn tells_its_age(told: &Value, name: &str) -> Result<()> {
    let members = told["members"].as_array().context("no members")?;
    ensure!(members.len() == 3, "{told}");
    for member in members {
        let hangs = member["id"] == name;
        ensure!(member["reachable"] == !hangs && member["age_ms"].is_u64(), "{member}");
        ensure!(member["last_error"].is_string() == hangs, "{member}");
    }
    let warned = told["warnings"].as_array().into_iter().flatten();
    let texts: Vec<&str> = warned.filter_map(|warning| warning["message"].as_str()).collect();
    let findings = told["data"]["findings"].as_array().into_iter().flatten();
    let found: Vec<&str> = findings.filter_map(|finding| finding["message"].as_str()).collect();
    let says = |text: &&str| text.starts_with(name) && text.contains("does not answer");
    ensure!(texts.iter().chain(&found).any(says), "{told}");
    Ok(())
}
