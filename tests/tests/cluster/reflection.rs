//! A client that knows nothing of ours but what the server tells it by reflection.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::cluster::Plan;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::{python, workspace};

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_learns_the_services_by_reflection() -> Result<()> {
    let Some(interpreter) = python::environment()? else { return Ok(()) };
    let cluster = Plan::new("reflection").start().await?;
    let follower = cluster.others(cluster.leader(PATIENCE).await?)[0];
    talk(interpreter, &cluster.node(follower).address.to_string(), &[]).await?;
    cluster.finish().await
}

/// Has the client talk to a node, over TLS with the files of an authority, a key and a certificate.
pub async fn talk(interpreter: PathBuf, address: &str, files: &[&Path]) -> Result<()> {
    let script = workspace::root().join("tests/python/reflect_client.py");
    let mut client = Command::new(interpreter);
    client.arg(script).arg(address).args(files);
    let told = tokio::task::spawn_blocking(move || client.output()).await?.context("cannot run Python")?;
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    if !told.status.success() {
        bail!("the Python client failed:\n{out}{err}");
    }
    ensure!(out.trim_end().ends_with("all as expected"), "{out}");
    Ok(())
}
