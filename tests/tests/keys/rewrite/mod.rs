//! Old rows are sealed anew, and what they were disappears, in spite of all that happens meanwhile.
//!
//! Half of the rows are clear and half under a key that was replaced; there are several versions of each key, and
//! one in five is a deletion or a value that is over. Then, all at once: they are sealed anew; writers overwrite; old
//! versions are collected; nodes are killed; a member joins; and the key that is sealed under is replaced. The rewrite
//! ends by itself. What could be read at one moment is what it was, on every member; every row counted is under the
//! newest key; and no canary, planted before, between or after the cutovers, is in any byte of any file, by the
//! operator's own search. They were found there before the rewrite, and are found after one that erases nothing.
//!
//! `ELASTICKV_SCALE=full` does it with ten times as many rows.

mod kept;
mod leaks;
mod refusals;
mod retiring;
mod rows;
mod stage;
mod watching;

use std::ops::Range;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::cluster::Plan;
use elastickv_tests::links::Place;
use elastickv_tests::nemesis::{self, KillRounds, Victims};
use elastickv_tests::summary::{Failure, Floors, Summary};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{Progress, Writers};
use elastickv_tests::{scale, turn};
use serde_json::Value;

use crate::admin::encryption;
use kept::Kept;
use leaks::Scanned;
use stage::{Amount, Counted, Stage, number, same};

const KEYS: (u64, u64) = (50_000, 500_000);
const CANARIES: (usize, usize) = (200, 4_000);
/// Slow enough that it does not end before all trouble is over.
const SLOWLY: (&str, &str) = ("256KiB/s", "1MiB/s");
/// Rounds of kills before a member joins, and after.
const KILLS: (usize, usize) = (1, 6);
const KILLS_OF_ALL: (usize, usize) = (1, 4);
const BETWEEN_KILLS: u64 = 200;
/// Old versions go as soon as nobody may read them.
const RETENTION: &str = "6s";
const COLLECTED_A_SECOND: (u64, u64) = (4_000, 15_000);
/// Keys whose versions are looked at.
const SAMPLE: Range<u64> = 0..50;
/// A rewrite comes to its end within this time of being let go at full speed.
const ENDS: &str = "1800s";

#[tokio::test(flavor = "multi_thread")]
async fn rows_rewritten_amid_trouble_are_what_they_were_and_leave_no_old_byte() -> Result<()> {
    let _turn = turn::take().await?;
    let mut clock = Clock::start();
    let amount = Amount { keys: scale::pick(KEYS.0, KEYS.1), canaries: scale::pick(CANARIES.0, CANARIES.1) };
    let mut stage = Stage::set(Plan::new("rewrite"), amount).await?;
    clock.lap("written");
    let now = stage.clients()[0].begin().await?;
    let before = stage.cluster.digests_at(now).await?;
    let counted = Counted::all(&stage.cluster).await?;
    let (clear, old) = (counted[0].clear()?, counted[0].under(stage.old_key)?);
    println!("before: {clear} clear rows, {old} under the old key, {} keys at {}", before.keys, before.ts);
    let half = amount.keys / 2 * rows::VERSIONS;
    ensure!(clear >= half && old >= half, "there is too little to do: {clear} and {old}");
    let versions = rows::versions(&stage.clients()[0], SAMPLE).await?;
    clock.lap("counted");
    let places = stage.cluster.places();
    still_found(&stage, scale::pick(&places[..1], &places), "before the rewrite").await?;
    clock.lap("found");

    let kept = collect_from_now_on(&stage, before.ts).await?;
    clock.lap("collecting");
    stage.rewrite_amid_trouble().await?;
    clock.lap("rewritten");
    let after = stage.cluster.digests_at(before.ts).await?;
    ensure!(same(&before, &after), "as of {} there is something else now", before.ts);
    drop(kept);
    stage.verify().await?;
    clock.lap("verified");
    let newest = stage.active_key().await?;
    let counted = Counted::all(&stage.cluster).await?;
    ensure!(counted.len() == stage.cluster.nodes().len(), "{} members counted", counted.len());
    counted.iter().try_for_each(|member| member.demand_only(newest))?;
    let left = rows::versions(&stage.clients()[0], SAMPLE).await?;
    println!("after: {} rows a member, {left} of {versions} sampled versions left", counted[0].rows()?);
    ensure!(left < versions, "nothing was collected meanwhile");
    stage.plant().await?;
    let places = stage.cluster.places();
    let scanned = leaks::scan(&stage.cluster, &places, &stage.planted.canaries).await?;
    clock.lap("searched");
    ensure!(
        scanned.iter().all(|one| one.status == 0 && one.canaries == 0),
        "rewritten, and yet there are some"
    );
    stage.cluster.finish().await
}

/// The same search as above, of the same canaries: only erasing is left out.
#[tokio::test(flavor = "multi_thread")]
async fn without_erasing_the_old_bytes_are_still_found() -> Result<()> {
    let _turn = turn::take().await?;
    let plan = Plan::new("unerased").setting("testing-without", "erase");
    let mut stage = Stage::set(plan, Amount { keys: 1_000, canaries: 100 }).await?;
    stage.run("rewrite").await?;
    let active = stage.active_key().await?;
    Counted::all(&stage.cluster).await?.iter().try_for_each(|member| member.demand_only(active))?;
    stage.plant().await?;
    still_found(&stage, &stage.cluster.places(), "without erasing").await?;
    stage.cluster.finish().await
}

/// The control: what came while anything was clear is found, by the same search.
async fn still_found(stage: &Stage, places: &[Place], when: &str) -> Result<()> {
    let scanned = leaks::scan(&stage.cluster, places, &stage.planted.canaries).await?;
    let misses = |one: &Scanned| one.status != 9 || one.canaries * 100 < stage.bare as u64 * 99;
    match scanned.iter().find(|one| misses(one)) {
        Some(one) => bail!("{when} the search misses what is there: {one}"),
        None => Ok(()),
    }
}

/// Starts the nodes again with a short retention; everything older than one moment is collected from then on.
async fn collect_from_now_on(stage: &Stage, ts: u64) -> Result<Kept> {
    let rate = scale::pick(COLLECTED_A_SECOND.0, COLLECTED_A_SECOND.1);
    for node in stage.cluster.nodes() {
        node.process.change(|recipe| {
            recipe.arguments.push(format!("--gc-retention={RETENTION}").into());
            recipe.arguments.push(format!("--gc-rate={rate}").into());
        });
    }
    stage.cluster.start_all()?;
    stage.cluster.settle(PATIENCE).await?;
    let kept = Kept::at(ts, &stage.clients());
    wait::until("old versions to be collected", PATIENCE, || async {
        let page = stage.cluster.nodes()[0].http("/metrics").await?.body;
        let line = page.lines().find(|line| line.starts_with("elastickv_gc_collected_rows{"));
        let collected: f64 = line.and_then(|line| line.split(' ').nth(1)).context("no figure")?.parse()?;
        ensure!(collected > 0.0, "none is so far");
        Ok(())
    })
    .await?;
    Ok(kept)
}

impl Stage {
    /// Everything at once; it ends by itself, once it may go as fast as it can.
    async fn rewrite_amid_trouble(&mut self) -> Result<()> {
        let writers = self.writers();
        let rate = scale::pick(SLOWLY.0, SLOWLY.1);
        let begun = self.ask(&format!("rewrite --rate {rate} --no-wait --reason old"), 8).await?;
        ensure!(begun["data"]["job"]["state"] == "running", "{begun}");
        let mut failures = Vec::new();
        let troubled = self.trouble(&writers, &mut failures).await;
        troubled.with_context(|| format!("after {} failures", failures.len()))?;
        let halfway = self.rows_done().await?;
        self.run("rewrite set-rate unlimited").await?;
        let ended = self.run(&format!("rewrite status --watch --deadline {ENDS}")).await?;
        let operations = writers.finish().await.operations().to_vec();
        let summary = Summary::of(&operations, &failures);
        println!("{halfway} rows were sealed anew amid trouble; {summary}");
        self.operations.extend(operations);
        let kills = scale::pick(2, 10);
        let floors = Floors {
            effective_failures: kills,
            acknowledged: 500,
            acknowledged_share: 50.0,
            ..Floors::default()
        };
        summary.demand(&floors)?;
        ensure!(halfway > 0, "nothing was sealed anew before the trouble was over");
        let job = &ended["data"]["job"];
        ensure!(job["state"] == "finished" && job["log_sealed"] == true, "{ended}");
        let sealed = members(&ended)?.iter().map(|one| number(&one["rows"])).sum::<Result<u64>>()?;
        println!("{sealed} rows in the last pass of all members");
        Ok(())
    }

    async fn trouble(&mut self, writers: &Writers, failures: &mut Vec<Failure>) -> Result<()> {
        let progress = writers.progress();
        let seed = nemesis::seed();
        self.until_rows_are_sealed().await?;
        watching::watched(&self.cluster).await?;
        let some = kills(scale::pick(KILLS.0, KILLS.1), Victims::Some, seed);
        failures.extend(some.run(&self.cluster, &progress).await?);
        self.still_running().await?;
        self.run("rotate-dek --purpose storage").await?;
        self.join(&progress).await?;
        let all = kills(scale::pick(KILLS_OF_ALL.0, KILLS_OF_ALL.1), Victims::All, seed ^ 1);
        failures.extend(all.run(&self.cluster, &progress).await?);
        self.still_running().await
    }

    /// A fourth member, that begins with a snapshot of rows old and new.
    async fn join(&mut self, progress: &Progress) -> Result<()> {
        let founders = self.cluster.places();
        let joiner = self.cluster.add_waiting_node().await?;
        self.cluster.start(joiner)?;
        self.cluster.add_learner(&founders, joiner).await?;
        self.cluster.promote(&founders, joiner).await?;
        progress.more_acknowledged(1, PATIENCE).await
    }

    /// Kills that come when it is over prove nothing.
    async fn still_running(&self) -> Result<()> {
        self.cluster.settle(PATIENCE).await?;
        let told = self.run("rewrite status").await?;
        ensure!(told["data"]["job"]["state"] == "running", "it was over before the trouble was: {told}");
        Ok(())
    }

    async fn until_rows_are_sealed(&self) -> Result<()> {
        wait::until("every member to seal rows anew", PATIENCE, || async {
            let told = self.run("rewrite status").await?;
            for member in members(&told)? {
                ensure!(number(&member["rows"])? > 0, "{member}");
            }
            Ok(())
        })
        .await
    }

    async fn rows_done(&self) -> Result<u64> {
        members(&self.run("rewrite status").await?)?.iter().map(|one| number(&one["rows"])).sum()
    }

    async fn ask(&self, line: &str, status: i32) -> Result<Value> {
        encryption(&self.cluster, line).await?.with(status)
    }
}

fn kills(rounds: usize, victims: Victims, seed: u64) -> KillRounds {
    KillRounds { rounds, victims, seed, acknowledged_between: BETWEEN_KILLS, without_stores: false }
}

fn members(told: &Value) -> Result<&Vec<Value>> {
    told["data"]["job"]["members"].as_array().context("no members")
}

/// Where the time goes.
struct Clock(Instant);

impl Clock {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn lap(&mut self, what: &str) {
        let took = std::mem::replace(&mut self.0, Instant::now()).elapsed();
        println!("{what} in {:.1} s", took.as_secs_f64());
    }
}
