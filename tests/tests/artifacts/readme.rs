//! What the README tells a newcomer to type works, and what it points at is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use elastickv_tests::wait::{self, PATIENCE};
use elastickv_tests::workspace;

/// The first screen: what is seen without scrolling.
const FIRST_SCREEN: usize = 40;

#[tokio::test]
async fn the_run_command_shows_a_cluster_and_takes_it_down() -> Result<()> {
    let before = left_behind()?;
    let command = command_under("Run it")?;
    let told = Command::new("bash").args(["-c", &command]).current_dir(workspace::root()).output()?;
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    ensure!(told.status.success(), "{command} ended with {}\n{out}{err}", told.status);
    for shown in ["kv put", "kv get", "cluster status", "n1", "n2", "n3", "leader"] {
        ensure!(out.contains(shown), "{shown:?} is not in what it shows:\n{out}");
    }
    let got = out.lines().skip_while(|line| !line.contains("kv get")).nth(1);
    ensure!(got == Some("hello"), "it gets {got:?} and not what it put:\n{out}");
    wait::until("everything to be taken down", PATIENCE, || async {
        let left: Vec<_> = left_behind()?.difference(&before).cloned().collect();
        ensure!(left.is_empty(), "{left:?} is left");
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

/// Scratch directories of the command, and processes that run in them.
fn left_behind() -> Result<BTreeSet<String>> {
    const MARK: &str = "elastickv-quickstart-";
    let temporary = fs::read_dir(std::env::temp_dir())?.flatten();
    let directories = temporary.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let processes = fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    Ok(directories.chain(processes).filter(|name| name.contains(MARK)).collect())
}
