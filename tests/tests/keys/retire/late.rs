//! A raft key goes, and a leader has writes in hand that were sealed under it.
//!
//! The key floor is what makes that harmless: an entry that names a key of the floor is turned away by its header, which
//! nobody needs the key for, and proposed again under another.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Plan;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;

use super::{HELD, IN_SYNC, LEADER, Stage, all, everywhere, one, pair};

/// Where a leader has sealed users' writes and nobody else knows of them.
const SEALED: &str = "writes-sealed";
const COMMITTED: &str = "entry-committed";
const MISFIT: &str = "misfit-met";
const LOG: &str = "log-from-since";
/// The exit status of a server that can not go on.
const FAULT: i32 = 4;

pub async fn raft(stage: &mut Stage) -> Result<()> {
    stage.write().await?;
    let old = stage.key("raft", "active").await?;
    let secret = stage.secret(old)?;
    stage.is_in_memory("raft key", &secret).await?;
    let late = held_back(stage).await?;

    stage.done("rotate-dek --purpose raft").await?;
    let found = stage.simulated(old).await?;
    let reach_back = everywhere(LOG, "LogFromBefore");
    let expected = all([one("", "key-closed", "KeyNotClosed"), reach_back]);
    ensure!(found == expected, "{found:?} instead of {expected:?}");

    // It is closed, and in the floor; one member has not applied that. Its own state is in sync all the same.
    let points = &stage.cluster.node(HELD).points;
    let before = points.count(COMMITTED, "held")?;
    // The operation begins, the key is closed, the floor is raised.
    points.hold_at(COMMITTED, 3)?;
    let found = stage.refused_once(old).await;
    points.let_go(COMMITTED)?;
    ensure!(points.count(COMMITTED, "held")? == before + 1, "the member was not held back");
    let mut found = found?;
    found.retain(|(_, check, _)| check != IN_SYNC);
    // Nobody keeps the other follower from being an entry behind for a moment as well.
    let expected = ["LogFromBefore", "BeforeKeyFloor"].map(|other| {
        let held = one("n3", LOG, "BeforeKeyFloor");
        all([one("n1", LOG, "LogFromBefore"), one("n2", LOG, other), held])
    });
    ensure!(expected.contains(&found), "{found:?} is none of {expected:?}");

    stage.retired(old, " --prepare --deadline 180s").await?;
    stage.is_out_of_memory("raft key", &secret).await?;
    comes_late(stage, late).await
}

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

/// It is let go into the log of a cluster that has forgotten its key.
async fn comes_late(stage: &mut Stage, late: Late) -> Result<()> {
    let nodes = stage.cluster.nodes();
    let met = || nodes.iter().map(|node| node.points.count(MISFIT, "passed")).collect::<Result<Vec<_>>>();
    let before = met()?;
    stage.cluster.node(LEADER).points.let_go(SEALED)?;
    late.await?.context("the write that was held back")?;
    stage.cluster.settle(PATIENCE).await?;
    let met: Vec<usize> = met()?.into_iter().zip(before).map(|(now, before)| now - before).collect();
    println!("entries under the key that retired, met by each member: {met:?}");
    ensure!(met.iter().all(|met| *met > 0), "no late entry was met: {met:?}");
    stage.whole().await?;
    // Whoever starts again comes to that entry again.
    stage.cluster.kill(&[HELD])?;
    stage.cluster.start(HELD)?;
    stage.cluster.settle(PATIENCE).await?;
    stage.cluster.hand_leadership(LEADER, PATIENCE).await?;
    stage.write().await?;
    stage.whole().await
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
