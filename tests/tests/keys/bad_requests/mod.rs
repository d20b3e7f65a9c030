//! Requests that can not be right, put to a running cluster: each is refused by its typed name, and nobody is the
//! worse for it. Afterwards every node applies on, and all of them agree on keys and stage as before.

mod cases;
mod racing;
mod world;

use anyhow::{Context, Result, ensure};
use elastickv_proto as pb;
use elastickv_tests::client::{Refusal, request_id};
use elastickv_tests::{scale, turn};
use futures_util::future::join_all;
use tonic::Code;

use cases::{Case, after_the_cutovers, before_keys};
use world::World;

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_by_name_and_harm_nobody() -> Result<()> {
    let _turn = turn::take().await?;
    let mut world = World::start("bad-requests").await?;
    refuse_all(&world, &before_keys()).await?;

    let own = world.pair(7, 8).await?;
    let first = world.leader().bootstrap_encryption(own.clone()).await?;
    ensure!(!first.was_already_active && first.applied_index > 0, "it was done before");
    world.leader().enable_storage().await?;
    racing::a_rotation_and_a_cutover_take_turns(&world).await?;
    racing::rotations_at_once_give_one_new_key(&world).await?;
    world.look_up_keys().await?;

    let again = world.leader().bootstrap_encryption(own).await?;
    ensure!(again.was_already_active && again.applied_index == first.applied_index, "it was done anew");
    refuse_all(&world, &after_the_cutovers()).await?;
    an_operation_acts_once(&world).await?;
    what_operators_see_is_content(&world).await?;
    world.cluster.digests_agree().await?;
    world.cluster.finish().await
}

async fn refuse_all(world: &World, cases: &[Case]) -> Result<()> {
    for case in cases {
        refuse(world, case).await.with_context(|| case.what)?;
    }
    println!("{} requests were refused by name", cases.len());
    Ok(())
}

async fn refuse(world: &World, case: &Case) -> Result<()> {
    let before = world.agreed().await?;
    let refusal = refusal_of(world, case).await?;
    ensure!(
        refusal.code == case.code && refusal.is(case.reason),
        "instead of {:?} {}: {:?} {refusal}",
        case.code,
        case.reason,
        refusal.code
    );
    if refusal.is("NotLeader") {
        ensure!(refusal.metadata.contains_key("leader_address"), "{:?}", refusal.metadata);
    }
    world.goes_on().await?;
    ensure!(world.agreed().await? == before, "it changed keys or stage");
    Ok(())
}

/// Asks whoever leads, as any client does.
async fn refusal_of(world: &World, case: &Case) -> Result<Refusal> {
    loop {
        world.find_leader().await?;
        let refusal = (case.ask)(world).await.err().context("it was taken")?;
        if !refusal.is("NotLeader") || refusal.is(case.reason) {
            return Ok(refusal);
        }
    }
}

async fn an_operation_acts_once(world: &World) -> Result<()> {
    let request = pb::RotateDekRequest {
        purpose: pb::DekPurpose::Raft.into(),
        operation_id: request_id(),
        ..Default::default()
    };
    let keys = world.key_count().await?;
    let first = world.leader().rotate_dek(request.clone()).await?;
    let leader = world.leader();
    let repeated = join_all((0..3).map(|_| leader.rotate_dek(request.clone()))).await;
    for again in repeated {
        ensure!(again?.applied_index == first.applied_index, "it acted again");
    }
    ensure!(world.key_count().await? == keys + 1, "one rotation made several keys");
    world.goes_on().await
}

/// Nothing failed to open, and what sealing costs is told.
async fn what_operators_see_is_content(world: &World) -> Result<()> {
    for node in world.cluster.nodes() {
        let page = node.http("/metrics").await?.body;
        let value = |name: &str| {
            let wanted = format!("elastickv_encryption_{name} ");
            let line = page.lines().find_map(|line| line.strip_prefix(&wanted));
            line.and_then(|value| value.parse::<f64>().ok()).with_context(|| format!("there is no {name}"))
        };
        for reason in ["key", "integrity", "malformed"] {
            let failures = value(&format!("decrypt_failures_total{{reason=\"{reason}\"}}"))?;
            ensure!(failures == 0.0, "{}: {failures} did not open: {reason}", node.name);
        }
        ensure!(value("value_overhead_bytes")? > 0.0 && value("unopened_keys")? == 0.0, "{}", node.name);
        value("cutover_pause_seconds_count")?;
    }
    Ok(())
}

/// What the history has forgotten is not done again: its youngest forgotten id bars all that are not younger.
/// That takes more operations than are kept.
#[tokio::test(flavor = "multi_thread")]
async fn ids_of_forgotten_operations_have_expired() -> Result<()> {
    let most = scale::pick(0, 20_000);
    if most == 0 {
        println!("only at full scale");
        return Ok(());
    }
    let _turn = turn::take().await?;
    let world = World::of(1, "expired-ids").await?;
    let old = request_id();
    let ask = |id: bytes::Bytes| {
        let request = elastickv_proto::v1::RewrapRequest { operation_id: id, ..Default::default() };
        async { world.leader().rewrap_as(request).await.err() }
    };
    let refused = ask(old.clone()).await.context("there is nothing to wrap")?;
    ensure!(refused.is("NotBootstrapped"), "{refused}");
    for _ in 0..most / 50 {
        join_all((0..50).map(|_| ask(request_id()))).await;
    }
    let expired = ask(old).await.context("it was taken")?;
    ensure!(expired.code == Code::FailedPrecondition && expired.is("OperationIdExpired"), "{expired}");
    world.goes_on().await?;
    world.cluster.finish().await
}
