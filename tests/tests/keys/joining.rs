//! Nodes that join a cluster with keys, and those that are not let in.

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use elastickv_proto::RaftAdminAddLearnerRequest;
use elastickv_tests::client::Consistency::Stale;
use elastickv_tests::client::Refusal;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};

use crate::starts::occurrences;

const SEALED: &str = "a-canary-that-no-newcomer-may-write-in-clear";

async fn refused(cluster: &Cluster, late: Place) -> Result<Refusal> {
    let node = cluster.node(late);
    let (id, address) = (node.name.clone(), node.advertised.to_string());
    let leader = cluster.leader_among(&cluster.places()[..3], PATIENCE).await?;
    let mut admin = cluster.node(leader).client().raft_admin();
    match admin.add_learner(RaftAdminAddLearnerRequest { id, address, previous_index: 0 }).await {
        Ok(_) => bail!("it was let in"),
        Err(status) => Ok(Refusal::from(status)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_has_to_hold_the_wrapping_key_and_seals_from_its_first_row_on() -> Result<()> {
    let mut cluster = Plan::new("join-sealed").encrypted().start().await?;
    let founders = cluster.places();
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().enable_storage().await?;
    cluster.node(leader).client().enable_raft().await?;
    cluster.node(leader).client().put("early".into(), SEALED.into(), Bytes::new()).await?;
    let late = cluster.add_waiting_node().await?;
    let good: Vec<_> = kek::arguments(&cluster.kek_file());
    let without = |recipe: &mut elastickv_tests::process::Recipe| {
        recipe.arguments.retain(|argument| {
            let text = argument.to_string_lossy();
            !text.starts_with("--kek") && text != "--encryption-enabled"
        });
    };
    cluster.node(late).process.change(without);
    cluster.start(late)?;
    cluster.answers(late, PATIENCE).await?;
    let refusal = refused(&cluster, late).await?;
    ensure!(refusal.is("PeerNotEncryptionCapable"), "{refusal}");
    ensure!(cluster.answers(late, PATIENCE).await?.cluster_id.is_empty(), "it was not even invited");
    cluster.kill(&[late])?;
    let other = cluster.scratch().join("other-kek.bin");
    kek::make(&other)?;
    cluster.node(late).process.change(|recipe| recipe.arguments.extend(kek::arguments(&other)));
    cluster.start(late)?;
    cluster.answers(late, PATIENCE).await?;
    let refusal = refused(&cluster, late).await?;
    ensure!(refusal.is("PeerNotEncryptionCapable"), "{refusal}");
    cluster.kill(&[late])?;
    cluster.node(late).process.change(|recipe| {
        without(recipe);
        recipe.arguments.extend(good);
    });
    cluster.start(late)?;
    cluster.add_learner(&founders, late).await?;
    let leader = cluster.leader_among(&founders, PATIENCE).await?;
    cluster.node(leader).client().put("late".into(), SEALED.into(), Bytes::new()).await?;
    for key in ["early", "late"] {
        wait::until("the newcomer has it", PATIENCE, || async {
            let found = cluster.node(late).client().get(key.into(), Stale).await?;
            let told = cluster.answers(late, PATIENCE).await?;
            let reasons = told.reasons.iter().map(|reason| &*reason.message).collect::<Vec<_>>().join("; ");
            ensure!(found.as_deref() == Some(SEALED.as_bytes()), "{key} holds {found:?} there: {reasons}");
            Ok(())
        })
        .await?;
    }
    let directory = cluster.node(late).data_dir.clone();
    ensure!(cluster.terminate(late).await?.success());
    ensure!(occurrences(&directory, SEALED)? == 0, "the newcomer wrote it in clear");
    cluster.finish().await
}
