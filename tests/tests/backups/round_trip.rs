//! Backups of every stage, restored beside the cluster that they are of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_offline::backup::Manifest;
use elastickv_proto::{DekPurpose, v1};
use elastickv_sys::files::SystemFiles;
use elastickv_tests::canaries::{Canary, Search};
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::{ports, scale, workspace};

use crate::operator::{admin, on, text};
use crate::restored::{Restored, restore};

const STAGES: [&str; 4] = ["clear", "rows-sealed", "log-sealed", "rotated"];
const KEYS: usize = 60;

async fn write(client: &Client, prefix: &str) -> Result<()> {
    for number in 0..KEYS {
        let key = Bytes::from(format!("{prefix}/{number:03}"));
        let value = Bytes::from(format!("{prefix} {number} ").repeat(1 + number));
        client.put(key.clone(), "written over".into(), Bytes::new()).await?;
        client.put(key.clone(), value, Bytes::new()).await?;
        if number % 5 == 0 {
            client.delete(key, Bytes::new()).await?;
        }
    }
    Ok(())
}

pub async fn create(cluster: &Cluster, name: &str) -> Result<PathBuf> {
    let dir = cluster.scratch().join(name);
    on(cluster, &["backup", "create", text(&dir), "--expect-cluster", "test"]).await?.with(0)?;
    Ok(dir)
}

async fn keys_of(client: &Client, wanted: impl Fn(v1::KeyState) -> bool) -> Result<BTreeSet<u32>> {
    let status = client.encryption_status().await?;
    Ok(status.keys.iter().filter(|key| wanted(key.state())).map(|key| key.key_id).collect())
}

fn sealing(state: v1::KeyState) -> bool {
    matches!(state, v1::KeyState::Active | v1::KeyState::Retiring | v1::KeyState::Installed)
}

/// Brings the cluster to the next stage.
async fn advance(client: &Client, stage: &str) -> Result<()> {
    match stage {
        "rows-sealed" => drop(client.enable_storage().await?),
        "log-sealed" => drop(client.enable_raft().await?),
        "rotated" => {
            client.rotate(DekPurpose::Storage).await?;
            client.rotate(DekPurpose::Raft).await?;
        }
        _ => {}
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_of_every_stage_read_back_and_no_key_seals_for_two_clusters() -> Result<()> {
    let cluster = Plan::new("backups").nodes(1).encrypted().start().await?;
    let source = cluster.nodes()[0].client();
    let mut taken = Vec::new();
    for stage in STAGES {
        advance(&source, stage).await?;
        write(&source, stage).await?;
        let dir = create(&cluster, stage).await?;
        let uri = kek::uri(&cluster.kek_file());
        let told = admin(&["backup", "verify", text(&dir), "--kek", &uri]).await?.with(0)?;
        let clear = told["data"]["clear_rows"].as_str() != Some("0");
        ensure!(clear == (stage == "clear"), "{stage}: {}", told["data"]);
        taken.push((stage, dir, source.scan_all(Linearizable).await?));
    }
    for (stage, dir, content) in &taken {
        let begun = Instant::now();
        let restored = Restored::of(&cluster, dir, &format!("restored-{stage}")).await?;
        let took = begun.elapsed();
        let found = restored.client.scan_all(Linearizable).await?;
        ensure!(found == *content, "{stage}: {} pairs instead of {}", found.len(), content.len());
        side_by_side(&cluster, &source, &restored, stage).await?;
        println!("{stage}: {} pairs, serving after {took:.1?}", found.len());
    }
    cluster.finish().await
}

/// Both write on. What one of them seals under, the other does not.
async fn side_by_side(cluster: &Cluster, source: &Client, restored: &Restored, stage: &str) -> Result<()> {
    let canaries: Vec<Canary> = (0..20).map(|_| rand::random()).collect();
    for (number, canary) in canaries.iter().enumerate() {
        let (key, value) = (Bytes::from(format!("after/{number}")), Bytes::copy_from_slice(canary));
        restored.client.put(key.clone(), value, Bytes::new()).await?;
        source.put(key, "of the source".into(), Bytes::new()).await?;
    }
    let ours = keys_of(&restored.client, sealing).await?;
    let theirs = keys_of(source, |_| true).await?;
    ensure!(ours.is_disjoint(&theirs), "{stage}: {ours:?} and {theirs:?}");
    ensure!(ours.len() == if stage == "clear" { 0 } else { 2 }, "{stage}: {ours:?}");
    restored.restart().await?;
    for (number, canary) in canaries.iter().enumerate() {
        let found = restored.client.get(format!("after/{number}").into(), Linearizable).await?;
        ensure!(found.as_deref() == Some(canary), "{stage}: after/{number} is gone");
    }
    let again = cluster.scratch().join(format!("again-{stage}"));
    let address = format!("{}", restored.address());
    admin(&["backup", "create", text(&again), "--endpoint", &address]).await?.with(0)?;
    let sealed: BTreeSet<u32> = manifest(&again)?.keys.iter().map(|key| key.key_id).collect();
    ensure!(sealed.is_disjoint(&theirs), "{stage}: {sealed:?} are keys of the source");
    restored.stop().await?;
    let found = Search::of(&canaries)?.below(&restored.data_dir)?;
    let clear = matches!(stage, "clear" | "rows-sealed");
    ensure!((found.canaries() > 0) == clear, "{stage}: {found}");
    Ok(())
}

pub fn manifest(dir: &Path) -> Result<Manifest> {
    Ok(Manifest::read(&SystemFiles, dir)?)
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
    let mut child = Command::new(workspace::admin()?)
        .args(["backup", "create", text(&dir), "--rate", "256KiB/s", "--endpoint", &endpoints.join(",")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let fetched = wait::until("a piece is fetched", PATIENCE, || async {
        let len = std::fs::metadata(&part)?.len();
        ensure!(len > 0, "nothing yet");
        Ok(len)
    })
    .await?;
    child.kill()?;
    child.wait()?;
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
