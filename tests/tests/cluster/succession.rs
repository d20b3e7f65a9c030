//! A leader that is lost, in whatever way, is replaced soon: writes are acknowledged again within two election
//! timeouts.
//!
//! The hardest of them is not dead. It speaks and hears nothing, and has entries that it keeps sending: as long as
//! the others hear of it they do not look for another, and it can not commit anything any more.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::{Client, request_id};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::{Link, Place};
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;
use futures_util::future::{join_all, select_all};

const ELECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// Votes and the new leader's first entry, on a machine that does ten other things.
const GRACE: Duration = Duration::from_secs(1);

/// Whoever asks a node that does not answer tries again.
const PATIENCE_OF_CLIENTS: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    Killed,
    Stopped,
    CutOff,
    /// It speaks and hears nothing.
    Deaf,
    Reset,
}

impl Loss {
    const ALL: [Loss; 5] = [Loss::Killed, Loss::Stopped, Loss::CutOff, Loss::Deaf, Loss::Reset];

    /// Counted from the loss to the first write that is acknowledged.
    fn limit(self) -> Duration {
        match self {
            // It falls silent only when it knows that nobody answers.
            Loss::Deaf => 3 * ELECTION_TIMEOUT + GRACE,
            _ => 2 * ELECTION_TIMEOUT + GRACE,
        }
    }

    fn strike(self, cluster: &Cluster, leader: Place) -> Result<()> {
        let others = cluster.others(leader);
        match self {
            Loss::Killed => ensure!(cluster.kill(&[leader])? == 1, "it did not run"),
            Loss::Stopped => cluster.node(leader).process.stop()?,
            Loss::CutOff => cluster.links()?.between(&[leader], &others, Link::Silent),
            Loss::Deaf => {
                for other in others {
                    cluster.links()?.set(other, leader, Link::Silent);
                }
            }
            Loss::Reset => cluster.links()?.between(&[leader], &others, Link::Reset),
        }
        Ok(())
    }

    fn mend(self, cluster: &Cluster, leader: Place) -> Result<()> {
        match self {
            Loss::Killed => cluster.start(leader),
            Loss::Stopped => cluster.node(leader).process.go_on(),
            Loss::CutOff | Loss::Deaf | Loss::Reset => {
                cluster.links()?.heal();
                Ok(())
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_leader_is_replaced_within_two_election_timeouts() -> Result<()> {
    let _turn = turn::alone().await?;
    let cluster = Plan::new("succession").with_links().election_timeout(ELECTION_TIMEOUT).start().await?;
    let mut slow = Vec::new();
    for loss in Loss::ALL {
        let took = lose_the_leader(&cluster, loss).await?;
        println!("{loss:?}: the first write was acknowledged {took:?} later, of {:?} at most", loss.limit());
        if took > loss.limit() {
            slow.push(loss);
        }
    }
    ensure!(slow.is_empty(), "{slow:?} took longer");
    cluster.digests_agree().await?;
    cluster.finish().await
}

async fn lose_the_leader(cluster: &Cluster, loss: Loss) -> Result<Duration> {
    let leader = cluster.settle(PATIENCE).await?;
    let clients: Vec<_> = cluster.nodes().iter().map(|node| node.client()).collect();
    join_all(clients.iter().map(acknowledged)).await;

    // What the leader is sent last it can not commit any more, and it sends it on and on.
    let at_the_leader = cluster.node(leader).client();
    let pending = tokio::spawn(async move {
        loop {
            join_all((0..8).map(|_| put(&at_the_leader))).await;
        }
    });
    loss.strike(cluster, leader)?;
    let struck = Instant::now();
    let elsewhere = cluster.others(leader).into_iter().map(|place| cluster.node(place).client());
    let waiting = elsewhere.map(|client| Box::pin(async move { acknowledged(&client).await }));
    select_all(waiting).await;
    let took = struck.elapsed();

    pending.abort();
    loss.mend(cluster, leader)?;
    cluster.settle(PATIENCE).await?;
    Ok(took)
}

/// Writes until a write is acknowledged.
async fn acknowledged(client: &Client) {
    while !put(client).await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn put(client: &Client) -> bool {
    let key = Bytes::from_static(b"key");
    client.with_deadline(PATIENCE_OF_CLIENTS).put(key, "value".into(), request_id()).await.is_ok()
}
