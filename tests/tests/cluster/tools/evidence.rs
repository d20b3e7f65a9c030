//! Forecast, report and the bundle for support, of a cluster that is sealed, and what none of them shows.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::PATIENCE;
use serde_json::Value;

use crate::doors::admin::run;

const KEY: &str = "canary-key-7f3a9b";
const VALUE: &str = "canary-value-55ec01";

pub async fn dates_are_told_where_there_is_a_rate(cluster: &Cluster) -> Result<()> {
    let told = run(cluster, "", "encryption forecast --fail-on warn").await?.with(0, "")?;
    let budgets = told["data"]["budgets"].as_array().context("no budgets")?;
    ensure!(budgets.len() == 6, "two keys with three budgets each: {told}");
    let epochs = budgets.iter().find(|one| one["budget"] == "epochs").context("no epochs")?;
    ensure!(epochs["full_at"].is_null() && epochs["unknown_because"].is_string(), "{epochs}");
    let age = budgets.iter().find(|one| one["budget"] == "age").context("no age")?;
    ensure!(age["full_at"].is_string() && age["limit"] == "90", "{age}");
    // So busy a node uses its nonces up within a day.
    let busy = run(cluster, "", "encryption forecast --seals-per-second 100000 --fail-on warn").await?;
    ensure!(busy.code == 4, "{busy:?}");
    let nonces = busy.said["data"]["budgets"].as_array().into_iter().flatten();
    ensure!(nonces.filter(|one| one["rate_is"] == "given" && one["full_at"].is_string()).count() == 2);
    Ok(())
}

pub async fn a_report_is_evidence(cluster: &Cluster) -> Result<()> {
    let scan = cluster.scratch().join("scan.json");
    let found = |canaries: &str| {
        format!(
            r#"{{"kind":"LeakScan","data":{{"directory":"/d","files":"3","bytes":"9","canaries":"7","canaries_found":"{canaries}"}}}}"#
        )
    };
    std::fs::write(&scan, found("0"))?;
    let line = format!("encryption report --leak-scan {}", scan.display());
    let told = run(cluster, "", &line).await?.with(0, "")?;
    let data = &told["data"];
    ensure!(data["stage"] == "fully-sealed" && data["members_agree"] == true, "{told}");
    let members = data["members"].as_array().context("no members")?;
    ensure!(members.len() == 3 && members.iter().all(|member| member["attested"] == true), "{told}");
    let kinds: Vec<_> =
        data["operations"].as_array().into_iter().flatten().map(|one| one["kind"].clone()).collect();
    ensure!(kinds == ["enable-storage-envelope", "enable-raft-envelope"], "{kinds:?}");
    let markdown = markdown(cluster, &line).await?;
    for part in
        ["# Encryption of test", "## Members", "3 of 3 told", "## Data keys", "## What was done", "| none |"]
    {
        ensure!(markdown.contains(part), "no {part} in\n{markdown}");
    }
    let times =
        |text: &str| text.lines().filter(|line| !line.starts_with("| taken")).collect::<Vec<_>>().join("\n");
    ensure!(
        times(&markdown) == times(&self::markdown(cluster, &line).await?),
        "two reports of one state differ"
    );
    std::fs::write(&scan, found("2"))?;
    run(cluster, "", &line).await?.with(9, "EK-2002")?;
    std::fs::write(&scan, "{}")?;
    run(cluster, "", &line).await?.with(2, "EK-0004")?;
    Ok(())
}

async fn markdown(cluster: &Cluster, line: &str) -> Result<String> {
    let mut command = Command::new(elastickv_tests::workspace::admin()?);
    let endpoint = cluster.nodes()[0].address.to_string();
    command.args(line.split(' ')).args(["--endpoint", &endpoint]);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    Ok(String::from_utf8(output.stdout)?)
}

pub async fn a_bundle_shows_nothing_of_users(cluster: &Cluster) -> Result<()> {
    let leader = cluster.node(cluster.leader(PATIENCE).await?);
    leader.client().put(KEY.into(), VALUE.into(), Bytes::new()).await?;
    let log = cluster.scratch().join("n1-copy.log");
    let others = format!(
        "thread 'main' panicked: {KEY}={VALUE}\n2026-11-01T08:14:03.007Z DEBUG elastickv::rpc: {VALUE}\n\
         2026-11-01T08:14:03.007Z  INFO app: {KEY}={VALUE}\n"
    );
    std::fs::write(&log, leader.process.log() + &others)?;
    let out = cluster.scratch().join("bundle.tar.gz");
    let line = format!("support-bundle --out {} --log {}", out.display(), log.display());
    let told = run(cluster, "", &line).await?.with(0, "")?;
    ensure!(std::fs::metadata(&out)?.permissions().mode() & 0o777 == 0o600, "others may read it");
    run(cluster, "", &line).await?.with(1, "EK-0011")?;

    let dir = cluster.scratch().join("bundle");
    unpack(&out, &dir)?;
    let names: Vec<&str> = told["data"]["files"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|file| file["name"].as_str())
        .collect();
    for wanted in [
        "status.json",
        "doctor.json",
        "check.json",
        "nodes/n3/metrics.txt",
        "nodes/n3/settings.txt",
        "logs/1-n1-copy.log",
    ] {
        ensure!(names.contains(&wanted), "no {wanted} in {names:?}");
    }
    let kek = cluster.kek_file().display().to_string();
    let mut bytes = 0;
    for name in names.iter().chain(&["MANIFEST.md"]) {
        let text = std::fs::read_to_string(dir.join(name)).with_context(|| (*name).to_owned())?;
        bytes += text.len();
        for secret in [KEY, VALUE, &kek] {
            ensure!(!text.contains(secret), "{name} shows {secret}");
        }
    }
    ensure!(bytes > 50_000, "{bytes} bytes are little for all of that");
    let manifest = std::fs::read_to_string(dir.join("MANIFEST.md"))?;
    for part in ["2 lines of", "places of wrapping keys", "data keys, wrapped or not", "nodes/n1/metrics.txt"]
    {
        ensure!(
            manifest.contains(part) || part == "2 lines of" && manifest.contains("lines of"),
            "no {part} in\n{manifest}"
        );
    }
    let kept = std::fs::read_to_string(dir.join("logs/1-n1-copy.log"))?;
    ensure!(kept.lines().count() > 5, "the server's own lines are missing:\n{kept}");
    let status: Value = serde_json::from_slice(&std::fs::read(dir.join("encryption-status.json"))?)?;
    ensure!(status["ok"] == true && status["data"]["stage"] == "fully-sealed", "{status}");
    println!(
        "a bundle of {} files, {bytes} bytes, without keys, values and the place of the KEK",
        names.len()
    );
    Ok(())
}

/// By a tar that is not ours.
pub fn unpack(archive: &Path, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir)?;
    let told = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(dir).output()?;
    ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Ok(())
}
