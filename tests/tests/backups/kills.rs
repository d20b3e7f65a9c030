//! Making a sidecar anew is killed at every call.
//!
//! The calls that concern the sidecar are counted on the real files of a stopped node, with a layer above them that stops
//! after so many; all others read. Whatever is left of the sidecar's directory then, a repeat finishes; and from what differs, a node starts, reads
//! everything, and repeats no nonce, although every salt is the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use elastickv_offline::{DataDir, OwnState, Replicated, ResyncError};
use elastickv_sys::failing::{FailingFiles, Rule};
use elastickv_sys::files::{SharedFiles, SystemFiles};
use elastickv_sys::random::SystemRandom;
use elastickv_tests::cluster::{Cluster, Node};
use elastickv_tests::links::Place;
use elastickv_tests::scale;
use elastickv_tests::wait::PATIENCE;

use crate::resync::{
    alone, leader_of_the_running, reads_everything, resync, resync_by, sealed_cluster, sidecar,
    while_others_are_ended, write,
};

const SIDECAR_DIR: &str = "/encryption";

/// What the directory of the sidecar holds.
type Content = BTreeMap<String, Vec<u8>>;

fn content(node: &Node) -> Result<Content> {
    let mut found = Content::new();
    for entry in fs::read_dir(dir(node))? {
        let entry = entry?;
        found.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    Ok(found)
}

fn lay(node: &Node, content: &Content) -> Result<()> {
    let dir = dir(node);
    fs::remove_dir_all(&dir)?;
    fs::create_dir(&dir)?;
    Ok(content.iter().try_for_each(|(name, bytes)| fs::write(dir.join(name), bytes))?)
}

fn dir(node: &Node) -> std::path::PathBuf {
    node.data_dir.join("encryption")
}

/// Where a resync learns what the cluster decided.
#[derive(Clone, Debug)]
enum Way {
    Own,
    Leader(Box<Replicated>),
}

impl Way {
    /// The epochs of the new sidecar.
    fn run(&self, files: SharedFiles, data_dir: &Path, own: &OwnState) -> Result<Vec<u16>> {
        let held = DataDir::take(files, data_dir)?;
        let leader = match self {
            Way::Own => None,
            Way::Leader(replicated) => Some(((**replicated).clone(), BTreeMap::new())),
        };
        let done = held.resync(own, leader, SystemRandom::shared())?;
        Ok(done.sidecar.sidecar().keys.values().map(|key| key.epoch.get()).collect())
    }

    /// Every content of the directory that a kill leaves, in the order of the calls, and how many calls there were.
    fn killed_everywhere(&self, node: &Node, own: &OwnState, lost: &Content) -> Result<(Vec<Content>, u64)> {
        let (mut left, mut seen) = (Vec::new(), BTreeSet::new());
        for calls in 0.. {
            lay(node, lost)?;
            let (files, failures) = FailingFiles::over(SystemFiles::shared());
            failures.add(Rule::crash_after(calls).on(SIDECAR_DIR));
            let ended = self.run(files, &node.data_dir, own);
            let found = content(node)?;
            if seen.insert(found.clone()) {
                left.push(found);
            }
            match ended {
                Ok(_) => return Ok((left, calls)),
                Err(_) => ensure!(failures.struck() > 0, "it failed for another reason"),
            }
        }
        unreachable!("no resync has that many calls")
    }
}

fn own_state(node: &Node) -> Result<OwnState, ResyncError> {
    DataDir::take(SystemFiles::shared(), &node.data_dir).expect("it is stopped").own_state()
}

/// Some of what differs: the first and the last, or all.
fn choice(left: &[Content]) -> Vec<&Content> {
    let some = scale::pick(2, left.len()).min(left.len()).max(2);
    (0..some).map(|number| &left[number * (left.len() - 1) / (some - 1)]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resync_that_is_killed_at_any_call_is_finished_by_a_repeat() -> Result<()> {
    let (cluster, place) = sealed_cluster("killed-resync").await?;
    let node = cluster.node(place);
    let mut round = 0;
    for from_leader in [false, true] {
        ensure!(cluster.terminate(place).await?.success());
        let mut own = own_state(node)?;
        let mut way = Way::Own;
        if from_leader {
            let replicated = own.replicated().context("its store knows of no keys")?.0.clone();
            way = Way::Leader(Box::new(replicated));
            drop(own);
            ensure!(node.remove_state()? == 1);
            own = own_state(node)?;
        }
        // A damaged one: it is kept aside as well.
        let whole = fs::read(sidecar(node))?;
        let used = whole_epochs(&whole)?;
        let lost = Content::from([("keys.json".to_owned(), whole[..whole.len() / 2].to_vec())]);
        let (left, calls) = way.killed_everywhere(node, &own, &lost)?;
        for found in &left {
            lay(node, found)?;
            let epochs = way.run(SystemFiles::shared(), &node.data_dir, &own)?;
            ensure!(epochs.iter().zip(&used).all(|(now, used)| now > used), "{epochs:?} after {used:?}");
        }
        println!("from the leader: {from_leader}; {calls} calls leave {} contents", left.len());
        ensure!(left.len() > 4, "only {} contents differ", left.len());
        drop(own);
        for found in choice(&left) {
            if node.runs() {
                ensure!(cluster.terminate(place).await?.success());
            }
            round += 1;
            starts_from(&cluster, place, found, from_leader, round).await?;
        }
    }
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// The operator repeats the command, and starts the node: first while nobody could object to what it seals.
async fn starts_from(
    cluster: &Cluster,
    place: Place,
    found: &Content,
    from_leader: bool,
    round: usize,
) -> Result<()> {
    let node = cluster.node(place);
    lay(node, found)?;
    if from_leader {
        node.remove_state()?;
        leader_of_the_running(cluster).await?;
        resync_by(cluster, node).await?.with(0)?;
    } else {
        resync(node).await?.with(0)?;
    }
    while_others_are_ended(cluster, place, async || alone(cluster, place).await).await?;
    cluster.settle(PATIENCE).await?;
    write(cluster, round).await?;
    reads_everything(node, round).await
}

fn whole_epochs(sidecar: &[u8]) -> Result<Vec<u16>> {
    let told: serde_json::Value = serde_json::from_slice(sidecar)?;
    let keys = told["keys"].as_object().context("no keys")?;
    Ok(keys.values().filter_map(|key| key["local_epoch"].as_u64()?.try_into().ok()).collect())
}
