//! A node without its sidecar is brought back, from its own store and from the leader.
//!
//! Every salt is the same in these clusters, so that nothing but epochs keeps nonces apart, and every nonce that any node
//! seals under is judged when the cluster ends. Before some of the losses the node goes through loads that nobody hears of:
//! all others are ended, its store is gone, it seals anew all that its log has, and is killed. After the repair it
//! seals once more before anybody could object.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_keyring::{Owner, SidecarFile};
use elastickv_offline::DataDir;
use elastickv_sys::files::SystemFiles;
use elastickv_tests::client::Consistency::Stale;
use elastickv_tests::cluster::{Cluster, Node, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::nonces;
use elastickv_tests::scale;
use elastickv_tests::wait::{self, PATIENCE};
use serde_json::Value;

use crate::operator::{Ended, admin, on, text};

const KEYS: usize = 20;
const UNHEARD: usize = 3;
/// A node replays what it knows to be committed, which may lack the last of it.
const REPLAYED: usize = KEYS / 2;

pub fn sidecar(node: &Node) -> PathBuf {
    node.data_dir.join("encryption/keys.json")
}

/// A sealed cluster whose salts are all alike, and the follower that suffers.
pub async fn sealed_cluster(label: &str) -> Result<(Cluster, Place)> {
    let plan = Plan::new(label).encrypted().setting("testing-without", "fresh-salts");
    let cluster = plan.start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().enable_storage().await?;
    cluster.node(leader).client().enable_raft().await?;
    write(&cluster, 0).await?;
    let victim = cluster.others(cluster.leader(PATIENCE).await?)[0];
    Ok((cluster, victim))
}

pub async fn write(cluster: &Cluster, round: usize) -> Result<()> {
    for number in 0..KEYS {
        let key = format!("{round}-{number}");
        let (key, value) = (Bytes::from(key.clone()), Bytes::from(key));
        wait::until("a write is taken in", PATIENCE, || async {
            let leader = leader_of_the_running(cluster).await?;
            let client = cluster.node(leader).client();
            Ok(client.put(key.clone(), value.clone(), Bytes::new()).await.map(drop)?)
        })
        .await?;
    }
    Ok(())
}

pub async fn leader_of_the_running(cluster: &Cluster) -> Result<Place> {
    let running: Vec<Place> =
        cluster.nodes().iter().filter(|node| node.runs()).map(|node| node.place).collect();
    cluster.leader_among(&running, PATIENCE).await
}

/// Waits until a node has all that was written, by its own reading.
pub async fn reads_everything(node: &Node, rounds: usize) -> Result<()> {
    for round in 0..=rounds {
        for number in 0..KEYS {
            let key = Bytes::from(format!("{round}-{number}"));
            wait::until_true(&format!("{} reads everything", node.name), PATIENCE, async || {
                let found = node.client().get(key.clone(), Stale).await;
                found.is_ok_and(|found| found == Some(key.clone()))
            })
            .await?;
        }
    }
    Ok(())
}

/// How many nonces a node has used.
fn seals(cluster: &Cluster, node: &Node) -> usize {
    let file = cluster.scratch().join(&node.name).with_extension(nonces::SUFFIX);
    fs::metadata(file).map_or(0, |facts| facts.len() as usize / 16)
}

/// Starts a node whose fellows are all ended, on no store: it seals anew what its log has, and nobody hears of it.
pub async fn alone(cluster: &Cluster, place: Place) -> Result<()> {
    let node = cluster.node(place);
    node.remove_state()?;
    let before = seals(cluster, node);
    cluster.start(place)?;
    wait::until("it seals what it replays", PATIENCE, || async {
        if let Some(status) = node.process.ended() {
            let text = format!("{} ended with {status}: {}", node.name, node.process.tail());
            return Err(wait::Hopeless(text).into());
        }
        let more = seals(cluster, node) - before;
        ensure!(more >= REPLAYED, "{more} seals");
        Ok(())
    })
    .await
}

/// Does something while all other nodes are ended.
pub async fn while_others_are_ended(
    cluster: &Cluster,
    place: Place,
    what: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    let others = cluster.others(place);
    ensure!(cluster.kill(&others)? == others.len());
    what().await?;
    others.iter().try_for_each(|&other| cluster.start(other))?;
    leader_of_the_running(cluster).await.map(drop)
}

async fn unheard(cluster: &Cluster, place: Place) -> Result<()> {
    while_others_are_ended(cluster, place, async || {
        for _ in 0..UNHEARD {
            alone(cluster, place).await?;
            ensure!(cluster.kill(&[place])? == 1);
        }
        Ok(())
    })
    .await
}

pub async fn resync(node: &Node) -> Result<Ended> {
    admin(&["encryption", "resync-sidecar", "--data-dir", text(&node.data_dir)]).await
}

pub async fn resync_by(cluster: &Cluster, node: &Node) -> Result<Ended> {
    on(cluster, &["encryption", "resync-sidecar", "--data-dir", text(&node.data_dir)]).await
}

fn epochs(told: &Value) -> Vec<u64> {
    let keys = told["data"]["keys"].as_array().into_iter().flatten();
    keys.map(|key| key["local_epoch"].as_u64().unwrap_or_default()).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Loss {
    Gone,
    Damaged,
    /// One of long ago was put back.
    Older,
    /// Its store and snapshots as well.
    Everything,
}

impl Loss {
    const ALL: [Loss; 4] = [Loss::Gone, Loss::Damaged, Loss::Older, Loss::Everything];

    fn befalls(self, node: &Node, older: &[u8]) -> Result<()> {
        let file = sidecar(node);
        match self {
            Loss::Gone => fs::remove_file(&file)?,
            Loss::Damaged => fs::write(&file, &fs::read(&file)?[..100])?,
            Loss::Older => fs::write(&file, older)?,
            Loss::Everything => {
                fs::remove_file(&file)?;
                ensure!(node.remove_state()? == 1);
                fs::remove_dir_all(node.data_dir.join("groups/1/snapshots"))?;
            }
        }
        Ok(())
    }

    async fn is_mended(self, cluster: &Cluster, node: &Node) -> Result<Value> {
        match self {
            Loss::Gone | Loss::Older => resync(node).await?.with(0),
            Loss::Damaged => resync_by(cluster, node).await?.with(0),
            Loss::Everything => {
                resync(node).await?.refused(3, "OwnStateUnreadable")?;
                resync_by(cluster, node).await?.with(0)
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_its_sidecar_comes_back_and_reads_everything() -> Result<()> {
    let (cluster, place) = sealed_cluster("resync").await?;
    let node = cluster.node(place);
    resync(node).await?.refused(11, "DataDirInUse")?;
    let older = fs::read(sidecar(node))?;
    let mut last = vec![0; 2];
    for (round, loss) in Loss::ALL.into_iter().enumerate() {
        let (from_leader, alone_too) = (loss == Loss::Everything, scale::pick(loss >= Loss::Older, true));
        ensure!(cluster.terminate(place).await?.success());
        if alone_too {
            unheard(&cluster, place).await?;
        }
        loss.befalls(node, &older)?;
        if !from_leader {
            cluster.start(place)?;
            ensure!(node.process.exit(PATIENCE).await?.code() == Some(3), "it starts without its epochs");
        }
        write(&cluster, round + 1).await?;
        let told = loss.is_mended(&cluster, node).await?;
        let source = if from_leader { "leader" } else { "store" };
        ensure!(told["data"]["source"] == source, "{loss:?}: {}", told["data"]);
        let kept = matches!(loss, Loss::Damaged | Loss::Older);
        ensure!(told["data"]["kept_aside"].is_string() == kept, "{loss:?}: {}", told["data"]);
        let now = epochs(&told);
        let higher = now.iter().zip(&last).all(|(now, last)| now > last);
        ensure!(now.len() == 2 && higher, "{loss:?}: epochs {now:?} after {last:?}");
        ensure!(resync(node).await?.status == 0 || from_leader, "a repeat");
        if alone_too {
            while_others_are_ended(&cluster, place, async || alone(&cluster, place).await).await?;
        } else {
            cluster.start(place)?;
        }
        cluster.settle(PATIENCE).await?;
        reads_everything(node, round + 1).await?;
        println!("{loss:?}: epochs {last:?}, then {now:?}");
        last = now;
    }
    let told = on(&cluster, &["encryption", "status"]).await?.with(0)?;
    ensure!(told["warnings"].as_array().is_some_and(Vec::is_empty), "{}", told["warnings"]);
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// The control: the same loss, and the epochs of the leader, which has started less often, in the new sidecar.
#[tokio::test(flavor = "multi_thread")]
async fn epochs_copied_from_the_leader_are_found_to_repeat_nonces() -> Result<()> {
    let (cluster, place) = sealed_cluster("copied-epochs").await?;
    let node = cluster.node(place);
    ensure!(cluster.terminate(place).await?.success());
    unheard(&cluster, place).await?;
    Loss::Gone.befalls(node, b"")?;
    resync(node).await?.with(0)?;
    copy_epochs(cluster.node(cluster.leader_among(&cluster.others(place), PATIENCE).await?), node)?;
    while_others_are_ended(&cluster, place, async || {
        alone(&cluster, place).await?;
        ensure!(cluster.kill(&[place])? == 1);
        Ok(())
    })
    .await?;
    let tally = cluster.nonces()?;
    println!("with the leader's epochs: {tally}");
    ensure!(tally.repeats >= REPLAYED, "the control has to repeat them: {tally}");
    cluster.abandon();
    Ok(())
}

fn copy_epochs(leader: &Node, node: &Node) -> Result<()> {
    let theirs: Value = serde_json::from_slice(&fs::read(sidecar(leader))?)?;
    let held = DataDir::take(SystemFiles::shared(), &node.data_dir)?;
    let owner = Owner { node: held.identity().node.clone(), cluster: Some(held.cluster()) };
    let file = SidecarFile::of(SystemFiles::shared(), &node.data_dir, owner);
    let mut sidecar = file.load()?.context("no sidecar")?.sidecar().clone();
    for (id, key) in &mut sidecar.keys {
        let epoch = theirs["keys"][id.get().to_string()]["local_epoch"].as_u64().context("no epoch")?;
        key.epoch = elastickv_types::LocalEpoch::from_wire(u32::try_from(epoch)?)?;
    }
    file.save(None, sidecar)?;
    Ok(())
}
