//! The whole way from clear text to a sealed cluster whose keys have all been replaced, walked by an operator
//! while clients write and read: three nodes and a learner, and after every step everything that was ever
//! acknowledged is there.
//!
//! From the second cutover on canaries are planted. When the nodes have ended, none of them is in any byte of
//! any file. The control is the same walk without encryption, in which they have to be found.
//!
//! `ELASTICKV_SCALE=full cargo test --release -p elastickv-tests --test keys walk` plants ten thousand.

pub mod canaries;
mod closing;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use elastickv_tests::canaries::{BYTES, Canary, Search};
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::links::Place;
use elastickv_tests::scale;
use elastickv_tests::summary::{Floors, Summary};
use elastickv_tests::turn;
use elastickv_tests::verify::verify;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::witness::Witness;
use elastickv_tests::workload::{History, Load, Operation, Writers};

use crate::admin::{self, admin, encryption};
use canaries::Planted;
use closing::Closing;

const CLIENTS: usize = 32;
/// Canaries in all, planted at this many moments.
const CANARIES: (usize, usize) = (1_000, 10_000);
const PLANTINGS: usize = 4;
/// Planted before the first cutover.
const EARLY: usize = 100;
/// Writes acknowledged before each step begins, and after it is done.
const WRITES: (u64, u64) = (150, 1_000);
/// More writes than a writer makes in one step.
const NUMBERS: u64 = 1 << 32;
/// In per cent: so many of the canaries that stand in the files have to be found.
const FINDS: f64 = 99.0;
const CONFIRMED: &str = "--yes --expect-cluster test";

/// A cluster on its way, and all that was written to it.
struct Walk {
    cluster: Cluster,
    encrypted: bool,
    steps: u64,
    operations: Vec<Operation>,
    reads: u64,
    /// From before anything was sealed: in files that can be searched these are found, sealed later or not.
    early: Planted,
    planted: Planted,
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_written_is_lost_on_the_way_and_nothing_can_be_read_off_the_files() -> Result<()> {
    let _turn = turn::take().await?;
    let (sealed, clear) = tokio::try_join!(walk(true), walk(false))?;
    println!("{}", closing::table(&[("sealed", &sealed), ("clear", &clear)]));
    ensure!(sealed.found.canaries() == 0, "sealed, and yet there are {}", sealed.found);
    ensure!(clear.found.per_cent() >= FINDS, "the search misses what is there: {}", clear.found);
    for closing in [&sealed, &clear] {
        ensure!(closing.early.per_cent() >= FINDS, "the search misses what is there: {}", closing.early);
        let acknowledged = scale::pick(3_000, 20_000);
        let floors = Floors { acknowledged, acknowledged_share: 80.0, ..Floors::default() };
        closing.summary.demand(&floors)?;
        ensure!(closing.reads > acknowledged as u64 / 10, "only {} reads", closing.reads);
    }
    Ok(())
}

/// The way itself; without encryption the same restarts, snapshots and canaries.
async fn walk(encrypted: bool) -> Result<Closing> {
    let begun = Instant::now();
    let mut walk = Walk::start(encrypted).await?;
    walk.step("clear text", 0, async |_| Ok(())).await?;
    let clients: Vec<_> = walk.cluster.nodes().iter().map(|node| node.client()).collect();
    walk.early.plant(&clients, EARLY).await?;
    walk.sealing("bootstrap", 0, &format!("bootstrap {CONFIRMED}"), "bootstrapped").await?;
    let line = format!("enable-storage-envelope {CONFIRMED}");
    walk.sealing("rows sealed", 0, &line, "storage-sealed").await?;
    let line = format!("enable-raft-envelope {CONFIRMED}");
    walk.sealing("entries sealed", 1, &line, "fully-sealed").await?;
    walk.sealing("row key rotated", 1, "rotate-dek --purpose storage", "fully-sealed").await?;
    walk.sealing("entry key rotated", 0, "rotate-dek --purpose raft", "fully-sealed").await?;
    let (old, new) = (walk.cluster.kek_file(), walk.cluster.scratch().join("new-kek.bin"));
    kek::make(&new)?;
    walk.step("both wrapping keys", 0, async |walk| walk.roll(&new, Some(&old)).await).await?;
    walk.sealing("wrapped anew", 1, &format!("rewrap-deks {CONFIRMED}"), "fully-sealed").await?;
    walk.step("old log dropped", 0, async |walk| walk.drop_logs().await).await?;
    let wrapping = [key_in(&old)?, key_in(&new)?];
    fs::remove_file(&old)?;
    walk.step("old wrapping key gone", 1, async |walk| walk.roll(&new, None).await).await?;
    let closing = walk.end(&new, &wrapping).await?;
    println!("walked in {:.1?}; {}", begun.elapsed(), closing.summary);
    Ok(closing)
}

fn key_in(file: &Path) -> Result<Canary> {
    let bytes = fs::read(file)?;
    <[u8; BYTES]>::try_from(&*bytes).context("a wrapping key of an odd length")
}

impl Walk {
    async fn start(encrypted: bool) -> Result<Self> {
        let plan = Plan::new("walk");
        let plan = if encrypted { plan.encrypted() } else { plan };
        let mut cluster = plan.start().await?;
        let founders = cluster.places();
        let learner = cluster.add_waiting_node().await?;
        cluster.start(learner)?;
        cluster.add_learner(&founders, learner).await?;
        cluster.settle(PATIENCE).await?;
        if !encrypted {
            kek::make(&cluster.kek_file())?;
        }
        let (early, planted) = (Planted::of("early"), Planted::of("canary"));
        Ok(Self { cluster, encrypted, steps: 0, operations: Vec::new(), reads: 0, early, planted })
    }

    fn way(&self) -> &'static str {
        if self.encrypted { "sealed" } else { "clear" }
    }

    /// A step that is one command, which in the control is not given.
    async fn sealing(&mut self, what: &str, share: usize, line: &str, stage: &str) -> Result<()> {
        let encrypted = self.encrypted;
        self.step(what, share, async |walk| {
            if encrypted {
                encryption(&walk.cluster, line).await?.with(0)?;
                ensure!(admin::stage(&walk.cluster).await? == stage, "{what}");
            }
            Ok(())
        })
        .await
    }

    /// Does something while clients write and read, plants canaries once it is done, and looks for all that
    /// was acknowledged so far.
    async fn step(
        &mut self,
        what: &str,
        plantings: usize,
        act: impl AsyncFnOnce(&Self) -> Result<()>,
    ) -> Result<()> {
        let clients: Vec<_> = self.cluster.nodes().iter().map(|node| node.client()).collect();
        let load = Load { writers: CLIENTS, first: self.steps * NUMBERS, ..Load::default() };
        let value_bytes = load.value_bytes;
        let (writers, witness) = (Writers::start(&clients, load), Witness::start(&clients));
        let progress = writers.progress();
        let enough = scale::pick(WRITES.0, WRITES.1);
        progress.more_acknowledged(enough, PATIENCE * 2).await?;
        let begun = Instant::now();
        act(self).await.with_context(|| what.to_owned())?;
        let took = begun.elapsed();
        let canaries = plantings * scale::pick(CANARIES.0, CANARIES.1) / PLANTINGS;
        self.planted.plant(&clients, canaries).await?;
        progress.more_acknowledged(enough, PATIENCE * 2).await?;
        self.operations.extend(writers.finish().await.operations().iter().cloned());
        let testimony = witness.finish().await?;
        self.reads += testimony.linearizable.reads + testimony.stale.reads;
        self.steps += 1;
        let history = History::new(std::mem::take(&mut self.operations), value_bytes);
        let seen = self.verify(what, &history).await;
        println!("{}, {what}: {took:.1?}; {}; {testimony}", self.way(), seen?);
        self.operations = history.operations().to_vec();
        ensure!(testimony.linearizable.outdated == 0, "{what}: {testimony}");
        Ok(())
    }

    /// Holds what the leader has against all that was ever answered, and every other node against the leader.
    async fn verify(&self, what: &str, history: &History) -> Result<String> {
        let leader = self.cluster.leader(PATIENCE).await?;
        let content = self.cluster.node(leader).client().scan_all(Linearizable).await?;
        let findings = verify(history, &content);
        ensure!(findings.is_clean(), "{what}: {findings}");
        self.early.check(&content).with_context(|| what.to_owned())?;
        self.planted.check(&content).with_context(|| what.to_owned())?;
        let digest = self.cluster.digests_agree().await.with_context(|| what.to_owned())?;
        Ok(format!("{findings}; {} keys on every node", digest.keys))
    }

    /// Starts every node anew, one after the other, with these wrapping keys.
    async fn roll(&self, kek: &Path, previous: Option<&Path>) -> Result<()> {
        for place in self.cluster.places() {
            ensure!(self.cluster.terminate(place).await?.success());
            if self.encrypted {
                self.give(place, kek, previous);
            }
            self.cluster.start(place)?;
            self.cluster.settle(PATIENCE).await?;
        }
        Ok(())
    }

    fn give(&self, place: Place, kek: &Path, previous: Option<&Path>) {
        self.cluster.node(place).process.change(|recipe| {
            recipe.arguments.retain(|argument| !argument.to_string_lossy().starts_with("--kek"));
            recipe.arguments.push(format!("--kek={}", kek::uri(kek)).into());
            let previous = previous.map(|path| format!("--kek-previous={}", kek::uri(path)).into());
            recipe.arguments.extend(previous);
        });
    }

    /// What is left in logs from before the new wrappings still needs the previous wrapping key.
    async fn drop_logs(&self) -> Result<()> {
        admin(&self.cluster, "cluster snapshot --all --purge").await?.with(0)?;
        if !self.encrypted {
            return Ok(());
        }
        wait::until("the previous wrapping key may go", PATIENCE, || async {
            let told = encryption(&self.cluster, "status").await?.with(0)?;
            let previous = &told["data"]["previous_kek"];
            ensure!(previous["may_go"] == true, "{previous}");
            Ok(())
        })
        .await
    }

    /// Stops all nodes and looks into every byte they have written, the logs for people included.
    async fn end(self, kek: &Path, wrapping: &[Canary]) -> Result<Closing> {
        for place in self.cluster.places() {
            ensure!(self.cluster.terminate(place).await?.success());
        }
        fs::remove_file(kek)?;
        let dir = self.cluster.scratch().to_owned();
        let begun = Instant::now();
        let found = Search::of(&self.planted.canaries)?.below(&dir)?;
        let early = Search::of(&self.early.canaries)?.below(&dir)?;
        let keys = Search::of(wrapping)?.below(&dir)?;
        println!("searched in {:.1?}", begun.elapsed());
        ensure!(keys.canaries() == 0, "wrapping keys were written: {keys}");
        let summary = Summary::of(&self.operations, &[]);
        self.cluster.finish().await?;
        Ok(Closing { clients: CLIENTS, summary, reads: self.reads, early, found })
    }
}
