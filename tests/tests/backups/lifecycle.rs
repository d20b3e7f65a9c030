//! Backups of every step of a cluster's life, restored beside the cluster that they are of.
//!
//! One cluster goes from clear text to retired keys. A backup is taken at each step, also in the middle of those that take
//! more than one entry. Each is looked through with the wrapping key; what comes of it reads back equal, seals under keys
//! of its own, and writes on beside its source: the nonces of all of them are judged together when the cluster ends.
//! Once its log is sealed, nothing that is written to a restored cluster is in clear in any of its files.
//!
//! `ELASTICKV_SCALE=full` restores every one of them, the default is some of those that differ most.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_offline::backup::Manifest;
use elastickv_proto::{DekPurpose, v1};
use elastickv_sys::files::SystemFiles;
use elastickv_tests::canaries::{Canary, Search};
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::scale;
use elastickv_tests::wait::PATIENCE;

use crate::operator::{admin, on, text};
use crate::restored::Restored;

const KEYS: usize = 40;

macro_rules! steps {
    ($($step:ident)+) => {
        /// Where the source is when a backup is taken, in this order.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        enum Step {
            $($step,)+
        }

        const STEPS: &[Step] = &[$(Step::$step,)+];
    };
}

steps! {
    Clear
    Bootstrapped
    SealingRows
    RowsSealed
    StorageKeyInstalled
    StorageRotated
    SealingLog
    LogSealed
    RaftKeyInstalled
    RaftRotated
    Rewriting
    Rewritten
    Closed
    Retired
}

use Step::*;

const SOME: [Step; 8] =
    [Clear, Bootstrapped, StorageKeyInstalled, SealingLog, RaftKeyInstalled, Rewriting, Closed, Retired];

impl Step {
    fn is_restored(self) -> bool {
        scale::pick(SOME.contains(&self), true)
    }

    fn has_keys(self) -> bool {
        self >= Bootstrapped
    }

    /// The backup was taken after its entry.
    fn seals_rows(self) -> bool {
        self >= RowsSealed
    }

    fn seals_log(self) -> bool {
        self >= LogSealed
    }

    /// The moment in the middle of a change at which the backup is taken.
    fn point(self) -> Option<&'static str> {
        match self {
            SealingRows | SealingLog => Some("step-due"),
            StorageKeyInstalled | RaftKeyInstalled => Some("key-held"),
            _ => None,
        }
    }
}

/// A backup, and what the source held then.
struct Taken {
    step: Step,
    dir: PathBuf,
    content: Vec<(Bytes, Bytes)>,
}

/// The cluster that goes from step to step.
struct Source {
    cluster: Cluster,
    client: Client,
}

impl Source {
    async fn reach(&self, step: Step) -> Result<()> {
        match step {
            Bootstrapped => drop(self.client.bootstrap_encryption(Default::default()).await?),
            Rewriting => {
                self.encryption(&["rewrite", "--rate", "4KiB/s", "--no-wait"], 8).await?;
                self.encryption(&["rewrite", "pause"], 0).await?;
            }
            Rewritten => {
                self.encryption(&["rewrite", "set-rate", "unlimited"], 0).await?;
                self.encryption(&["rewrite", "resume"], 0).await?;
                self.encryption(&["rewrite", "status", "--watch", "--deadline", "120s"], 0).await?;
            }
            // What was written since under the key that is closed keeps it from being retired.
            Closed => {
                self.client.rotate(DekPurpose::Storage).await?;
                self.retire(&[], 3).await?;
            }
            Retired => self.retire(&["--prepare", "--deadline", "120s"], 0).await?,
            // Reached once the change goes on that the step before was in the middle of.
            Clear | RowsSealed | StorageRotated | LogSealed | RaftRotated => {}
            SealingRows | SealingLog | StorageKeyInstalled | RaftKeyInstalled => {}
        }
        Ok(())
    }

    async fn change(client: Client, step: Step) -> Result<()> {
        match step {
            SealingRows => drop(client.enable_storage().await?),
            SealingLog => drop(client.enable_raft().await?),
            StorageKeyInstalled => drop(client.rotate(DekPurpose::Storage).await?),
            RaftKeyInstalled => drop(client.rotate(DekPurpose::Raft).await?),
            _ => {}
        }
        Ok(())
    }

    /// Takes a backup of a step; of one in the middle of a change while that stands still.
    async fn taken(&self, step: Step) -> Result<Taken> {
        self.reach(step).await?;
        let Some(point) = step.point() else { return self.take(step).await };
        let points = &self.cluster.nodes()[0].points;
        let before = points.count(point, "held")?;
        points.hold_at(point, 1)?;
        let asked = tokio::spawn(Self::change(self.client.clone(), step));
        points.held(point, before + 1, PATIENCE).await?;
        let taken = self.take(step).await?;
        ensure!(points.let_go(point)?, "nobody stood still at {point}");
        asked.await??;
        Ok(taken)
    }

    async fn take(&self, step: Step) -> Result<Taken> {
        let prefix = format!("{step:?}");
        write(&self.client, &prefix).await?;
        let dir = create(&self.cluster, &prefix).await?;
        let uri = kek::uri(&self.cluster.kek_file());
        let told = admin(&["backup", "verify", text(&dir), "--kek", &uri]).await?.with(0)?;
        let clear = told["data"]["clear_rows"].as_str() != Some("0");
        ensure!(clear != step.seals_rows(), "{step:?}: {}", told["data"]);
        Ok(Taken { step, dir, content: self.client.scan_all(Linearizable).await? })
    }

    async fn encryption(&self, words: &[&str], status: i32) -> Result<()> {
        on(&self.cluster, &[&["encryption"], words].concat()).await?.with(status).map(drop)
    }

    /// Asks for the storage key to go that was replaced last.
    async fn retire(&self, more: &[&str], status: i32) -> Result<()> {
        let replaced = |state: v1::KeyState| matches!(state, v1::KeyState::Retiring | v1::KeyState::Closed);
        let keys = self.client.encryption_status().await?.keys;
        let of = keys.iter().filter(|key| key.purpose() == v1::Purpose::Storage && replaced(key.state()));
        let key = of.max_by_key(|key| key.created_index).context("no storage key was replaced")?;
        let id = key.key_id.to_string();
        let words = ["retire-dek", "--key-id", &id, "--yes", "--expect-cluster", "test"];
        self.encryption(&[&words, more].concat(), status).await
    }
}

async fn write(client: &Client, prefix: &str) -> Result<()> {
    for number in 0..KEYS {
        let key = Bytes::from(format!("{prefix}/{number:03}"));
        let value = Bytes::from(format!("{prefix} {number} ").repeat(1 + number));
        client.put(key.clone(), "written over".into(), Bytes::new()).await?;
        client.put(key.clone(), value, Bytes::new()).await?;
        if number % 5 == 0 {
            client.delete(key, Bytes::new()).await?;
        }
    }
    Ok(())
}

pub async fn create(cluster: &Cluster, name: &str) -> Result<PathBuf> {
    let dir = cluster.scratch().join(name);
    on(cluster, &["backup", "create", text(&dir), "--expect-cluster", "test"]).await?.with(0)?;
    Ok(dir)
}

pub fn manifest(dir: &Path) -> Result<Manifest> {
    Ok(Manifest::read(&SystemFiles, dir)?)
}

async fn keys_of(client: &Client, wanted: impl Fn(v1::KeyState) -> bool) -> Result<BTreeSet<u32>> {
    let status = client.encryption_status().await?;
    Ok(status.keys.iter().filter(|key| wanted(key.state())).map(|key| key.key_id).collect())
}

fn sealing(state: v1::KeyState) -> bool {
    matches!(state, v1::KeyState::Active | v1::KeyState::Retiring | v1::KeyState::Installed)
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_of_every_step_read_back_and_no_key_seals_for_two_clusters() -> Result<()> {
    let cluster = Plan::new("lifecycle").nodes(1).encrypted().with_points().start().await?;
    let client = cluster.nodes()[0].client();
    let source = Source { cluster, client };
    let mut taken = Vec::new();
    for step in STEPS {
        taken.push(source.taken(*step).await.with_context(|| format!("the source at {step:?}"))?);
    }
    for taken in taken.iter().filter(|taken| taken.step.is_restored()) {
        let begun = Instant::now();
        comes_back(&source, taken).await.with_context(|| format!("restored from {:?}", taken.step))?;
        println!("{:?}: {} pairs, {:.1?}", taken.step, taken.content.len(), begun.elapsed());
    }
    let tally = source.cluster.nonces()?;
    ensure!(tally.files > 1 && tally.seals > 2_000, "too little was sealed to tell anything: {tally}");
    source.cluster.finish().await
}

/// It reads back equal, and both write on. What one of them seals under, the other does not.
async fn comes_back(source: &Source, taken: &Taken) -> Result<()> {
    let Taken { step, dir, content } = taken;
    let restored = Restored::of(&source.cluster, dir, &format!("restored-{step:?}")).await?;
    let found = restored.client.scan_all(Linearizable).await?;
    ensure!(found == *content, "{} pairs instead of {}", found.len(), content.len());
    let canaries: Vec<Canary> = (0..20).map(|_| rand::random()).collect();
    for (number, canary) in canaries.iter().enumerate() {
        let (key, value) = (Bytes::from(format!("after/{number}")), Bytes::copy_from_slice(canary));
        restored.client.put(key.clone(), value, Bytes::new()).await?;
        source.client.put(key, "of the source".into(), Bytes::new()).await?;
    }
    let ours = keys_of(&restored.client, sealing).await?;
    let theirs = keys_of(&source.client, |_| true).await?;
    ensure!(ours.is_disjoint(&theirs), "{ours:?} and {theirs:?}");
    ensure!(ours.len() == if step.has_keys() { 2 } else { 0 }, "{ours:?}");
    restored.restart().await?;
    for (number, canary) in canaries.iter().enumerate() {
        let found = restored.client.get(format!("after/{number}").into(), Linearizable).await?;
        ensure!(found.as_deref() == Some(canary), "after/{number} is gone");
    }
    let again = source.cluster.scratch().join(format!("again-{step:?}"));
    let address = format!("{}", restored.address());
    admin(&["backup", "create", text(&again), "--endpoint", &address]).await?.with(0)?;
    let sealed: BTreeSet<u32> = manifest(&again)?.keys.iter().map(|key| key.key_id).collect();
    ensure!(sealed.is_disjoint(&theirs), "{sealed:?} are keys of the source");
    restored.stop().await?;
    let found = Search::of(&canaries)?.below(&restored.data_dir)?;
    ensure!((found.canaries() == 0) == step.seals_log(), "{found}");
    Ok(())
}
