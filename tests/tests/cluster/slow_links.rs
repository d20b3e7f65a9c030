//! Large values on lines that need longer for them than a heartbeat may take.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::Plan;
use elastickv_tests::links::Link;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;

/// Three heartbeats and more for the largest value.
const RATE: u32 = 30_000_000;
const LARGEST_VALUE: usize = 16 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_value_gets_over_a_slow_line_and_stops_nobody() -> Result<()> {
    let _turn = turn::alone().await?;
    let cluster = Plan::new("slow").with_links().start().await?;
    let places = cluster.places();
    cluster.links()?.between(&places, &places, Link::Slow(RATE));
    let leader = cluster.leader(PATIENCE).await?;
    let term = cluster.node(leader).client().status().await?.term;
    let client = cluster.node(leader).client();
    let value = Bytes::from(vec![7; LARGEST_VALUE]);
    client.put("large".into(), value.clone(), Bytes::new()).await?;
    client.put("small".into(), Bytes::from_static(b"v"), Bytes::new()).await?;
    ensure!(client.get("large".into(), Linearizable).await? == Some(value), "another value is read");
    cluster.digests_agree().await?;
    let now = cluster.node(cluster.leader(PATIENCE).await?).client().status().await?.term;
    ensure!(now == term, "sending it took the leader {} elections", now - term);
    cluster.finish().await
}
