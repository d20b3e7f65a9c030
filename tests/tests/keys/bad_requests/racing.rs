//! Requests that are right, and come at once.

use anyhow::{Context, Result, bail, ensure};
use elastickv_proto as pb;
use elastickv_tests::client::Answer;
use elastickv_tests::wait::PATIENCE;
use futures_util::future::join_all;

use super::world::World;

/// On a busy machine one request may be over before the next arrives; then they were not at once.
const ATTEMPTS: usize = 10;

/// Refused is who came while another operation was under way, and is told which.
fn refused<T>(answer: &Answer<T>) -> Result<bool> {
    match answer {
        Ok(_) => Ok(false),
        Err(refusal) if refusal.is("OperationRunning") => {
            ensure!(refusal.metadata.contains_key("operation_id"), "{:?}", refusal.metadata);
            Ok(true)
        }
        Err(refusal) => bail!("it was refused for something else: {refusal}"),
    }
}

/// Three clients ask for a new key at once: there is one, and whoever got none is told why.
pub async fn rotations_at_once_give_one_new_key(world: &World) -> Result<()> {
    let node = world.cluster.node(world.cluster.leader(PATIENCE).await?);
    let clients = (0..3).map(|_| node.new_client()).collect::<Result<Vec<_>>>()?;
    for _ in 0..ATTEMPTS {
        join_all(clients.iter().map(|client| client.status())).await;
        let before = world.key_count().await?;
        let answers = join_all(clients.iter().map(|client| client.rotate(pb::DekPurpose::Storage))).await;
        let mut late = 0;
        for answer in &answers {
            late += usize::from(refused(answer)?);
        }
        let new = world.key_count().await? - before;
        ensure!(new == answers.len() - late, "{new} new keys, and {late} of {} were refused", answers.len());
        world.goes_on().await?;
        world.agreed().await?;
        if late == answers.len() - 1 {
            println!("three rotations at once: one new key, {late} refused");
            return Ok(());
        }
    }
    bail!("of {ATTEMPTS} times the three never met")
}

/// Neither stops the other for good: who comes too late is done when it asks again.
pub async fn a_rotation_and_a_cutover_take_turns(world: &World) -> Result<()> {
    let leader = world.leader();
    let (rotated, sealed) = tokio::join!(leader.rotate(pb::DekPurpose::Storage), leader.enable_raft());
    let late = (refused(&rotated)?, refused(&sealed)?);
    ensure!(late != (true, true), "each was refused for the other");
    println!("a rotation and a cutover at once: refused {late:?}");
    if late.0 {
        world.leader().rotate(pb::DekPurpose::Storage).await?;
    }
    if late.1 {
        world.leader().enable_raft().await?;
    }
    world.goes_on().await?;
    world.agreed().await?;
    let facts = world.leader().encryption_status().await?.facts.context("no facts")?;
    ensure!(facts.stage.is_some_and(|stage| stage.raft_index.is_some()), "it is not sealed");
    Ok(())
}
