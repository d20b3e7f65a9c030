//! A snapshot that is damaged where it lies, and one that is damaged on its way, never get into a store.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use elastickv_tests::bulk::Bulk;
use elastickv_tests::client::Consistency;
use elastickv_tests::cluster::Plan;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;

use super::transfer::{catch_up, part_of, purge_everywhere, until_received};

const MIB: u64 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn damaged_snapshots_are_sent_by_nobody_and_installed_by_nobody() -> Result<()> {
    let _turn = turn::take().await?;
    let bulk = Bulk::of_mib(MIB);
    let mut cluster = Plan::new("damaged-transfer").nodes(1).setting("snapshot-entries", 0).start().await?;
    let (founders, leader) = (cluster.places(), cluster.leader(PATIENCE).await?);
    bulk.write(&cluster.node(leader).client()).await?;
    purge_everywhere(&cluster).await?;
    let kept = part_of(&cluster, leader)?.context("there is no snapshot")?;
    flip_a_bit(&kept.path, kept.bytes / 2)?;

    let late = cluster.add_waiting_node().await?;
    cluster.start(late)?;
    cluster.add_learner(&founders, late).await?;
    let part = until_received(&cluster, late, None, bulk.bytes() / 2).await?;
    ensure!(cluster.node(leader).process.log().contains("a damaged snapshot is built anew"), "it was sent");
    cluster.kill(&[late])?;
    flip_a_bit(&part.path, part.bytes / 4)?;
    cluster.start(late)?;
    catch_up(&cluster, late).await?;
    let leaders = cluster.node(leader).process.log();
    println!(
        "damaged transfer: {} bytes built anew, {} of them damaged on the way and sent anew",
        kept.bytes, part.bytes
    );
    bulk.check(&cluster.node(late).client().scan_all(Consistency::Stale).await?)?;
    cluster.digests_agree().await?;
    ensure!(leaders.matches("a damaged snapshot is built anew").count() == 1, "it was built more than once");
    let receivers = cluster.node(late).process.log();
    ensure!(receivers.contains("it is sent anew"), "the receiver took what had been damaged");
    cluster.finish().await
}

fn flip_a_bit(path: &Path, at: u64) -> Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at)?;
    Ok(file.write_all_at(&[byte[0] ^ 1], at)?)
}
