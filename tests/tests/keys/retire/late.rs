//! A raft key goes, and a leader has writes in hand that were sealed under it.
//!
//! The key floor is what makes that harmless: an entry that names a key of the floor is turned away by its header, which
//! nobody needs the key for, and proposed again under another.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Plan;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;

use super::{LEADER, Stage, pair};

/// Where a leader has sealed users' writes and nobody else knows of them.
const SEALED: &str = "writes-sealed";
/// The exit status of a server that can not go on.
const FAULT: i32 = 4;

type Late = tokio::task::JoinHandle<Result<()>>;

/// A write is sealed under the active key, and goes no further.
async fn held_back(stage: &mut Stage) -> Result<Late> {
    let node = stage.cluster.node(LEADER);
    node.points.hold_at(SEALED, 1)?;
    let client = node.client().with_deadline(PATIENCE * 4);
    let (key, value) = pair(stage.values);
    stage.values += 1;
    let late = tokio::spawn(async move { Ok(client.put(key, value, Bytes::new()).await.map(drop)?) });
    node.points.held(SEALED, 1, PATIENCE).await?;
    Ok(late)
}

/// The control: where such an entry is taken for any other, it is opened by nobody, and whoever comes to it stops.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_floor_a_late_entry_stops_whoever_comes_to_it() -> Result<()> {
    let _turn = turn::take().await?;
    let plan = Plan::new("no-floor").nodes(1).setting("testing-without", "key-floor");
    let mut stage = Stage::sealed(plan).await?;
    let old = stage.key("raft", "active").await?;
    let late = held_back(&mut stage).await?;
    stage.done("rotate-dek --purpose raft").await?;
    stage.retired(old, " --prepare --deadline 180s").await?;
    let node = stage.cluster.node(LEADER);
    node.points.let_go(SEALED)?;
    let status = node.process.exit(PATIENCE).await?;
    ensure!(status.code() == Some(FAULT), "it ended with {status:?}");
    ensure!(node.process.log().contains(&format!("key {old}")), "it stopped for another reason");
    ensure!(late.await?.is_err(), "nobody can have applied it");
    println!("control, without the key floor: the node stopped at the entry that came late");
    stage.cluster.abandon();
    Ok(())
}
