//! The delivered server has none of the powers that tests have.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use elastickv_sys::points::{Point, Wrong};
use elastickv_tests::workspace;

/// Words that stand in the server's code only where a power of tests is.
const TELLTALES: [&str; 3] = ["losing-ignoring-sync", "testing-file-layer", "testing-points-dir"];

#[test]
fn the_delivered_server_contains_nothing_of_the_powers_of_tests() -> Result<()> {
    let (delivered, with_powers) =
        (fs::read(workspace::plain_server()?)?, fs::read(workspace::testing_server()?)?);
    let wrong = Wrong::ProposeClear.name();
    let points = Point::ALL.iter().map(|point| point.name());
    for word in TELLTALES.into_iter().chain(points).chain([wrong]) {
        ensure!(contains(&with_powers, word), "{word:?} gives nothing away: not even the test build has it");
        ensure!(!contains(&delivered, word), "the delivered server contains {word:?}");
    }
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

fn contains(binary: &[u8], word: &str) -> bool {
    binary.windows(word.len()).any(|window| window == word.as_bytes())
}
