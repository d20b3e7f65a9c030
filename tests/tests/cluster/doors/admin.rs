//! The operator's program at the doors of a cluster.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use elastickv_tests::authority::Pair;
use elastickv_tests::cluster::Cluster;
use elastickv_tests::workspace;
use serde_json::Value;
use tokio::process::Command;

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub said: Value,
}

impl Ended {
    /// Demands an exit code and, of a failure, the code of its error.
    pub fn with(self, code: i32, error: &str) -> Result<Value> {
        let told = self.said["error"]["code"].as_str().unwrap_or_default();
        ensure!((self.code, told) == (code, error), "{self:?}");
        Ok(self.said)
    }
}

/// The flags that show a certificate.
pub fn shown(cluster: &Cluster, pair: &Pair) -> Result<String> {
    let ca = cluster.authority()?.certificate();
    let Pair { certificate, key } = pair;
    Ok(format!("--tls-ca {} --tls-cert {} --tls-key {}", ca.display(), certificate.display(), key.display()))
}

pub async fn run(cluster: &Cluster, flags: &str, line: &str) -> Result<Ended> {
    let endpoints: Vec<_> = cluster.nodes().iter().map(|node| node.address.to_string()).collect();
    let mut command = Command::new(workspace::admin()?);
    command.args(["--endpoint", &endpoints.join(","), "-o", "json"]);
    command.args(flags.split_whitespace()).args(line.split_whitespace());
    let output = command.stdin(Stdio::null()).output().await?;
    let text = if output.stdout.is_empty() { &output.stderr } else { &output.stdout };
    let said = serde_json::from_slice(text)
        .with_context(|| format!("{line}: {}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Ended { code: output.status.code().context("it was killed")?, said })
}
