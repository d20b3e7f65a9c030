//! The operator's way from clear text to a sealed cluster, by the command line alone.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::PATIENCE;

use crate::admin::{self, encryption};

async fn holds(cluster: &Cluster, key: &str) -> Result<()> {
    let leader = cluster.leader(PATIENCE).await?;
    let found = cluster.node(leader).client().get(key.to_owned().into(), Linearizable).await?;
    ensure!(found.as_deref() == Some(key.as_bytes()), "{key} holds {found:?}");
    Ok(())
}

async fn put(cluster: &Cluster, key: &str) -> Result<()> {
    let leader = cluster.leader(PATIENCE).await?;
    let (key, value): (Bytes, Bytes) = (key.to_owned().into(), key.to_owned().into());
    cluster.node(leader).client().put(key, value, Bytes::new()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_seals_a_cluster_and_rotates_with_a_member_down() -> Result<()> {
    let cluster = Plan::new("operator").nodes(3).encrypted().start().await?;
    cluster.settle(PATIENCE).await?;
    let named = encryption(&cluster, "status").await?.with(0)?["data"]["cluster_name"].clone();
    let yes = format!("--yes --expect-cluster {}", named.as_str().unwrap_or_default());
    put(&cluster, "clear").await?;
    ensure!(admin::stage(&cluster).await? == "cleartext");

    encryption(&cluster, "check storage-envelope").await?.with(0)?;
    encryption(&cluster, "rotate-dek --purpose raft").await?.with(3)?;
    encryption(&cluster, "enable-storage-envelope").await?.with(2)?;
    let sealed =
        encryption(&cluster, &format!("enable-storage-envelope {yes} --reason first")).await?.with(0)?;
    ensure!(sealed["changed"] == true && admin::stage(&cluster).await? == "storage-sealed", "{sealed}");
    put(&cluster, "rows").await?;
    let again = encryption(&cluster, "enable-storage-envelope").await?.with(0)?;
    ensure!(again["changed"] == false, "{again}");
    ensure!(again["data"]["first_index"] == sealed["data"]["first_index"], "{again}");
    encryption(&cluster, &format!("enable-raft-envelope {yes}")).await?.with(0)?;
    ensure!(admin::stage(&cluster).await? == "fully-sealed");
    put(&cluster, "entries").await?;

    let leader = cluster.leader(PATIENCE).await?;
    let away = cluster.others(leader)[0];
    cluster.kill(&[away])?;
    let name = cluster.node(away).name.to_string();
    let refused = encryption(&cluster, "check raft-envelope").await?.with(3)?;
    let blocking = refused["error"]["blocking"].as_array().context("no blockers")?;
    ensure!(!blocking.is_empty() && blocking.iter().all(|one| one["member"] == name), "{refused}");
    let rotated = encryption(&cluster, "rotate-dek --purpose storage").await?.with(0)?;
    ensure!(rotated["changed"] == true && rotated["data"]["settled"] == false, "{rotated}");
    put(&cluster, "rotated").await?;
    encryption(&cluster, "status").await?.with(7)?;

    cluster.start(away)?;
    cluster.settle(PATIENCE).await?;
    let id = rotated["op_id"].as_str().context("no id")?;
    let back = encryption(&cluster, &format!("rotate-dek --purpose storage --op-id {id}")).await?.with(0)?;
    ensure!(back["data"]["key_id"] == rotated["data"]["key_id"], "{back}");
    let keys = encryption(&cluster, "keys list").await?.with(0)?;
    ensure!(keys["data"]["keys"].as_array().is_some_and(|keys| keys.len() == 3), "{keys}");
    let history = encryption(&cluster, "history").await?.with(0)?;
    let kinds: Vec<&str> = history["data"]["operations"]
        .as_array()
        .context("no history")?
        .iter()
        .filter_map(|one| one["kind"].as_str().filter(|_| one["state"] == "done"))
        .collect();
    ensure!(kinds == ["rotate-dek", "enable-raft-envelope", "enable-storage-envelope"], "{kinds:?}");
    for key in ["clear", "rows", "entries", "rotated"] {
        holds(&cluster, key).await?;
    }
    cluster.finish().await
}
