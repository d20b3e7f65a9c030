//! What the README tells a newcomer to type works, and what it points at is there.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::scratch::Scratch;
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::{turn, workspace};

use crate::demo::processes_in;

/// The first screen: what is seen without scrolling.
const FIRST_SCREEN: usize = 40;
/// What a terminal shows at once.
const SCREEN: usize = 24;

/// It takes the whole walk, as a test: a stage that does not come out as it should is its failure.
#[tokio::test]
async fn the_run_command_walks_through_a_clusters_life_and_leaves_nothing() -> Result<()> {
    let _turn = turn::take().await?;
    let scratch = Scratch::new("readme")?;
    let command = format!("{} -- walk --assert", command_under("Run it")?);
    let told = Command::new("bash")
        .args(["-c", &command])
        .current_dir(workspace::root())
        .env("TMPDIR", scratch.path())
        .env("COLUMNS", "80")
        .output()?;
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    println!("{out}");
    ensure!(told.status.success(), "{command} ended with {}\n{out}{err}", told.status);
    for shown in
        ["canaries FOUND", "killed in it", "unloaded", "SidecarDamaged", "NONE in", "writes acknowledged"]
    {
        ensure!(out.contains(shown), "{shown:?} is not in what it shows:\n{out}");
    }
    let (lines, widest) = (out.lines().count(), out.lines().map(|line| line.chars().count()).max());
    ensure!(lines <= SCREEN && widest <= Some(80), "{lines} lines, {widest:?} columns:\n{out}");
    wait::until("everything to be taken down", PATIENCE, || async {
        let left = fs::read_dir(scratch.path())?.count();
        ensure!(left == 0, "{left} directories are left");
        ensure!(processes_in(scratch.path())? == 0, "a process is left");
        Ok(())
    })
    .await
}

#[test]
fn the_test_command_is_one_line_that_runs_everything() -> Result<()> {
    let command = command_under("Test it")?;
    ensure!(command.contains("cargo test --workspace"), "{command}");
    Ok(())
}

#[test]
fn both_commands_stand_in_the_first_screen() -> Result<()> {
    let text = readme()?;
    let first: Vec<_> = text.lines().take(FIRST_SCREEN).collect();
    for command in [command_under("Run it")?, command_under("Test it")?] {
        ensure!(first.contains(&command.as_str()), "{command:?} stands below line {FIRST_SCREEN}");
    }
    Ok(())
}

#[test]
fn pages_point_only_at_files_that_are_there() -> Result<()> {
    let root = workspace::root();
    let mut pages = markdown(&root)?;
    pages.extend(markdown(&root.join("docs"))?);
    ensure!(pages.len() > 3, "only {} pages were found", pages.len());
    for page in pages {
        let text = fs::read_to_string(&page)?;
        let dir = page.parent().context("a page lies in a directory")?;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            let is_local = !path.is_empty() && !path.contains("://") && !path.starts_with("mailto:");
            ensure!(!is_local || dir.join(path).exists(), "{} points at {target}", page.display());
        }
    }
    Ok(())
}

fn readme() -> Result<String> {
    fs::read_to_string(workspace::root().join("README.md")).context("cannot read the README")
}

/// The single line of the one fenced block under a heading.
fn command_under(heading: &str) -> Result<String> {
    let text = readme()?;
    let mut section = text.lines().skip_while(|line| *line != format!("## {heading}")).skip(1);
    let section: Vec<_> = section.by_ref().take_while(|line| !line.starts_with("## ")).collect();
    let blocks: Vec<_> = section.split(|line| line.starts_with("```")).collect();
    let [_, [command], _] = blocks.as_slice() else {
        bail!("under {heading:?} one fenced block of one line is wanted");
    };
    Ok((*command).to_owned())
}

fn markdown(dir: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        } else if path.is_dir() && dir.ends_with("docs") {
            pages.extend(markdown(&path)?);
        }
    }
    Ok(pages)
}
