//! Kills at moments that nobody chose, while an operator's commands follow each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::nemesis;
use elastickv_tests::scale;
use elastickv_tests::summary::{Failure, Floors};
use elastickv_tests::turn;
use elastickv_tests::wait::{self, PATIENCE};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::command::{Command, register_all};
use super::picture::same_everywhere;
use super::world::World;

/// All nodes are killed in the last of so many rounds.
const ALL_EVERY: usize = 10;
/// A command is finished at least in so many rounds, however slow the machine is.
const PAUSE_EVERY: usize = 4;
/// Rounds in which somebody is killed.
const KILLS: (usize, usize) = (20, 200);
/// The longest time between the last node's coming back and the next kill.
const LONGEST_MS: u64 = 250;

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random_moments_leave_every_command_to_be_finished() -> Result<()> {
    let _turn = turn::take().await?;
    let mut world = World::start("random-kills").await?;
    let kills = scale::pick(KILLS.0, KILLS.1);
    let mut random = StdRng::seed_from_u64(nemesis::seed());
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let cluster = &world.cluster;
    let killing = async {
        let killed = kill(&world, kills, &mut random, &done).await;
        stop.store(true, Ordering::Relaxed);
        killed
    };
    let (killed, operated) = tokio::join!(killing, operate(cluster, &stop, &done));
    let (failures, commands) = (killed?, done.load(Ordering::Relaxed));
    operated?;
    cluster.settle(PATIENCE).await?;
    register_all(cluster).await?;
    let keys = same_everywhere(cluster).await?;
    keys.is_at_rest()?;
    world.strikes = failures;
    let summary = world.end().await?;
    println!("{commands} commands were finished, {} keys are there; {summary}", keys.keys.len());
    ensure!(commands >= kills / PAUSE_EVERY, "only {commands} commands were finished");
    summary.demand(&Floors {
        effective_failures: kills,
        acknowledged: kills * 5,
        acknowledged_share: 30.0,
        ..Floors::default()
    })
}

/// Kills one node after the other, and all at once now and then, each time a while after the last ones answer again.
async fn kill(world: &World, kills: usize, random: &mut StdRng, done: &AtomicUsize) -> Result<Vec<Failure>> {
    let cluster = &world.cluster;
    let mut failures = Vec::new();
    let mut finished = 0;
    for round in 0..kills {
        if round % PAUSE_EVERY == PAUSE_EVERY - 1 {
            wait::until("one more command to be finished", PATIENCE * 2, || async {
                let now = done.load(Ordering::Relaxed);
                ensure!(now > finished, "{now} are");
                Ok(())
            })
            .await?;
            finished = done.load(Ordering::Relaxed);
        }
        world.work_goes_on().await?;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..LONGEST_MS))).await;
        let mut victims = cluster.places();
        if round % ALL_EVERY != ALL_EVERY - 1 {
            victims = vec![*victims.choose(random).context("there is no node")?];
        }
        let begun = Instant::now();
        let hits = cluster.kill(&victims)?;
        for victim in &victims {
            cluster.start(*victim)?;
        }
        for victim in &victims {
            cluster.answers(*victim, PATIENCE).await?;
        }
        failures.push(Failure { what: format!("kill {victims:?}"), hits, begun, ended: Instant::now() });
    }
    Ok(failures)
}

/// The script of an operator who knows of nothing: whatever does not end well is done again.
async fn operate(cluster: &Cluster, stop: &AtomicBool, done: &AtomicUsize) -> Result<()> {
    use Command::*;
    for command in Command::ONCE {
        command.do_again(cluster).await?;
        done.fetch_add(1, Ordering::Relaxed);
    }
    for command in [RotateStorage, Rewrap, RotateRaft, Rewrap].into_iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        command.do_again(cluster).await?;
        register_all(cluster).await?;
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
