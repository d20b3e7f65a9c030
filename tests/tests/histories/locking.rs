//! Money is moved by transactions that lock the accounts first, while leaders are killed: none is lost and none made,
//! and nothing stays locked.

use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use elastickv_check::{Findings, Kind};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::histories::{self, Clients, Record};
use elastickv_tests::nemesis::{self, Storm, Trouble};
use elastickv_tests::summary::{Failure, Floors, Summary};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::{scale, turn};

/// Fewer than in other runs: all of them are at the same few accounts.
const CLIENTS: usize = 12;
/// Of all operations, in per cent.
const ACKNOWLEDGED_SHARE: f64 = 70.0;
const OVERLAPPING_SHARE: f64 = 5.0;

/// Kills, and how many operations are acknowledged before each.
fn size() -> (usize, u64) {
    scale::pick((4, 150), (20, 800))
}

fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(nemesis::seed)
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_locked_first_is_neither_lost_nor_made_when_leaders_are_killed() -> Result<()> {
    let _turn = turn::take().await?;
    let (cluster, record, failures) = run(Plan::new("locking"), kills()).await?;
    let (rounds, between) = size();
    let summary = Summary::of(&record.entries, &failures);
    let findings = judge(&record, &summary);
    ensure!(findings.is_clean(), "{findings}");
    summary.demand(&Floors {
        effective_failures: rounds,
        acknowledged: rounds * between as usize,
        acknowledged_share: ACKNOWLEDGED_SHARE,
        overlapping_share: OVERLAPPING_SHARE,
    })?;
    let met = record.met;
    ensure!(met.out_of_turn == 0, "{met:?}");
    ensure!(met.committed > summary.acknowledged / 10, "{met:?}");
    ensure!(met.locked > 0 && met.given_up > 0 && met.rolled_back > 0, "they were never in each other's way");
    ensure!(record.unread.is_none(), "when all was over: {:?}", record.unread);
    wait::until("nothing to be locked any more", PATIENCE, || nothing_is_locked(&cluster)).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_locks_money_is_lost_or_made() -> Result<()> {
    let _turn = turn::take().await?;
    let plan = Plan::new("no-locks").setting("testing-without", "locks");
    let (cluster, record, failures) = run(plan, kills().cut(1)).await?;
    print!("control, without locks: ");
    let findings = judge(&record, &Summary::of(&record.entries, &failures));
    cluster.abandon();
    ensure!(
        findings.has(Kind::WrongTotal),
        "without locks the sum is right: the run with them proves nothing"
    );
    Ok(())
}

fn kills() -> Storm {
    let (rounds, acknowledged_between) = size();
    Storm { rounds, seed: seed(), acknowledged_between, troubles: vec![Trouble::KillLeader] }
}

async fn run(plan: Plan, storm: Storm) -> Result<(Cluster, Record, Vec<Failure>)> {
    let cluster = plan.start().await?;
    let nodes = cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<_>>()?;
    let plan = histories::Plan { clients: CLIENTS, ..histories::Plan::new(seed()).locking() };
    let clients = Clients::start(nodes, plan).await?;
    let failures = storm.run(&cluster, clients.progress()).await?;
    cluster.settle(PATIENCE).await.context("after the kills")?;
    let record = clients.finish().await;
    Ok((cluster, record, failures))
}

fn judge(record: &Record, summary: &Summary) -> Findings {
    let findings = record.judge();
    println!("{summary}\n{}\n{:?}\n{findings}", record.contents(), record.met);
    findings
}

/// What was given up is taken back by the leader.
async fn nothing_is_locked(cluster: &Cluster) -> Result<()> {
    for node in cluster.nodes() {
        let page = node.http("/metrics").await?.body;
        let line = page.lines().find(|line| line.starts_with("elastickv_locked_keys"));
        let locked = line.and_then(|line| line.rsplit(' ').next()).context("a metric")?;
        ensure!(locked == "0", "{} keys are locked on {}", locked, node.name);
    }
    Ok(())
}
