//! Every command once for people and once for programs, in an order in which each has something to do.

use std::fs;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::{Cluster, kek};
use elastickv_tests::wait::PATIENCE;
use serde_json::Value;

use super::operator::Operator;

pub async fn play(operator: &mut Operator, cluster: &mut Cluster) -> Result<()> {
    at_the_desk(operator)?;
    contexts(operator)?;
    keys_and_values(operator)?;
    members(operator, cluster).await?;
    sealing(operator)?;
    rewriting(operator)?;
    backups(operator, cluster)?;
    a_node_that_is_stopped(operator, cluster).await
}

fn at_the_desk(operator: &mut Operator) -> Result<()> {
    for line in ["version", "explain EK-1003", "schema --list", "completions fish", "kms list-schemes"] {
        operator.both(line, 0)?;
    }
    operator.both("schema Version", 0)?;
    fs::create_dir_all(operator.home().join("pages"))?;
    operator.both("man pages", 0)?;
    operator.people("kms generate kek.bin", 0)?;
    operator.program_as("kms generate kek2.bin", 0)?;
    let kek = operator.home().join("kek.bin");
    operator.both(&format!("kms check {}", kek::uri(&kek)), 0)?;
    for (directory, people) in [("people", true), ("programs", false)] {
        fs::create_dir_all(operator.home().join(directory))?;
        for line in ["certs ca", "certs node n1", "certs client alice", "certs token bob"] {
            let line = format!("{line} --dir {directory}");
            match people {
                true => operator.people(&line, 0)?,
                false => operator.program_as(&line, 0).map(drop)?,
            }
        }
    }
    Ok(())
}

fn contexts(operator: &mut Operator) -> Result<()> {
    operator.people("context add staging --endpoint staging.example:50051 --protected", 0)?;
    operator.program_as("context add lab --endpoint lab.example:50051 --rewrite-rate 5MiB/s", 0)?;
    for line in
        ["context list", "context use test", "context show", "context show --resolved", "context test"]
    {
        operator.both(line, 0)?;
    }
    operator.people("context remove staging", 0)?;
    operator.program_as("context remove lab", 0)?;
    Ok(())
}

fn keys_and_values(operator: &mut Operator) -> Result<()> {
    operator.both("kv put colour blue", 0)?;
    operator.both("kv put shape round", 0)?;
    for line in ["kv get colour", "kv scan", "kv history colour"] {
        operator.both(line, 0)?;
    }
    operator.people_with("kv txn -", "get colour\nput size small\n", 0)?;
    operator.program_with("kv txn -", "get colour\nput size large\n", 0)?;
    operator.people("kv export --file people.ndjson", 0)?;
    operator.program_as("kv export --file programs.ndjson", 0)?;
    operator.both("kv import --file people.ndjson", 0)?;
    operator.both("kv delete shape", 0)?;
    operator.both("kv delete-range --prefix s --yes --expect-cluster test", 0)?;
    Ok(())
}

async fn members(operator: &mut Operator, cluster: &mut Cluster) -> Result<()> {
    for line in ["cluster status", "cluster members", "cluster digest", "cluster snapshot --all"] {
        operator.both(line, 0)?;
    }
    operator.both("cluster wait --for ready", 0)?;
    operator.both("cluster drain n3", 0)?;
    operator.both("cluster undrain n3", 0)?;
    operator.people("cluster transfer-leader n2", 0)?;
    operator.program_as("cluster transfer-leader n1", 0)?;
    let fourth = cluster.add_waiting_node().await?;
    cluster.start(fourth)?;
    let address = cluster.node(fourth).address;
    operator.rename(address, "n4.example:50051");
    joins(operator, &format!("cluster add-learner n4 {address}")).await?;
    operator.people(&format!("cluster add-learner n4 {address}"), 0)?;
    ensure!(operator.run("cluster wait --for learner-caught-up=n4", "", &[])?.status.success());
    operator.both("cluster promote n4", 0)?;
    operator.people("cluster remove n4 --yes --expect-cluster test", 0)?;
    operator.program_as("cluster remove n4 --yes --expect-cluster test", 0)?;
    cluster.kill(&[fourth])?;
    Ok(())
}

/// The node may not listen yet.
async fn joins(operator: &mut Operator, line: &str) -> Result<()> {
    elastickv_tests::wait::until("the learner", PATIENCE, async || {
        let tried = operator.run(line, "", &["-o", "json"])?;
        ensure!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stdout));
        Ok(())
    })
    .await?;
    operator.program_as(line, 0).map(drop)
}

fn sealing(operator: &mut Operator) -> Result<()> {
    let yes = "--yes --expect-cluster test";
    operator.both("encryption status", 0)?;
    operator.both("encryption check storage-envelope", 0)?;
    operator.both("encryption probe-node-id --members", 0)?;
    operator.people(&format!("encryption bootstrap {yes} --reason TICKET-17"), 0)?;
    operator.program_as(&format!("encryption bootstrap {yes}"), 0)?;
    operator.people(&format!("encryption enable-storage-envelope {yes}"), 0)?;
    operator.program_as("encryption enable-storage-envelope", 0)?;
    operator.people(&format!("encryption enable-raft-envelope {yes}"), 0)?;
    operator.program_as("encryption enable-raft-envelope", 0)?;
    operator.people("encryption rotate-dek --purpose storage --reason quarterly", 0)?;
    operator.program_as("encryption rotate-dek --purpose raft", 0)?;
    operator.both("encryption rewrap-deks", 0)?;
    operator.both("encryption register-writer n1", 0)?;
    operator.both("encryption keys list", 0)?;
    operator.both(&format!("encryption keys show {}", key(operator, "active")?), 0)?;
    operator.both("encryption history", 0)?;
    operator.both("encryption disable", 3).map(drop)
}

/// The id of a storage key that is in this state.
fn key(operator: &Operator, state: &str) -> Result<String> {
    let output = operator.run("encryption keys list", "", &["-o", "json"])?;
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let keys = told["data"]["keys"].as_array().context("no keys")?;
    let found = keys.iter().find(|key| key["state"] == state && key["purpose"] == "storage");
    Ok(found.with_context(|| format!("no key is {state}: {told}"))?["key_id"].to_string())
}

fn rewriting(operator: &mut Operator) -> Result<()> {
    operator.people("encryption rewrite --reason audit", 0)?;
    operator.program_as("encryption rewrite", 0)?;
    operator.both("encryption rewrite status", 0)?;
    // It is over, and no longer changed; what a running one answers is told where rewrites are tested.
    for line in ["pause", "resume", "set-rate 5MiB/s", "cancel"] {
        operator.both(&format!("encryption rewrite {line}"), 11)?;
    }
    let retiring = key(operator, "retiring")?;
    operator.both(&format!("encryption retire-dek --key-id {retiring} --simulate"), 3)?;
    operator.people(
        &format!("encryption retire-dek --key-id {retiring} --prepare --yes --expect-cluster test"),
        0,
    )?;
    operator
        .program_as(&format!("encryption retire-dek --key-id {retiring} --yes --expect-cluster test"), 0)?;
    Ok(())
}

fn backups(operator: &mut Operator, cluster: &Cluster) -> Result<()> {
    let kek = kek::uri(&cluster.kek_file());
    operator.people("backup create people.backup", 0)?;
    operator.program_as("backup create programs.backup", 0)?;
    operator.both(&format!("backup verify people.backup --kek {kek}"), 0)?;
    operator.both("backup needs-keys people.backup", 0)?;
    let restore = |directory: &str| {
        format!(
            "backup restore people.backup --data-dir {directory} --node-name r1 \
             --address r1.example:50051 --cluster-name restored --kek {kek}"
        )
    };
    operator.people(&restore("restored1"), 0)?;
    operator.program_as(&restore("restored2"), 0)?;
    Ok(())
}

async fn a_node_that_is_stopped(operator: &mut Operator, cluster: &mut Cluster) -> Result<()> {
    let third = cluster.places()[2];
    ensure!(cluster.terminate(third).await?.success());
    let directory = cluster.node(third).data_dir.display().to_string();
    fs::write(operator.home().join("canaries"), "text:a-canary-that-nobody-wrote\n")?;
    operator.both(&format!("scan leak --data-dir {directory} --canary-file canaries"), 0)?;
    fs::remove_file(cluster.node(third).data_dir.join("encryption/keys.json"))?;
    operator.both(&format!("encryption resync-sidecar --data-dir {directory}"), 0)?;
    cluster.start(third)?;
    cluster.settle(PATIENCE).await.map(drop)
}
