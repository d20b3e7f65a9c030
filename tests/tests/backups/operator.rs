//! The operator's command line, on clusters and on directories.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::workspace;
use serde_json::Value;

/// What a command ended with, and its document.
#[derive(Debug)]
pub struct Ended {
    line: String,
    pub status: i32,
    pub told: Value,
}

impl Ended {
    pub fn with(self, status: i32) -> Result<Value> {
        ensure!(self.status == status, "{} ended with {}: {}", self.line, self.status, self.told);
        Ok(self.told)
    }

    /// Ended with this status for this reason.
    pub fn refused(self, status: i32, name: &str) -> Result<Value> {
        let told = self.with(status)?;
        ensure!(told["error"]["name"] == name, "instead of {name}: {}", told["error"]);
        Ok(told)
    }
}

/// Runs a command that is told of no cluster.
pub async fn admin(arguments: &[&str]) -> Result<Ended> {
    let mut command = Command::new(workspace::admin()?);
    command.env_remove("ELASTICKV_ENDPOINT").args(arguments).args(["-o", "json"]);
    let line = arguments.join(" ");
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let told = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Ended { line, status: output.status.code().unwrap_or(-1), told })
}

/// What a command showed to a person: its exit code, standard output and standard error.
pub async fn plainly(arguments: &[&str]) -> Result<(i32, String, String)> {
    let mut command = Command::new(workspace::admin()?);
    command.env_remove("ELASTICKV_ENDPOINT").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr)))
}

/// Runs a command that is told where the nodes are that run.
pub async fn on(cluster: &Cluster, arguments: &[&str]) -> Result<Ended> {
    let running = cluster.nodes().iter().filter(|node| node.runs());
    let endpoints: Vec<String> = running.map(|node| node.address.to_string()).collect();
    admin(&[arguments, &["--endpoint", &endpoints.join(",")]].concat()).await
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
