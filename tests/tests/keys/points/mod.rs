//! A node is ended at every point of every command that changes keys, as leader and as follower, and whoever
//! repeats the command finds it done or does it; nobody repairs anything.
//!
//! First every command is carried out undisturbed, and what it passes is held against [`table`]: a point that it
//! should pass and does not, or the other way round, fails. Then each passing is struck. By default that is one
//! for each step; `ELASTICKV_SCALE=full cargo test -p elastickv-tests --test keys points` strikes all.

pub mod command;
pub mod picture;
mod random;
pub mod table;
pub mod world;

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use elastickv_sys::points::Point;
use elastickv_tests::scale;
use elastickv_tests::summary::Floors;
use elastickv_tests::turn;

use command::Command;
use table::{Role, TABLE, Where, points_of};
use world::{Counts, How, Strike, World};

/// One strike for each step of a command, by turns on the leader and on a follower.
const EVERY_CHANGE: &[(Command, Role, Point)] = &[
    (Command::Bootstrap, Role::Leader, Point::KeysMade),
    (Command::EnableStorage, Role::Follower, Point::SidecarDurable),
    (Command::EnableRaft, Role::Leader, Point::EntryHanded),
    (Command::RotateStorage, Role::Leader, Point::BatchWritten),
    (Command::RotateRaft, Role::Follower, Point::FileSynced),
    (Command::Rewrap, Role::Leader, Point::GateJudged),
    (Command::Restart, Role::Follower, Point::StoreTold),
    (Command::Snapshot, Role::Follower, Point::SnapshotKeysAdopted),
];

/// Of each purpose one.
const FEWEST_KEYS: usize = 2;
/// What a cluster can go through once, in its order.
const WAY: [Command; 4] =
    [Command::RestartClear, Command::Bootstrap, Command::EnableStorage, Command::EnableRaft];
/// Every strike at a rotation leaves two keys more, under each of which every load is registered.
const IN_ONE_WORLD: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_ends_at_any_point_of_a_command_leaves_the_old_state_or_the_new() -> Result<()> {
    let _turn = turn::take().await?;
    let world = World::start("points").await?;
    let mut passed = Vec::new();
    for command in Command::ALL {
        let counts = world.watch(command).await?;
        hold_against_table(command, &counts)?;
        passed.push((command, counts));
    }
    let strikes = scale::pick(some(), all(&passed));
    let (once, often): (Vec<_>, Vec<_>) =
        strikes.into_iter().partition(|strike| WAY.contains(&strike.command));
    let (mut struck, mut summaries) = (Vec::new(), Vec::new());
    let mut world = Some(world);
    for part in often.chunks(IN_ONE_WORLD) {
        let mut world = match world.take() {
            Some(world) => world,
            None => World::sealed("points").await?,
        };
        for strike in part {
            world.strike(*strike).await?;
            struck.push(*strike);
        }
        summaries.push(world.end().await?);
    }
    let mut ways: Vec<_> = WAY
        .map(|command| once.iter().copied().filter(move |strike| strike.command == command))
        .into_iter()
        .collect();
    loop {
        let way: Vec<_> = ways.iter_mut().map(Iterator::next).collect();
        if way.iter().all(Option::is_none) {
            break;
        }
        let mut world = World::start("points-once").await?;
        for (strike, command) in way.into_iter().zip(WAY) {
            match strike {
                Some(strike) => {
                    world.strike(strike).await?;
                    struck.push(strike);
                }
                None if command.is_operation() => drop(command.do_again(&world.cluster).await?),
                None => {}
            }
        }
        summaries.push(world.end().await?);
    }
    let acknowledged: usize = summaries.iter().map(|summary| summary.acknowledged).sum();
    let effective: usize = summaries.iter().map(|summary| summary.effective_failures).sum();
    println!("{effective} nodes were ended at points; {acknowledged} writes were acknowledged meanwhile");
    for summary in &summaries {
        println!("  {summary}");
        summary.demand(&Floors { acknowledged_share: 50.0, overlapping_share: 1.0, ..Floors::default() })?;
    }
    ensure!(effective == struck.len(), "{effective} of {} strikes hit", struck.len());
    scale::pick(Ok(()), nothing_is_left_out(&struck))
}

fn some() -> Vec<Strike> {
    let strike = |&(command, role, point): &(Command, Role, Point)| Strike {
        how: How::Kill,
        command,
        role,
        point,
        nth: 1,
    };
    EVERY_CHANGE.iter().map(strike).collect()
}

fn all(passed: &[(Command, Counts)]) -> Vec<Strike> {
    let of = |(command, counts): &(Command, Counts)| {
        Role::ALL.into_iter().flat_map(|role| every_passing(*command, role, counts)).collect::<Vec<_>>()
    };
    passed.iter().flat_map(of).collect()
}

/// Every passing that was counted of the points that a command is said to pass.
pub fn every_passing(command: Command, role: Role, counts: &Counts) -> Vec<Strike> {
    let passings = |point| {
        let times = counts.get(&(role, point)).copied().unwrap_or_default();
        // A load is registered under one key after the other, and other clusters have fewer keys.
        let by_key = command == Command::Restart && points_of(command, Role::Leader).any(|of| of == point);
        let times = if by_key { times.min(FEWEST_KEYS) } else { times };
        (1..=times).map(move |nth| Strike { how: How::Kill, command, role, point, nth })
    };
    points_of(command, role).flat_map(passings).collect()
}

/// What a start replays of its log depends on what its store had persisted, and what a snapshot leaves to the log on
/// when it was taken; so there may be more of them than the table says.
fn hold_against_table(command: Command, counts: &Counts) -> Result<()> {
    for role in Role::ALL {
        let expected: BTreeSet<_> = points_of(command, role).collect();
        let passed = counts.keys().filter(|(by, _)| *by == role).map(|(_, point)| *point);
        let passed: BTreeSet<_> = passed.collect();
        let missing: Vec<_> = expected.difference(&passed).collect();
        ensure!(missing.is_empty(), "{command:?} on {role:?} did not pass {missing:?}");
        let foreign: Vec<_> = passed.difference(&expected).collect();
        let exact = command.is_operation();
        ensure!(!exact || foreign.is_empty(), "{command:?} on {role:?} passed {foreign:?}");
    }
    Ok(())
}

/// Each point was struck on each role, but where the table says why not.
fn nothing_is_left_out(struck: &[Strike]) -> Result<()> {
    for row in TABLE {
        for role in Role::ALL {
            let hits =
                struck.iter().filter(|strike| (strike.point, strike.role) == (row.point, role)).count();
            match row.of(role) {
                Where::By(_) => ensure!(hits > 0, "{:?} was never struck on {role:?}", row.point),
                Where::Never(reason) => println!("{:?} on {role:?}: {reason}", row.point),
            }
        }
    }
    Ok(())
}
