//! The runbooks, as they are delivered, on a cluster of real processes: each once to its end, two of them with a member
//! that is killed or halted in the middle, and then a second time.
//!
//! The cluster goes from clear text through a lost sidecar, two rotations, a leaked wrapping key and a replaced node to a
//! rolling restart and a restored copy, and reads back what was written at its beginning.

mod hands;
mod style;

use std::fs;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Client;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::links::Place;
use elastickv_tests::process::{Process, Recipe};
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::{ports, turn, workspace};

use crate::admin::{admin, encryption, stage};
use hands::{Hands, LONG, SHORT, serves, text};

const CLUSTER: &str = "test";
const KEYS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn runbooks_do_what_they_say_and_go_on_after_a_failure() -> Result<()> {
    let _turn = turn::take().await?;
    let mut cluster = Plan::new("runbooks").encrypted().with_points().start().await?;
    let newcomer = cluster.add_waiting_node().await?;
    for number in 0..KEYS {
        let (key, value) = (Bytes::from(format!("k{number}")), Bytes::from(format!("v{number}")));
        leader(&cluster, newcomer).await?.put(key, value, Bytes::new()).await?;
    }
    let mut hands = Hands::on(&cluster)?;
    refusals(&hands).await?;
    sealed_with_a_member_killed(&cluster, &hands, newcomer).await?;
    sidecar_lost(&cluster, &hands, newcomer).await?;
    key_rotated(&cluster, &hands).await?;
    wrapping_key_leaked(&cluster, &hands).await?;
    node_replaced(&cluster, &hands, newcomer).await?;
    upgraded_with_a_member_halted(&cluster, &hands).await?;
    restored(&cluster, &mut hands).await?;
    let pairs = leader_client(&cluster).await?.scan_all(Linearizable).await?;
    ensure!(pairs.len() == KEYS, "{} pairs are left", pairs.len());
    drop(hands);
    cluster.finish().await
}

async fn leader(cluster: &Cluster, newcomer: Place) -> Result<Client> {
    let founders = cluster.others(newcomer);
    Ok(cluster.node(cluster.leader_among(&founders, PATIENCE).await?).client())
}

fn running(cluster: &Cluster) -> Vec<Place> {
    cluster.nodes().iter().filter(|node| node.runs()).map(|node| node.place).collect()
}

async fn leader_client(cluster: &Cluster) -> Result<Client> {
    Ok(cluster.node(cluster.leader_among(&running(cluster), PATIENCE).await?).client())
}

async fn a_follower(cluster: &Cluster) -> Result<Place> {
    let leader = cluster.leader_among(&running(cluster), PATIENCE).await?;
    let follower = running(cluster).into_iter().find(|place| *place != leader);
    follower.context("nobody follows")
}

async fn refusals(hands: &Hands<'_>) -> Result<()> {
    hands.run("enable-encryption.sh", &[]).await?.with(2)?;
    let other = hands.run("enable-encryption.sh", &["another"]).await?.with(3)?;
    ensure!(other.said.contains("refused: this is the cluster test"), "{}", other.said);
    let help = hands.run("rotate.sh", &["--help"]).await?.with(0)?;
    ensure!(help.said.starts_with("rotate.sh CLUSTER KEY_ID"), "{}", help.said);
    Ok(())
}

/// The member is killed when the first cutover has begun.
async fn sealed_with_a_member_killed(cluster: &Cluster, hands: &Hands<'_>, newcomer: Place) -> Result<()> {
    let founders = cluster.others(newcomer);
    let leader = cluster.leader_among(&founders, PATIENCE).await?;
    let victim = founders.into_iter().find(|place| *place != leader).context("nobody follows")?;
    let points = &cluster.node(leader).points;
    points.hold_at("step-due", 1)?;
    hands.patience.set(SHORT);
    let (ended, killed) = tokio::join!(hands.run("enable-encryption.sh", &[CLUSTER]), async {
        points.held("step-due", 1, PATIENCE).await?;
        ensure!(cluster.kill(&[victim])? == 1, "nobody was killed");
        ensure!(points.let_go("step-due")?, "nobody stood still");
        anyhow::Ok(())
    });
    killed?;
    let ended = ended?;
    hands.patience.set(LONG);
    ensure!([3, 7, 8].contains(&ended.status), "it ended with {}:\n{}", ended.status, ended.said);
    cluster.start(victim)?;
    serves(cluster.node(victim)).await?;
    let again = hands.run("enable-encryption.sh", &[CLUSTER]).await?.with(0)?;
    ensure!(stage(cluster).await? == "fully-sealed", "{}", again.said);
    let counted = encryption(cluster, "status --verify").await?.with(0)?;
    let members = counted["data"]["verification"]["members"].as_array().context("nobody counted")?;
    ensure!(members.len() == 3 && members.iter().all(|one| one["clear_rows"] == "0"), "{counted}");
    hands.run("enable-encryption.sh", &[CLUSTER]).await?.with(0).map(drop)
}

async fn sidecar_lost(cluster: &Cluster, hands: &Hands<'_>, newcomer: Place) -> Result<()> {
    let founders = cluster.others(newcomer);
    let victim = cluster.node(founders[0]);
    ensure!(cluster.terminate(victim.place).await?.success());
    fs::write(victim.data_dir.join("encryption/keys.json"), "{")?;
    cluster.start(victim.place)?;
    ensure!(victim.process.exit(PATIENCE).await?.code() == Some(3), "it starts without its sidecar");
    let line = [CLUSTER, &victim.name, text(&victim.data_dir)];
    hands.run("lost-sidecar.sh", &line).await?.with(0)?;
    hands.run("lost-sidecar.sh", &line).await?.with(0).map(drop)
}

async fn keys(cluster: &Cluster) -> Result<Vec<(String, String, String)>> {
    let told = encryption(cluster, "keys list").await?.with(0)?;
    let keys = told["data"]["keys"].as_array().context("no keys")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(keys
        .iter()
        .map(|key| (key["key_id"].to_string(), text(&key["purpose"]), text(&key["state"])))
        .collect())
}

async fn key_rotated(cluster: &Cluster, hands: &Hands<'_>) -> Result<()> {
    let before = keys(cluster).await?;
    let (key, ..) = before.iter().find(|(_, purpose, _)| purpose == "storage").context("no storage key")?;
    hands.run("rotate.sh", &[CLUSTER, key]).await?.with(0)?;
    let after = keys(cluster).await?;
    ensure!(after.len() == 2 && after.iter().all(|(id, ..)| id != key), "{after:?}");
    let again = hands.run("rotate.sh", &[CLUSTER, key]).await?.with(0)?;
    ensure!(keys(cluster).await? == after, "it rotated twice: {}", again.said);
    hands.run("rotate.sh", &[CLUSTER, "1"]).await?.with(3).map(drop)
}

/// Runs the rotation of the wrapping key as well.
async fn wrapping_key_leaked(cluster: &Cluster, hands: &Hands<'_>) -> Result<()> {
    let second = cluster.scratch().join("kek-2");
    kek::make(&second)?;
    let (new, old) = (kek::uri(&second), kek::uri(&cluster.kek_file()));
    let before = keys(cluster).await?;
    hands.run("kek-rotation.sh", &[CLUSTER, &old, &old]).await?.with(3)?;
    hands.run("kek-leak.sh", &[CLUSTER, &new, &old]).await?.with(0)?;
    let after = keys(cluster).await?;
    let kept = after.iter().filter(|(id, ..)| before.iter().any(|(other, ..)| other == id)).count();
    ensure!(after.len() == 2 && kept == 0, "{after:?} after {before:?}");
    let restarts = hands.restarts();
    hands.run("kek-rotation.sh", &[CLUSTER, &new, &old]).await?.with(0)?;
    ensure!(hands.restarts() == restarts, "a second run restarts nodes that are where they should be");
    Ok(())
}

async fn node_replaced(cluster: &Cluster, hands: &Hands<'_>, newcomer: Place) -> Result<()> {
    let lost = a_follower(cluster).await?;
    cluster.kill(&[lost])?;
    let newcomer = cluster.node(newcomer);
    let kek = kek::uri(&cluster.scratch().join("kek-2"));
    newcomer.process.change(|recipe| {
        recipe.arguments.retain(|one| !one.to_string_lossy().starts_with("--kek"));
        recipe.arguments.push(format!("--kek={kek}").into());
    });
    let address = newcomer.address.to_string();
    let mistyped =
        hands.run("replace-node.sh", &[CLUSTER, "n77", &newcomer.name, &address]).await?.with(3)?;
    ensure!(mistyped.said.contains("neither n77 nor"), "{}", mistyped.said);
    let line = [CLUSTER, &cluster.node(lost).name, &newcomer.name, &address];
    hands.run("replace-node.sh", &line).await?.with(0)?;
    let told = admin(cluster, "cluster members").await?.with(0)?;
    let members = told["data"]["members"].as_array().context("no members")?;
    let names: Vec<&str> = members.iter().filter_map(|one| one["name"].as_str()).collect();
    ensure!(names.len() == 3 && names.contains(&newcomer.name.as_str()), "{names:?}");
    // Its machine is gone by then.
    hands.are_away(true)?;
    let ended = hands.run("replace-node.sh", &line).await?.with(0)?;
    ensure!(ended.said.contains("could not be stopped"), "{}", ended.said);
    hands.are_away(false)
}

/// Another member hangs when the first was restarted: nobody else may be taken out.
async fn upgraded_with_a_member_halted(cluster: &Cluster, hands: &Hands<'_>) -> Result<()> {
    // A node that was taken out and could not be restarted is put back.
    hands.are_away(true)?;
    let ended = hands.run("rolling-upgrade.sh", &[CLUSTER]).await?.with(255)?;
    hands.are_away(false)?;
    ensure!(ended.said.contains("may still be drained"), "{}", ended.said);
    admin(cluster, "cluster wait --for ready --deadline 60s").await?.with(0)?;

    let halted = cluster.leader_among(&running(cluster), PATIENCE).await?;
    let before = hands.restarts();
    hands.halts.set(Some(halted));
    hands.patience.set(SHORT);
    let ended = hands.run("rolling-upgrade.sh", &[CLUSTER]).await?;
    hands.patience.set(LONG);
    ensure!([5, 8].contains(&ended.status), "it ended with {}:\n{}", ended.status, ended.said);
    ensure!(hands.restarts() == before + 1, "{:?}", hands.asked.borrow());
    cluster.node(halted).process.go_on()?;
    hands.run("rolling-upgrade.sh", &[CLUSTER]).await?.with(0)?;
    ensure!(hands.restarts() == before + 4, "{:?}", hands.asked.borrow());
    let build =
        admin(cluster, "cluster status").await?.with(0)?["data"]["members"][0]["build"]["sha"].clone();
    hands.run("rolling-upgrade.sh", &[CLUSTER, build.as_str().unwrap_or_default()]).await?.with(0)?;
    ensure!(hands.restarts() == before + 4, "members of the wanted build are restarted");
    Ok(())
}

async fn restored(cluster: &Cluster, hands: &mut Hands<'_>) -> Result<()> {
    let (backup, data_dir) = (cluster.scratch().join("backup"), cluster.scratch().join("r1"));
    admin(cluster, &format!("backup create {}", text(&backup))).await?.with(0)?;
    let address = ports::free()?;
    hands.other = Some(Process::new(Recipe {
        name: "r1".to_owned(),
        binary: workspace::testing_server()?,
        arguments: vec![
            "--node-name=r1".into(),
            format!("--data-dir={}", text(&data_dir)).into(),
            format!("--listen={address}").into(),
            "--cluster-name=copy".into(),
            "--encryption-enabled".into(),
            "--storage-reserve=16MiB".into(),
        ],
        environment: Vec::new(),
        log: cluster.scratch().join("r1.log"),
    }));
    let (kek, at) = (kek::uri(&cluster.scratch().join("kek-2")), address.to_string());
    let wrong = kek::uri(&cluster.kek_file());
    for (kek, status) in [(&wrong, 12), (&kek, 0), (&kek, 0)] {
        let line = ["copy", text(&backup), kek, "r1", &at, text(&data_dir)];
        hands.run_at(&at, "restore.sh", &line).await?.with(status)?;
    }
    let pairs = Client::new(&at)?.scan_all(Linearizable).await?;
    ensure!(pairs.len() == KEYS, "{} pairs came back", pairs.len());
    let process = hands.other.take().context("it was started")?;
    ensure!(process.terminate(PATIENCE).await?.success(), "{}", process.tail());
    Ok(())
}
