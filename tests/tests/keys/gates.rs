//! Gates on real nodes: whatever one member lacks, or several of them at once, is found before anything is done.
//!
//! A refused gate names all that blocks at once, and changes nothing: no key, no stage, and a record in the history of
//! that alone. `check` makes the same judgement and leaves not even that.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use elastickv_proto::v1;
use elastickv_tests::client::Refusal;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::links::Place;
use elastickv_tests::process::Recipe;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::{turn, workspace};
use elastickv_types::FullNodeId;
use serde_json::Value;

use crate::admin::{self, encryption};

/// Where what `check` prints is kept.
const GOLDEN: &str = "tests/tests/keys/golden/check-refused.txt";
/// Set to write it anew.
const WRITE: &str = "ELASTICKV_WRITE_GOLDEN";
const SKEW_MS: i64 = 60_000;

/// What a member lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Lack {
    Answer,
    Formats,
    Encryption,
    Kek,
    Clock,
}

impl Lack {
    const ALL: [Lack; 5] = [Lack::Answer, Lack::Formats, Lack::Encryption, Lack::Kek, Lack::Clock];

    /// The check that finds it, and what it says.
    fn found(self) -> (&'static str, &'static str) {
        match self {
            Lack::Answer => ("reachable", "Unreachable"),
            Lack::Formats => ("formats", "FormatTooOld"),
            Lack::Encryption => ("encryption-enabled", "EncryptionNotEnabled"),
            Lack::Kek => ("kek-opens-probe", "KekMismatch"),
            Lack::Clock => ("clock", "ClockSkew"),
        }
    }

    /// Changes with what a stopped node is started.
    fn inflict(self, cluster: &Cluster, place: Place) -> Result<()> {
        let process = &cluster.node(place).process;
        let change = |gone: &'static [&'static str], new: Vec<OsString>| {
            process.change(move |recipe: &mut Recipe| {
                let goes =
                    |given: &OsString| gone.iter().any(|gone| given.to_string_lossy().starts_with(gone));
                recipe.arguments.retain(|given| !goes(given));
                recipe.arguments.extend(new);
            });
        };
        match self {
            Lack::Answer => {}
            Lack::Formats => change(&[], vec!["--testing-lacks-format=envelopes".into()]),
            Lack::Encryption => change(&["--encryption-enabled", "--kek"], Vec::new()),
            Lack::Kek => {
                let other = cluster.scratch().join(format!("{}.kek", cluster.node(place).name));
                kek::make(&other)?;
                change(&["--encryption-enabled", "--kek"], kek::arguments(&other));
            }
            Lack::Clock => cluster.move_clock(place, SKEW_MS)?,
        }
        Ok(())
    }
}

/// Stops a node, and starts it again with what it lacks, if it is to answer at all.
async fn restart_with(cluster: &Cluster, place: Place, lacks: &[Lack]) -> Result<()> {
    cluster.kill(&[place])?;
    lacks.iter().try_for_each(|lack| lack.inflict(cluster, place))?;
    if !lacks.contains(&Lack::Answer) {
        cluster.start(place)?;
        cluster.answers(place, PATIENCE).await?;
    }
    cluster.settle(PATIENCE).await?;
    Ok(())
}

/// A member or nothing for the cluster as a whole, the check, and the reason.
type Blocker = (String, String, String);

fn blocker(member: &str, check: &str, reason: &str) -> Blocker {
    (member.to_owned(), check.to_owned(), reason.to_owned())
}

fn blockers(findings: &[v1::Finding]) -> Vec<Blocker> {
    let blocking = findings.iter().filter(|finding| finding.verdict() == v1::Verdict::Blocks);
    let mut found: Vec<_> = blocking.map(|one| blocker(&one.member, &one.check, &one.reason)).collect();
    found.sort();
    found
}

/// The same of what the command line tells.
fn told(document: &Value) -> Vec<Blocker> {
    let findings =
        document["data"]["findings"].as_array().or(document["data"]["judgement"]["findings"].as_array());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let blocking = findings.into_iter().flatten().filter(|one| one["verdict"] == "blocks");
    let mut found: Vec<_> =
        blocking.map(|one| (text(&one["member"]), text(&one["check"]), text(&one["reason"]))).collect();
    found.sort();
    found
}

/// What a refused gate leaves as it was.
#[derive(PartialEq, Eq, Debug)]
struct Untouched {
    control_index: Option<u64>,
    keys: usize,
    stages: [Option<u64>; 3],
}

async fn untouched(cluster: &Cluster, leader: Place) -> Result<(Untouched, Vec<v1::Operation>)> {
    let client = cluster.node(leader).client();
    let status = client.encryption_status().await?;
    let facts = status.facts.context("no facts")?;
    let stage = facts.stage.unwrap_or_default();
    let stages = [stage.bootstrap_index, stage.storage_index, stage.raft_index];
    let untouched = Untouched { control_index: facts.control_index, keys: status.keys.len(), stages };
    Ok((untouched, client.operations().await?))
}

/// Asks in every way, and demands the same judgement of each.
async fn refuses(cluster: &Cluster, leader: Place, expected: &[Blocker]) -> Result<()> {
    let client = cluster.node(leader).client();
    let (before, history) = untouched(cluster, leader).await?;
    let log = client.status().await?.last_log_index;

    let judged = client.check_gate(v1::OperationKind::EnableStorage).await?;
    ensure!(
        !judged.passed && blockers(&judged.findings) == expected,
        "check: {:?}",
        blockers(&judged.findings)
    );
    let checked = encryption(cluster, "check storage-envelope").await?.with(3)?;
    ensure!(told(&checked) == expected, "the command line's check: {checked}");
    let yes = "--yes --expect-cluster test";
    let stopped = encryption(cluster, &format!("enable-storage-envelope {yes}")).await?.with(3)?;
    ensure!(told(&stopped) == expected && stopped["changed"] == false, "the command line: {stopped}");
    ensure!(client.status().await?.last_log_index == log, "what only looks has proposed something");

    let refusal = client.enable_storage().await.err().context("the gate let it through")?;
    ensure!(refusal.is("GateRefused"), "{refusal}");
    ensure!(refused_members(&refusal) == members(expected), "{:?}", refusal.metadata);
    let (after, records) = untouched(cluster, leader).await?;
    ensure!(after == before, "{after:?} instead of {before:?}");
    ensure!(records.len() == history.len() + 1, "it left {} records", records.len() - history.len());
    let record = records.first().context("no record")?;
    ensure!(record.state() == v1::OperationState::Refused, "it was done");
    let found = record.judgement.as_ref().context("the record tells no judgement")?;
    ensure!(blockers(&found.findings) == expected, "the record: {:?}", blockers(&found.findings));
    ensure!(record.actor == "anonymous@127.0.0.1", "{}", record.actor);
    Ok(())
}

fn members(blockers: &[Blocker]) -> Vec<String> {
    let mut names: Vec<_> =
        blockers.iter().map(|(member, _, _)| member.clone()).filter(|name| !name.is_empty()).collect();
    names.dedup();
    names
}

fn refused_members(refusal: &Refusal) -> Vec<String> {
    let named = refusal.metadata.get("members").map(String::as_str).unwrap_or_default();
    named.split(',').map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_names_whatever_any_member_lacks_and_changes_nothing() -> Result<()> {
    let _turn = turn::take().await?;
    let mut cluster = Plan::new("gates").encrypted().with_movable_clocks().start().await?;
    let [leader, second, third] = [Place(0), Place(1), Place(2)];
    cluster.hand_leadership(leader, PATIENCE).await?;
    let sound = cluster.node(third).process.recipe().arguments;
    for lack in Lack::ALL {
        restart_with(&cluster, third, &[lack]).await?;
        let (check, reason) = lack.found();
        refuses(&cluster, leader, &[blocker("n3", check, reason)])
            .await
            .with_context(|| format!("{lack:?}"))?;
        cluster.move_clock(third, 0)?;
        let sound = sound.clone();
        cluster.node(third).process.change(move |recipe| recipe.arguments = sound);
    }
    println!("each of {:?} was found", Lack::ALL);

    a_twin_is_not_let_in(&cluster, leader).await?;
    let late = cluster.add_waiting_node().await?;
    Lack::Kek.inflict(&cluster, late)?;
    cluster.start(late)?;
    cluster.answers(late, PATIENCE).await?;
    let address = cluster.node(late).address.to_string();
    admin::admin(&cluster, &format!("cluster add-learner n4 {address}")).await?.with(0)?;
    restart_with(&cluster, third, &[]).await?;
    restart_with(&cluster, second, &[Lack::Formats, Lack::Clock]).await?;
    cluster.hand_leadership(leader, PATIENCE).await?;
    restart_with(&cluster, third, &[Lack::Answer]).await?;
    let mut all = vec![blocker("", "quorum-answers", "NoQuorum")];
    for (member, lack) in
        [("n2", Lack::Formats), ("n2", Lack::Clock), ("n3", Lack::Answer), ("n4", Lack::Kek)]
    {
        let (check, reason) = lack.found();
        all.push(blocker(member, check, reason));
    }
    all.sort();
    refuses(&cluster, leader, &all).await.context("all at once")?;
    println!("{} blockers at once were named", all.len());
    shows_as_ever(&cluster).await?;

    cluster.start(third)?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// A name with the short id of a member never becomes one, so no gate finds two of them.
async fn a_twin_is_not_let_in(cluster: &Cluster, leader: Place) -> Result<()> {
    let short = FullNodeId::of_name("n1").short();
    let mut names = (4_u32..).map(|number| format!("n{number}"));
    let twin = names.find(|name| FullNodeId::of_name(name).short() == short).context("there is one")?;
    let configured = cluster.node(leader).client().status().await?.configuration_index;
    let refused = admin::admin(cluster, &format!("cluster add-learner {twin} 127.0.0.1:1")).await?.with(3)?;
    let text = refused["error"]["message"].as_str().unwrap_or_default();
    ensure!(text.contains("short id"), "{refused}");
    let now = cluster.node(leader).client().status().await?.configuration_index;
    ensure!(now == configured, "a refused member changed the membership");
    Ok(())
}

/// The table for people is the one that is kept, but for what differs from run to run.
async fn shows_as_ever(cluster: &Cluster) -> Result<()> {
    let program = workspace::admin()?;
    let endpoint = cluster.node(Place(0)).address.to_string();
    let mut command = Command::new(program);
    command.env_remove("ELASTICKV_ENDPOINT").env("COLUMNS", "120");
    command.args(["encryption", "check", "storage-envelope", "--endpoint", &endpoint]);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    ensure!(output.status.code() == Some(3), "it ended with {:?}", output.status.code());
    let shown = steady(&format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ));
    let path = workspace::root().join(GOLDEN);
    if std::env::var_os(WRITE).is_some() {
        std::fs::create_dir_all(path.parent().context("it has one")?)?;
        std::fs::write(&path, &shown)?;
    }
    let kept = std::fs::read_to_string(&path).with_context(|| format!("{WRITE}=1 writes {GOLDEN}"))?;
    ensure!(shown == kept, "it shows\n{shown}\ninstead of\n{kept}");
    Ok(())
}

/// Numbers of several digits and hexadecimal ones are of this run alone.
fn steady(text: &str) -> String {
    let word = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let hexadecimal = word.len() >= 6 && word.chars().all(|char| char.is_ascii_hexdigit());
        if digits >= 4 || hexadecimal { "#" } else { word }.to_owned()
    };
    let lines = text.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" "));
    lines.map(|line| line.trim_end().to_owned() + "\n").collect()
}
