//! Leadership goes where it is sent, and one election is enough for it.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Plan;
use elastickv_tests::wait::{PATIENCE, until};

const HANDOVERS: u64 = 9;

#[tokio::test(flavor = "multi_thread")]
async fn each_handover_takes_one_term_and_arrives() -> Result<()> {
    let cluster = Plan::new("transfer").start().await?;
    let mut leader = cluster.leader(PATIENCE).await?;
    let first_term = cluster.node(leader).client().status().await?.term;
    for round in 1..=HANDOVERS {
        let others = cluster.others(leader);
        let to = others[round as usize % others.len()];
        // The successor must know all of the log: a write is under way to it.
        let key = Bytes::from(format!("k{round}"));
        cluster.node(leader).client().put(key, Bytes::from_static(b"v"), Bytes::new()).await?;
        let name = cluster.node(to).name.clone();
        let answer = cluster.node(leader).client().transfer_leadership(&name).await?;
        ensure!(answer.leader_id == name, "{} leads instead of {name}", answer.leader_id);
        // It can take a moment until the successor says of itself what others know already.
        let leads = async || {
            let status = cluster.node(to).client().status().await?;
            ensure!(status.leader_id == name, "{name} follows {:?}", status.leader_id);
            Ok(status)
        };
        let status = until("the successor to lead", PATIENCE, leads).await?;
        ensure!(status.term == first_term + round, "handover {round} ended in term {}", status.term);
        leader = to;
    }
    cluster.digests_agree().await?;
    cluster.finish().await
}
