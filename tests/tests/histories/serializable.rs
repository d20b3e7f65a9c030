//! Transactions are strictly serializable and single keys linearizable, whatever befalls the nodes.
//!
//! Each control is the beginning of the same run, with the same choices, of servers from which one rule was
//! taken away: the same judges must find that something is wrong.

use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use elastickv_check::{Findings, Kind};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::histories::{self, Clients, Record};
use elastickv_tests::nemesis::{self, Storm, Trouble};
use elastickv_tests::summary::{Failure, Floors, Summary};
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::{scale, turn};

/// Of all operations, in per cent.
const ACKNOWLEDGED_SHARE: f64 = 80.0;

/// Rounds of a control that needs no certain sort of trouble.
const SOME_ROUNDS: usize = 2;

/// The more is done between two rounds, the smaller is the share that overlaps one, in per cent.
fn overlapping_share() -> f64 {
    scale::pick(10.0, 5.0)
}

/// Rounds of trouble, and how many operations are acknowledged before each.
fn size() -> (usize, u64) {
    scale::pick((6, 300), (60, 850))
}

/// The same for the run and for its controls.
fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(nemesis::seed)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_see_is_serializable_whatever_befalls_the_nodes() -> Result<()> {
    let _turn = turn::take().await?;
    let (cluster, record, failures) = run(Plan::new("histories"), storm()).await?;
    let (rounds, between) = size();
    let summary = Summary::of(&record.entries, &failures);
    let findings = judge(&record, &summary);
    ensure!(findings.is_clean(), "{findings}");
    summary.demand(&Floors {
        effective_failures: rounds,
        acknowledged: rounds * between as usize,
        acknowledged_share: ACKNOWLEDGED_SHARE,
        overlapping_share: overlapping_share(),
    })?;
    ensure!(record.unread.is_none(), "when all was over: {:?}", record.unread);
    ensure!(record.found_applied > 0, "no write was sent again that had taken effect");
    cluster.digests_agree().await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_validation_of_reads_updates_are_lost() -> Result<()> {
    let any_of = [Kind::Diverged, Kind::LostAppend, Kind::SkewedRead, Kind::WriteSkew, Kind::WrongTotal];
    control("read-validation", storm().cut(SOME_ROUNDS), &any_of).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_table_of_sessions_repeated_requests_are_applied_again() -> Result<()> {
    let any_of = [
        Kind::DuplicateAppend,
        Kind::AbortedRead,
        Kind::OwnEffectRead,
        Kind::Diverged,
        Kind::NotLinearizable,
    ];
    control("sessions", storm().cut(SOME_ROUNDS), &any_of).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_ask_nobody_are_stale() -> Result<()> {
    let any_of = [Kind::RealTimeCycle, Kind::NotLinearizable, Kind::LostAppend, Kind::Diverged];
    control("fresh-reads", storm().cut(SOME_ROUNDS), &any_of).await
}

#[tokio::test(flavor = "multi_thread")]
async fn timestamps_of_a_clock_that_jumped_hide_what_was_written() -> Result<()> {
    let any_of = [Kind::StampBackwards, Kind::LostAppend, Kind::NotLinearizable];
    control("ceiling", storm().until(Trouble::MoveClock), &any_of).await
}

async fn control(rule: &str, storm: Storm, any_of: &[Kind]) -> Result<()> {
    let _turn = turn::take().await?;
    let plan = Plan::new(&format!("no-{rule}")).setting("testing-without", rule);
    let (cluster, record, failures) = run(plan, storm).await?;
    print!("control, without {rule}: ");
    let findings = judge(&record, &Summary::of(&record.entries, &failures));
    cluster.abandon();
    ensure!(
        any_of.iter().any(|kind| findings.has(*kind)),
        "without {rule} none of {any_of:?} was found: the run with it proves nothing about it"
    );
    Ok(())
}

fn storm() -> Storm {
    let (rounds, between) = size();
    Storm::of_everything(rounds, seed(), between)
}

async fn run(plan: Plan, storm: Storm) -> Result<(Cluster, Record, Vec<Failure>)> {
    let cluster = plan.with_links().with_movable_clocks().start().await?;
    let nodes = cluster.nodes().iter().map(|node| node.new_client()).collect::<Result<_>>()?;
    let clients = Clients::start(nodes, histories::Plan::new(seed())).await?;
    let failures = storm.run(&cluster, clients.progress()).await?;
    for failure in &failures {
        println!("{} took {:?}", failure.what, failure.ended - failure.begun);
    }
    cluster.settle(PATIENCE).await.context("after the storm")?;
    let record = clients.finish().await;
    Ok((cluster, record, failures))
}

fn judge(record: &Record, summary: &Summary) -> Findings {
    let findings = record.judge();
    println!("{summary}\n{}\n{findings}", record.contents());
    findings
}
