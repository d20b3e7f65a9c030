//! From cleartext to sealed, on running clusters.

use std::path::Path;

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_proto::v1::encryption_stage::Name;
use elastickv_proto::{DekPurpose, v1};
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::{Linearizable, Stale};
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::wait::{self, PATIENCE};

use crate::starts::occurrences;

const CLEAR: &str = "a-canary-from-before-the-cutover";
const SEALED: &str = "a-canary-from-after-the-cutover-of-rows";
const HIDDEN: &str = "a-canary-from-after-the-cutover-of-the-log";

async fn leader(cluster: &Cluster) -> Result<Client> {
    Ok(cluster.node(cluster.leader(PATIENCE).await?).client())
}

async fn put(cluster: &Cluster, key: &str, value: &str) -> Result<()> {
    leader(cluster).await?.put(key.to_owned().into(), value.to_owned().into(), Bytes::new()).await?;
    Ok(())
}

async fn holds(cluster: &Cluster, key: &str, value: &str) -> Result<()> {
    let found = leader(cluster).await?.get(key.to_owned().into(), Linearizable).await?;
    ensure!(found.as_deref() == Some(value.as_bytes()), "{key} holds {found:?}");
    Ok(())
}

/// Waits until every node has what a key holds.
async fn everywhere(cluster: &Cluster, key: &str, value: &str) -> Result<()> {
    for node in cluster.nodes() {
        wait::until_true(&format!("{} holds {key}", node.name), PATIENCE, async || {
            let found = node.client().get(key.to_owned().into(), Stale).await;
            found.is_ok_and(|found| found.as_deref() == Some(value.as_bytes()))
        })
        .await?;
    }
    Ok(())
}

async fn stages(cluster: &Cluster) -> Result<Vec<Name>> {
    let mut stages = Vec::new();
    for node in cluster.nodes() {
        let facts = node.client().encryption_status().await?.facts.unwrap_or_default();
        stages.push(facts.stage.unwrap_or_default().name());
    }
    Ok(stages)
}

async fn restart_all(cluster: &Cluster) -> Result<()> {
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
        cluster.start(place)?;
        cluster.settle(PATIENCE).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_sealed_from_the_moment_on_that_the_cluster_says_so() -> Result<()> {
    let cluster = Plan::new("seal-rows").encrypted().start().await?;
    put(&cluster, "before", CLEAR).await?;
    everywhere(&cluster, "before", CLEAR).await?;
    let done = leader(&cluster).await?.enable_storage().await?;
    ensure!(!done.was_already_active && done.applied_index > 0);
    ensure!(done.operation.as_ref().is_some_and(|operation| operation.settled));
    ensure!(done.capability_summary.len() == 3);
    ensure!(stages(&cluster).await? == [Name::StorageSealed; 3]);
    let again = leader(&cluster).await?.enable_storage().await?;
    ensure!(again.was_already_active && again.applied_index == done.applied_index);
    let bootstrapped = leader(&cluster).await?.bootstrap_encryption(Default::default()).await?;
    ensure!(bootstrapped.was_already_active && bootstrapped.applied_index < done.applied_index);
    put(&cluster, "after", SEALED).await?;
    everywhere(&cluster, "after", SEALED).await?;
    restart_all(&cluster).await?;
    holds(&cluster, "before", CLEAR).await?;
    holds(&cluster, "after", SEALED).await?;
    let operations = leader(&cluster).await?.operations().await?;
    ensure!(operations.len() == 1, "one operation was carried out, and {} are recorded", operations.len());
    let directories: Vec<_> = cluster.nodes().iter().map(|node| node.data_dir.clone()).collect();
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
    }
    for directory in directories {
        let state = directory.join("groups/1/state");
        ensure!(occurrences(&state, SEALED)? == 0, "a sealed value stands in {}", state.display());
        ensure!(occurrences(&state, CLEAR)? > 0, "the search finds what is clear");
    }
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_sealed_above_the_marker_and_keys_rotate_and_are_wrapped_anew() -> Result<()> {
    let cluster = Plan::new("seal-log").encrypted().start().await?;
    put(&cluster, "before", CLEAR).await?;
    leader(&cluster).await?.enable_storage().await?;
    let done = leader(&cluster).await?.enable_raft().await?;
    ensure!(!done.was_already_active, "{}", done.applied_index);
    ensure!(stages(&cluster).await? == [Name::FullySealed; 3]);
    put(&cluster, "after", HIDDEN).await?;
    for (key, purpose) in [("storage", DekPurpose::Storage), ("raft", DekPurpose::Raft)] {
        let rotated = leader(&cluster).await?.rotate(purpose).await?;
        ensure!(rotated.operation.is_some_and(|operation| operation.settled));
        put(&cluster, key, HIDDEN).await?;
    }
    let status = leader(&cluster).await?.encryption_status().await?;
    let active = status.keys.iter().filter(|key| key.state() == v1::KeyState::Active).count();
    let retiring = status.keys.iter().filter(|key| key.state() == v1::KeyState::Retiring).count();
    ensure!((active, retiring) == (2, 2), "{active} keys are active and {retiring} are retiring");
    leader(&cluster).await?.rewrap().await?;
    everywhere(&cluster, "raft", HIDDEN).await?;
    restart_all(&cluster).await?;
    for key in ["after", "storage", "raft"] {
        holds(&cluster, key, HIDDEN).await?;
    }
    holds(&cluster, "before", CLEAR).await?;
    let directories: Vec<_> = cluster.nodes().iter().map(|node| node.data_dir.clone()).collect();
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
    }
    for directory in directories {
        ensure!(occurrences(&directory, HIDDEN)? == 0, "a sealed value stands in {}", directory.display());
        ensure!(occurrences(&directory, CLEAR)? > 0, "the search finds what is clear");
    }
    cluster.finish().await
}

/// What a transaction has locked lies in the store and in the log for as long as it likes.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_is_sealed_as_what_is_written() -> Result<()> {
    const LOCK_TTL_MS: u64 = 600_000;
    let cluster = Plan::new("seal-locks").encrypted().setting("keep-log-entries", 0).start().await?;
    let lock = |key: &str, value: &str| elastickv_proto::Kv {
        key: key.to_owned().into(),
        value: value.to_owned().into(),
        ..Default::default()
    };
    let client = leader(&cluster).await?;
    let clear = client.timestamps(1).await?.0;
    ensure!(client.lock(clear, LOCK_TTL_MS, vec![lock("clear", CLEAR)]).await?.is_empty());
    client.enable_storage().await?;
    client.enable_raft().await?;
    let hidden = client.timestamps(1).await?.0;
    ensure!(client.lock(hidden, LOCK_TTL_MS, vec![lock("a", HIDDEN), lock("b", HIDDEN)]).await?.is_empty());
    for node in cluster.nodes() {
        node.client().snapshot(true).await?;
    }
    restart_all(&cluster).await?;
    for node in cluster.nodes() {
        ensure!(occurrences(&node.data_dir, HIDDEN)? == 0, "a lock stands in clear at {}", node.name);
        ensure!(occurrences(&node.data_dir, CLEAR)? > 0, "the search finds what is clear");
    }
    for (start, key, value) in [(clear, "clear", CLEAR), (hidden, "b", HIDDEN)] {
        let done = leader(&cluster).await?.commit_locked(start, vec![key.to_owned().into()]).await?;
        ensure!(done.success, "{key}");
        holds(&cluster, key, value).await?;
        everywhere(&cluster, key, value).await?;
    }
    cluster.finish().await
}

/// Starts every node anew, one after the other, with these wrapping keys.
async fn roll(cluster: &Cluster, kek: &Path, previous: Option<&Path>) -> Result<()> {
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
        cluster.node(place).process.change(|recipe| {
            recipe.arguments.retain(|argument| !argument.to_string_lossy().starts_with("--kek"));
            recipe.arguments.push(format!("--kek={}", kek::uri(kek)).into());
            let previous = previous.map(|path| format!("--kek-previous={}", kek::uri(path)).into());
            recipe.arguments.extend(previous);
        });
        cluster.start(place)?;
        cluster.settle(PATIENCE).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapping_key_is_replaced_and_may_go_once_nothing_needs_it() -> Result<()> {
    let cluster = Plan::new("rewrap").encrypted().start().await?;
    leader(&cluster).await?.enable_storage().await?;
    leader(&cluster).await?.enable_raft().await?;
    put(&cluster, "sealed", SEALED).await?;
    let (old, new) = (cluster.kek_file(), cluster.scratch().join("new-kek.bin"));
    kek::make(&new)?;
    roll(&cluster, &new, Some(&old)).await?;
    let told = leader(&cluster).await?.encryption_status().await?;
    ensure!(told.previous_kek.is_none(), "nothing was wrapped anew");
    leader(&cluster).await?.rewrap().await?;
    let told = leader(&cluster).await?.encryption_status().await?.previous_kek.unwrap_or_default();
    ensure!(!told.may_go && told.waiting.iter().all(|waits| waits.name == "LogBefore"), "the log needs it");
    ensure!(told.waiting.len() == 3);
    for node in cluster.nodes() {
        node.client().snapshot(true).await?;
    }
    let told = leader(&cluster).await?.encryption_status().await?.previous_kek.unwrap_or_default();
    ensure!(told.may_go, "{:?}", told.waiting.iter().map(|waits| &waits.message).collect::<Vec<_>>());
    roll(&cluster, &new, None).await?;
    holds(&cluster, "sealed", SEALED).await?;
    put(&cluster, "later", SEALED).await?;
    everywhere(&cluster, "later", SEALED).await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_refuses_with_all_that_blocks_and_check_says_the_same() -> Result<()> {
    let cluster = Plan::new("gate").encrypted().start().await?;
    let place = cluster.leader(PATIENCE).await?;
    let others = cluster.others(place);
    cluster.kill(&others[..1])?;
    let client = cluster.node(place).client();
    let judgement = client.check_gate(v1::OperationKind::Bootstrap).await?;
    let blocks = |found: &&v1::Finding| found.verdict() == v1::Verdict::Blocks;
    let blocking: Vec<_> = judgement.findings.iter().filter(blocks).collect();
    ensure!(!judgement.passed && blocking.len() == 1 && blocking[0].check == "reachable");
    ensure!(blocking[0].member == cluster.node(others[0]).name);
    let refusal = match client.bootstrap_encryption(Default::default()).await {
        Ok(_) => anyhow::bail!("the gate let it through"),
        Err(refusal) => refusal,
    };
    ensure!(refusal.is("GateRefused"), "{refusal}");
    ensure!(refusal.metadata.get("members") == Some(&cluster.node(others[0]).name));
    ensure!(stages(&cluster).await.is_err(), "one of them is down");
    cluster.start(others[0])?;
    cluster.settle(PATIENCE).await?;
    leader(&cluster).await?.bootstrap_encryption(Default::default()).await?;
    ensure!(stages(&cluster).await? == [Name::Bootstrapped; 3]);
    // A follower says who leads.
    let follower = cluster.others(cluster.leader(PATIENCE).await?)[0];
    let refusal = match cluster.node(follower).client().enable_storage().await {
        Ok(_) => anyhow::bail!("a follower took it"),
        Err(refusal) => refusal,
    };
    ensure!(refusal.is("NotLeader") && refusal.metadata.contains_key("leader_address"), "{refusal}");
    cluster.finish().await
}
