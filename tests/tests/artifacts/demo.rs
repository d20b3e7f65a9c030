//! What the demonstration leaves behind: nothing, however it ends.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use elastickv_tests::process::ending;
use elastickv_tests::scratch::Scratch;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Processes that have a path in their command line.
pub fn processes_in(path: &Path) -> Result<usize> {
    let path = path.to_string_lossy().into_owned();
    let processes = fs::read_dir("/proc")?.flatten();
    let lines = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    Ok(lines.filter(|line| String::from_utf8_lossy(line).contains(&path)).count())
}

fn directories_in(path: &Path) -> Result<usize> {
    Ok(fs::read_dir(path)?.count())
}

fn demo(temporary: &Path, words: &[&str]) -> Result<Command> {
    let mut command = Command::new(workspace::admin()?);
    command.args(["demo"]).args(words).env("TMPDIR", temporary).stdin(Stdio::null());
    Ok(command)
}

/// Ctrl-C takes everything down; a kill leaves the directory, and no process.
#[tokio::test]
async fn no_process_outlives_a_demonstration_that_is_interrupted_or_killed() -> Result<()> {
    let server = workspace::plain_server()?;
    let server = server.to_string_lossy();
    for (signal, wanted, left) in [(Signal::INT, "exit code 130", 0), (Signal::KILL, "signal 9", 1)] {
        let scratch = Scratch::new("demo-ended")?;
        let temporary = scratch.path();
        let mut command = demo(temporary, &["quick", "--server", &server])?;
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        wait::until("three nodes run", PATIENCE, || async {
            let nodes = processes_in(temporary)?;
            ensure!(nodes >= 3, "{nodes} processes run");
            Ok(())
        })
        .await?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        kill_process(id, signal)?;
        let status = tokio::task::spawn_blocking(move || child.wait()).await??;
        ensure!(ending(status) == wanted, "{}", ending(status));
        wait::until("nothing runs any more", PATIENCE, || async {
            let nodes = processes_in(temporary)?;
            // The guardian of the scratch directory does not name it.
            ensure!(nodes == 0, "{nodes} processes run");
            Ok(())
        })
        .await?;
        ensure!(directories_in(temporary)? == left, "{} directories are left", directories_in(temporary)?);
    }
    Ok(())
}

/// A server that does not serve is a failure, with its stage, its code and its exit status.
#[tokio::test]
async fn a_stage_that_fails_says_so() -> Result<()> {
    let scratch = Scratch::new("demo-failed")?;
    let mut command = demo(scratch.path(), &["quick", "--server", "/bin/false", "-o", "json"])?;
    let told =
        tokio::time::timeout(Duration::from_secs(150), tokio::task::spawn_blocking(move || command.output()));
    let told = told.await.context("it does not end")???;
    let document: Value = serde_json::from_slice(&told.stdout)?;
    ensure!(told.status.code() == Some(9) && document["error"]["code"] == "EK-2004", "{document}");
    let stages = document["data"]["stages"].as_array().context("no stages")?;
    ensure!(stages.len() == 1 && stages[0]["ok"] == false, "{document}");
    ensure!(directories_in(scratch.path())? == 0, "something is left");
    let missing = demo(scratch.path(), &["quick", "--server", "/nowhere"])?.output()?;
    ensure!(missing.status.code() == Some(2), "{missing:?}");
    Ok(())
}
