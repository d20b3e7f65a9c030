//! Wrapping keys that are out of reach for a while: at every call that an operation or a start makes of them.
//!
//! What is open goes on: writers are acknowledged all the while. The operation ends as it should once the keys are back, or
//! was refused by name and goes through when it is repeated.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use elastickv_proto::DekPurpose;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::client::{Client, Refusal};
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::verify::verify;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{Load, Writers};
use elastickv_tests::{scale, turn};
use futures_util::future::try_join_all;

use crate::plant::Directory;

const OUTAGE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(90));
/// Longer than an operation waits before it is ended.
const CALL: Duration = Duration::from_secs(240);
/// How often writers have to have gone on during an outage, and by how much.
const LOOK: Duration = Duration::from_secs(1);
const WRITES: u64 = 10;
const MODES: [&str; 2] = ["fail", "hang"];

fn outage() -> Duration {
    scale::pick(OUTAGE.0, OUTAGE.1)
}

/// What is asked for while the keys are away.
#[derive(Clone, Copy, Debug)]
enum Asked {
    SealRows,
    Rotate,
    Rewrap,
}

impl Asked {
    async fn ask(self, client: &Client) -> Result<(), Refusal> {
        let client = client.with_deadline(CALL);
        match self {
            Asked::SealRows => client.enable_storage().await.map(drop),
            Asked::Rotate => client.rotate(DekPurpose::Storage).await.map(drop),
            Asked::Rewrap => client.rewrap().await.map(drop),
        }
    }

    /// All that has to be done before.
    async fn prepare(self, client: &Client) -> Result<()> {
        if !matches!(self, Asked::SealRows) {
            client.enable_storage().await?;
            client.enable_raft().await?;
        }
        Ok(())
    }
}

async fn leader(cluster: &Cluster) -> Result<Client> {
    Ok(cluster.node(cluster.leader(PATIENCE).await?).client())
}

fn keep_away(cluster: &Cluster, how: Option<&str>) -> Result<()> {
    cluster.places().into_iter().try_for_each(|place| cluster.keep_kek_away(place, how))
}

fn hits(cluster: &Cluster) -> Vec<String> {
    cluster.places().into_iter().flat_map(|place| cluster.kek_hits(place)).collect()
}

/// Nothing but whole files beside the data.
fn is_whole(cluster: &Cluster, place: Place) -> Result<()> {
    let directory = Directory::of(cluster.node(place));
    let dir = directory.sidecar_path().parent().context("it is in a directory")?.to_owned();
    let names = |dir| -> Result<Vec<_>> { fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name())).collect() };
    let found = if dir.exists() { names(dir)? } else { Vec::new() };
    ensure!(found.iter().all(|name| name == "keys.json"), "{found:?}");
    if !found.is_empty() {
        directory.sidecar()?;
    }
    Ok(())
}

/// What an outage came to.
struct Outage {
    hits: Vec<String>,
    acknowledged: usize,
    refused: Option<String>,
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.hits.first().map_or("", String::as_str);
        let ended = self.refused.as_deref().unwrap_or("done");
        write!(
            f,
            "{} calls were hit, the first {first:?}; {} writes were acknowledged; {ended}",
            self.hits.len(),
            self.acknowledged
        )
    }
}

/// Asks while the keys are away from a certain call on. `None` when there is no such call.
async fn while_away(cluster: &Cluster, asked: Asked, how: &str) -> Result<Option<Outage>> {
    let client = leader(cluster).await?;
    asked.prepare(&client).await?;
    let clients: Vec<_> = cluster.nodes().iter().map(|node| node.client()).collect();
    let writers = Writers::start(&clients, Load { writers: 4, ..Load::default() });
    let progress = writers.progress();
    progress.more_acknowledged(WRITES, PATIENCE).await?;
    let before = hits(cluster).len();
    keep_away(cluster, Some(how))?;
    let asking = client.clone();
    let mut answer = tokio::spawn(async move { asked.ask(&asking).await });
    let begun = Instant::now();
    let mut answered = None;
    while begun.elapsed() < outage() {
        progress.more_acknowledged(WRITES, PATIENCE).await.with_context(|| format!("{asked:?}, {how}"))?;
        if answered.is_none()
            && let Ok(ended) = tokio::time::timeout(LOOK, &mut answer).await
        {
            answered = Some(ended?);
        }
        if answered.is_some() && hits(cluster).len() == before {
            keep_away(cluster, None)?;
            writers.finish().await;
            return Ok(None);
        }
    }
    for place in cluster.places() {
        is_whole(cluster, place)?;
    }
    keep_away(cluster, None)?;
    let answered = match answered {
        Some(answered) => answered,
        None => answer.await?,
    };
    let refused = match answered {
        Ok(()) => None,
        Err(refusal) => {
            ensure!(!refusal.reason.is_empty(), "{asked:?}, {how}: refused without a name: {refusal}");
            leader(cluster).await?;
            asked.ask(&client).await.with_context(|| format!("{asked:?}, {how}: repeated"))?;
            Some(refusal.to_string())
        }
    };
    let history = writers.finish().await;
    let content = client.scan_all(Linearizable).await?;
    let findings = verify(&history, &content);
    ensure!(findings.is_clean(), "{asked:?}, {how}: {findings}");
    for place in cluster.places() {
        is_whole(cluster, place)?;
    }
    let hits = hits(cluster).split_off(before);
    Ok(Some(Outage { hits, acknowledged: history.acknowledged(), refused }))
}

/// On a slow machine a gate finds a member that is not there yet, and judges again.
const GATES_AGAIN: usize = 2;
/// Its probe is wrapped and opened.
const CALLS_OF_A_GATE: usize = 2;

/// The calls of an operation on one node, one after the other the first that is hit.
async fn at_every_call(asked: Asked, calls: usize) -> Result<()> {
    let mut cases = Vec::new();
    for call in 0..calls {
        // By turns, or each in both ways.
        let modes = scale::pick(&MODES[call % 2..=call % 2], &MODES[..]);
        cases.extend(modes.iter().map(|mode| format!("{mode} {call}")));
    }
    cases.push(format!("fail {}", calls + GATES_AGAIN * CALLS_OF_A_GATE));
    let ended = try_join_all(cases.iter().map(async |how| {
        let label = format!("away-{asked:?}-{}", how.replace(' ', "-"));
        let cluster = Plan::new(&label).nodes(1).encrypted().start().await?;
        let outage = while_away(&cluster, asked, how).await?;
        cluster.finish().await?;
        anyhow::Ok(outage)
    }))
    .await?;
    for (number, (how, outage)) in cases.iter().zip(&ended).enumerate() {
        match outage {
            Some(outage) => println!("{asked:?}, {how}: {outage}"),
            None => println!("{asked:?}, {how}: no call was hit"),
        }
        let is_last = number + 1 == cases.len();
        ensure!(outage.is_some() != is_last, "{asked:?} makes {calls} calls, and of {how:?} that is not so");
        let enough = |outage: &Outage| outage.acknowledged as u64 >= 3 * WRITES;
        ensure!(outage.as_ref().is_none_or(enough), "{how}: writers did not go on");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_although_the_wrapping_key_is_away_at_any_call() -> Result<()> {
    let _turn = turn::take().await?;
    // A probe is wrapped and opened at each of two gates; two keys are wrapped and opened in between.
    at_every_call(Asked::SealRows, 8).await
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_and_wrapped_anew_although_the_wrapping_key_is_away_at_any_call() -> Result<()> {
    let _turn = turn::take().await?;
    // Besides the probe a key is wrapped and opened; of a rewrapping, both keys are opened and wrapped.
    tokio::try_join!(at_every_call(Asked::Rotate, 4), at_every_call(Asked::Rewrap, 6))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_nodes_go_on_while_the_wrapping_key_is_away_from_all_of_them() -> Result<()> {
    let _turn = turn::take().await?;
    let cluster = Plan::new("away-rotation").encrypted().start().await?;
    // The new key is wrapped and installed, and nobody can open it.
    let outage = while_away(&cluster, Asked::Rotate, "hang 3").await?.context("no call was hit")?;
    println!("three nodes: {outage}");
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// A node that can not seal is no leader, whoever made it one.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_starts_without_the_wrapping_key_hands_over() -> Result<()> {
    let cluster = Plan::new("away-leader").encrypted().start().await?;
    Asked::Rotate.prepare(&leader(&cluster).await?).await?;
    let place = cluster.others(cluster.leader(PATIENCE).await?)[0];
    ensure!(cluster.terminate(place).await?.success());
    cluster.keep_kek_away(place, Some("fail"))?;
    cluster.start(place)?;
    says_what_it_waits_for(&cluster, place).await?;
    cluster.hand_leadership(place, PATIENCE).await?;
    for number in 0..WRITES {
        wait::until("a write to be acknowledged", PATIENCE, || async {
            let key = Bytes::from(format!("number-{number}"));
            Ok(leader(&cluster).await?.put(key, "value".into(), Bytes::new()).await?)
        })
        .await?;
    }
    ensure!(cluster.leader(PATIENCE).await? != place, "it leads and can not seal");
    cluster.keep_kek_away(place, None)?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Demands that a node says what it waits for.
async fn says_what_it_waits_for(cluster: &Cluster, place: Place) -> Result<()> {
    let node = cluster.node(place);
    wait::until(&format!("{} to say what it waits for", node.name), PATIENCE, || async {
        ensure!(node.process.ended().is_none(), "it ended\n{}", node.process.tail());
        let page = node.http("/readyz").await?;
        ensure!(page.status != 200 && page.body.contains("waiting for a key"), "{}", page.body);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_cluster_that_starts_without_the_wrapping_key_waits_visibly_and_goes_on() -> Result<()> {
    let _turn = turn::take().await?;
    let cluster = Plan::new("away-start").encrypted().start().await?;
    Asked::Rotate.prepare(&leader(&cluster).await?).await?;
    leader(&cluster).await?.put("kept".into(), "value".into(), Bytes::new()).await?;
    for how in ["fail 0", "hang 0", "fail 1", "hang 1"] {
        for place in cluster.places() {
            ensure!(cluster.terminate(place).await?.success());
        }
        let before = hits(&cluster).len();
        keep_away(&cluster, Some(how))?;
        cluster.start_all()?;
        let begun = Instant::now();
        // One is enough to see that they wait for as long as it takes.
        let length = if how == "fail 0" { outage() } else { scale::pick(Duration::ZERO, OUTAGE.1) };
        loop {
            for place in cluster.places() {
                says_what_it_waits_for(&cluster, place).await?;
                is_whole(&cluster, place)?;
            }
            if begun.elapsed() >= length {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        keep_away(&cluster, None)?;
        cluster.settle(PATIENCE).await?;
        let hits = hits(&cluster).len() - before;
        println!("a start, {how}: {hits} calls were hit in {:.1?}", begun.elapsed());
        ensure!(hits >= 3, "{how}: {hits} calls were hit");
        let found = leader(&cluster).await?.get("kept".into(), Linearizable).await?;
        if found.as_deref() != Some(b"value") {
            bail!("{how}: it holds {found:?}");
        }
        leader(&cluster).await?.put(how.to_owned().into(), "value".into(), Bytes::new()).await?;
    }
    cluster.digests_agree().await?;
    cluster.finish().await
}
