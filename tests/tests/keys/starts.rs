//! Starts of a node with keys.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Node, Plan};
use elastickv_tests::wait::PATIENCE;

use crate::plant::Directory;

const CANARY: &str = "a-canary-that-is-looked-for-in-files";

async fn put(node: &Node, key: &str, value: &str) -> Result<()> {
    node.client().put(key.to_owned().into(), value.to_owned().into(), Bytes::new()).await?;
    Ok(())
}

async fn holds(node: &Node, key: &str, value: &str) -> Result<()> {
    let found = node.client().get(key.to_owned().into(), Linearizable).await?;
    ensure!(found.as_deref() == Some(value.as_bytes()), "{key} holds {found:?}");
    Ok(())
}

async fn restart(cluster: &Cluster) -> Result<()> {
    let place = cluster.places()[0];
    ensure!(cluster.terminate(place).await?.success());
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    Ok(())
}

/// How often a text stands in the files below a directory.
pub fn occurrences(dir: &Path, text: &str) -> Result<usize> {
    let mut found = 0;
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        found += match path.is_dir() {
            true => occurrences(&path, text)?,
            false => fs::read(&path)?.windows(text.len()).filter(|window| *window == text.as_bytes()).count(),
        };
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn before_there_are_keys_only_the_marks_of_each_start_are_written() -> Result<()> {
    let cluster = Plan::new("marks").nodes(1).encrypted().start().await?;
    let node = &cluster.nodes()[0];
    let directory = Directory::of(node);
    put(node, "colour", CANARY).await?;
    let first = directory.token()?;
    restart(&cluster).await?;
    holds(node, "colour", CANARY).await?;
    ensure!(directory.token()? != first, "each start has a token of its own");
    ensure!(!directory.sidecar_path().exists(), "there are no keys yet");
    ensure!(occurrences(&node.data_dir.join("groups/1/state"), CANARY)? > 0, "rows are clear");
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_keys_every_start_takes_another_epoch_and_seals_in_it() -> Result<()> {
    let cluster = Plan::new("epochs").nodes(1).encrypted().start().await?;
    let (place, node) = (cluster.places()[0], &cluster.nodes()[0]);
    let directory = Directory::of(node);
    put(node, "clear", "as before").await?;
    ensure!(cluster.terminate(place).await?.success());
    directory.plant(&cluster.kek_file()).await?;
    ensure!(directory.epochs()? == [0, 0]);
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    for start in 1..4 {
        put(node, &format!("sealed-{start}"), CANARY).await?;
        ensure!(directory.epochs()? == [start, start], "{:?} in start {start}", directory.epochs()?);
        let sidecar = directory.sidecar()?;
        ensure!(sidecar.keys.values().all(|key| key.token == sidecar.load.token()));
        restart(&cluster).await?;
        for before in 1..=start {
            holds(node, &format!("sealed-{before}"), CANARY).await?;
        }
        holds(node, "clear", "as before").await?;
    }
    let state = node.data_dir.join("groups/1/state");
    ensure!(occurrences(&state, CANARY)? == 0, "a value stands in the store as it was written");
    ensure!(occurrences(&state, "as before")? > 0, "the search finds what is clear");
    cluster.finish().await
}
