//! `doctor`, each finding from its real cause.

use anyhow::{Context, Result, ensure};
use elastickv_sys::files::SystemFiles;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::links::Place;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_types::StoreId;
use serde_json::Value;

use crate::doors::admin::{Ended, run};

/// Severity, code and subject of all findings.
fn findings(told: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = told["data"]["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    found.iter().map(|one| (text(&one["severity"]), text(&one["code"]), text(&one["subject"]))).collect()
}

fn has(told: &Value, severity: &str, code: &str, subject: &str) -> bool {
    findings(told)
        .iter()
        .any(|found| (found.0.as_str(), found.1.as_str(), found.2.as_str()) == (severity, code, subject))
}

async fn doctor(cluster: &Cluster) -> Result<Ended> {
    run(cluster, "", "doctor").await
}

/// Asks until it finds that, and nothing is left of what was found before.
async fn finds(cluster: &Cluster, exit: i32, wanted: (&str, &str, &str)) -> Result<Value> {
    let found = wait::until(&format!("doctor to find {wanted:?}"), PATIENCE, || async {
        let ended = doctor(cluster).await?;
        ensure!(ended.code == exit && has(&ended.said, wanted.0, wanted.1, wanted.2), "{ended:?}");
        Ok(ended.said)
    })
    .await?;
    let one = found["data"]["findings"].as_array().into_iter().flatten().find(|one| one["code"] == wanted.1);
    let told = |field: &str| one.and_then(|one| one[field].as_str()).is_some_and(|text| !text.is_empty());
    ensure!(told("means") && told("try") && told("message"), "{found}");
    Ok(found)
}

async fn is_well(cluster: &Cluster) -> Result<Value> {
    wait::until("doctor to find nothing but notes", PATIENCE, || async {
        let ended = run(cluster, "", "doctor --fail-on warn").await?;
        ensure!(ended.code == 0, "{ended:?}");
        Ok(ended.said)
    })
    .await
}

pub async fn finds_what_is_wrong(cluster: &Cluster) -> Result<()> {
    let leader = cluster.leader(PATIENCE).await?;
    let [patient, other] = cluster.others(leader)[..] else { anyhow::bail!("three nodes are wanted") };
    let name = cluster.node(patient).name.clone();
    let well = is_well(cluster).await?;
    ensure!(findings(&well) == [("note".into(), "EK-2017".into(), "cluster".into())], "{well}");
    ensure!(well["data"]["not_examined"][0]["what"] == "backups", "{well}");

    cluster.move_clock(patient, 60_000)?;
    finds(cluster, 9, ("fault", "EK-2011", &name)).await?;
    cluster.move_clock(patient, 3_000)?;
    finds(cluster, 0, ("warning", "EK-2011", &name)).await?;
    let strict = run(cluster, "", "doctor --fail-on warn").await?;
    ensure!(strict.code == 4, "{strict:?}");
    cluster.move_clock(patient, 0)?;
    is_well(cluster).await?;

    run(cluster, "", &format!("cluster drain {name}")).await?.with(0, "")?;
    finds(cluster, 0, ("note", "EK-1216", &name)).await?;
    run(cluster, "", &format!("cluster undrain {name}")).await?.with(0, "")?;

    let yes = "--yes --expect-cluster test";
    run(cluster, "", &format!("encryption enable-storage-envelope {yes}")).await?.with(0, "")?;
    cluster.keep_kek_away(patient, Some("fail"))?;
    finds(cluster, 9, ("fault", "EK-1502", &name)).await?;
    cluster.keep_kek_away(patient, None)?;
    run(cluster, "", &format!("encryption enable-raft-envelope {yes}")).await?.with(0, "")?;
    let sealed = is_well(cluster).await?;
    ensure!(findings(&sealed).is_empty(), "{sealed}");

    cluster.kill(&[patient])?;
    let silent = finds(cluster, 9, ("fault", "EK-1203", &name)).await?;
    ensure!(has(&silent, "warning", "EK-2016", "cluster"), "{silent}");
    of_a_stopped_node(cluster, patient).await?;
    cluster.kill(&[other])?;
    let lost = wait::until("doctor to miss a majority", PATIENCE, || async {
        let ended = doctor(cluster).await?;
        let found = findings(&ended.said);
        let missed = found.iter().any(|one| one.1 == "EK-1002" || one.1 == "EK-1003");
        ensure!(ended.code == 9 && missed, "{ended:?}");
        Ok(ended.said)
    })
    .await?;
    let skipped = lost["data"]["not_examined"].as_array().map_or(0, Vec::len);
    ensure!(skipped == 3, "without a leader nobody can probe: {lost}");
    cluster.start(patient)?;
    cluster.start(other)?;
    cluster.settle(PATIENCE).await?;
    is_well(cluster).await.map(drop)
}

/// By its directory alone.
async fn of_a_stopped_node(cluster: &Cluster, place: Place) -> Result<()> {
    let (dir, name) = (&cluster.node(place).data_dir, &cluster.node(place).name);
    let look = format!("doctor --data-dir {} --kek file:{}", dir.display(), cluster.kek_file().display());
    let whole = run(cluster, "", &look).await?.with(0, "")?;
    ensure!(findings(&whole).is_empty(), "{whole}");
    ensure!(whole["data"]["examined"].as_array().is_some_and(|all| all.len() == 5), "{whole}");

    let sidecar = dir.join("encryption/keys.json");
    let kept = std::fs::read(&sidecar)?;
    std::fs::remove_file(&sidecar)?;
    let missing = run(cluster, "", &look).await?;
    ensure!(missing.code == 9 && has(&missing.said, "fault", "EK-1402", name), "{missing:?}");
    std::fs::write(&sidecar, &kept[..kept.len() / 2])?;
    let damaged = run(cluster, "", &look).await?;
    ensure!(damaged.code == 9 && has(&damaged.said, "fault", "EK-1406", name), "{damaged:?}");
    std::fs::write(&sidecar, &kept)?;

    // A log of another time than sidecar and store, which a start refuses.
    let (mark, away) = (dir.join("groups/1/log-load"), dir.join("groups/1/away"));
    std::fs::rename(&mark, &away)?;
    let put_back = run(cluster, "", &look).await?;
    ensure!(put_back.code == 9 && has(&put_back.said, "fault", "EK-1403", name), "{put_back:?}");
    cluster.start(place)?;
    ensure!(cluster.node(place).process.exit(PATIENCE).await?.code() == Some(3), "a start refuses the same");
    std::fs::rename(&away, &mark)?;
    // The name of a member, and a store that the membership does not have.
    let identity = elastickv_datadir::read_identity(&SystemFiles, dir)?.context("it has an identity")?;
    let other = elastickv_datadir::Identity { store: StoreId::from_bytes([7; 16]), ..identity.clone() };
    elastickv_datadir::write_identity(&SystemFiles, dir, &other)?;
    let foreign = run(cluster, "", &look).await?;
    ensure!(foreign.code == 9 && has(&foreign.said, "fault", "EK-1403", name), "{foreign:?}");
    elastickv_datadir::write_identity(&SystemFiles, dir, &identity)?;
    if std::os::unix::fs::chown(dir.join("identity.json"), Some(1), None).is_ok() {
        run(cluster, "", &look).await?.with(3, "EK-1704")?;
        std::os::unix::fs::chown(dir.join("identity.json"), Some(0), None)?;
    }

    let other = cluster.scratch().join("other.kek");
    run(cluster, "", &format!("kms generate {}", other.display())).await?.with(0, "")?;
    let look = format!("doctor --data-dir {} --kek file:{}", dir.display(), other.display());
    let unfit = run(cluster, "", &look).await?;
    ensure!(unfit.code == 9 && findings(&unfit.said).iter().any(|found| found.1 == "EK-1507"), "{unfit:?}");

    let runs = cluster.node(cluster.others(place)[0]).data_dir.display().to_string();
    run(cluster, "", &format!("doctor --data-dir {runs}")).await?.with(11, "EK-1701")?;
    Ok(())
}
