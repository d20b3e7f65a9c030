//! The lead is lost at every point of both cutovers and of a rotation, while transactions run; it is taken over by a
//! node that has not applied the marker yet; and an entry is proposed clear above the cutover. Nothing stops, nothing
//! is lost, nothing is done twice, and nothing of a user's is written in clear by a leader that may not know better.
//!
//! Each control is the same run of servers from which one rule was taken away. By default a few points are tried;
//! `ELASTICKV_SCALE=full cargo test -p elastickv-tests --test keys leaders` tries all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use elastickv_proto::EnableRaftEnvelopeRequest;
use elastickv_proto::v1::Role as Raft;
use elastickv_proto::v1::encryption_stage::Name;
use elastickv_sys::points::{Point, Wrong};
use elastickv_tests::canaries::{Canary, Found, Search};
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::client::request_id;
use elastickv_tests::cluster::{Cluster, Node, Plan, control_group};
use elastickv_tests::links::Place;
use elastickv_tests::summary::Floors;
use elastickv_tests::wait::{self, Hopeless, PATIENCE};
use elastickv_tests::{nemesis, scale, turn};

use crate::points::command::Command;
use crate::points::every_passing;
use crate::points::picture::same_everywhere;
use crate::points::table::Role;
use crate::points::world::{How, Strike, World};

const COMMANDS: [Command; 4] =
    [Command::EnableStorage, Command::EnableRaft, Command::RotateStorage, Command::RotateRaft];
/// Points at which a node that stands still holds up its answers to everybody who asks about keys; there it can be
/// ended, but not watched.
const UNDER_LOCK: [Point; 4] = [Point::FileWritten, Point::FileSynced, Point::FileRenamed, Point::NameSynced];
/// Those that are tried with every change.
const EVERY_CHANGE: [(Command, Point, usize, How); 4] = [
    (Command::EnableStorage, Point::SidecarDurable, 1, How::Depose),
    // The first is that of its beginning, the second that of the marker.
    (Command::EnableRaft, Point::EntryHanded, 2, How::Depose),
    (Command::RotateStorage, Point::KeyHeld, 1, How::Depose),
    (Command::RotateRaft, Point::BatchDurable, 2, How::Kill),
];

const CANARIES: usize = 24;
/// How often a write is proposed clear while transactions run.
const WRONGS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn the_lead_is_lost_at_every_point_of_cutovers_and_rotations() -> Result<()> {
    let _turn = turn::take().await?;
    let seed = nemesis::seed();
    let strikes = if scale::pick(false, true) { all().await? } else { some() };
    let mut ways: Vec<Vec<Strike>> =
        COMMANDS.map(|command| strikes.iter().copied().filter(|it| it.command == command).collect()).into();
    let mut hits = 0;
    while ways.iter().any(|way| !way.is_empty()) {
        let mut world = World::start_with_transactions("leaders", seed).await?;
        Command::Bootstrap.do_again(&world.cluster).await?;
        for (way, command) in ways.iter_mut().zip(COMMANDS) {
            match way.pop() {
                Some(strike) => world.strike(strike).await?,
                None if Command::ONCE.contains(&command) => drop(command.do_again(&world.cluster).await?),
                None => {}
            }
        }
        let summary = world.end().await?;
        println!("{summary}");
        summary.demand(&Floors { acknowledged_share: 30.0, overlapping_share: 1.0, ..Floors::default() })?;
        hits += summary.effective_failures;
    }
    println!("the lead was lost at {hits} points");
    ensure!(hits == strikes.len(), "{hits} of {} took effect", strikes.len());
    Ok(())
}

fn some() -> Vec<Strike> {
    let strike = |(command, point, nth, how)| Strike { how, command, role: Role::Leader, point, nth };
    EVERY_CHANGE.map(strike).into()
}

/// Whenever a leader passes a point, by handing over. That it ends at each of them is what [`crate::points`] does.
async fn all() -> Result<Vec<Strike>> {
    let world = World::start("leaders-watched").await?;
    Command::Bootstrap.do_again(&world.cluster).await?;
    let mut strikes = Vec::new();
    for command in COMMANDS {
        let passings = every_passing(command, Role::Leader, &world.watch(command).await?);
        let watched = passings.into_iter().filter(|passing| !UNDER_LOCK.contains(&passing.point));
        strikes.extend(watched.map(|passing| Strike { how: How::Depose, ..passing }));
    }
    world.end().await?;
    Ok(strikes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_has_not_applied_the_marker_proposes_nothing_before_it_has() -> Result<()> {
    let found = take_over_before_the_marker(Plan::new("late-marker"), PATIENCE).await?;
    ensure!(found.canaries() == 0, "above the cutover, and yet in clear: {found}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_waits_for_nothing_writes_in_clear_above_the_cutover() -> Result<()> {
    let plan = Plan::new("no-readiness").setting("testing-without", "readiness");
    let found = take_over_before_the_marker(plan, PATIENCE).await?;
    println!("control, without readiness: {found}");
    ensure!(found.canaries() > 0, "the run with the rule proves nothing about it: {found}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_is_held_to_be_above_itself_never_cuts_over() -> Result<()> {
    let plan = Plan::new("not-strictly").setting("testing-without", "strictly-above");
    let why = match take_over_before_the_marker(plan, IN_VAIN).await {
        Ok(found) => bail!("the run with the rule proves nothing about it: {found}"),
        Err(why) => format!("{why:#}"),
    };
    println!("control, without strictly above: {why}");
    ensure!(why.contains(NOT_CUT_OVER), "{why}");
    Ok(())
}

const NOT_CUT_OVER: &str = "the cutover does not come about";
/// How long a control waits for a cutover in vain.
const IN_VAIN: Duration = Duration::from_secs(2);

/// A follower does not get to apply the marker, is made the leader, and is written to. Returns which of the values that
/// were written then stand in any file when all is over.
async fn take_over_before_the_marker(plan: Plan, limit: Duration) -> Result<Found> {
    let cluster = plan.encrypted().with_points().start().await?;
    let ran = late_marker(&cluster, limit).await;
    let ended = match ran {
        Ok(canaries) => search(&cluster, &canaries).await,
        Err(why) => Err(why),
    };
    cluster.abandon();
    ended
}

async fn late_marker(cluster: &Cluster, limit: Duration) -> Result<Vec<Canary>> {
    Command::EnableStorage.do_again(cluster).await?;
    let leader = cluster.settle(PATIENCE).await?;
    let late = cluster.others(leader)[0];
    let (point, misfit) = (Point::MarkerCommitted.name(), Point::MisfitMet.name());
    cluster.node(late).points.hold_at(point, 1)?;
    let client = cluster.node(leader).client();
    let limit_ms = u64::try_from(limit.as_millis())?;
    let request = EnableRaftEnvelopeRequest { limit_ms, detach: true, ..Default::default() };
    client.enable_raft_as(request).await?;
    cluster.node(late).points.held(point, 1, PATIENCE).await?;
    is_cut_over(cluster.node(leader)).await?;

    lead(cluster, leader, late).await?;
    let canaries: Vec<Canary> = (0..CANARIES).map(|_| rand::random()).collect();
    let refused = AtomicUsize::new(0);
    let planted = futures_util::future::try_join_all(
        canaries.iter().enumerate().map(|(number, canary)| plant(cluster, late, number, canary, &refused)),
    );
    let let_go = async {
        wait::until("the new leader to do something", PATIENCE, || async {
            let mut met = refused.load(Ordering::Relaxed);
            for place in cluster.others(late) {
                met += cluster.node(place).points.count(misfit, "passed")?;
            }
            ensure!(met > 0, "it neither refuses nor proposes");
            Ok(())
        })
        .await?;
        cluster.node(late).points.let_go(point)
    };
    let (planted, let_go) = tokio::join!(planted, let_go);
    let_go?;
    planted?;
    cluster.settle(PATIENCE).await?;
    let picture = same_everywhere(cluster).await?;
    ensure!(picture.stage == Name::FullySealed, "it is {picture:?}");
    for (number, canary) in canaries.iter().enumerate() {
        let leader = cluster.leader(PATIENCE).await?;
        let held = cluster.node(leader).client().get(key_of(number), Linearizable).await?;
        ensure!(held.as_deref() == Some(canary.as_slice()), "write {number} is lost");
    }
    cluster.digests_agree().await?;
    let mut misfits = 0;
    for node in cluster.nodes() {
        misfits += node.points.count(misfit, "passed")?;
    }
    println!(
        "{} values were written through {}; {misfits} entries were misfits",
        CANARIES,
        cluster.node(late).name
    );
    Ok(canaries)
}

/// Waits until a leader has applied the marker, or has given it up.
async fn is_cut_over(leader: &Node) -> Result<()> {
    let cut_over = wait::until("the leader to be cut over", PATIENCE, || async {
        let status = leader.client().encryption_status().await?;
        let stage = status.facts.and_then(|facts| facts.stage).unwrap_or_default().name();
        if stage != Name::FullySealed && status.running.is_none() {
            bail!(Hopeless(format!("it is over, and the stage is {}", stage.as_str_name())));
        }
        ensure!(stage == Name::FullySealed, "it is {}", stage.as_str_name());
        Ok(())
    });
    cut_over.await.context(NOT_CUT_OVER)
}

/// Makes a node the leader that can apply nothing.
async fn lead(cluster: &Cluster, from: Place, to: Place) -> Result<()> {
    wait::until("the late node to lead", PATIENCE, || async {
        let role = control_group(&cluster.node(to).client().describe().await?)?.role();
        if role != Raft::Leader {
            drop(cluster.node(from).client().transfer_leadership(&cluster.node(to).name).await);
        }
        ensure!(role == Raft::Leader, "it is {}", role.as_str_name());
        Ok(())
    })
    .await
}

fn key_of(number: usize) -> Bytes {
    format!("late/{number:03}").into()
}

/// Writes a value through one node, under one request id, until it is acknowledged.
async fn plant(
    cluster: &Cluster,
    through: Place,
    number: usize,
    canary: &Canary,
    refused: &AtomicUsize,
) -> Result<()> {
    let client: Client = cluster.node(through).new_client()?;
    let id = request_id();
    wait::until("the value to be acknowledged", PATIENCE, || async {
        let put = client.put(key_of(number), Bytes::copy_from_slice(canary), id.clone()).await;
        if put.is_err() {
            refused.fetch_add(1, Ordering::Relaxed);
        }
        put?;
        Ok(())
    })
    .await
}

async fn search(cluster: &Cluster, canaries: &[Canary]) -> Result<Found> {
    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
    }
    Search::of(canaries)?.below(cluster.scratch())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_proposed_clear_above_the_cutover_is_proposed_again_sealed() -> Result<()> {
    let _turn = turn::take().await?;
    let world = World::start_with_transactions("forced-clear", nemesis::seed()).await?;
    for command in Command::ONCE {
        command.do_again(&world.cluster).await?;
    }
    for round in 1..=WRONGS {
        let leader = world.cluster.settle(PATIENCE).await?;
        force_clear(&world.cluster, leader).await?;
        world.work_goes_on().await?;
        misfits(&world.cluster, round).await?;
    }
    let leader = world.cluster.leader(PATIENCE).await?;
    let (client, id) = (world.cluster.node(leader).client(), request_id());
    world.cluster.node(leader).points.order_wrong(Wrong::ProposeClear.name())?;
    let first = client.put("once".into(), "only".into(), id.clone()).await?;
    let again = client.put("once".into(), "only".into(), id).await?;
    ensure!(!first.already_applied && again.already_applied, "sent again, it was taken for another");
    ensure!(first.commit_ts == again.commit_ts, "{} and {}", first.commit_ts, again.commit_ts);
    misfits(&world.cluster, WRONGS + 1).await?;
    for node in world.cluster.nodes() {
        let group = control_group(&node.client().describe().await?)?;
        ensure!([Raft::Leader, Raft::Follower].contains(&group.role()), "{} has stopped", node.name);
    }
    let summary = world.end().await?;
    println!("{} entries were proposed clear above the cutover; {summary}", WRONGS + 1);
    summary.demand(&Floors { acknowledged: 50, acknowledged_share: 90.0, ..Floors::default() })
}

/// Has a leader propose the next entry of users' in clear.
async fn force_clear(cluster: &Cluster, leader: Place) -> Result<()> {
    let (points, wrong) = (&cluster.node(leader).points, Wrong::ProposeClear.name());
    let before = points.count(wrong, "done")?;
    points.order_wrong(wrong)?;
    wait::until("an entry to be proposed clear", PATIENCE, || async {
        ensure!(points.count(wrong, "done")? > before, "none was");
        Ok(())
    })
    .await
}

/// Waits until every node has met so many misfits.
async fn misfits(cluster: &Cluster, expected: usize) -> Result<()> {
    for node in cluster.nodes() {
        wait::until(&format!("{} to meet the misfit", node.name), PATIENCE, || async {
            let met = node.points.count(Point::MisfitMet.name(), "passed")?;
            ensure!(met == expected, "it has met {met}, not {expected}");
            Ok(())
        })
        .await?;
    }
    Ok(())
}
