//! Disks that fill up while log, store and snapshots are written, and are emptied again.
//!
//! Each node has a small file system of its own, in memory, and a foreign file takes all that is left of it
//! at once: while the log grows, while the store writes a table, while a snapshot is built, while one is
//! received. Writes are refused then, and nothing else is: no node ends, no acknowledged write is lost,
//! reads of both kinds go on. When the foreign file is gone, writes go on, without a restart.
//!
//! `ELASTICKV_SCALE=full cargo test --release -p elastickv-tests --test faults full_disk` fills them eighty
//! times instead of ten.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use elastickv_tests::bulk::Bulk;
use elastickv_tests::client::Consistency;
use elastickv_tests::cluster::{Cluster, Plan, control_group};
use elastickv_tests::links::Place;
use elastickv_tests::process::ending;
use elastickv_tests::scale;
use elastickv_tests::summary::{Failure, Floors, Summary};
use elastickv_tests::tmpfs::Tmpfs;
use elastickv_tests::turn;
use elastickv_tests::verify::verify;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::witness::Witness;
use elastickv_tests::workload::{Load, Progress, Writers};

use super::short_start::waits_visibly;

const DISK_BYTES: u64 = 768 << 20;
/// Each in a cluster of its own.
const ROUNDS: (usize, usize) = (1, 8);
/// What a foreign file leaves of it before it takes all.
const CROWDED: u64 = 256 << 20;
const RESERVE: &str = "8MiB";
const ELECTION: Duration = Duration::from_millis(500);
/// Two elections, the second because the votes of the first may be split, on a machine that does much else.
const LONGEST_GAP: Duration = Duration::from_secs(3);
/// Writes are to go on this soon after there is room.
const RECOVERY: Duration = Duration::from_secs(20);
/// Writes that are refused while the leader's disk is full, or acknowledged while a follower's is.
const WHILE_FULL: u64 = 60;
/// How long the log is watched for its next file.
const NEXT_SEGMENT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(1);

#[tokio::test(flavor = "multi_thread")]
async fn full_disks_refuse_writes_and_nothing_else() -> Result<()> {
    let _turn = turn::alone().await?;
    for _ in 0..scale::pick(ROUNDS.0, ROUNDS.1) {
        round().await?;
    }
    Ok(())
}

async fn round() -> Result<()> {
    let mut disks = Vec::new();
    let plan = Plan::new("full-disk")
        .election_timeout(ELECTION)
        .storage_reserve(RESERVE)
        .setting("snapshot-entries", 2_000)
        .setting("keep-log-entries", 100);
    let mut cluster = plan.prepare().await?;
    for place in cluster.places() {
        disks.push(disk_for(&cluster, place)?);
    }
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    let founders = cluster.places();
    Bulk::of_mib(8).write(&cluster.node(founders[0]).client()).await?;

    let clients: Vec<_> = cluster.nodes().iter().map(|node| node.client()).collect();
    let writers = Writers::start(&clients, Load { writers: 8, value_bytes: 8 << 10, ..Load::default() });
    let witness = Witness::start(&clients);
    let failures = fill_again_and_again(&mut cluster, &mut disks, &writers.progress()).await;
    let testimony = witness.finish().await?;
    let history = writers.finish().await;
    let failures = failures.with_context(|| format!("meanwhile: {testimony}"))?;
    let leader = cluster.settle(PATIENCE).await?;
    let content = cluster.node(leader).client().scan_all(Consistency::Linearizable).await?;
    let findings = verify(&history, &content);
    let digest = cluster.digests_agree().await?;
    let summary = Summary::of(history.operations(), &failures);
    println!(
        "full disk: {findings}; digest of {} keys at index {} equal on {} nodes; {testimony}; {summary}",
        digest.keys,
        digest.index,
        cluster.nodes().len(),
    );
    ensure!(findings.is_clean(), "{findings}");
    testimony.demand(LONGEST_GAP, 500)?;
    summary.demand(&Floors {
        effective_failures: failures.len(),
        acknowledged: 1_000,
        acknowledged_share: 20.0,
        overlapping_share: 5.0,
    })?;
    for node in cluster.nodes() {
        ensure!(
            node.process.log().matches("---- start ----").count() == 1,
            "{} was started again",
            node.name
        );
    }
    end_while_full(&cluster, &disks, leader).await?;
    cluster.finish().await
}

/// A node whose disk is full ends well when it is asked to, says why it does not come up, and comes up by
/// itself when there is room.
async fn end_while_full(cluster: &Cluster, disks: &[Tmpfs], place: Place) -> Result<()> {
    disks[place.0].fill()?;
    until_they_say_so(cluster, disks, &[place], true).await?;
    let status = cluster.terminate(place).await?;
    ensure!(status.success(), "it ended with {} when asked to end", ending(status));
    disks[place.0].fill()?;
    cluster.start(place)?;
    waits_visibly(cluster, place).await?;
    let status = cluster.terminate(place).await?;
    ensure!(status.success(), "it ended with {} when asked to end, its disk full", ending(status));
    disks[place.0].fill()?;
    cluster.start(place)?;
    waits_visibly(cluster, place).await?;
    disks[place.0].relieve()?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await.map(|_| ())
}

/// Every moment, with one disk, two and all of them.
async fn fill_again_and_again(
    cluster: &mut Cluster,
    disks: &mut Vec<Tmpfs>,
    progress: &Progress,
) -> Result<Vec<Failure>> {
    let founders = cluster.places();
    let every = [Moment::LogGrows, Moment::StoreFlushes, Moment::SnapshotIsBuilt];
    let mut failures = Vec::new();
    for (which, moments) in [
        (Which::OneFollower, &every[..]),
        (Which::TheLeader, &every[..]),
        (Which::LeaderAndOne, &every[..1]),
        (Which::All, &every[..]),
    ] {
        for &moment in moments {
            let leader = cluster.leader_among(&founders, PATIENCE).await?;
            let victims = which.of(&founders, leader);
            let failure = fill(cluster, disks, &victims, moment, progress).await;
            failures.push(failure.with_context(|| format!("{which:?} ({victims:?}) full while {moment:?}"))?);
        }
    }
    let late = cluster.add_waiting_node().await?;
    disks.push(disk_for(cluster, late)?);
    cluster.start(late)?;
    failures.push(fill_a_receiver(cluster, disks, &founders, late, progress).await?);
    Ok(failures)
}

/// Whose disks are filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    OneFollower,
    TheLeader,
    LeaderAndOne,
    All,
}

impl Which {
    fn of(self, founders: &[Place], leader: Place) -> Vec<Place> {
        let followers = founders.iter().copied().filter(|place| *place != leader);
        match self {
            Which::OneFollower => followers.take(1).collect(),
            Which::TheLeader => vec![leader],
            Which::LeaderAndOne => [leader].into_iter().chain(followers).take(2).collect(),
            Which::All => founders.to_vec(),
        }
    }
}

/// What is being written when the disk fills up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Moment {
    LogGrows,
    StoreFlushes,
    SnapshotIsBuilt,
}

/// Gives the node at a place a file system of its own, in place of its directory.
fn disk_for(cluster: &Cluster, place: Place) -> Result<Tmpfs> {
    let disk = Tmpfs::mount("disk", DISK_BYTES)?;
    symlink(disk.dir(), &cluster.node(place).data_dir)?;
    Ok(disk)
}

async fn fill(
    cluster: &Cluster,
    disks: &[Tmpfs],
    victims: &[Place],
    moment: Moment,
    progress: &Progress,
) -> Result<Failure> {
    for victim in victims {
        disks[victim.0].crowd(CROWDED)?;
    }
    progress.more_acknowledged(30, PATIENCE).await?;
    let first = victims[0];
    let building = tokio::spawn({
        let (client, wanted) = (cluster.node(first).client(), moment == Moment::SnapshotIsBuilt);
        async move { if wanted { Some(client.snapshot(true).await) } else { None } }
    });
    until(cluster, first, moment).await?;
    let begun = Instant::now();
    for victim in victims {
        disks[victim.0].fill()?;
    }
    let hits = until_they_say_so(cluster, disks, victims, true).await?;
    while_full(cluster, disks, victims, progress).await?;
    for victim in victims {
        disks[victim.0].relieve()?;
    }
    until_they_say_so(cluster, disks, victims, false).await?;
    progress.more_acknowledged(30, RECOVERY).await?;
    let taken = building.await?;
    let failure =
        Failure { what: format!("{victims:?} full while {moment:?}"), hits, begun, ended: Instant::now() };
    println!(
        "{}: for {} ms{}",
        failure.what,
        (failure.ended - begun).as_millis(),
        match taken {
            None => String::new(),
            Some(Ok(taken)) => format!(", the snapshot was built, {} bytes", taken.bytes),
            Some(Err(refusal)) => format!(", the snapshot was refused: {}", refusal.kind()),
        }
    );
    Ok(failure)
}

/// Returns in the middle of the given moment, as far as the files tell. A log grows all the time, and now and
/// then by a file.
async fn until(cluster: &Cluster, place: Place, moment: Moment) -> Result<()> {
    let dir = cluster.node(place).data_dir.join("groups/1");
    let begun = Instant::now();
    let before = seen(&dir, moment);
    while seen(&dir, moment) == before {
        if moment == Moment::LogGrows && begun.elapsed() > NEXT_SEGMENT {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "{moment:?} did not come");
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// What changes when the moment has come: the length of a file, or which files there are.
fn seen(dir: &std::path::Path, moment: Moment) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let wanted = |path: &std::path::Path| match moment {
        Moment::LogGrows => path.components().any(|part| part.as_os_str() == "log"),
        Moment::StoreFlushes => path.components().any(|part| part.as_os_str() == "tables"),
        Moment::SnapshotIsBuilt => path.extension().is_some_and(|ending| ending == "building"),
    };
    collect(dir, &wanted, &mut found);
    found.sort();
    found
}

fn collect(
    dir: &std::path::Path,
    wanted: &dyn Fn(&std::path::Path) -> bool,
    found: &mut Vec<(PathBuf, u64)>,
) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.metadata() {
            Ok(about) if about.is_dir() => collect(&path, wanted, found),
            Ok(about) if wanted(&path) => found.push((path, about.len())),
            _ => {}
        }
    }
}

/// Waits until nodes tell of a full disk, or of one that is not. What a node itself frees meanwhile, such as a
/// snapshot that it could not finish, is taken as well.
async fn until_they_say_so(
    cluster: &Cluster,
    disks: &[Tmpfs],
    victims: &[Place],
    full: bool,
) -> Result<usize> {
    for &victim in victims {
        wait::until(&format!("{victim:?} to say that its disk is full: {full}"), RECOVERY, || async {
            if full {
                disks[victim.0].fill()?;
            }
            let told = cluster.answers(victim, PATIENCE).await?;
            let disk = told.disk.context("it tells nothing of its disk")?;
            ensure!(disk.full == full, "{} bytes are free of {}", disk.free_bytes, disk.total_bytes);
            Ok(())
        })
        .await?;
    }
    Ok(victims.len())
}

/// Lets writers be refused for a while; a cluster whose leader and majority have room goes on. What the nodes
/// themselves free meanwhile is taken as well.
async fn while_full(
    cluster: &Cluster,
    disks: &[Tmpfs],
    victims: &[Place],
    progress: &Progress,
) -> Result<()> {
    let leader = cluster.leader_among(&cluster.places(), PATIENCE).await?;
    if victims.len() == 1 && !victims.contains(&leader) {
        return progress.more_acknowledged(WHILE_FULL, RECOVERY).await.context("with one follower full");
    }
    let refused = || progress.finished() - progress.acknowledged();
    let goal = refused() + WHILE_FULL;
    wait::until("writes to be refused", PATIENCE, || async {
        victims.iter().try_for_each(|victim| disks[victim.0].fill())?;
        ensure!(refused() >= goal, "{} more should be", goal - refused());
        Ok(())
    })
    .await
}

/// Fills the disk of a learner while it is sent a snapshot.
async fn fill_a_receiver(
    cluster: &Cluster,
    disks: &[Tmpfs],
    founders: &[Place],
    late: Place,
    progress: &Progress,
) -> Result<Failure> {
    let leader = cluster.leader_among(founders, PATIENCE).await?;
    cluster.node(leader).client().snapshot(true).await?;
    disks[late.0].crowd(CROWDED)?;
    cluster.add_learner(founders, late).await?;
    let dir = cluster.node(late).data_dir.join("groups/1/snapshots");
    let begun = Instant::now();
    let part = loop {
        let mut found = Vec::new();
        collect(&dir, &|path| path.extension().is_some_and(|ending| ending == "incoming"), &mut found);
        if let Some((_, bytes)) = found.first().filter(|(_, bytes)| *bytes > 2 << 20) {
            break *bytes;
        }
        if begun.elapsed() > PATIENCE {
            bail!("no part of a snapshot arrives\n{}", cluster.tails());
        }
        tokio::time::sleep(LOOK).await;
    };
    disks[late.0].fill()?;
    let hits = until_they_say_so(cluster, disks, &[late], true).await?;
    progress.more_acknowledged(30, PATIENCE).await.context("with a learner full")?;
    let group = control_group(&cluster.answers(late, PATIENCE).await?)?;
    ensure!(group.snapshot_index == 0, "the snapshot arrived all the same");
    disks[late.0].relieve()?;
    wait::until("the learner to catch up", PATIENCE, || async {
        let own = control_group(&cluster.answers(late, PATIENCE).await?)?;
        let leader = cluster.leader_among(founders, PATIENCE).await?;
        let leading = control_group(&cluster.answers(leader, PATIENCE).await?)?;
        let near = own.snapshot_index > 0 && own.applied_index + 1_000 >= leading.committed_index;
        if near {
            Ok(())
        } else {
            Err(anyhow!("it has applied {} of {}", own.applied_index, leading.committed_index))
        }
    })
    .await?;
    println!("a receiver full after {part} bytes of a snapshot");
    Ok(Failure { what: "a receiver full".to_owned(), hits, begun, ended: Instant::now() })
}
