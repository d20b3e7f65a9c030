//! Old rows are sealed anew, and what they were disappears, while clients go on overwriting them.
//!
//! Values are written in clear, then sealed under a first key, then under a second one; canaries are planted before
//! the cutovers. The rewrite runs while writers overwrite, and one member is killed in the middle of it. Afterwards
//! what could be read at one timestamp is what it was, on every member; every row counted is sealed, under the active
//! key; and no canary is in any byte of any file. They were found there before the rewrite, and are found after one
//! that erases nothing.
//!
//! `ELASTICKV_SCALE=full` writes a hundred times as many rows.

use anyhow::{Context, Result, ensure};
use elastickv_tests::canaries::{Found, Search};
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Digest, Plan};
use elastickv_tests::verify::verify;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{History, Load, Operation, Writers};
use elastickv_tests::{scale, turn};
use serde_json::Value;

use crate::admin::encryption;
use crate::walk::canaries::Planted;

const CONFIRMED: &str = "--yes --expect-cluster test";
/// Writes acknowledged in clear, and under each key.
const WRITES: (u64, u64) = (1_500, 150_000);
const CANARIES: (usize, usize) = (100, 1_000);
/// More writes than a writer makes in one phase.
const NUMBERS: u64 = 1 << 32;
const LOAD: Load = Load {
    writers: 16,
    value_bytes: 256,
    hot_keys: 16,
    deadline: std::time::Duration::from_secs(5),
    first: 0,
};

/// A cluster with rows in clear, rows under a key that was replaced, and canaries from before any was sealed.
struct Stage {
    cluster: Cluster,
    phases: u64,
    operations: Vec<Operation>,
    planted: Planted,
    old_key: u64,
}

impl Stage {
    async fn set(plan: Plan) -> Result<Self> {
        let cluster = plan.encrypted().start().await?;
        cluster.settle(PATIENCE).await?;
        let planted = Planted::of("early");
        let mut stage = Self { cluster, phases: 0, operations: Vec::new(), planted, old_key: 0 };
        stage.write().await?;
        let clients: Vec<_> = stage.cluster.nodes().iter().map(|node| node.client()).collect();
        stage.planted.plant(&clients, scale::pick(CANARIES.0, CANARIES.1)).await?;
        encryption(&stage.cluster, &format!("enable-storage-envelope {CONFIRMED}")).await?.with(0)?;
        stage.write().await?;
        stage.old_key = stage.active_key().await?;
        encryption(&stage.cluster, &format!("enable-raft-envelope {CONFIRMED}")).await?.with(0)?;
        encryption(&stage.cluster, "rotate-dek --purpose storage").await?.with(0)?;
        stage.write().await?;
        Ok(stage)
    }

    fn writers(&mut self) -> Writers {
        let clients: Vec<_> = self.cluster.nodes().iter().map(|node| node.client()).collect();
        self.phases += 1;
        Writers::start(&clients, Load { first: self.phases * NUMBERS, ..LOAD })
    }

    async fn write(&mut self) -> Result<()> {
        let writers = self.writers();
        writers.progress().more_acknowledged(scale::pick(WRITES.0, WRITES.1), PATIENCE * 4).await?;
        self.operations.extend(writers.finish().await.operations().iter().cloned());
        Ok(())
    }

    async fn active_key(&self) -> Result<u64> {
        let told = encryption(&self.cluster, "keys list").await?.with(0)?;
        let keys = told["data"]["keys"].as_array().context("no keys")?;
        let active = keys.iter().find(|key| key["purpose"] == "storage" && key["state"] == "active");
        active.and_then(|key| key["key_id"].as_u64()).context("no active storage key")
    }

    /// Looks into every file; nodes are not looked at while they run.
    async fn search(&self) -> Result<Found> {
        for place in self.cluster.places() {
            ensure!(self.cluster.terminate(place).await?.success());
        }
        Search::of(&self.planted.canaries)?.below(self.cluster.scratch())
    }

    /// Rewrites to the end, while writers overwrite and one member is killed on the way.
    async fn rewrite(&mut self, kill: bool) -> Result<Value> {
        let leader = self.cluster.leader(PATIENCE).await?;
        let victim = self.cluster.others(leader)[0];
        let writers = self.writers();
        let begun =
            encryption(&self.cluster, "rewrite --rate 2MiB/s --no-wait --reason old").await?.with(8)?;
        ensure!(begun["data"]["job"]["state"] == "running", "{begun}");
        if kill {
            self.until_at(victim, "rows").await?;
            self.cluster.kill(&[victim])?;
            self.cluster.start(victim)?;
        }
        encryption(&self.cluster, "rewrite set-rate unlimited").await?.with(0)?;
        let ended = encryption(&self.cluster, "rewrite status --watch --deadline 180s").await?.with(0)?;
        self.operations.extend(writers.finish().await.operations().iter().cloned());
        Ok(ended)
    }

    /// Waits until a member has begun with its rows.
    async fn until_at(&self, place: elastickv_tests::links::Place, activity: &str) -> Result<()> {
        let name = &self.cluster.node(place).name;
        wait::until(&format!("{name} to be at {activity}"), PATIENCE, || async {
            let told = encryption(&self.cluster, "rewrite status").await?.with(0)?;
            let members = told["data"]["job"]["members"].as_array().context("no members")?;
            let member = members.iter().find(|one| one["member"] == *name).context("it is missing")?;
            ensure!(member["activity"] == activity || member["done"] == true, "{member}");
            Ok(())
        })
        .await
    }

    async fn verify(&self) -> Result<()> {
        let leader = self.cluster.settle(PATIENCE).await?;
        let content = self.cluster.node(leader).client().scan_all(Linearizable).await?;
        let history = History::new(self.operations.clone(), LOAD.value_bytes);
        let findings = verify(&history, &content);
        ensure!(findings.is_clean(), "{findings}");
        self.planted.check(&content)?;
        self.cluster.digests_agree().await?;
        Ok(())
    }

    /// Refused as long as anything is in the way, all of it named; then the old keys go, and nothing is missed.
    async fn retire(&mut self) -> Result<()> {
        let retire = |key: u64| format!("retire-dek --key-id {key} {CONFIRMED}");
        let active = self.active_key().await?;
        encryption(&self.cluster, &retire(active)).await?.with(3)?;
        encryption(&self.cluster, "retire-dek --key-id 0 --simulate").await?.with(2)?;
        let leader = self.cluster.leader(PATIENCE).await?;
        let away = self.cluster.others(leader)[0];
        let name = self.cluster.node(away).name.clone();
        self.cluster.kill(&[away])?;
        let refused = encryption(&self.cluster, &retire(self.old_key)).await?.with(3)?;
        ensure!(blockers(&refused)?.iter().any(|one| one["member"] == name), "{refused}");
        self.cluster.start(away)?;
        self.cluster.settle(PATIENCE).await?;
        let refused = encryption(&self.cluster, &retire(self.old_key)).await?.with(3)?;
        println!("refused: {}", refused["error"]["message"]);
        let counted = blockers(&refused)?.iter().filter(|one| told(one, "counted")).count();
        ensure!(counted == 3, "no member has counted since the key was closed: {refused}");
        let prepared = format!("{} --prepare --deadline 180s", retire(self.old_key));
        let retired = encryption(&self.cluster, &prepared).await?.with(0)?;
        ensure!(retired["data"]["changed"] == true, "{retired}");
        let again = encryption(&self.cluster, &retire(self.old_key)).await?.with(0)?;
        ensure!(again["data"]["changed"] == false, "{again}");
        self.retire_raft_key().await?;
        self.verify().await?;
        for place in self.cluster.places() {
            ensure!(self.cluster.terminate(place).await?.success());
            self.cluster.start(place)?;
            self.cluster.settle(PATIENCE).await?;
        }
        self.verify().await
    }

    async fn retire_raft_key(&mut self) -> Result<()> {
        let key = |told: &Value, state: &str| {
            let keys = told["data"]["keys"].as_array()?;
            let of = keys.iter().find(|key| key["purpose"] == "raft" && key["state"] == state);
            of.and_then(|key| key["key_id"].as_u64())
        };
        let old = key(&encryption(&self.cluster, "keys list").await?.with(0)?, "active").context("no key")?;
        encryption(&self.cluster, "rotate-dek --purpose raft").await?.with(0)?;
        let line = format!("retire-dek --key-id {old} {CONFIRMED}");
        let refused = encryption(&self.cluster, &line).await?.with(3)?;
        println!("refused: {}", refused["error"]["message"]);
        ensure!(blockers(&refused)?.iter().any(|one| told(one, "log")), "{refused}");
        self.write().await?;
        encryption(&self.cluster, &format!("{line} --prepare --deadline 180s")).await?.with(0)?;
        let keys = encryption(&self.cluster, "keys list --all").await?.with(0)?;
        ensure!(key(&keys, "retired") == Some(old), "{keys}");
        Ok(())
    }

    async fn end(self) -> Result<(Found, Cluster)> {
        Ok((self.search().await?, self.cluster))
    }
}

fn blockers(refused: &Value) -> Result<Vec<Value>> {
    refused["error"]["blocking"].as_array().cloned().context("nothing is named that blocks")
}

fn told(blocker: &Value, word: &str) -> bool {
    blocker["reason"].as_str().is_some_and(|reason| reason.contains(word))
}

/// Every row of every member by its key, as the operator counts them.
async fn counted(cluster: &Cluster) -> Result<Vec<Value>> {
    let told = encryption(cluster, "status --verify").await?.with(0)?;
    let members = told["data"]["verification"]["members"].as_array().context("nothing was counted")?;
    Ok(members.clone())
}

fn rows_under(member: &Value, key: u64) -> Result<u64> {
    let keys = member["keys"].as_array().context("no keys")?;
    let of = keys.iter().find(|one| one["key_id"] == key);
    of.map_or(Ok(0), |one| Ok(one["rows"].as_str().context("no rows")?.parse()?))
}

fn same(before: &Digest, after: &Digest) -> bool {
    (&before.digest, before.keys, before.ts) == (&after.digest, after.keys, after.ts)
}

#[tokio::test(flavor = "multi_thread")]
async fn rewrite_under_writers_and_a_kill_leaves_no_old_byte_and_changes_no_value() -> Result<()> {
    let _turn = turn::take().await?;
    let mut stage = Stage::set(Plan::new("rewrite")).await?;
    let before = stage.cluster.digests_agree().await?;
    let (clear, old) = {
        let members = counted(&stage.cluster).await?;
        let clear: u64 = members[0]["clear_rows"].as_str().context("no rows")?.parse()?;
        (clear, rows_under(&members[0], stage.old_key)?)
    };
    let canaries = stage.search().await?;
    stage.cluster.start_all()?;
    stage.cluster.settle(PATIENCE).await?;
    println!("before: {clear} clear rows, {old} under the old key; {canaries}");
    ensure!(clear > 500 && old > 500, "there is too little to do: {clear} and {old}");
    ensure!(canaries.per_cent() >= 99.0, "the search misses what is there: {canaries}");

    let ended = stage.rewrite(true).await?;
    let job = &ended["data"]["job"];
    ensure!(job["state"] == "finished" && job["log_sealed"] == true, "{ended}");
    let sealed: u64 = (job["members"].as_array().context("no members")?.iter())
        .filter_map(|one| one["rows"].as_str()?.parse::<u64>().ok())
        .sum();
    println!("{sealed} rows sealed anew by all members");
    let after = stage.cluster.digests_at(before.ts).await?;
    ensure!(same(&before, &after), "as of {} there is something else now", before.ts);
    stage.verify().await?;
    for member in counted(&stage.cluster).await? {
        let old = rows_under(&member, stage.old_key)?;
        ensure!(member["clear_rows"] == "0" && old == 0, "{member}");
    }
    stage.retire().await?;
    let (found, cluster) = stage.end().await?;
    println!("after: {found}");
    ensure!(found.canaries() == 0, "rewritten, and yet there are {found}");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_erasing_the_old_bytes_are_still_found() -> Result<()> {
    let _turn = turn::take().await?;
    let plan = Plan::new("unerased").setting("testing-without", "erase");
    let mut stage = Stage::set(plan).await?;
    stage.rewrite(false).await?;
    for member in counted(&stage.cluster).await? {
        ensure!(member["clear_rows"] == "0", "{member}");
    }
    let (found, cluster) = stage.end().await?;
    println!("without erasing: {found}");
    ensure!(found.per_cent() > 50.0, "the search misses what is there: {found}");
    cluster.finish().await
}

/// What does not fit is refused, and changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_rewrite_that_does_not_fit_is_refused() -> Result<()> {
    let cluster = Plan::new("norewrite").nodes(1).encrypted().start().await?;
    cluster.settle(PATIENCE).await?;
    encryption(&cluster, "rewrite").await?.with(3)?;
    encryption(&cluster, "rewrite pause").await?.with(2)?;
    let none = encryption(&cluster, "rewrite status").await?.with(0)?;
    ensure!(none["data"]["job"].is_null(), "{none}");
    encryption(&cluster, &format!("enable-storage-envelope {CONFIRMED}")).await?.with(0)?;
    encryption(&cluster, "rewrite --rate 20MB/s").await?.with(2)?;
    let ended = encryption(&cluster, "rewrite").await?.with(0)?;
    ensure!(ended["data"]["job"]["log_sealed"] == false, "the log is still clear: {ended}");
    encryption(&cluster, "rewrite resume").await?.with(11)?;
    let id = ended["op_id"].as_str().context("no id")?;
    let again = encryption(&cluster, &format!("rewrite --op-id {id}")).await?.with(0)?;
    ensure!(again["changed"] == false && again["data"]["job"]["job_id"] == id, "{again}");
    cluster.finish().await
}
