//! Acknowledged writes survive kill -9 of any nodes, all of them included.
//!
//! The operating system keeps what a killed process has written, so a plain kill cannot tell a server
//! that syncs from one that does not. Two further runs can: their servers write through a file layer that
//! forgets at the kill whatever was not synced. The store's files are not under that layer, so the killed
//! nodes' stores are removed besides; the log and the snapshots alone must then bring everything back.
//! With syncs that do something they do; with syncs that do nothing, which is the control, they do not.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::client::Pair;
use elastickv_tests::cluster::{Cluster, FileLayer, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::nemesis::{self, KillRounds};
use elastickv_tests::summary::{Floors, Summary};
use elastickv_tests::verify::{Findings, verify};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{History, Load, Writers};
use elastickv_tests::{scale, turn};

const WRITERS: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_kills() -> Result<()> {
    let _turn = turn::take().await?;
    let rounds = scale::pick(20, 50);
    rounds_of_kills(Plan::new("kill"), rounds, false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_kills_that_take_what_was_not_synced() -> Result<()> {
    let _turn = turn::take().await?;
    let rounds = scale::pick(10, 50);
    rounds_of_kills(Plan::new("loss").file_layer(FileLayer::Losing), rounds, true).await
}

/// The control: were this to pass with nothing lost, the test above could not fail either.
#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_syncs_do_nothing_lose_acknowledged_writes() -> Result<()> {
    let _turn = turn::take().await?;
    let cluster = Plan::new("control").file_layer(FileLayer::LosingIgnoringSync).start().await?;
    let writers = write_to(&cluster)?;
    writers.progress().more_acknowledged(500, PATIENCE).await?;
    let all = cluster.places();
    let hits = cluster.kill(&all)?;
    ensure!(hits == all.len(), "all were running");
    let history = writers.finish().await;
    for &place in &all {
        cluster.node(place).remove_state()?;
    }
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    let findings = verify(&history, &content(&cluster, Place(0)).await?);
    println!("control: {findings}");
    ensure!(findings.lost > 0, "servers that sync nothing lost nothing: the losing runs prove nothing");
    cluster.abandon();
    Ok(())
}

async fn rounds_of_kills(plan: Plan, rounds: usize, without_stores: bool) -> Result<()> {
    let per_round = 400;
    let seed = nemesis::seed();
    let cluster = plan.start().await?;
    let writers = write_to(&cluster)?;
    let kills = KillRounds { rounds, seed, acknowledged_between: per_round, without_stores };
    let failures = kills.run(&cluster, &writers.progress()).await?;
    let history = writers.finish().await;
    let summary = Summary::of(&history, &failures);
    println!("{summary}");
    let findings = compare(&cluster, &history).await?;
    println!("{findings}");
    ensure!(findings.is_clean(), "{findings}");
    summary.demand(&Floors {
        effective_failures: rounds,
        acknowledged: rounds * per_round as usize,
        acknowledged_share: 50.0,
        overlapping_share: 2.0,
    })?;
    cluster.finish().await
}

fn write_to(cluster: &Cluster) -> Result<Writers> {
    let clients = cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<Vec<_>>>()?;
    Ok(Writers::start(&clients, Load { writers: WRITERS, ..Load::default() }))
}

/// All that the cluster holds, by way of one node.
async fn content(cluster: &Cluster, place: Place) -> Result<Vec<Pair>> {
    let node = cluster.node(place);
    wait::until("a whole scan", PATIENCE, || async { Ok(node.client().scan_all(Linearizable).await?) }).await
}

/// Digests agree on all nodes, and what one of them gives is what the writers were told.
async fn compare(cluster: &Cluster, history: &History) -> Result<Findings> {
    // One more write, so that whatever hung over from before is decided.
    let leader = cluster.settle(PATIENCE).await?;
    let last = cluster.node(leader).client().put("end".into(), Bytes::new(), Bytes::new()).await;
    last.context("the cluster takes no write when all is over")?;
    let digest = cluster.digests_agree().await?;
    println!("as of index {} all nodes hold the same {} keys", digest.index, digest.keys);
    Ok(verify(history, &content(cluster, cluster.others(leader)[0]).await?))
}
