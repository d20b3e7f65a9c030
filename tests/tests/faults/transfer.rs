//! Snapshots on their way to a node that joins late.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use elastickv_tests::client::CONTROL_GROUP;
use elastickv_tests::cluster::{Cluster, control_group};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};

/// A receiver syncs what it received this often, and goes on behind the last such place.
pub const CHUNK: u64 = 1 << 20;
const INCOMING: &str = ".incoming";
const FINISHED: &str = ".snap";
const LOOK: Duration = Duration::from_millis(1);
/// A whole snapshot, sent, checked and installed, on a machine that is busy.
const TRANSFER: Duration = Duration::from_secs(240);

/// Whoever leads from here on has to send a snapshot.
pub async fn purge_everywhere(cluster: &Cluster) -> Result<()> {
    cluster.settle(PATIENCE).await?;
    for node in cluster.nodes() {
        let taken = node.client().snapshot(true).await?;
        ensure!(taken.first_log_index > taken.index, "{} keeps its log", node.name);
    }
    Ok(())
}

/// Waits until so much has arrived of another snapshot than `but`. A transfer may be over soon, so this
/// looks often and at nothing but the directory.
pub async fn until_received(cluster: &Cluster, late: Place, but: Option<&Part>, bytes: u64) -> Result<Part> {
    let begun = Instant::now();
    loop {
        let part = part_of(cluster, late)?.filter(|part| but.is_none_or(|but| but.name != part.name));
        match part {
            Some(part) if part.name.ends_with(FINISHED) => {
                bail!("all of {} arrived before the kill", part.name)
            }
            Some(part) if part.bytes >= bytes => return Ok(part),
            part if begun.elapsed() > TRANSFER => {
                let there = part.map_or(0, |part| part.bytes);
                bail!("waited {TRANSFER:?} for {bytes} bytes, and {there} arrived\n{}", cluster.tails())
            }
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}

/// A file of a node's snapshot directory.
#[derive(Debug)]
pub struct Part {
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
}

/// The snapshot that a node has in its directory, or the part of one.
pub fn part_of(cluster: &Cluster, place: Place) -> Result<Option<Part>> {
    let dir = cluster.node(place).data_dir.join("groups").join(CONTROL_GROUP.to_string()).join("snapshots");
    let Ok(entries) = fs::read_dir(&dir) else { return Ok(None) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(INCOMING) || name.ends_with(FINISHED) {
            return Ok(entry.metadata().ok().map(|about| Part {
                name,
                path: entry.path(),
                bytes: about.len(),
            }));
        }
    }
    Ok(None)
}

/// Waits until a node has installed a snapshot and is near the leader.
pub async fn catch_up(cluster: &Cluster, late: Place) -> Result<()> {
    wait::until("the learner to catch up", TRANSFER, || async {
        let own = control_group(&cluster.node(late).client().describe().await?)?;
        let leader = cluster.leader_among(&cluster.places(), PATIENCE).await?;
        let leading = control_group(&cluster.node(leader).client().describe().await?)?;
        let near = own.snapshot_index > 0 && own.applied_index + 1_000 >= leading.committed_index;
        ensure!(near, "it has applied {} of {}", own.applied_index, leading.committed_index);
        Ok(())
    })
    .await
}
