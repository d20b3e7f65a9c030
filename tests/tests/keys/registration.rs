//! Loads that ask their cluster to be let in as writers, and loads that it does not let in.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_proto as pb;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};
use pb::encryption_admin_client::EncryptionAdminClient;
use tonic::transport::Channel;

use crate::plant::Directory;

const REGISTERED: &str = "registered as a writer";

async fn admin(cluster: &Cluster) -> Result<EncryptionAdminClient<Channel>> {
    let leader = cluster.leader(PATIENCE).await?;
    let address = format!("http://{}", cluster.node(leader).address);
    Ok(EncryptionAdminClient::connect(address).await?)
}

async fn put(cluster: &Cluster, key: &str) -> Result<()> {
    let leader = cluster.leader(PATIENCE).await?;
    cluster.node(leader).client().put(key.to_owned().into(), "value".into(), Bytes::new()).await?;
    Ok(())
}

/// Three nodes that seal their rows.
async fn sealed(label: &str) -> Result<Cluster> {
    let cluster = Plan::new(label).encrypted().start().await?;
    admin(&cluster).await?.enable_storage_envelope(pb::EnableStorageEnvelopeRequest::default()).await?;
    put(&cluster, "sealed").await?;
    Ok(cluster)
}

async fn follower(cluster: &Cluster) -> Result<Place> {
    Ok(cluster.others(cluster.leader(PATIENCE).await?)[0])
}

fn directory(cluster: &Cluster, place: Place) -> Directory {
    Directory::of(cluster.node(place))
}

/// What a node said in its last life.
fn last_life(cluster: &Cluster, place: Place) -> String {
    let log = cluster.node(place).process.log();
    log.rsplit_once("---- start ----").map_or(String::new(), |(_, life)| life.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_is_registered_before_it_takes_part_and_a_whole_cluster_does_not_wait_for_itself() -> Result<()>
{
    let cluster = sealed("register").await?;
    let place = follower(&cluster).await?;
    let before = directory(&cluster, place).epochs()?;
    ensure!(cluster.terminate(place).await?.success());
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    let after = directory(&cluster, place).epochs()?;
    ensure!(after.iter().zip(&before).all(|(after, before)| *after == before + 1), "{before:?}, {after:?}");
    let life = last_life(&cluster, place);
    let (registered, serving) = (life.find(REGISTERED), life.find("serving"));
    ensure!(registered.is_some() && registered < serving, "{life}");

    for place in cluster.places() {
        ensure!(cluster.terminate(place).await?.success());
    }
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    for place in cluster.places() {
        wait::until("every load to be registered", PATIENCE, || async {
            let life = last_life(&cluster, place);
            ensure!(life.matches(REGISTERED).count() == 2, "{life}");
            Ok(())
        })
        .await?;
    }
    put(&cluster, "after").await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// A store that is built anew applies entries of a time before there were keys, beside a sidecar that has them.
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_store_that_is_gone_is_built_anew_from_its_log() -> Result<()> {
    let cluster = Plan::new("store-anew").nodes(1).encrypted().start().await?;
    let place = cluster.places()[0];
    put(&cluster, "clear").await?;
    admin(&cluster).await?.enable_storage_envelope(pb::EnableStorageEnvelopeRequest::default()).await?;
    put(&cluster, "sealed").await?;
    ensure!(cluster.terminate(place).await?.success());
    ensure!(cluster.node(place).remove_state()? == 1);
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    ensure!(directory(&cluster, place).epochs()? == [1, 1]);
    for key in ["clear", "sealed"] {
        let found = cluster.node(place).client().get(key.into(), Linearizable).await?;
        ensure!(found.as_deref() == Some(b"value".as_slice()), "{key} holds {found:?}");
    }
    cluster.finish().await
}

/// A rotation does without a node that is down. When it is back, it gets the key by entries, registers, and only
/// then seals under it.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_came_while_a_node_was_away_is_registered_once_it_is_there() -> Result<()> {
    let cluster = sealed("late-key").await?;
    let place = follower(&cluster).await?;
    ensure!(cluster.terminate(place).await?.success());
    let request = pb::RotateDekRequest { purpose: pb::DekPurpose::Storage.into(), ..Default::default() };
    admin(&cluster).await?.rotate_dek(request).await?;
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    let sidecar = directory(&cluster, place).sidecar()?;
    ensure!(sidecar.keys.len() == 3, "the key did not arrive: {:?}", sidecar.keys.keys());
    let active = sidecar.active.storage;
    ensure!(sidecar.keys[&active].epoch.get() == 0, "it begins with its first epoch");
    let wanted = format!("elastickv_encryption_seal_dek_id{{purpose=\"storage\"}} {active}");
    wait::until("the node to seal under the new key", PATIENCE, || async {
        let page = cluster.node(place).http("/metrics").await?;
        ensure!(
            page.body.contains(&wanted),
            "{:?}",
            page.body.lines().find(|line| line.contains("seal_dek"))
        );
        Ok(())
    })
    .await?;
    let told = cluster.node(place).http("/metrics").await?.body;
    for line in [
        "elastickv_encryption_stage{stage=\"storage-sealed\"} 1".to_owned(),
        format!("elastickv_encryption_active_dek_id{{purpose=\"storage\"}} {active}"),
        format!("elastickv_encryption_local_epoch{{key_id=\"{active}\"}} 0"),
        "elastickv_encryption_unopened_keys 0".to_owned(),
        format!("elastickv_encryption_sidecar_raft_index {}", sidecar.applied),
    ] {
        ensure!(told.contains(&line), "{line} is not among what it tells");
    }
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_at_a_start_once_where_that_was_asked_for() -> Result<()> {
    let cluster = Plan::new("rotate-at-start").nodes(1).encrypted().start().await?;
    admin(&cluster).await?.enable_storage_envelope(pb::EnableStorageEnvelopeRequest::default()).await?;
    let place = cluster.places()[0];
    let active = || anyhow::Ok(directory(&cluster, place).sidecar()?.active);
    let first = active()?;
    ensure!(cluster.terminate(place).await?.success());
    cluster.node(place).process.change(|recipe| recipe.arguments.push("--rotate-on-startup".into()));
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    let second = active()?;
    ensure!(first.storage != second.storage && first.raft != second.raft, "{first:?}, {second:?}");
    ensure!(directory(&cluster, place).sidecar()?.keys.len() == 4);
    put(&cluster, "after").await?;
    cluster.finish().await
}
