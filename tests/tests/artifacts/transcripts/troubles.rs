//! Errors by their real causes.

use std::fs;

use anyhow::{Context, Result, ensure};
use elastickv_tests::authority::Subject;
use elastickv_tests::cluster::{Cluster, kek};
use elastickv_tests::wait::{self, PATIENCE};

use super::operator::{Operator, shown};

/// Nobody listens there.
const NOBODY: &str = "127.0.0.1:1";

pub async fn provoke(operator: &mut Operator, cluster: &mut Cluster) -> Result<()> {
    typed_wrong(operator)?;
    contexts(operator, cluster)?;
    files(operator)?;
    doors(operator, cluster).await?;
    rules(operator).await?;
    keys(operator)?;
    a_member_is_away(operator, cluster).await
}

fn typed_wrong(operator: &mut Operator) -> Result<()> {
    for line in [
        "cluster stats",
        "cluster drain n9",
        "kv get --keys hex xyz",
        "explain EK-9999",
        "schema Nonsense",
        "cluster remove n3",
        "encryption keys show 0",
        "encryption history --id 01937a5e-0000-7000-8000-000000000001",
        "kms check nowhere:key",
    ] {
        operator.both(line, 2)?;
    }
    Ok(())
}

fn contexts(operator: &mut Operator, cluster: &Cluster) -> Result<()> {
    operator.both("context use prod", 2)?;
    operator.both("context add test --endpoint a.example:1", 3)?;
    let endpoint = cluster.nodes()[0].address;
    let shown = shown(cluster.authority()?, cluster.authority()?.owner());
    let other = "0193f2c4-7a11-4be2-9d57-2f1f6c0a8e31";
    let line = format!("context add other --endpoint {endpoint} {shown} --cluster-id {other}");
    ensure!(operator.run(&line, "", &[])?.status.success());
    operator.both("--context other cluster status", 3)?;
    let line = format!("context add careful --endpoint {endpoint} {shown} --protected");
    ensure!(operator.run(&line, "", &[])?.status.success());
    operator.both("--context careful kv put colour red", 2)?;
    let file = operator.home().join("elastickv/admin.yaml");
    let good = fs::read(&file)?;
    fs::write(&file, String::from_utf8_lossy(&good).replace("protected:", "protekted:"))?;
    operator.both("cluster status", 2)?;
    fs::write(&file, good)?;
    Ok(())
}

fn files(operator: &mut Operator) -> Result<()> {
    fs::write(operator.home().join("script"), "put\n")?;
    operator.both("kv txn script", 2)?;
    fs::write(operator.home().join("nonsense"), "no export\n")?;
    operator.both("kv import --file nonsense", 2)?;
    operator.both("kv export --file people.ndjson", 3)?;
    operator.both("kms generate kek.bin", 3)?;
    let nowhere = operator.home().join("nowhere.bin");
    operator.both(&format!("kms check {}", kek::uri(&nowhere)), 12)?;
    operator.both("certs ca --dir people", 3)?;
    operator.both("man nowhere", 1)?;
    operator.both("backup create people.backup", 3)?;
    operator.both("backup verify nowhere.backup", 9)?;
    fs::write(operator.home().join("bad-canaries"), "x\n")?;
    operator.both("scan leak --data-dir restored1 --canary-file bad-canaries", 2)?;
    fs::create_dir_all(operator.home().join("leaking"))?;
    fs::write(operator.home().join("leaking/file"), "a-canary-that-somebody-wrote\n")?;
    fs::write(operator.home().join("found"), "text:a-canary-that-somebody-wrote\n")?;
    operator.both("scan leak --data-dir leaking --canary-file found", 9)?;
    operator.both("scan leak --data-dir nowhere --canary-file found", 1)?;
    Ok(())
}

async fn doors(operator: &mut Operator, cluster: &Cluster) -> Result<()> {
    let authority = cluster.authority()?;
    let endpoint = cluster.nodes()[0].address;
    let at = format!("--context none --endpoint {endpoint}");
    let ca = authority.certificate().display().to_string();
    operator.both(&format!("{at} --tls-ca {ca} cluster status"), 6)?;
    let reader = shown(authority, &authority.issue("reader", &Subject::client("reader"))?);
    authority.allow("  - { name: reader, roles: [read] }\n")?;
    for node in cluster.nodes() {
        let get = format!("--context none --endpoint {} {reader} kv get colour", node.address);
        wait::until("the reader to be known", PATIENCE, async || {
            // One of them has left the cluster.
            let tried = operator.run(&get, "", &[])?;
            ensure!(!node.runs() || tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
            Ok(())
        })
        .await?;
    }
    operator.both(&format!("{at} {reader} cluster drain n3"), 6)?;
    let expired = authority.issue("expired", &Subject::client("owner").valid(-7200..-3600))?;
    operator.both(&format!("{at} {} --deadline 3s cluster status", shown(authority, &expired)), 5)?;
    operator.both(&format!("{at} --tls-ca nowhere.crt cluster status"), 2)?;
    operator.both(&format!("--context none --endpoint {NOBODY} --deadline 2s cluster status"), 5).map(drop)
}

async fn rules(operator: &mut Operator) -> Result<()> {
    operator.both("kv put colour red --expect-cluster other", 3)?;
    operator.both("kv put colour red --if-version 7", 3)?;
    operator.both("kv get nothing", 2)?;
    operator.at_a_terminal("cluster remove n3", "production", 14)?;
    done(operator, "cluster drain n3").await?;
    operator.both("cluster status --fail-on warn", 4)?;
    done(operator, "cluster undrain n3").await?;
    operator.both("kv get colour --at 1", 2)?;
    operator.both("cluster remove n2 --previous-index 1 --yes --expect-cluster test", 11)?;
    operator.both("cluster add-learner n1 n1.example:50051", 3)?;
    operator.both("cluster wait --for member=n9:voter --deadline 1s", 8)?;
    operator.both("cluster transfer-leader n1 --detailed-exit-code", 10).map(drop)
}

fn keys(operator: &mut Operator) -> Result<()> {
    let listed = operator.run("encryption keys list", "", &["-o", "json"])?;
    let told: serde_json::Value = serde_json::from_slice(&listed.stdout)?;
    let keys = told["data"]["keys"].as_array().context("no keys")?;
    let active = keys.iter().find(|key| key["state"] == "active").context("no key is active")?;
    let line = format!("encryption retire-dek --key-id {} --yes --expect-cluster test", active["key_id"]);
    operator.both(&line, 3).map(drop)
}

async fn a_member_is_away(operator: &mut Operator, cluster: &mut Cluster) -> Result<()> {
    let places = cluster.places();
    let others = &places[1..3];
    let put = "kv put colour red --progress off --deadline 2s";
    cluster.kill(&others[1..])?;
    operator.both("cluster status", 7)?;
    operator.both("encryption check rewrap-deks", 3)?;
    cluster.kill(&others[..1])?;
    wait::until("the leader to know that it is alone", PATIENCE, async || {
        let tried = operator.run(put, "", &[])?;
        ensure!(tried.status.code() == Some(5), "{}", String::from_utf8_lossy(&tried.stderr));
        Ok(())
    })
    .await?;
    operator.both(put, 5)?;
    others.iter().try_for_each(|&other| cluster.start(other))?;
    cluster.settle(PATIENCE).await.map(drop)
}

/// A member that has just come back may not be ready for it.
async fn done(operator: &Operator, line: &str) -> Result<()> {
    wait::until(line, PATIENCE, async || {
        let tried = operator.run(line, "", &[])?;
        ensure!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
        Ok(())
    })
    .await
}
