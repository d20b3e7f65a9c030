//! Old keys go once nothing refers to them, and nothing is missed afterwards.

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Plan;
use elastickv_tests::turn;
use elastickv_tests::wait::PATIENCE;
use serde_json::Value;

use super::stage::{Amount, CONFIRMED, Stage};
use crate::admin::encryption;

#[tokio::test(flavor = "multi_thread")]
async fn old_keys_are_refused_to_go_with_all_that_blocks_and_then_go() -> Result<()> {
    let _turn = turn::take().await?;
    let mut stage = Stage::set(Plan::new("retired"), Amount { keys: 500, canaries: 20 }).await?;
    stage.run("rewrite").await?;
    stage.retire_storage_key().await?;
    stage.retire_raft_key().await?;
    stage.verify().await?;
    stage.cluster.digests_agree().await?;
    for place in stage.cluster.places() {
        ensure!(stage.cluster.terminate(place).await?.success());
        stage.cluster.start(place)?;
        stage.cluster.settle(PATIENCE).await?;
    }
    stage.verify().await?;
    stage.cluster.digests_agree().await?;
    stage.cluster.finish().await
}

impl Stage {
    /// Refused as long as anything is in the way, all of it named.
    async fn retire_storage_key(&self) -> Result<()> {
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
        let retired = self.run(&prepared).await?;
        ensure!(retired["data"]["changed"] == true, "{retired}");
        let again = self.run(&retire(self.old_key)).await?;
        ensure!(again["data"]["changed"] == false, "{again}");
        Ok(())
    }

    async fn retire_raft_key(&mut self) -> Result<()> {
        let key = |told: &Value, state: &str| {
            let keys = told["data"]["keys"].as_array()?;
            let of = keys.iter().find(|key| key["purpose"] == "raft" && key["state"] == state);
            of.and_then(|key| key["key_id"].as_u64())
        };
        let old = key(&self.run("keys list").await?, "active").context("no key")?;
        self.run("rotate-dek --purpose raft").await?;
        let line = format!("retire-dek --key-id {old} {CONFIRMED}");
        let refused = encryption(&self.cluster, &line).await?.with(3)?;
        println!("refused: {}", refused["error"]["message"]);
        ensure!(blockers(&refused)?.iter().any(|one| told(one, "log")), "{refused}");
        self.plant().await?;
        self.run(&format!("{line} --prepare --deadline 180s")).await?;
        let keys = self.run("keys list --all").await?;
        ensure!(key(&keys, "retired") == Some(old), "{keys}");
        Ok(())
    }
}

fn blockers(refused: &Value) -> Result<Vec<Value>> {
    refused["error"]["blocking"].as_array().cloned().context("nothing is named that blocks")
}

fn told(blocker: &Value, word: &str) -> bool {
    blocker["reason"].as_str().is_some_and(|reason| reason.contains(word))
}
