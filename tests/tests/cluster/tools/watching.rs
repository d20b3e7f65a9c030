//! `status --watch` on a pipe: a line for each look, while a member goes away and comes back.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use elastickv_tests::cluster::Cluster;
use elastickv_tests::wait::PATIENCE;
use elastickv_tests::workspace;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn begin(cluster: &Cluster, line: &str) -> Result<Self> {
        let endpoints: Vec<_> = cluster.nodes().iter().map(|node| node.address.to_string()).collect();
        let mut command = Command::new(workspace::admin()?);
        command.args(["--endpoint", &endpoints.join(",")]).args(line.split(' '));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        Ok(Self { child, lines })
    }

    /// Reads until a line shows it.
    async fn shows(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> Result<()> {
        let reading = async {
            while let Some(line) = self.lines.next_line().await? {
                if is_it(&line) {
                    return Ok(());
                }
            }
            anyhow::bail!("the watch ended before it showed {what}")
        };
        tokio::time::timeout(PATIENCE, reading).await.with_context(|| format!("it never showed {what}"))?
    }

    /// Ctrl-C.
    async fn interrupted(mut self) -> Result<Option<i32>> {
        let id = self.child.id().context("it has ended")?;
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw).context("no id")?;
        kill_process(pid, Signal::INT)?;
        Ok(tokio::time::timeout(PATIENCE, self.child.wait()).await??.code())
    }
}

pub async fn survives_a_member_that_goes_away(cluster: &Cluster) -> Result<()> {
    let mut lines = Watch::begin(cluster, "cluster status --watch --interval 100ms")?;
    let mut documents = Watch::begin(cluster, "encryption status --watch --interval 100ms -o ndjson")?;
    let whole = |line: &str| line.contains("ready=3/3") && line.contains("warnings=0");
    lines.shows("three members", whole).await?;
    let away = cluster.others(cluster.leader(PATIENCE).await?)[0];
    cluster.kill(&[away])?;
    lines.shows("two members", |line| line.contains("ready=2/3") && !line.contains("warnings=0")).await?;
    let exit = |line: &str| serde_json::from_str::<Value>(line).ok()?["exit_code"].as_i64();
    documents.shows("a silent member", |line| exit(line) == Some(7)).await?;
    cluster.start(away)?;
    cluster.settle(PATIENCE).await?;
    lines.shows("three members again", whole).await?;
    documents.shows("all members again", |line| exit(line) == Some(0)).await?;
    for watch in [lines, documents] {
        let status = watch.interrupted().await?;
        ensure!(status == Some(0), "Ctrl-C ended it with {status:?}");
    }
    draws_in_one_place(cluster).await?;
    let refused = crate::doors::admin::run(cluster, "", "cluster status --watch").await?;
    ensure!(refused.code == 2, "{refused:?}");
    Ok(())
}

/// On a terminal.
async fn draws_in_one_place(cluster: &Cluster) -> Result<()> {
    let endpoint = cluster.nodes()[0].address.to_string();
    let mut draw = Command::new("python3");
    draw.arg(workspace::root().join("tests/python/watch_terminal.py")).arg("3/3 voters answer");
    draw.arg(workspace::admin()?).args(["--endpoint", &endpoint, "cluster", "status"]);
    draw.args(["--watch", "--interval", "100ms"]);
    let told = draw.output().await?;
    ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Ok(())
}
