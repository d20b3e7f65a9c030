//! Changes of the membership that are refused leave no trace, whoever leads.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use elastickv_proto::RaftAdminAddLearnerRequest;
use elastickv_tests::client::Refusal;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};

/// More than any disk has free: a store that keeps so much in reserve applies nothing.
const ALL_OF_IT: &str = "--storage-reserve=1048576GiB";
/// Longer than a leader takes to refuse.
const ANSWER: Duration = Duration::from_secs(10);

/// Asks one node once to add another, against the membership with this index.
async fn add(cluster: &Cluster, at: Place, late: Place, previous_index: u64) -> Result<Option<Refusal>> {
    let node = cluster.node(late);
    let (id, address) = (node.name.clone(), node.advertised.to_string());
    let mut admin = cluster.node(at).client().raft_admin();
    let asked = admin.add_learner(RaftAdminAddLearnerRequest { id, address, previous_index });
    let answer = tokio::time::timeout(ANSWER, asked).await.context("the change is not answered")?;
    Ok(answer.err().map(Refusal::from))
}

async fn is_member(cluster: &Cluster, by: Place, who: Place) -> Result<bool> {
    let members = cluster.node(by).client().configuration().await?.members;
    Ok(members.iter().any(|member| member.id == cluster.node(who).name))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_hears_nothing_of_a_change_that_is_refused() -> Result<()> {
    let mut cluster = Plan::new("refused-change").nodes(1).start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let late = cluster.add_waiting_node().await?;
    cluster.start(late)?;
    cluster.answers(late, PATIENCE).await?;
    let found = cluster.node(leader).client().configuration().await?.configuration_index;
    let refusal = add(&cluster, leader, late, found + 1).await?.context("a wrong index was taken")?;
    ensure!(refusal.is("MembershipConflict"), "it was refused as {refusal}");
    let told = cluster.answers(late, PATIENCE).await?;
    ensure!(told.cluster_id.is_empty(), "the node was bound to {} by a refused change", told.cluster_name);
    if let Some(refusal) = add(&cluster, leader, late, found).await? {
        bail!("the right index was refused: {refusal}");
    }
    cluster.settle(PATIENCE).await?;
    ensure!(!cluster.answers(late, PATIENCE).await?.cluster_id.is_empty());
    cluster.finish().await
}

/// Which names are used up is applied state, and a new leader may not have applied a removal that its log,
/// and so its list of members, has.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_lags_behind_a_removal_does_not_admit_the_name_again() -> Result<()> {
    let mut cluster = Plan::new("lagging-leader").start().await?;
    let founders = cluster.places();
    let removed = cluster.add_waiting_node().await?;
    cluster.start(removed)?;
    cluster.add_learner(&founders, removed).await?;
    let leader = cluster.settle(PATIENCE).await?;
    let lagging = founders.iter().copied().find(|place| *place != leader).context("there are three")?;

    ensure!(cluster.terminate(lagging).await?.success());
    let usual = keep_in_reserve(&cluster, lagging, ALL_OF_IT);
    cluster.start(lagging)?;
    cluster.remove(&founders, removed).await?;
    wait::until("the removal to arrive", PATIENCE, || async {
        ensure!(!is_member(&cluster, lagging, removed).await?, "it is a member still");
        Ok(())
    })
    .await?;
    cluster.hand_over(&founders, lagging).await?;
    let refusal = add(&cluster, lagging, removed, 0).await?.context("a removed node was admitted again")?;
    ensure!(refusal.is("ChangeInProgress"), "it was refused as {refusal}");
    for &founder in &founders {
        ensure!(!is_member(&cluster, founder, removed).await?, "{founder:?} has the removed node again");
    }

    cluster.kill(&[lagging, removed])?;
    keep_in_reserve(&cluster, lagging, &usual);
    cluster.start(lagging)?;
    let leader = cluster.settle(PATIENCE).await?;
    let refusal = add(&cluster, leader, removed, 0).await?.context("a removed node was admitted again")?;
    ensure!(refusal.is("NodeNameUsed"), "it was refused as {refusal}");
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Changes what the next start keeps in reserve, and returns the argument that stood there.
fn keep_in_reserve(cluster: &Cluster, place: Place, argument: &str) -> String {
    let mut before = String::new();
    cluster.node(place).process.change(|recipe| {
        for given in &mut recipe.arguments {
            if given.to_string_lossy().starts_with("--storage-reserve=") {
                before = std::mem::replace(given, argument.into()).to_string_lossy().into_owned();
            }
        }
    });
    before
}
