//! Keys that were replaced leave: refused as long as anything refers to them, all of it named at once, and gone for good
//! afterwards, from memory too.
//!
//! One cluster goes through all of it. First everything that can stand in the way of a storage key does, some of it at
//! once ([`blockers`]); then a raft key goes while its leader still holds back writes that were sealed under it ([`late`]);
//! then keys are replaced again and again, and what a node keeps and reads at its start stays what it was ([`rounds`]).
//! The bytes of the keys are looked for in the memory of every server before and after ([`memory`]).
//!
//! `ELASTICKV_SCALE=full` replaces them twenty times.

mod blockers;
mod late;
mod memory;
mod rounds;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::turn;
use elastickv_tests::wait::{self, PATIENCE};
use serde_json::Value;

use crate::admin::{admin, encryption};
use memory::{Found, Secret};

const CONFIRMED: &str = "--yes --expect-cluster test";
/// Who leads, who keeps things aside, and who is held back.
const LEADER: Place = Place(0);
const KEEPER: Place = Place(1);
const HELD: Place = Place(2);
/// Whether a member has applied what the leader has, of keys.
const IN_SYNC: &str = "state-in-sync";
/// How long a request may go on with a key that it took before the key left.
const REQUESTS: Duration = Duration::from_secs(5);
/// Values in each batch of them.
const VALUES: usize = 40;

/// What stands in the way: the member, or nothing for the cluster as a whole; the check; the reason.
type Blocker = (String, String, String);
type Blockers = BTreeSet<Blocker>;

fn blocker(member: &str, check: &str, reason: &str) -> Blocker {
    (member.to_owned(), check.to_owned(), reason.to_owned())
}

/// The same on every member.
fn everywhere(check: &str, reason: &str) -> Blockers {
    ["n1", "n2", "n3"].into_iter().map(|name| blocker(name, check, reason)).collect()
}

fn all<const N: usize>(parts: [Blockers; N]) -> Blockers {
    parts.into_iter().flatten().collect()
}

fn one(member: &str, check: &str, reason: &str) -> Blockers {
    [blocker(member, check, reason)].into()
}

/// What a document names, in its judgement and in what is told of the error, which has to be the same.
fn named(document: &Value) -> Result<Blockers> {
    let findings =
        document["data"]["findings"].as_array().or(document["data"]["judgement"]["findings"].as_array());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let blocking: Vec<_> =
        findings.context("no findings")?.iter().filter(|one| one["verdict"] == "blocks").collect();
    let error = document["error"]["blocking"].as_array().cloned().unwrap_or_default();
    ensure!(error.len() == blocking.len(), "{} of {} are named: {document}", error.len(), blocking.len());
    ensure!(blocking.is_empty() || document["error"]["name"] == "GateRefused", "{document}");
    Ok(blocking.iter().map(|one| (text(&one["member"]), text(&one["check"]), text(&one["reason"]))).collect())
}

struct Stage {
    cluster: Cluster,
    values: usize,
}

impl Stage {
    /// A sealed cluster.
    async fn sealed(plan: Plan) -> Result<Self> {
        let plan = plan.encrypted().with_points().election_timeout(Duration::from_millis(2500));
        // A write may be held back for long, and nothing but the test takes snapshots.
        let plan = plan.setting("request-timeout", "120s").setting("snapshot-entries", 0);
        let stage = Self { cluster: plan.start().await?, values: 0 };
        stage.cluster.hand_leadership(LEADER, PATIENCE).await?;
        stage.done(&format!("enable-storage-envelope {CONFIRMED}")).await?;
        stage.done(&format!("enable-raft-envelope {CONFIRMED}")).await?;
        Ok(stage)
    }

    /// A sealed cluster with values under a storage key that was replaced since.
    async fn set() -> Result<Self> {
        let mut stage = Self::sealed(Plan::new("retire")).await?;
        stage.write().await?;
        stage.done("rotate-dek --purpose storage").await?;
        Ok(stage)
    }

    async fn done(&self, line: &str) -> Result<Value> {
        encryption(&self.cluster, line).await?.with(0)
    }

    async fn write(&mut self) -> Result<()> {
        let client = self.cluster.node(LEADER).client();
        for _ in 0..VALUES {
            let (key, value) = pair(self.values);
            client.put(key, value, Bytes::new()).await?;
            self.values += 1;
        }
        Ok(())
    }

    /// Everything that was written is there, on every member alike.
    async fn whole(&self) -> Result<()> {
        let leader = self.cluster.settle(PATIENCE).await?;
        let content = self.cluster.node(leader).client().scan_all(Linearizable).await?;
        let mut expected: Vec<_> = (0..self.values).map(pair).collect();
        expected.sort();
        ensure!(content == expected, "{} of {} values are there", content.len(), expected.len());
        self.cluster.digests_agree().await?;
        Ok(())
    }

    /// The key of a purpose and state; there has to be one.
    async fn key(&self, purpose: &str, state: &str) -> Result<u32> {
        let told = self.done("keys list --all").await?;
        let keys = told["data"]["keys"].as_array().context("no keys")?;
        let mut of = keys.iter().filter(|key| key["purpose"] == purpose && key["state"] == state);
        let key = of.next().and_then(|key| key["key_id"].as_u64());
        ensure!(of.next().is_none(), "several {purpose} keys are {state}");
        Ok(u32::try_from(key.with_context(|| format!("no {purpose} key is {state}"))?)?)
    }

    /// What would stand in the way; nothing is changed by asking.
    async fn simulated(&self, key: u32) -> Result<Blockers> {
        let ended = encryption(&self.cluster, &format!("retire-dek --key-id {key} --simulate")).await?;
        named(&ended.with(3)?)
    }

    /// It is asked for, and refused, for what does not pass by itself: a member may be an entry behind.
    async fn refused(&self, key: u32) -> Result<Blockers> {
        wait::until("every member to be in sync", PATIENCE, || async {
            let found = self.refused_once(key).await?;
            ensure!(!found.iter().any(|(_, check, _)| check == IN_SYNC), "{found:?}");
            Ok(found)
        })
        .await
    }

    async fn refused_once(&self, key: u32) -> Result<Blockers> {
        let ended = encryption(&self.cluster, &format!("retire-dek --key-id {key} {CONFIRMED}")).await?;
        named(&ended.with(3)?)
    }

    /// It is asked for, and done; then it is nowhere.
    async fn retired(&self, key: u32, how: &str) -> Result<()> {
        let told = self.done(&format!("retire-dek --key-id {key} {CONFIRMED}{how}")).await?;
        ensure!(told["data"]["changed"] == true, "{told}");
        let again = self.done(&format!("retire-dek --key-id {key} {CONFIRMED}")).await?;
        ensure!(again["data"]["changed"] == false, "{again}");
        for node in self.cluster.nodes() {
            let sidecar = std::fs::read_to_string(node.data_dir.join("encryption/keys.json"))?;
            ensure!(!sidecar.contains(&format!("\"{key}\"")), "{} still has the key: {sidecar}", node.name);
        }
        Ok(())
    }

    fn secret(&self, key: u32) -> Result<Secret> {
        Secret::of(self.cluster.node(LEADER), &self.cluster.kek_file(), key)
    }

    /// What is found of a key in the memory of every server.
    fn search(&self, secret: &Secret) -> Result<Vec<(String, Found)>> {
        let of = |node: &elastickv_tests::cluster::Node| Ok((node.name.clone(), secret.search(node)?));
        self.cluster.nodes().iter().map(of).collect()
    }

    /// Whoever stood still while its memory was searched may have lost the lead by that.
    async fn leads_again(&self) -> Result<()> {
        self.cluster.settle(PATIENCE).await?;
        self.cluster.hand_leadership(LEADER, PATIENCE).await
    }

    /// Each server has it in memory.
    async fn is_in_memory(&self, what: &str, secret: &Secret) -> Result<()> {
        for (name, found) in self.search(secret)? {
            println!("{what}, before, {name}: {found}");
            ensure!(found.is_whole(), "{name} has the {what} open, and of it only {found} were found");
        }
        self.leads_again().await
    }

    /// No server has any of it in memory, once the requests are over that had it in hand.
    async fn is_out_of_memory(&self, what: &str, secret: &Secret) -> Result<()> {
        wait::until("the key to leave memory", REQUESTS, || async {
            for (name, found) in self.search(secret)? {
                println!("{what}, after, {name}: {found}");
                ensure!(found.is_nothing(), "{name} let go of the {what}, and has {found}");
            }
            Ok(())
        })
        .await?;
        self.leads_again().await
    }
}

fn pair(number: usize) -> (Bytes, Bytes) {
    (format!("key-{number:05}").into(), format!("value of {number}, which is long enough").into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_once_nothing_refers_to_it_and_not_before() -> Result<()> {
    let _turn = turn::take().await?;
    let mut stage = Stage::set().await?;
    blockers::storage(&mut stage).await.context("a storage key goes")?;
    late::raft(&mut stage).await.context("a raft key goes while writes under it are held back")?;
    rounds::run(&mut stage).await.context("keys are replaced again and again")?;
    stage.cluster.finish().await
}
