//! A storage key, and everything that can stand in its way.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::{Cluster, control_group};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;

use super::{CONFIRMED, HELD, KEEPER, LEADER, Stage, admin, all, encryption, everywhere, named, one};

/// Where a snapshot has the rows in view and is not written yet.
const BUILDING: &str = "snapshot-begun";
const ROWS: &str = "no-row-under-it";
const READS: &str = "no-older-read";
const REWRITE: &str = "no-rewrite-at-work";
const SNAPSHOT: &str = "snapshot-from-since";
const ASIDE: &str = "nothing-set-aside";

/// What the keeper has of earlier times, below its data directory.
const LEFT: [&str; 4] = [
    "encryption/keys.json.aside-1",
    "groups/1/snapshots/0123456789abcdef0123456789abcdef.incoming",
    "groups/1/snapshots/0000000000000001-0123456789abcdef0123456789abcdef.snap.damaged",
    "groups/1/state.aside-1/old",
];

pub async fn storage(stage: &mut Stage) -> Result<()> {
    let (old, active) = (stage.key("storage", "retiring").await?, stage.key("storage", "active").await?);
    unknown_and_used(stage, active).await?;
    let not_counted = everywhere(ROWS, "NotCounted");
    let open = one("", "key-closed", "KeyNotClosed");
    ensure!(stage.simulated(old).await? == all([open, not_counted]), "before anything was done");

    let backup = stage.cluster.scratch().join("backup");
    admin(&stage.cluster, &format!("backup create {}", backup.display())).await?.with(0)?;
    let left = much_is_in_the_way(stage, old).await?;
    a_backup_is_looked_into(stage, old, &backup).await?;
    one_after_the_other_goes(stage, left, old).await?;

    let secret = stage.secret(old)?;
    stage.is_in_memory("storage key", &secret).await?;
    stage.done("rewrite --reason old").await?;
    stage.done("status --verify").await?;
    let passed = stage.done(&format!("retire-dek --key-id {old} --simulate")).await?;
    ensure!(passed["data"]["passed"] == true && named(&passed)?.is_empty(), "{passed}");
    a_snapshot_arrives(stage, old).await?;
    stage.retired(old, " --prepare --deadline 180s").await?;
    stage.is_out_of_memory("storage key", &secret).await?;
    stage.whole().await
}

/// What can not be meant, and what is in use.
async fn unknown_and_used(stage: &Stage, active: u32) -> Result<()> {
    encryption(&stage.cluster, "retire-dek --key-id 0 --simulate").await?.with(2)?;
    encryption(&stage.cluster, &format!("retire-dek --key-id 0 {CONFIRMED}")).await?.with(2)?;
    let used = all([one("", "key-closed", "KeyInUse"), everywhere("not-the-seal-key", "SealsUnderKey")]);
    let simulated = stage.simulated(active).await?;
    ensure!(simulated.is_superset(&used), "{simulated:?}");
    // What seals under it now may soon seal under another: it is given a while, and refused.
    ensure!(stage.refused(active).await? == used);
    Ok(())
}

/// All at once: counts and snapshots from before the closing, one more being built, things set aside, a rewrite at rest.
async fn much_is_in_the_way(stage: &Stage, old: u32) -> Result<tokio::task::JoinHandle<Result<()>>> {
    let cluster = &stage.cluster;
    admin(cluster, "cluster snapshot --all").await?.with(0)?;
    stage.done("status --verify").await?;
    for file in LEFT {
        let path = cluster.node(KEEPER).data_dir.join(file);
        fs::create_dir_all(path.parent().context("it has one")?)?;
        fs::write(path, "old")?;
    }
    let held = cluster.node(HELD);
    held.points.hold_at(BUILDING, 1)?;
    let client = held.client().with_deadline(PATIENCE * 4);
    let built = tokio::spawn(async move { Ok(client.snapshot(false).await.map(drop)?) });
    held.points.held(BUILDING, 1, PATIENCE).await?;

    let expected = all([
        everywhere(ROWS, "CountedBefore"),
        one("n1", SNAPSHOT, "SnapshotFromBefore"),
        one("n2", SNAPSHOT, "SnapshotFromBefore"),
        one("n3", SNAPSHOT, "SnapshotUnderWay"),
        one("n2", ASIDE, "Leftovers"),
    ]);
    let found = stage.refused(old).await?;
    ensure!(found == expected, "{found:?} instead of {expected:?}");
    println!("{} blockers were named at once", found.len());
    tells_people(cluster, old, &found).await?;

    // The key is closed now. Counted again, there are values; and the view of the snapshot is older than that.
    stage.done("status --verify").await?;
    let found = stage.refused(old).await?;
    let older = one("n3", READS, "OlderReads");
    let counted = everywhere(ROWS, "RowsLeft");
    let before: BTreeSet<_> = expected.into_iter().filter(|(_, check, _)| check != ROWS).collect();
    let expected = all([before, counted, older]);
    ensure!(found == expected, "{found:?} instead of {expected:?}");

    // Nobody knows how far each member comes with a rewrite before it rests; one at least is not done.
    encryption(cluster, "rewrite --rate 1KiB/s --no-wait --reason rest").await?.with(8)?;
    stage.done("rewrite pause").await?;
    let found = stage.simulated(old).await?;
    let working = everywhere(REWRITE, "RewriteAtWork");
    let others: BTreeSet<_> = found.difference(&working).cloned().collect();
    ensure!(others == expected && found.len() > others.len(), "{found:?} beside {expected:?}");
    println!("{} blockers were named at once", found.len());
    Ok(built)
}

/// The same in words, with the exit status that scripts go by.
async fn tells_people(cluster: &Cluster, key: u32, found: &super::Blockers) -> Result<()> {
    let mut command = Command::new(workspace::admin()?);
    let endpoint = cluster.node(LEADER).address.to_string();
    command.env_remove("ELASTICKV_ENDPOINT").env("COLUMNS", "160").args(["--endpoint", &endpoint]);
    command.args(["encryption", "retire-dek", "--simulate", "--key-id", &key.to_string()]);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = String::from_utf8(output.stdout)?;
    ensure!(output.status.code() == Some(3), "it ended with {:?}: {text}", output.status);
    for name in ["n1", "n2", "n3"] {
        let (named, told) = (
            found.iter().filter(|(member, ..)| member == name).count(),
            text.matches(&format!("FAIL {name}: ")).count(),
        );
        ensure!(named == told, "{told} of {named} blockers of {name} are told:\n{text}");
    }
    ensure!(LEFT.iter().all(|file| leaf(file).is_some_and(|name| text.contains(name))), "{text}");
    Ok(())
}

/// What is told of a file that was left: its name, or that of the directory that was set aside.
fn leaf(file: &str) -> Option<&str> {
    file.split('/').find(|part| part.contains("aside") || part.contains("0123456789abcdef"))
}

/// A backup that needs the key is found to, and one of another cluster is refused.
async fn a_backup_is_looked_into(stage: &Stage, old: u32, backup: &std::path::Path) -> Result<()> {
    let line = format!("retire-dek --key-id {old} --simulate --backup {}", backup.display());
    let told = encryption(&stage.cluster, &line).await?.with(3)?;
    let [need] = told["data"]["backups"].as_array().context("no backups")?.as_slice() else {
        anyhow::bail!("one backup was named: {told}")
    };
    let rows: u64 = need["rows"].as_str().context("no rows")?.parse()?;
    ensure!(rows >= super::VALUES as u64 && need["wrapped_by"]["provider"] == "file", "{told}");
    ensure!(told["warnings"].as_array().is_some_and(|all| all.len() == 1), "{told}");
    let unreadable = told["data"]["unreadable"].as_array().context("nothing would become unreadable")?;
    for (member, what) in [("n1", "values"), ("n2", "set-aside"), ("n3", "reads"), ("n3", "snapshot")] {
        let is_told = unreadable.iter().any(|one| one["member"] == member && one["what"] == what);
        ensure!(is_told, "the {what} of {member} are not told: {told}");
    }
    let missing = format!("retire-dek --key-id {old} --simulate --backup {}", backup.join("none").display());
    encryption(&stage.cluster, &missing).await?.with(9)?;
    Ok(())
}

/// What stood in the way is mended bit by bit, and the rest is still named.
async fn one_after_the_other_goes(
    stage: &Stage,
    built: tokio::task::JoinHandle<Result<()>>,
    old: u32,
) -> Result<()> {
    let cluster = &stage.cluster;
    cluster.node(HELD).points.let_go(BUILDING)?;
    built.await??;
    stage.done("rewrite cancel").await?;
    // What was in view when the key was closed may have been sealed under it; it is a snapshot from before.
    admin(cluster, "cluster snapshot --all").await?.with(0)?;
    let expected = all([everywhere(ROWS, "RowsLeft"), one("n2", ASIDE, "Leftovers")]);
    // A member looks now and then whether the rewrite goes on.
    wait::until("the rewrite to be out of the way", PATIENCE, || async {
        let found = stage.simulated(old).await?;
        ensure!(found == expected, "{found:?} instead of {expected:?}");
        Ok(())
    })
    .await?;

    cluster.kill(&[KEEPER])?;
    let found = stage.simulated(old).await?;
    ensure!(found.contains(&super::blocker("n2", "reachable", "Unreachable")), "{found:?}");
    cluster.start(KEEPER)?;
    cluster.settle(PATIENCE).await?;
    cluster.hand_leadership(LEADER, PATIENCE).await?;
    let found = stage.simulated(old).await?;
    let expected = all([
        one("n1", ROWS, "RowsLeft"),
        one("n2", ROWS, "NotCounted"),
        one("n3", ROWS, "RowsLeft"),
        one("n2", ASIDE, "Leftovers"),
    ]);
    ensure!(found == expected, "{found:?} instead of {expected:?}");
    Ok(())
}

/// Everything was ready, and then a member gets other rows by a snapshot: what it counted is void.
async fn a_snapshot_arrives(stage: &mut Stage, old: u32) -> Result<()> {
    let held = stage.cluster.node(HELD).process.id().context("it runs")?;
    stage.cluster.node(HELD).process.stop()?;
    let arrived = falls_behind(stage).await;
    stage.cluster.node(HELD).process.go_on()?;
    let log_begins = arrived?;
    let cluster = &stage.cluster;
    wait::until("the snapshot to arrive", PATIENCE, || async {
        let told = cluster.node(HELD).client().describe().await?;
        let snapshot = control_group(&told)?.snapshot_index;
        ensure!(
            snapshot + 1 >= log_begins,
            "its snapshot is of {snapshot}, and the log begins at {log_begins}"
        );
        Ok(())
    })
    .await?;
    cluster.settle(PATIENCE).await?;
    ensure!(cluster.node(HELD).process.id() == Some(held), "it was no restart that made it forget");
    let found = stage.refused(old).await?;
    let void = super::blocker("n3", ROWS, "NotCounted");
    let others = found.iter().filter(|(member, ..)| member != "n3").count();
    ensure!(found.contains(&void) && others == 0, "{found:?}");
    println!("after a snapshot arrived: {found:?}");
    // Whoever was stopped may have asked for another leader.
    cluster.hand_leadership(LEADER, PATIENCE).await
}

/// The others go on without it, and let go of the log that it would need.
async fn falls_behind(stage: &mut Stage) -> Result<u64> {
    stage.write().await?;
    let cluster = &stage.cluster;
    admin(cluster, "cluster snapshot --purge --member n1 --member n2").await?.with(0)?;
    wait::until("the log to begin behind what the held member has", PATIENCE, || async {
        let told = cluster.node(LEADER).client().describe().await?;
        let group = control_group(&told)?;
        ensure!(group.first_log_index > group.snapshot_index, "it begins at {}", group.first_log_index);
        Ok(group.first_log_index)
    })
    .await
}
