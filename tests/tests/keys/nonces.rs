//! Nonces, as real servers used them. That none comes twice is demanded of every cluster of these tests when it ends; this
//! is the run that shows that the demand can fail.

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::nonces::Tally;
use elastickv_tests::wait::PATIENCE;

const STARTS: usize = 3;
const WRITES: usize = 20;

/// The same number of seals after each of some starts, two of them after a kill.
async fn started_again_and_again(plan: Plan) -> Result<(Cluster, Tally)> {
    let cluster = plan.nodes(1).encrypted().start().await?;
    let (place, node) = (cluster.places()[0], &cluster.nodes()[0]);
    node.client().enable_storage().await?;
    node.client().enable_raft().await?;
    for start in 0..STARTS {
        for number in 0..WRITES {
            let key = Bytes::from(format!("{start}/{number}"));
            node.client().put(key, "value".into(), Bytes::new()).await?;
        }
        match start {
            0 => ensure!(cluster.terminate(place).await?.success()),
            _ => ensure!(cluster.kill(&[place])? == 1),
        }
        cluster.start(place)?;
        cluster.settle(PATIENCE).await?;
    }
    let found = node.client().get("1/7".into(), Linearizable).await?;
    ensure!(found.as_deref() == Some(b"value"), "{found:?}");
    let tally = cluster.nonces()?;
    Ok((cluster, tally))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_comes_twice_is_found() -> Result<()> {
    let (cluster, tally) = started_again_and_again(Plan::new("nonces")).await?;
    // A row and an entry for each write.
    ensure!(tally.seals >= STARTS * WRITES * 2 && tally.repeats == 0, "{tally}");
    cluster.finish().await?;
    let careless = Plan::new("nonces-again").setting("testing-without", "fresh-nonces");
    let (cluster, tally) = started_again_and_again(careless).await?;
    println!("without the rule: {tally}");
    ensure!(tally.repeats >= (STARTS - 1) * WRITES, "the control has to repeat them: {tally}");
    cluster.abandon();
    Ok(())
}
