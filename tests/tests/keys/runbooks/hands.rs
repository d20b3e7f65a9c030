//! Whoever stops and starts nodes for a runbook: a script that leaves what it is asked for in a file, and this, which does it.

use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::cluster::{Cluster, Node};
use elastickv_tests::links::Place;
use elastickv_tests::process::Process;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;

pub const LONG: &str = "120s";
/// For waiting in vain.
pub const SHORT: &str = "6s";

const SCRIPT: &str = r#"#!/bin/sh
set -eu
[ ! -e "$HANDS/away" ] || exit 255
ask=$(mktemp "$HANDS/XXXXXX")
printf '%s\n' "$*" >"$ask"
mv "$ask" "$ask.ask"
while [ -e "$ask.ask" ]; do sleep 0.02; done
"#;

pub struct Hands<'a> {
    cluster: &'a Cluster,
    /// A node of another cluster.
    pub other: Option<Process>,
    dir: PathBuf,
    /// What was asked for, in order.
    pub asked: RefCell<Vec<String>>,
    /// Halted as soon as a node was restarted.
    pub halts: Cell<Option<Place>>,
    /// How long runbooks wait.
    pub patience: Cell<&'static str>,
}

/// How a runbook ended, and what it said.
#[derive(Debug)]
pub struct Ended {
    pub status: i32,
    pub said: String,
}

impl Ended {
    pub fn with(self, status: i32) -> Result<Self> {
        ensure!(self.status == status, "it ended with {}, not {status}:\n{}", self.status, self.said);
        Ok(self)
    }
}

impl<'a> Hands<'a> {
    pub fn on(cluster: &'a Cluster) -> Result<Self> {
        let dir = cluster.scratch().join("hands");
        fs::create_dir(&dir)?;
        let script = dir.join("on-node");
        fs::write(&script, SCRIPT)?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        Ok(Self {
            cluster,
            other: None,
            dir,
            asked: RefCell::default(),
            halts: Cell::new(None),
            patience: Cell::new(LONG),
        })
    }

    /// Nobody does what is asked for, as when a machine does not answer.
    pub fn are_away(&self, away: bool) -> Result<()> {
        let sign = self.dir.join("away");
        let done = if away { fs::write(sign, "") } else { fs::remove_file(sign) };
        Ok(done?)
    }

    /// Runs a runbook to its end.
    pub async fn run(&self, name: &str, arguments: &[&str]) -> Result<Ended> {
        self.run_at(&self.endpoints(), name, arguments).await
    }

    fn endpoints(&self) -> String {
        let all: Vec<String> = self.cluster.nodes().iter().map(|node| node.address.to_string()).collect();
        all.join(",")
    }

    pub async fn run_at(&self, endpoints: &str, name: &str, arguments: &[&str]) -> Result<Ended> {
        let begun = std::time::Instant::now();
        let script = workspace::root().join("docs/runbooks").join(name);
        let mut command = tokio::process::Command::new(script);
        command.args(arguments).env("ELASTICKV_ENDPOINT", endpoints).env("EK_ADMIN", workspace::admin()?);
        command
            .env("EK_NODE", self.dir.join("on-node"))
            .env("HANDS", &self.dir)
            .env("EK_PATIENCE", self.patience.get());
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::select! {
            output = command.output() => output.with_context(|| format!("{name} does not run"))?,
            failed = self.serve() => bail!("{name}: {:#}", failed.err().context("nobody asks any more")?),
        };
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let status = output.status.code().unwrap_or(-1);
        println!("{name} ended with {status} after {:.1?}", begun.elapsed());
        Ok(Ended { status, said })
    }

    /// Does what is asked for, for ever.
    async fn serve(&self) -> Result<()> {
        loop {
            for entry in fs::read_dir(&self.dir)? {
                let path = entry?.path();
                if path.extension().is_some_and(|extension| extension == "ask") {
                    let line = fs::read_to_string(&path)?;
                    self.perform(line.trim()).await.with_context(|| format!("asked to {line}"))?;
                    fs::remove_file(&path)?;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    async fn perform(&self, line: &str) -> Result<()> {
        self.asked.borrow_mut().push(line.to_owned());
        let words: Vec<&str> = line.split(' ').collect();
        let [name, action, settings @ ..] = words.as_slice() else { bail!("no node and no action") };
        let process = match (&self.other, self.cluster.named(name)) {
            (_, Ok(node)) => &node.process,
            (Some(other), Err(_)) if other.recipe().name == *name => other,
            (_, Err(error)) => return Err(error),
        };
        if matches!(*action, "stop" | "restart") && process.id().is_some() && process.ended().is_none() {
            ensure!(process.terminate(PATIENCE).await?.success(), "{name} did not end well");
        }
        set(process, settings);
        if matches!(*action, "start" | "restart") && (process.id().is_none() || process.ended().is_some()) {
            process.start()?;
        }
        if let Some(place) = self.halts.take().filter(|_| *action == "restart") {
            // The restarted node is to come back before another one is lost.
            serves(self.cluster.named(name)?).await?;
            self.cluster.node(place).process.stop()?;
        }
        Ok(())
    }

    pub fn restarts(&self) -> usize {
        self.asked.borrow().iter().filter(|line| line.contains(" restart")).count()
    }
}

/// Waits until a node is ready.
pub async fn serves(node: &Node) -> Result<()> {
    wait::until(&format!("{} serves", node.name), PATIENCE, || async {
        let page = node.http("/readyz").await?;
        ensure!(page.status == 200, "{}", page.body);
        Ok(())
    })
    .await
}

/// Changes what a node is started with; `--join` is known of newcomers anyway.
fn set(process: &Process, settings: &[&str]) {
    let pairs: Vec<&[&str]> = settings.chunks(2).filter(|pair| pair.len() == 2).collect();
    if pairs.is_empty() {
        return;
    }
    process.change(|recipe| {
        recipe.arguments.retain(|one| !one.to_string_lossy().starts_with("--kek"));
        recipe.arguments.extend(pairs.iter().map(|pair| format!("{}={}", pair[0], pair[1]).into()));
    });
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
