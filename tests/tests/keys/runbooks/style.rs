//! The scripts are plain POSIX shell: a checker has nothing against them, and each says what it wants.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use elastickv_tests::{debian, workspace};

fn scripts() -> Result<Vec<PathBuf>> {
    let mut scripts = vec![workspace::root().join("install.sh")];
    for entry in std::fs::read_dir(workspace::root().join("docs/runbooks"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sh") {
            scripts.push(path);
        }
    }
    ensure!(scripts.len() == 10, "{scripts:?}");
    Ok(scripts)
}

#[test]
fn a_checker_of_shell_has_nothing_against_them() -> Result<()> {
    debian::ensure("shellcheck", "shellcheck")?;
    let scripts = scripts()?;
    let mut command = Command::new("shellcheck");
    command.args(["--shell=sh", "--external-sources", "--source-path=SCRIPTDIR"]).args(&scripts);
    let told = command.output().context("no shellcheck")?;
    ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    Ok(())
}

#[test]
fn every_runbook_is_on_the_page_and_has_its_help() -> Result<()> {
    let page = std::fs::read_to_string(workspace::root().join("docs/runbooks/README.md"))?;
    for script in scripts()? {
        let name = script.file_name().context("a name")?.to_string_lossy().into_owned();
        if name == "common.sh" {
            continue;
        }
        ensure!(name == "install.sh" || page.contains(&format!("({name})")), "{name} is not on the page");
        let told = Command::new(&script).arg("--help").output()?;
        let text = String::from_utf8_lossy(&told.stdout).into_owned();
        ensure!(told.status.success() && text.starts_with(&name), "{name} --help: {text}");
    }
    Ok(())
}
