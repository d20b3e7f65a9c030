//! Snapshots that are asked for at the same moment never leave a hole behind: whatever the log no longer
//! holds is in the snapshot that is kept.

use anyhow::{Result, ensure};
use elastickv_tests::cluster::{Plan, control_group};
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::workload::{Load, Writers};
use elastickv_tests::{bulk::Bulk, scale, turn};
use futures_util::future::try_join_all;

const AT_ONCE: usize = 6;
/// So that building takes long enough for others to be asked for meanwhile.
const MIB: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_asked_for_at_once_leave_no_hole_before_the_log() -> Result<()> {
    let _turn = turn::take().await?;
    let cluster = Plan::new("snapshots").nodes(1).setting("snapshot-entries", 0).start().await?;
    let node = cluster.node(cluster.leader(PATIENCE).await?);
    Bulk::of_mib(MIB).write(&node.client()).await?;
    let writers = Writers::start(&[node.new_client()?], Load { writers: 8, ..Load::default() });
    let clients = (0..AT_ONCE).map(|_| node.new_client()).collect::<Result<Vec<_>>>()?;
    for round in 0..scale::pick(10, 100) {
        let taken = try_join_all(clients.iter().map(|client| client.snapshot(true))).await?;
        let described = node.client().describe().await?;
        let group = control_group(&described)?;
        let (first, kept) = (group.first_log_index, group.snapshot_index);
        ensure!(first <= kept + 1, "round {round}: the log begins at {first}, the snapshot ends at {kept}");
        let newest = taken.iter().map(|taken| taken.index).max().unwrap_or_default();
        ensure!(kept >= newest, "round {round}: {newest} was taken, and {kept} is kept");
    }
    let history = writers.finish().await;
    println!("{} writes acknowledged meanwhile", history.acknowledged());
    cluster.finish().await
}
