//! A change of voters is two entries. Whoever asked for it may go away between them, and so may the leader;
//! the change is finished all the same, and others can follow.

use std::time::Duration;

use anyhow::{Result, ensure};
use elastickv_proto as pb;
use elastickv_tests::cluster::{Cluster, Plan, control_group};
use elastickv_tests::links::{Link, Place};
use elastickv_tests::wait::{self, PATIENCE};

const IMPATIENCE: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_nobody_waits_for_is_finished() -> Result<()> {
    let (cluster, leader, removed, stays) = half_done("given-up").await?;
    cluster.links()?.heal();
    is_finished(&cluster, &[leader, stays], removed).await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_leader_died_is_finished_by_the_next() -> Result<()> {
    let (cluster, leader, removed, stays) = half_done("leader-gone").await?;
    cluster.kill(&[leader])?;
    cluster.links()?.heal();
    cluster.start(leader)?;
    is_finished(&cluster, &[leader, stays], removed).await?;
    cluster.finish().await
}

/// Asks for the removal of a voter while the only other one is out of reach: the first of the two entries is
/// in the log of those that are left and can not be committed. The caller gives up.
async fn half_done(name: &str) -> Result<(Cluster, Place, Place, Place)> {
    let cluster = Plan::new(name).with_links().start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let others = cluster.others(leader);
    let (removed, stays) = (others[0], others[1]);
    cluster.links()?.between(&[stays], &[leader, removed], Link::Silent);
    let id = cluster.node(removed).name.clone();
    let mut admin = cluster.node(leader).client().raft_admin();
    let request = pb::RaftAdminRemoveServerRequest { id, previous_index: 0 };
    let asked = tokio::time::timeout(IMPATIENCE, admin.remove_server(request)).await;
    ensure!(asked.is_err(), "the change was answered at once");
    let pending = cluster.node(leader).client().describe().await?;
    ensure!(control_group(&pending)?.membership_pending, "no change is under way");
    Ok((cluster, leader, removed, stays))
}

async fn is_finished(cluster: &Cluster, left: &[Place], removed: Place) -> Result<()> {
    let gone = &cluster.node(removed).name;
    wait::until("the change to be finished", PATIENCE, || async {
        for &place in left {
            let described = cluster.node(place).client().describe().await?;
            let group = control_group(&described)?;
            let listed = group.members.iter().any(|member| member.name == *gone);
            ensure!(!group.membership_pending, "{place:?} still changes");
            ensure!(!listed, "{place:?} still lists {gone}");
        }
        Ok(())
    })
    .await?;
    // What could not be made before: one more change.
    cluster.hand_over(left, left[1]).await?;
    cluster.remove(left, left[0]).await
}
