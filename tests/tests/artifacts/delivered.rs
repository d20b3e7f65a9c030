//! The delivered server has none of the powers that tests have.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use aho_corasick::AhoCorasick;
use anyhow::{Result, ensure};
use elastickv_sys::points::{Point, Stall, Wrong};
use elastickv_tests::workspace;

/// Words that stand in the server's code only where a power of tests is.
const TELLTALES: [&str; 3] = ["losing-ignoring-sync", "testing-file-layer", "testing-points-dir"];

#[test]
fn the_delivered_server_contains_nothing_of_the_powers_of_tests() -> Result<()> {
    let points = Point::ALL.iter().map(|point| point.name());
    let orders = [Wrong::ProposeClear.name(), Stall::WritesSealed.name(), Stall::SnapshotBegun.name()];
    let words: Vec<_> = TELLTALES.into_iter().chain(points).chain(orders).collect();
    let search = AhoCorasick::new(&words)?;
    let found = |server: PathBuf| -> Result<BTreeSet<&str>> {
        let binary = fs::read(server)?;
        Ok(search.find_overlapping_iter(&binary).map(|hit| words[hit.pattern()]).collect())
    };
    let all: BTreeSet<_> = words.iter().copied().collect();
    let with_powers = found(workspace::testing_server()?)?;
    let silent: Vec<_> = all.difference(&with_powers).collect();
    ensure!(silent.is_empty(), "{silent:?} give nothing away: not even the test build has them");
    let delivered = found(workspace::plain_server()?)?;
    ensure!(delivered.is_empty(), "the delivered server contains {delivered:?}");
    Ok(())
}

#[test]
fn the_delivered_server_knows_no_setting_of_tests() -> Result<()> {
    let told = Command::new(workspace::plain_server()?).args(["--testing-file-layer", "losing"]).output()?;
    ensure!(told.status.code() == Some(2), "it ended with {:?}", told.status);
    let help = Command::new(workspace::plain_server()?).arg("--help").output()?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    ensure!(help.contains("--data-dir") && !help.contains("testing"), "{help}");
    Ok(())
}
