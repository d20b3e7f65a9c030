//! Acknowledged writes survive kill -9 of any nodes, all of them included.
//!
//! The operating system keeps what a killed process has written, so a plain kill cannot tell a server
//! that syncs from one that does not. Two further runs can: their servers write through a file layer that
//! forgets at the kill whatever was not synced. The store's files are not under that layer, so the killed
//! nodes' stores are removed besides; the log and the snapshots alone must then bring everything back.
//! With syncs that do something they do; with syncs that do nothing, which is the control, they do not.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::client::Pair;
use elastickv_tests::cluster::{Cluster, FileLayer, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::nemesis::{self, KillRounds, Victims};
use elastickv_tests::summary::{Floors, Summary};
use elastickv_tests::verify::{Findings, verify};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{History, Load, Writers};
use elastickv_tests::{scale, turn};

const WRITERS: usize = 32;

/// Fifty rounds at this many acknowledged writes between two kills are the promised twenty thousand.
const BETWEEN_KILLS: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_kills() -> Result<()> {
    let _turn = turn::take().await?;
    keeps_its_word(Plan::new("kill"), kills(50, Victims::Some, false)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_kills_that_take_what_was_not_synced() -> Result<()> {
    let _turn = turn::take().await?;
    let rounds = scale::pick(12, 50);
    keeps_its_word(Plan::new("loss").file_layer(FileLayer::Losing), kills(rounds, Victims::Some, true)).await
}

/// The control: were nothing lost here, the test above could not fail either. All nodes are killed,
/// because a node alone that forgot even its identity is refused by the others.
#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_syncs_do_nothing_lose_acknowledged_writes() -> Result<()> {
    let _turn = turn::take().await?;
    let cluster = Plan::new("control").file_layer(FileLayer::LosingIgnoringSync).start().await?;
    let writers = write_to(&cluster)?;
    let struck = kills(1, Victims::All, true).run(&cluster, &writers.progress()).await;
    let history = writers.finish().await;
    let acknowledged = history.acknowledged();
    ensure!(acknowledged >= BETWEEN_KILLS as usize, "only {acknowledged} writes were acknowledged");
    // A file of which too little is left to be one is refused at the start, by name.
    let refusals: Vec<_> = cluster.nodes().iter().filter_map(|node| refusal(&node.process.log())).collect();
    let found = match (struck, refusals.first()) {
        (_, Some(refusal)) => format!("a node refused to start: {refusal}"),
        (Err(error), None) => return Err(error),
        (Ok(_), None) => match compare(&cluster, &history).await {
            Ok(findings) => {
                ensure!(
                    findings.lost > 0,
                    "servers that sync nothing lost nothing: the losing run proves nothing"
                );
                findings.to_string()
            }
            // What one log forgot and another did not keeps the replicas apart for good.
            Err(error) => format!("the replicas did not come together again: {error:#}"),
        },
    };
    println!("control, {acknowledged} writes acknowledged: {found}");
    cluster.abandon();
    Ok(())
}

fn refusal(log: &str) -> Option<String> {
    let named = ["error: LogUnusable", "error: IdentityDamaged", "error: LogBehindStore"];
    log.lines().find(|line| named.iter().any(|name| line.starts_with(name))).map(str::to_owned)
}

fn kills(rounds: usize, victims: Victims, without_stores: bool) -> KillRounds {
    let (seed, acknowledged_between) = (nemesis::seed(), BETWEEN_KILLS);
    KillRounds { rounds, victims, seed, acknowledged_between, without_stores }
}

async fn keeps_its_word(plan: Plan, kills: KillRounds) -> Result<()> {
    let rounds = kills.rounds;
    let (cluster, findings, summary) = run(plan, kills).await?;
    ensure!(findings.is_clean(), "{findings}");
    summary.demand(&Floors {
        effective_failures: rounds,
        acknowledged: rounds * BETWEEN_KILLS as usize,
        acknowledged_share: 50.0,
        overlapping_share: 10.0,
    })?;
    cluster.finish().await
}

/// Writes while the kills go on, and looks afterwards what is left.
async fn run(plan: Plan, kills: KillRounds) -> Result<(Cluster, Findings, Summary)> {
    let cluster = plan.start().await?;
    let writers = write_to(&cluster)?;
    let failures = kills.run(&cluster, &writers.progress()).await?;
    let history = writers.finish().await;
    let summary = Summary::of(history.operations(), &failures);
    println!("{summary}");
    let findings = compare(&cluster, &history).await?;
    println!("{findings}");
    Ok((cluster, findings, summary))
}

fn write_to(cluster: &Cluster) -> Result<Writers> {
    let clients = cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<Vec<_>>>()?;
    Ok(Writers::start(&clients, Load { writers: WRITERS, ..Load::default() }))
}

/// All that the cluster holds, by way of one node.
async fn content(cluster: &Cluster, place: Place) -> Result<Vec<Pair>> {
    let node = cluster.node(place);
    wait::until("a whole scan", PATIENCE, || async { Ok(node.client().scan_all(Linearizable).await?) }).await
}

/// Digests agree on all nodes, and what one of them gives is what the writers were told.
async fn compare(cluster: &Cluster, history: &History) -> Result<Findings> {
    // One more write, so that whatever hung over from before is decided.
    let leader = cluster.settle(PATIENCE).await?;
    let last = cluster.node(leader).client().put("end".into(), Bytes::new(), Bytes::new()).await;
    last.context("the cluster takes no write when all is over")?;
    let digest = cluster.digests_agree().await?;
    println!("as of index {} all nodes hold the same {} keys", digest.index, digest.keys);
    Ok(verify(history, &content(cluster, cluster.others(leader)[0]).await?))
}
