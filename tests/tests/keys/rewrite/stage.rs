//! A cluster with rows in clear, rows under a key that was replaced, and canaries from every stage.

use anyhow::{Context, Result, ensure};
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Digest, Plan};
use elastickv_tests::verify::verify;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::workload::{History, Load, Operation, Writers};
use serde_json::Value;

use super::rows;
use crate::admin::encryption;
use crate::walk::canaries::Planted;

pub const CONFIRMED: &str = "--yes --expect-cluster test";
/// More writes than a writer makes in one phase.
const NUMBERS: u64 = 1 << 32;
const LOAD: Load = Load {
    writers: 16,
    value_bytes: 256,
    hot_keys: 16,
    deadline: std::time::Duration::from_secs(5),
    first: 0,
};

/// How much stands there.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Keys, half of them written in clear; each has several versions.
    pub keys: u64,
    /// Canaries, planted in four parts.
    pub canaries: usize,
}

#[derive(Debug)]
pub struct Stage {
    pub cluster: Cluster,
    pub amount: Amount,
    pub operations: Vec<Operation>,
    pub planted: Planted,
    /// So many of the canaries came while the log was clear.
    pub bare: usize,
    pub old_key: u64,
    phases: u64,
}

impl Stage {
    pub async fn set(plan: Plan, amount: Amount) -> Result<Self> {
        let cluster = plan.encrypted().start().await?;
        cluster.settle(PATIENCE).await?;
        let (operations, planted) = (Vec::new(), Planted::of("early"));
        let mut stage = Self { cluster, amount, operations, planted, bare: 0, old_key: 0, phases: 0 };
        rows::write(&stage.clients(), 0..amount.keys / 2).await?;
        stage.plant().await?;
        stage.run(&format!("enable-storage-envelope {CONFIRMED}")).await?;
        stage.plant().await?;
        stage.bare = stage.planted.canaries.len();
        stage.old_key = stage.active_key().await?;
        stage.run(&format!("enable-raft-envelope {CONFIRMED}")).await?;
        rows::write(&stage.clients(), amount.keys / 2..amount.keys).await?;
        stage.plant().await?;
        stage.run("rotate-dek --purpose storage").await?;
        Ok(stage)
    }

    pub fn clients(&self) -> Vec<Client> {
        self.cluster.nodes().iter().map(|node| node.client()).collect()
    }

    /// A command that does what it says.
    pub async fn run(&self, line: &str) -> Result<Value> {
        encryption(&self.cluster, line).await?.with(0)
    }

    pub async fn plant(&mut self) -> Result<()> {
        let clients = self.clients();
        self.planted.plant(&clients, self.amount.canaries / 4).await
    }

    pub fn writers(&mut self) -> Writers {
        self.phases += 1;
        Writers::start(&self.clients(), Load { first: self.phases * NUMBERS, ..LOAD })
    }

    pub async fn active_key(&self) -> Result<u64> {
        let told = self.run("keys list").await?;
        let keys = told["data"]["keys"].as_array().context("no keys")?;
        let active = keys.iter().find(|key| key["purpose"] == "storage" && key["state"] == "active");
        active.and_then(|key| key["key_id"].as_u64()).context("no active storage key")
    }

    /// All that was ever acknowledged is there.
    pub async fn verify(&self) -> Result<()> {
        let leader = self.cluster.settle(PATIENCE).await?;
        let content = self.cluster.node(leader).client().scan_all(Linearizable).await?;
        let history = History::new(self.operations.clone(), LOAD.value_bytes);
        let findings = verify(&history, &content);
        ensure!(findings.is_clean(), "{findings}");
        self.planted.check(&content)
    }
}

/// Every row of one member by its key, as the operator counts them.
#[derive(Debug)]
pub struct Counted(Value);

impl Counted {
    pub async fn all(cluster: &Cluster) -> Result<Vec<Self>> {
        let told = encryption(cluster, "status --verify").await?.with(0)?;
        let members = told["data"]["verification"]["members"].as_array().context("nothing was counted")?;
        Ok(members.iter().cloned().map(Self).collect())
    }

    pub fn rows(&self) -> Result<u64> {
        number(&self.0["rows"])
    }

    pub fn clear(&self) -> Result<u64> {
        number(&self.0["clear_rows"])
    }

    pub fn under(&self, key: u64) -> Result<u64> {
        let keys = self.0["keys"].as_array().context("no keys")?;
        let of = keys.iter().find(|one| one["key_id"] == key);
        of.map_or(Ok(0), |one| number(&one["rows"]))
    }

    /// Every row is under one key.
    pub fn demand_only(&self, key: u64) -> Result<()> {
        let (rows, under) = (self.rows()?, self.under(key)?);
        ensure!(rows > 0 && rows == under && self.clear()? == 0, "not all is under {key}: {}", self.0);
        Ok(())
    }
}

pub fn number(told: &Value) -> Result<u64> {
    Ok(told.as_str().with_context(|| format!("{told} is no number"))?.parse()?)
}

/// Of the same moment, and the same content.
pub fn same(before: &Digest, after: &Digest) -> bool {
    (&before.digest, before.keys, before.ts) == (&after.digest, after.keys, after.ts)
}
