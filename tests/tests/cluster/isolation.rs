//! A leader that its peers can no longer hear, or that can no longer hear them.
//!
//! Clients still reach it, and it must not serve them: it can not know whether the others have chosen
//! another leader meanwhile. When it is back, it must not disturb the one they have.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::{Linearizable, Stale};
use elastickv_tests::client::{Client, Fate};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::{Link, Place};
use elastickv_tests::wait::{self, PATIENCE};

/// Long enough that a busy machine does not cause an election by itself.
const ELECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// Between two election timeouts having passed and the answer being here: scheduling, on a busy machine.
const GRACE: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_cut_off_refuses_to_serve_and_does_not_disturb_when_healed() -> Result<()> {
    cut_off_and_heal("cut-off", |cluster, leader| {
        cluster.links()?.between(&[leader], &cluster.others(leader), Link::Silent);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_connections_are_reset_refuses_to_serve() -> Result<()> {
    cut_off_and_heal("reset", |cluster, leader| {
        cluster.links()?.between(&[leader], &cluster.others(leader), Link::Reset);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_hears_nobody_refuses_to_serve() -> Result<()> {
    let cluster = Plan::new("deaf").with_links().election_timeout(ELECTION_TIMEOUT).start().await?;
    let leader = cluster.leader(PATIENCE).await?;
    for other in cluster.others(leader) {
        cluster.links()?.set(other, leader, Link::Silent);
    }
    refuses_within_two_timeouts(&cluster, leader).await?;
    ensure!(cluster.links()?.effect().held > 0, "the cut held nothing back");
    cluster.links()?.heal();
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

async fn cut_off_and_heal(label: &str, cut: impl FnOnce(&Cluster, Place) -> Result<()>) -> Result<()> {
    let cluster = Plan::new(label).with_links().election_timeout(ELECTION_TIMEOUT).start().await?;
    let old = cluster.leader(PATIENCE).await?;
    put(&cluster.node(old).client(), "before").await?;

    cut(&cluster, old)?;
    refuses_within_two_timeouts(&cluster, old).await?;
    let effect = cluster.links()?.effect();
    ensure!(effect.held + effect.reset > 0, "the cut had no effect");

    let others = cluster.others(old);
    let new = cluster.leader_among(&others, PATIENCE).await?;
    put(&cluster.node(new).client(), "meanwhile").await?;
    let term = cluster.node(new).client().status().await?.term;

    cluster.links()?.heal();
    ensure!(cluster.settle(PATIENCE).await? == new, "the healed node took the leadership back");
    stays(&cluster, new, term).await?;
    let found = cluster.node(old).client().get("meanwhile".into(), Linearizable).await?;
    ensure!(found.is_some(), "the healed node gives what was written without it");
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Asks for writes and reads until each is refused, and demands that this is soon so, that the refusal is
/// a typed one, and that the node says the same in status and readyz.
async fn refuses_within_two_timeouts(cluster: &Cluster, leader: Place) -> Result<()> {
    let cut = Instant::now();
    let node = cluster.node(leader);
    let limit = 2 * ELECTION_TIMEOUT + GRACE;
    let client = node.client();
    let (write, read) = tokio::join!(first_refusal_of_a_write(&client), first_refusal_of_a_read(&client));
    let took = cut.elapsed();
    println!("{}: write refused with {write}, read with {read} after {took:?}", node.name);
    ensure!(took <= limit, "it took {took:?} until both were refused");

    let status = client.status().await?;
    ensure!(!status.has_quorum, "its status claims a quorum");
    let ready = node.http("/readyz").await?;
    ensure!(ready.status == 503, "readyz says {}", ready.status);
    ensure!(ready.body.to_lowercase().contains("no quorum"), "readyz says only {:?}", ready.body);
    ensure!(client.get("before".into(), Stale).await.is_ok(), "a stale read needs no quorum");

    let second = Instant::now();
    let refusal = client.put("again".into(), Bytes::new(), Bytes::new()).await.err();
    let refusal = refusal.ok_or_else(|| anyhow::anyhow!("a later write was taken"))?;
    ensure!(refusal.fate() == Fate::NotProposed, "a later write: {refusal}");
    ensure!(second.elapsed() <= limit, "a later write waited {:?}", second.elapsed());
    Ok(())
}

/// The first writes may already be on their way when the link breaks: their outcome is unknown. None may be
/// acknowledged once a refusal came.
async fn first_refusal_of_a_write(client: &Client) -> String {
    loop {
        if let Err(refusal) = put(client, "during").await {
            return refusal.kind();
        }
    }
}

async fn first_refusal_of_a_read(client: &Client) -> String {
    loop {
        if let Err(refusal) = client.get("before".into(), Linearizable).await {
            return refusal.kind();
        }
    }
}

async fn put(client: &Client, key: &'static str) -> elastickv_tests::client::Answer<()> {
    client.put(Bytes::from_static(key.as_bytes()), "value".into(), Bytes::new()).await.map(|_| ())
}

/// For several election timeouts nothing changes.
async fn stays(cluster: &Cluster, leader: Place, term: u64) -> Result<()> {
    let name = &cluster.node(leader).name;
    let begun = Instant::now();
    while begun.elapsed() < 3 * ELECTION_TIMEOUT {
        for node in cluster.nodes() {
            let status = node.client().status().await?;
            ensure!(
                status.term == term && status.leader_id == *name,
                "{} is with {:?} in term {}, it was {name} in term {term}",
                node.name,
                status.leader_id,
                status.term
            );
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    wait::until_true("readyz to be content again", PATIENCE, || async {
        let mut content = true;
        for node in cluster.nodes() {
            content &= node.http("/readyz").await.is_ok_and(|page| page.status == 200);
        }
        content
    })
    .await
}
