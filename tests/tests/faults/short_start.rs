//! A start that finds no room: it waits where everybody sees it, ends when it is told to, and goes on by
//! itself when there is room.

use std::os::unix::fs::symlink;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::process::ending;
use elastickv_tests::tmpfs::Tmpfs;
use elastickv_tests::turn;
use elastickv_tests::wait::{self, PATIENCE};

const DISK_BYTES: u64 = 512 << 20;
/// The store leaves half of it; the log goes on.
const RESERVE: &str = "64MiB";
const LEFT_TO_THE_LOG: u64 = 16 << 20;
const SAID: &str = "the start is waiting for room on the disk";

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_room_waits_visibly_and_ends_when_told_to() -> Result<()> {
    let _turn = turn::take().await?;
    let disk = Tmpfs::mount("short-start", DISK_BYTES)?;
    let cluster = Plan::new("short-start").nodes(1).storage_reserve(RESERVE).prepare().await?;
    let place = cluster.places()[0];
    let node = cluster.node(place);
    symlink(disk.dir(), &node.data_dir)?;
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    node.client().put("colour".into(), "blue".into(), Bytes::new()).await?;
    leave_an_entry_unapplied(&cluster, &disk, place).await?;

    cluster.start(place)?;
    waits_visibly(&cluster, place).await?;
    let status = cluster.terminate(place).await?;
    ensure!(status.success(), "it ended with {} when asked to end", ending(status));

    cluster.start(place)?;
    waits_visibly(&cluster, place).await?;
    disk.relieve()?;
    cluster.settle(PATIENCE).await?;
    let found = node.client().get("colour".into(), Linearizable).await?;
    ensure!(found.as_deref() == Some(b"blue".as_slice()), "what was acknowledged is there");
    cluster.finish().await
}

/// Kills a node that has committed an entry, that of its new term, and has no room to apply it.
async fn leave_an_entry_unapplied(cluster: &Cluster, disk: &Tmpfs, place: Place) -> Result<()> {
    ensure!(cluster.terminate(place).await?.success());
    disk.crowd(LEFT_TO_THE_LOG)?;
    cluster.start(place)?;
    wait::until("an entry to be committed and not applied", PATIENCE, || async {
        let told = cluster.node(place).client().status().await?;
        ensure!(told.fsm_pending > 0, "{} of {} are applied", told.applied_index, told.commit_index);
        Ok(())
    })
    .await?;
    cluster.kill(&[place]).map(|_| ())
}

/// Demands of a node that was just started that it tells by every way what it waits for.
pub async fn waits_visibly(cluster: &Cluster, place: Place) -> Result<()> {
    let node = cluster.node(place);
    wait::until("the start to wait for room", PATIENCE, || async {
        if let Some(status) = node.process.ended() {
            let text = format!("it ended with {}\n{}", ending(status), node.process.tail());
            bail!(wait::Hopeless(text));
        }
        let page = node.http("/readyz").await?;
        let told = page.body.contains("Starting: ") && page.body.contains("Waiting: waiting for room");
        ensure!(page.status == 503 && told, "it says {page:?}");
        Ok(())
    })
    .await?;
    let alive = node.http("/healthz").await?;
    ensure!(alive.status == 200, "a node that waits lives: {alive:?}");
    let log = node.process.log();
    let (_, life) = log.rsplit_once("---- start ----").context("the log has no start")?;
    match node.new_client()?.describe().await {
        Err(refusal) => {
            ensure!(refusal.is("NotReady") && refusal.message.contains("room"), "it answers {refusal}");
            ensure!(life.matches(SAID).count() == 1, "it says so once:\n{life}");
        }
        // How far the log is committed is noted without a sync of its own. Where the kill came before that, the
        // start had nothing to apply, and the node that waits is one that has started.
        Ok(told) => ensure!(!told.ready, "it is ready although it waits"),
    }
    Ok(())
}
