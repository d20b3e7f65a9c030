//! A node that joins after the log was purged: it gets a snapshot while writes go on, although first the
//! sender and then the receiver is killed in the middle of it. Then it becomes a voter and the leader, and
//! another member is removed and stays out.
//!
//! `ELASTICKV_SCALE=full cargo test --release -p elastickv-tests --test faults late_learner` runs it with a
//! snapshot of 256 MiB, `ELASTICKV_SNAPSHOT_MIB` with one of any size.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use elastickv_proto::v1;
use elastickv_proto::v1::peer_client::PeerClient;
use elastickv_tests::bulk::Bulk;
use elastickv_tests::client::{CONTROL_GROUP, Consistency, Refusal};
use elastickv_tests::cluster::{Cluster, Plan, control_group};
use elastickv_tests::links::Place;
use elastickv_tests::scale;
use elastickv_tests::summary::{Failure, Floors, Summary};
use elastickv_tests::turn;
use elastickv_tests::verify::verify;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workload::{Load, Writers};

use super::transfer::{CHUNK, Part, catch_up, part_of, purge_everywhere, until_received};

const SIZE: &str = "ELASTICKV_SNAPSHOT_MIB";
const SIZES: (u64, u64) = (24, 256);

#[tokio::test(flavor = "multi_thread")]
async fn late_learner_gets_a_snapshot_that_outlives_its_sender_and_its_receiver() -> Result<()> {
    let _turn = turn::take().await?;
    let mib = std::env::var(SIZE).ok().map(|text| text.parse()).transpose()?;
    let mib = mib.unwrap_or_else(|| scale::pick(SIZES.0, SIZES.1));
    let bulk = Bulk::of_mib(mib);
    let mut cluster = Plan::new("late-learner").setting("snapshot-entries", 0).start().await?;
    let founders = cluster.places();
    let leader = cluster.leader(PATIENCE).await?;
    bulk.write(&cluster.node(leader).client()).await?;
    purge_everywhere(&cluster).await?;

    let clients: Vec<_> = cluster.nodes().iter().map(|node| node.client()).collect();
    let writers = Writers::start(&clients, Load { writers: 8, ..Load::default() });
    let progress = writers.progress();
    progress.more_acknowledged(50, PATIENCE).await?;

    let late = cluster.add_waiting_node().await?;
    cluster.start(late)?;
    cluster.add_learner(&founders, late).await?;
    let mut sender = kill_the_sender(&cluster, &founders, late, bulk.bytes()).await?;
    let mut receiver = kill_the_receiver(&cluster, late, &sender.part, bulk.bytes()).await?;
    progress.more_acknowledged(50, PATIENCE).await?;
    (sender.failure.ended, receiver.failure.ended) = (Instant::now(), Instant::now());
    catch_up(&cluster, late).await?;
    let saved = check_that_it_went_on(&cluster, late, &receiver).await?;
    cluster.start(sender.place)?;

    cluster.promote(&founders, late).await?;
    cluster.hand_over(&cluster.places(), late).await?;
    let removed = sender.place;
    let members: Vec<_> = cluster.others(removed);
    cluster.remove(&members, removed).await?;
    progress.more_acknowledged(50, PATIENCE).await?;
    stays_out(&mut cluster, &members, removed).await?;

    let history = writers.finish().await;
    let content = cluster.node(late).client().scan_all(Consistency::Linearizable).await?;
    let findings = verify(&history, &content);
    let digest = cluster.digests_agree().await?;
    let summary = Summary::of(history.operations(), &[sender.failure, receiver.failure]);
    println!(
        "late learner: {mib} MiB, snapshot of {} bytes; went on at byte {} of it, received {} after the kill; \
         {findings}; digest of {} keys at index {} equal on {} nodes; {summary}",
        saved.whole,
        saved.continued_at,
        saved.received,
        digest.keys,
        digest.index,
        members.len(),
    );
    ensure!(findings.is_clean(), "{findings}");
    bulk.check(&content)?;
    summary.demand(&Floors {
        effective_failures: 2,
        acknowledged: 300,
        acknowledged_share: 60.0,
        overlapping_share: 0.1,
    })?;
    cluster.finish().await
}

/// A node that was killed in the middle of a transfer.
struct Killed {
    place: Place,
    failure: Failure,
    /// What the receiver had in its directory.
    part: Part,
}

async fn kill_the_sender(cluster: &Cluster, founders: &[Place], late: Place, bytes: u64) -> Result<Killed> {
    let sender = cluster.leader_among(founders, PATIENCE).await?;
    let part = until_received(cluster, late, None, bytes / 4).await?;
    let begun = Instant::now();
    let hits = cluster.kill(&[sender])?;
    let failure = Failure { what: "kill of the sender".to_owned(), hits, begun, ended: begun };
    println!("killed the sender when {} bytes had arrived", part.bytes);
    Ok(Killed { place: sender, failure, part })
}

/// What the first sender sent is of no use any more: its successor has a snapshot of its own.
async fn kill_the_receiver(cluster: &Cluster, late: Place, first: &Part, bytes: u64) -> Result<Killed> {
    until_received(cluster, late, Some(first), bytes / 2).await?;
    let begun = Instant::now();
    let hits = cluster.kill(&[late])?;
    let part = part_of(cluster, late)?.context("the killed receiver has no part of a snapshot")?;
    cluster.start(late)?;
    let failure = Failure { what: "kill of the receiver".to_owned(), hits, begun, ended: begun };
    println!("killed the receiver when it had {} bytes", part.bytes);
    Ok(Killed { place: late, failure, part })
}

/// Of the transfer that ended in the receiver's second life.
struct Saved {
    whole: u64,
    continued_at: u64,
    received: u64,
}

/// Reads off what the receiver said and counted that it did not begin at the first byte again.
async fn check_that_it_went_on(cluster: &Cluster, late: Place, killed: &Killed) -> Result<Saved> {
    let node = cluster.node(late);
    let log = node.process.log();
    let (_, second_life) = log.rsplit_once("---- start ----").context("the log has no start")?;
    let offer = second_life.lines().find(|line| line.contains("a snapshot is received"));
    let offer = offer.context("nothing was offered to the receiver in its second life")?;
    let (whole, continued_at) = (field(offer, "bytes")?, field(offer, "continued_at")?);
    let durable = killed.part.bytes.saturating_sub(1) / CHUNK * CHUNK;
    ensure!(
        durable >= CHUNK && continued_at == durable,
        "{} bytes were there, and it went on at {continued_at}",
        killed.part.bytes
    );
    let page = node.http("/metrics").await?.body;
    let received = page.lines().find(|line| line.starts_with("elastickv_snapshot_received_bytes{"));
    let received =
        received.and_then(|line| line.rsplit(' ').next()).context("there is no such metric")?.parse()?;
    ensure!(
        received == whole - continued_at,
        "{received} bytes were received where {whole} minus {continued_at} were missing"
    );
    Ok(Saved { whole, continued_at, received })
}

/// The number behind `name=` in a line of a log.
fn field(line: &str, name: &str) -> Result<u64> {
    let value = line.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    value.with_context(|| format!("no {name} in {line:?}"))?.parse().context("it is no number")
}

/// The removed node knows it, gets no votes, and its name is not admitted again, not even for a new store.
async fn stays_out(cluster: &mut Cluster, members: &[Place], removed: Place) -> Result<()> {
    cluster.kill(&[removed])?;
    cluster.start(removed)?;
    wait::until("the removed node to say so", PATIENCE, || async {
        let page = cluster.node(removed).http("/readyz").await?;
        ensure!(page.status == 503 && page.body.contains("Removed"), "it says {page:?}");
        let told = cluster.node(removed).client().describe().await?;
        let reasons: Vec<_> = told.reasons.iter().map(|reason| reason.name.as_str()).collect();
        ensure!(!told.ready && reasons.contains(&"Removed"), "its reasons are {reasons:?}");
        Ok(())
    })
    .await?;
    let asking = cluster.node(removed).client().describe().await?;
    for &member in members {
        gets_no_vote(cluster, member, &asking).await?;
    }
    name_is_used_up(cluster, members, removed).await?;
    cluster.kill(&[removed])?;
    fs::remove_dir_all(&cluster.node(removed).data_dir)?;
    cluster.node(removed).process.change(|recipe| {
        recipe.arguments.retain(|argument| !argument.to_string_lossy().starts_with("--bootstrap"));
        recipe.arguments.push("--join".into());
    });
    cluster.start(removed)?;
    cluster.answers(removed, PATIENCE).await?;
    name_is_used_up(cluster, members, removed).await?;
    cluster.kill(&[removed]).map(|_| ())
}

/// Asks for a vote that any member would have to give: of a far later term, for a far longer log.
async fn gets_no_vote(cluster: &Cluster, member: Place, asking: &v1::DescribeResponse) -> Result<()> {
    let node = cluster.node(member);
    let before = node.client().describe().await?;
    let term = control_group(&before)?.term + 1_000;
    let request = v1::VoteRequest {
        envelope: Some(v1::Envelope {
            cluster_id: asking.cluster_id.clone(),
            from_node: asking.node_name.clone(),
            from_store: asking.store_id.clone(),
            to_node: before.node_name.clone(),
            to_store: before.store_id.clone(),
            group_id: CONTROL_GROUP,
        }),
        vote: Some(v1::LeaderVote { term, node_id: asking.full_node_id, committed: false }),
        last_log: Some(v1::LogId { term, index: 1 << 40 }),
        leadership_transfer: true,
    };
    let mut peer = PeerClient::new(node.client().channel());
    for answer in [peer.pre_vote(request.clone()).await, peer.vote(request).await] {
        let status = answer.err().with_context(|| format!("{} answers a removed node", node.name))?;
        let refusal = Refusal::from(status);
        ensure!(refusal.is("Removed"), "{} answers {refusal}", node.name);
    }
    let after = control_group(&node.client().describe().await?)?.term;
    ensure!(after < term, "{} took over the term of a removed node", node.name);
    Ok(())
}

async fn name_is_used_up(cluster: &Cluster, members: &[Place], removed: Place) -> Result<()> {
    match cluster.add_learner(members, removed).await {
        Ok(()) => bail!("a removed node was admitted again"),
        Err(why) if format!("{why:#}").contains("NodeNameUsed") => Ok(()),
        Err(why) => Err(why.context("it was refused, but not for its name")),
    }
}
