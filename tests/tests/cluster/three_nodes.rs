//! Three nodes and no trouble.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::{Linearizable, Stale};
use elastickv_tests::cluster::Plan;
use elastickv_tests::wait::{self, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_follower_takes_every_node_gives() -> Result<()> {
    let cluster = Plan::new("three").start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    let followers = cluster.others(leader);
    let (first, second) = (cluster.node(followers[0]), cluster.node(followers[1]));
    let (key, empty) = (Bytes::from_static(b"colour"), Bytes::new());

    let put = first.client().put(key.clone(), "blue".into(), empty.clone()).await?;
    ensure!(put.success && put.commit_index > 0, "the follower's answer names where it was committed");
    for node in cluster.nodes() {
        let found = node.client().get(key.clone(), Linearizable).await?;
        ensure!(found.as_deref() == Some(b"blue".as_slice()), "{} does not give what was put", node.name);
    }

    second.client().put("shade".into(), empty.clone(), empty.clone()).await?;
    let scanned = first.client().scan_all(Linearizable).await?;
    let expected: Vec<(Bytes, Bytes)> = vec![(key.clone(), "blue".into()), ("shade".into(), empty.clone())];
    ensure!(scanned == expected, "an empty value is a value, and keys come in order");

    ensure!(second.client().delete(key.clone(), empty).await?.success);
    ensure!(first.client().get(key.clone(), Linearizable).await?.is_none());
    wait::until_true("a stale read to see the deletion as well", PATIENCE, || async {
        matches!(second.client().get(key.clone(), Stale).await, Ok(None))
    })
    .await?;
    let digest = cluster.digests_agree().await?;
    ensure!(digest.keys >= 1, "the digest is of {} keys", digest.keys);
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_tells_the_same_of_the_cluster() -> Result<()> {
    let cluster = Plan::new("status").start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    for node in cluster.nodes() {
        let status = node.client().status().await?;
        ensure!(status.leader_id == cluster.node(leader).name, "{} follows {}", node.name, status.leader_id);
        ensure!(status.leader_address == cluster.node(leader).advertised.to_string());
        ensure!(status.num_peers == 2 && status.term > 0, "{} sees {} peers", node.name, status.num_peers);
        let mut members = node.client().configuration().await?.members;
        members.sort_by(|one, other| one.id.cmp(&other.id));
        let told: Vec<_> =
            members.iter().map(|member| (member.id.as_str(), member.suffrage.as_str())).collect();
        ensure!(told == [("n1", "voter"), ("n2", "voter"), ("n3", "voter")], "{} tells {told:?}", node.name);
        ensure!(node.http("/readyz").await?.status == 200);
        ensure!(node.http("/healthz").await?.status == 200);
        ensure!(node.http("/metrics").await?.body.contains("elastickv_"));
    }
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_comes_back_from_an_orderly_end_with_all_it_had() -> Result<()> {
    let cluster = Plan::new("restart").start().await?;
    for number in 0..100 {
        let (key, value) = (format!("key-{number}"), format!("value-{number}"));
        cluster.nodes()[number % 3].client().put(key.into(), value.into(), Bytes::new()).await?;
    }
    let before = cluster.digests_agree().await?;
    for node in cluster.nodes() {
        ensure!(cluster.terminate(node.place).await?.success(), "{} ends well", node.name);
    }
    cluster.start_all()?;
    let after = cluster.digests_agree().await?;
    ensure!((before.digest, before.keys) == (after.digest, after.keys), "the same content as before");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_alone_is_a_cluster() -> Result<()> {
    let cluster = Plan::new("single").nodes(1).start().await?;
    let node = &cluster.nodes()[0];
    node.client().put("a".into(), "1".into(), Bytes::new()).await?;
    cluster.kill(&cluster.places())?;
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    ensure!(node.client().get("a".into(), Linearizable).await?.as_deref() == Some(b"1".as_slice()));
    cluster.finish().await
}
