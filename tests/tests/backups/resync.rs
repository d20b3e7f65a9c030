//! A node without its sidecar is brought back, from its own store and from the leader.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Stale;
use elastickv_tests::cluster::{Cluster, Node, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use serde_json::Value;

use crate::operator::{Ended, admin, on, text};

fn sidecar(node: &Node) -> PathBuf {
    node.data_dir.join("encryption/keys.json")
}

async fn write(cluster: &Cluster, round: usize) -> Result<()> {
    for number in 0..20 {
        let (key, leader) = (format!("{round}-{number}"), cluster.leader(PATIENCE).await?);
        cluster.node(leader).client().put(key.clone().into(), key.into(), Bytes::new()).await?;
    }
    Ok(())
}

/// Waits until a node has all that was written, by its own reading.
async fn reads_everything(node: &Node, rounds: usize) -> Result<()> {
    for round in 0..=rounds {
        for number in 0..20 {
            let key = Bytes::from(format!("{round}-{number}"));
            wait::until_true(&format!("{} reads everything", node.name), PATIENCE, async || {
                let found = node.client().get(key.clone(), Stale).await;
                found.is_ok_and(|found| found == Some(key.clone()))
            })
            .await?;
        }
    }
    Ok(())
}

async fn resync(node: &Node) -> Result<Ended> {
    admin(&["encryption", "resync-sidecar", "--data-dir", text(&node.data_dir)]).await
}

async fn resync_by(cluster: &Cluster, node: &Node) -> Result<Ended> {
    on(cluster, &["encryption", "resync-sidecar", "--data-dir", text(&node.data_dir)]).await
}

fn epochs(told: &Value) -> Vec<u64> {
    let keys = told["data"]["keys"].as_array().into_iter().flatten();
    keys.map(|key| key["local_epoch"].as_u64().unwrap_or_default()).collect()
}

#[derive(Clone, Copy, Debug)]
enum Loss {
    Gone,
    Damaged,
    /// Its store and snapshots as well.
    Everything,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_its_sidecar_comes_back_and_reads_everything() -> Result<()> {
    let cluster = Plan::new("resync").encrypted().start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().enable_storage().await?;
    cluster.node(leader).client().enable_raft().await?;
    write(&cluster, 0).await?;
    let place = cluster.others(cluster.leader(PATIENCE).await?)[0];
    resync(cluster.node(place)).await?.refused(11, "DataDirInUse")?;
    let mut last = vec![0; 2];
    for (round, loss) in [Loss::Gone, Loss::Damaged, Loss::Everything].into_iter().enumerate() {
        let node = cluster.node(place);
        ensure!(cluster.terminate(place).await?.success());
        let file = sidecar(node);
        match loss {
            Loss::Gone => fs::remove_file(&file)?,
            Loss::Damaged => fs::write(&file, &fs::read(&file)?[..100])?,
            Loss::Everything => {
                fs::remove_file(&file)?;
                ensure!(node.remove_state()? == 1);
                fs::remove_dir_all(node.data_dir.join("groups/1/snapshots"))?;
            }
        }
        if !matches!(loss, Loss::Everything) {
            cluster.start(place)?;
            ensure!(node.process.exit(PATIENCE).await?.code() == Some(3), "it starts without its epochs");
        }
        write(&cluster, round + 1).await?;
        let told = match loss {
            Loss::Gone => resync(node).await?.with(0)?,
            Loss::Damaged => resync_by(&cluster, node).await?.with(0)?,
            Loss::Everything => {
                resync(node).await?.refused(3, "OwnStateUnreadable")?;
                resync_by(&cluster, node).await?.with(0)?
            }
        };
        let source = if matches!(loss, Loss::Everything) { "leader" } else { "store" };
        ensure!(told["data"]["source"] == source, "{loss:?}: {}", told["data"]);
        ensure!(told["data"]["kept_aside"].is_string() == matches!(loss, Loss::Damaged), "{loss:?}");
        let now = epochs(&told);
        let higher = now.iter().zip(&last).all(|(now, last)| now > last);
        ensure!(now.len() == 2 && higher, "{loss:?}: epochs {now:?} after {last:?}");
        ensure!(resync(node).await?.status == 0 || matches!(loss, Loss::Everything), "a repeat");
        cluster.start(place)?;
        cluster.settle(PATIENCE).await?;
        reads_everything(node, round + 1).await?;
        last = now;
    }
    let told = on(&cluster, &["encryption", "status"]).await?.with(0)?;
    ensure!(told["warnings"].as_array().is_some_and(Vec::is_empty), "{}", told["warnings"]);
    cluster.digests_agree().await?;
    cluster.finish().await
}
