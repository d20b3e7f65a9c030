//! The operator's command line, and the documents that it answers with.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::workspace;
use serde_json::Value;

/// What a command ended with, and its document.
pub struct Ended {
    line: String,
    status: i32,
    told: Value,
}

impl Ended {
    /// However it ended.
    pub fn either(self) -> (i32, Value) {
        (self.status, self.told)
    }

    pub fn with(self, status: i32) -> Result<Value> {
        ensure!(
            self.status == status,
            "{} ended with {}, not {status}: {}",
            self.line,
            self.status,
            self.told
        );
        Ok(self.told)
    }
}

/// A command of the group that is about encryption.
pub async fn encryption(cluster: &Cluster, line: &str) -> Result<Ended> {
    admin(cluster, &format!("encryption {line}")).await
}

pub async fn admin(cluster: &Cluster, line: &str) -> Result<Ended> {
    let program = workspace::admin()?;
    let endpoints: Vec<String> = cluster.nodes().iter().map(|node| node.address.to_string()).collect();
    let mut command = Command::new(program);
    command.env_remove("ELASTICKV_ENDPOINT").args(line.split(' '));
    command.args(["-o", "json", "--endpoint", &endpoints.join(",")]);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let told = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Ended { line: line.to_owned(), status: output.status.code().unwrap_or(-1), told })
}

pub async fn stage(cluster: &Cluster) -> Result<String> {
    let told = encryption(cluster, "status").await?.with(0)?;
    Ok(told["data"]["stage"].as_str().unwrap_or_default().to_owned())
}
