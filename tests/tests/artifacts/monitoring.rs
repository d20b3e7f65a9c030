//! Alerts and dashboard ask for metrics that servers have.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Result, ensure};
use elastickv_tests::workspace;

const PREFIXES: [&str; 2] = ["elastickv_encryption_", "elastickv_"];
/// What the text format adds to the names of counters and histograms.
const SUFFIXES: [&str; 4] = ["_total", "_bucket", "_count", "_sum"];

/// Every name of a metric that stands in a text.
fn asked_for(text: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let words = text.split(|letter| !is_name(letter));
    words.filter(|word| word.starts_with("elastickv_")).map(str::to_owned).collect()
}

fn bare(name: &str) -> &str {
    let name = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

fn source(of: &str) -> Result<String> {
    Ok(fs::read_to_string(workspace::root().join("server/src").join(of))?)
}

fn page(name: &str) -> Result<String> {
    Ok(fs::read_to_string(workspace::root().join("docs/monitoring").join(name))?)
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() -> Result<()> {
    let sources = source("metrics.rs")? + &source("metrics/encryption.rs")?;
    let is_there = |name: &str| {
        let name = bare(name);
        [format!("\"{name}\""), format!("\"encryption_{name}\"")]
            .iter()
            .any(|quoted| sources.contains(quoted))
    };
    for file in ["alerts.yaml", "dashboard.json"] {
        let asked = asked_for(&page(file)?);
        ensure!(asked.len() > 10, "{file} asks for {asked:?} alone");
        let unknown: Vec<_> = asked.iter().filter(|name| !is_there(name)).collect();
        ensure!(unknown.is_empty(), "{file} asks for {unknown:?}, which no server has");
    }
    ensure!(!is_there("elastickv_raft_is_leading"), "it finds everything");
    Ok(())
}

#[test]
fn the_dashboard_is_json_and_every_alert_says_what_to_do() -> Result<()> {
    let dashboard: serde_json::Value = serde_json::from_str(&page("dashboard.json")?)?;
    ensure!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() > 10), "it has few panels");
    let alerts = page("alerts.yaml")?;
    let of = |key: &str| alerts.lines().filter(|line| line.trim_start().starts_with(key)).count();
    let alerts = of("- alert:");
    ensure!(alerts > 10, "{alerts} alerts");
    for key in ["expr:", "labels:", "summary:", "action:"] {
        ensure!(of(key) == alerts, "{alerts} alerts have {} {key}", of(key));
    }
    Ok(())
}
