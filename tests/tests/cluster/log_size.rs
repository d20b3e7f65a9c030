//! A log of few and large entries does not grow until there are many of them.

use anyhow::{Result, ensure};
use elastickv_tests::bulk::Bulk;
use elastickv_tests::cluster::{Plan, control_group};
use elastickv_tests::turn;
use elastickv_tests::wait::{self, PATIENCE};

const MIB: u64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_large_entries_is_purged_by_its_size() -> Result<()> {
    let _turn = turn::take().await?;
    let plan = Plan::new("log-size").nodes(1).setting("snapshot-log-size", "1MiB");
    let cluster = plan.start().await?;
    let node = cluster.node(cluster.leader(PATIENCE).await?);
    Bulk::of_mib(MIB).write(&node.client()).await?;
    wait::until("a snapshot that nobody asked for", PATIENCE, || async {
        let described = node.client().describe().await?;
        let group = control_group(&described)?;
        let (first, applied) = (group.first_log_index, group.applied_index);
        ensure!(group.snapshot_index > 0 && first > 1, "the log of {applied} entries begins at {first}");
        println!("of {applied} entries those from {first} on are kept");
        Ok(())
    })
    .await?;
    cluster.finish().await
}
