//! Commands on backups that are killed in the middle, and gone on with.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::{ports, scale, workspace};

use crate::lifecycle::create;
use crate::operator::{admin, on, text};
use crate::restored::{Restored, process_on, restore, restoring};

/// Starts a command and kills it as soon as it has written anything; says how much.
async fn killed_once_it_writes(line: &[&str], written: impl Fn() -> Result<u64>) -> Result<u64> {
    let mut command = Command::new(workspace::admin()?);
    let mut child = command.args(line).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let found = wait::until("it has written something", PATIENCE, || async {
        let bytes = written()?;
        ensure!(bytes > 0, "nothing yet");
        Ok(bytes)
    })
    .await?;
    ensure!(child.try_wait()?.is_none(), "it ended before it could be killed");
    child.kill()?;
    child.wait()?;
    Ok(found)
}

/// What is half restored is no node, and is replaced when the restore is repeated.
async fn restored_after_an_interruption(cluster: &Cluster, backup: &Path) -> Result<()> {
    let (data_dir, address, kek) = (cluster.scratch().join("half"), ports::free()?, cluster.kek_file());
    let mut line = restoring(backup, &data_dir, address, Some(&kek));
    line.extend(["--rate".to_owned(), scale::pick("2MiB/s", "64MiB/s").to_owned()]);
    let line: Vec<&str> = line.iter().map(String::as_str).collect();
    let snapshots = data_dir.join("groups/1/snapshots");
    let written = || Ok(std::fs::read_dir(&snapshots)?.count() as u64);
    killed_once_it_writes(&line, written).await?;
    let process = process_on(cluster, &data_dir, address, "half")?;
    process.start()?;
    let refused = process.exit(PATIENCE).await?;
    ensure!(refused.code() == Some(3), "{}", process.tail());
    ensure!(process.tail().contains("RestoreUnfinished"), "{}", process.tail());
    let resync = ["encryption", "resync-sidecar", "--data-dir", text(&data_dir)];
    admin(&resync).await?.refused(2, "NoDataDir")?;
    let restored = Restored::of(cluster, backup, "half").await?;
    let leader = cluster.node(cluster.leader(PATIENCE).await?).client();
    let (found, content) =
        (restored.client.scan_all(Linearizable).await?, leader.scan_all(Linearizable).await?);
    ensure!(found == content, "{} pairs instead of {}", found.len(), content.len());
    restored.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_interrupted_goes_on_where_it_was() -> Result<()> {
    let cluster = Plan::new("interrupted-backup").encrypted().start().await?;
    let leader = cluster.node(cluster.leader(PATIENCE).await?).client();
    leader.enable_storage().await?;
    for number in 0..scale::pick(64, 4096) {
        let value: Vec<u8> = (0..64 << 10).map(|_| rand::random()).collect();
        leader.put(format!("large/{number}").into(), value.into(), Bytes::new()).await?;
    }
    let dir = cluster.scratch().join("interrupted");
    let part = cluster.scratch().join("interrupted.partial/group-1.snap");
    let endpoints: Vec<String> = cluster.nodes().iter().map(|node| node.address.to_string()).collect();
    let line = ["backup", "create", text(&dir), "--rate", "256KiB/s", "--endpoint", &endpoints.join(",")];
    let fetched = killed_once_it_writes(&line, || Ok(std::fs::metadata(&part)?.len())).await?;
    ensure!(!dir.exists(), "what is not whole has no name");
    on(&cluster, &["backup", "create", text(&dir)]).await?.refused(3, "BackupThere")?;
    on(&cluster, &["backup", "create", text(&dir), "--resume"]).await?.with(0)?;
    let told = admin(&["backup", "verify", text(&dir)]).await?.with(0)?;
    let whole: u64 = told["data"]["bytes"].as_str().context("no size")?.parse()?;
    ensure!(fetched < whole, "{fetched} of {whole} bytes were there before");
    ensure!(!part.exists());
    on(&cluster, &["backup", "create", text(&dir)]).await?.refused(3, "BackupThere")?;
    // What it was to go on with is of another moment by now.
    let other = cluster.scratch().join("other");
    on(&cluster, &["backup", "create", text(&other), "--resume"]).await?.refused(3, "NothingToResume")?;
    println!("{fetched} of {whole} bytes before the interruption");
    restored_after_an_interruption(&cluster, &dir).await?;
    speeds(&cluster, whole).await?;
    cluster.finish().await
}

/// How fast it goes on this machine, the start of the programs included.
async fn speeds(cluster: &Cluster, bytes: u64) -> Result<()> {
    let mib = bytes as f64 / f64::from(1 << 20);
    let begun = Instant::now();
    let dir = create(cluster, "timed").await?;
    let made = begun.elapsed().as_secs_f64();
    admin(&["backup", "verify", text(&dir)]).await?.with(0)?;
    let verified = begun.elapsed().as_secs_f64() - made;
    let target = cluster.scratch().join("timed-restored");
    restore(&dir, &target, ports::free()?, Some(&cluster.kek_file())).await?.with(0)?;
    let restored = begun.elapsed().as_secs_f64() - made - verified;
    let rates = [made, verified, restored].map(|seconds| mib / seconds);
    println!("{mib:.1} MiB: create {:.1}, verify {:.1}, restore {:.1} MiB/s", rates[0], rates[1], rates[2]);
    Ok(())
}
