//! Timestamps: many at once, and never one twice or backwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use elastickv_check::stamps::{Batch, check};
use elastickv_check::{Call, Findings, Kind, Moment, Outcome};
use elastickv_tests::client::Client;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::nemesis::MOVED;
use elastickv_tests::turn;
use elastickv_tests::wait::{self, PATIENCE};
use tokio::task::JoinSet;

/// Stamps promised in one second of one leader.
const IN_A_SECOND: u32 = 200_000;
const TAKERS: u32 = 8;
const A_CALL: u32 = 1_000;

const LEADER_CHANGES: usize = 20;

/// One in so many changes of leader is a kill; the others are handovers.
const KILLS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn one_leader_gives_two_hundred_thousand_stamps_in_a_second() -> Result<()> {
    let _turn = turn::alone().await?;
    let cluster = Plan::new("stamps").start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let client = cluster.node(leader).new_client()?;
    client.timestamps(1).await.context("the first one also connects")?;
    let began = Instant::now();
    let mut takers = JoinSet::new();
    for id in 0..TAKERS {
        takers.spawn(take(client.clone(), id, IN_A_SECOND / TAKERS / A_CALL, began));
    }
    let batches: Vec<_> = takers.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let took = began.elapsed();
    let stamps: u64 = batches.iter().map(|batch| batch.count).sum();
    println!("{stamps} stamps in {took:?}");
    ensure!(stamps == u64::from(IN_A_SECOND), "{stamps} stamps were given");
    ensure!(took <= Duration::from_secs(1), "they took {took:?}");
    let findings = check(&batches);
    ensure!(findings.is_clean(), "{findings}");
    cluster.finish().await
}

async fn take(client: Client, id: u32, calls: u32, began: Instant) -> Result<Vec<Batch>> {
    let mut batches = Vec::new();
    for _ in 0..calls {
        let begun = began.elapsed();
        let (first, count) = client.timestamps(A_CALL).await?;
        batches.push(batch(id, begun, began.elapsed(), first, count));
    }
    Ok(batches)
}

fn batch(client: u32, begun: Duration, ended: Duration, first: u64, count: u32) -> Batch {
    let moment = |at: Duration| Moment(at.as_nanos() as u64);
    let call = Call { client, begun: moment(begun), ended: moment(ended), outcome: Outcome::Committed };
    Batch { call, first, count: count.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn stamps_rise_over_changes_of_leader_and_a_clock_set_back_by_an_hour() -> Result<()> {
    let _turn = turn::take().await?;
    let (cluster, findings) = change_leaders(Plan::new("rising")).await?;
    ensure!(findings.is_clean(), "{findings}");
    cluster.finish().await
}

/// The control: stamps straight from the wall clock.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_ceiling_stamps_go_back_with_the_clock() -> Result<()> {
    let _turn = turn::take().await?;
    let (cluster, findings) =
        change_leaders(Plan::new("falling").setting("testing-without", "ceiling")).await?;
    cluster.abandon();
    ensure!(findings.has(Kind::StampBackwards), "no stamp went back: the run with a ceiling proves nothing");
    Ok(())
}

/// Takes stamps from all nodes while leaders change and the clock of one of them is set back.
async fn change_leaders(plan: Plan) -> Result<(Cluster, Findings)> {
    let cluster = plan.with_movable_clocks().start().await?;
    let over = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let mut takers = JoinSet::new();
    for id in 0..TAKERS {
        let mut nodes = cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<Vec<_>>>()?;
        nodes.rotate_left(id as usize % cluster.nodes().len());
        takers.spawn(take_until(nodes, id, Arc::clone(&over), began));
    }
    let mut changes = 0;
    for round in 0..LEADER_CHANGES {
        let set_back = round == LEADER_CHANGES / 2;
        let done = change_leader(&cluster, round, set_back).await;
        changes += done.with_context(|| format!("in round {round}"))?;
    }
    over.store(true, Ordering::Relaxed);
    let batches = takers.join_all().await.concat();
    let stamps: u64 = batches.iter().map(|batch| batch.count).sum();
    let findings = check(&batches);
    println!("{changes} changes of leader, {} calls, {stamps} stamps: {findings}", batches.len());
    ensure!(changes >= LEADER_CHANGES, "there were only {changes} changes of leader");
    Ok((cluster, findings))
}

/// Takes stamps from whoever gives some.
async fn take_until(nodes: Vec<Client>, id: u32, over: Arc<AtomicBool>, began: Instant) -> Vec<Batch> {
    let mut batches = Vec::new();
    let mut turn = 0;
    while !over.load(Ordering::Relaxed) {
        let node = nodes[turn % nodes.len()].with_deadline(Duration::from_secs(1));
        let begun = began.elapsed();
        match node.timestamps(1 + turn as u32 % A_CALL).await {
            Ok((first, count)) => batches.push(batch(id, begun, began.elapsed(), first, count)),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        turn += 1;
    }
    batches
}

/// Makes another node the leader, by a kill or by handing over. Says how often the term rose.
async fn change_leader(cluster: &Cluster, round: usize, set_back: bool) -> Result<usize> {
    let leader = cluster.leader(PATIENCE).await?;
    let before = term(cluster, leader).await?;
    let others = cluster.others(leader);
    let next = others[round % others.len()];
    if set_back {
        // It leads while its clock jumps, and again after a start by that clock.
        cluster.move_clock(leader, -(MOVED.as_millis() as i64))?;
        restart(cluster, leader).await?;
        cluster.hand_leadership(leader, PATIENCE).await?;
    } else if round.is_multiple_of(KILLS) {
        restart(cluster, leader).await?;
    } else {
        cluster.hand_leadership(next, PATIENCE).await?;
    }
    let now = cluster.leader(PATIENCE).await?;
    let after = wait::until("a new term", PATIENCE, || async {
        let after = term(cluster, now).await?;
        ensure!(after > before, "it is {after}");
        Ok(after)
    })
    .await?;
    println!("round {round}: {leader:?} to {now:?}, term {after}");
    Ok(usize::from(now != leader || set_back))
}

async fn restart(cluster: &Cluster, place: Place) -> Result<()> {
    cluster.kill(&[place])?;
    cluster.leader_among(&cluster.others(place), PATIENCE).await?;
    cluster.start(place)?;
    cluster.answers(place, PATIENCE).await.map(|_| ())
}

async fn term(cluster: &Cluster, place: Place) -> Result<u64> {
    Ok(cluster.node(place).client().status().await?.term)
}
