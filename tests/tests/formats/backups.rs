//! A backup, its key and the format pages are enough to read a value: what is left of a cluster when all else is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_proto::DekPurpose;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Plan, kek};
use elastickv_tests::{python, workspace};

fn refused(ended: &Output, why: &str) -> Result<()> {
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(!ended.status.success() && ended.stdout.is_empty(), "it printed something");
    ensure!(said.contains(why), "instead of {why:?}: {said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_reads_a_backup_with_nothing_but_the_wrapping_key() -> Result<()> {
    let Some(interpreter) = tokio::task::spawn_blocking(python::environment).await?? else { return Ok(()) };
    let cluster = Plan::new("by-hand").nodes(1).encrypted().start().await?;
    let client = cluster.nodes()[0].client();
    client.put("before\0it was sealed".into(), "clear".into(), Bytes::new()).await?;
    client.enable_storage().await?;
    client.enable_raft().await?;
    for number in 0..50 {
        let key = Bytes::from(format!("key-{number}"));
        let value = format!("some words that come again {number} ").repeat(number);
        client.put(key.clone(), "an earlier version".into(), Bytes::new()).await?;
        client.put(key.clone(), value.into(), Bytes::new()).await?;
        if number % 7 == 0 {
            client.delete(key, Bytes::new()).await?;
        }
        if number == 25 {
            client.rotate(DekPurpose::Storage).await?;
        }
    }
    let dir = cluster.scratch().join("backup");
    let endpoint = cluster.nodes()[0].address.to_string();
    let mut create = Command::new(workspace::admin()?);
    create.args(["backup", "create", "--endpoint", &endpoint]).arg(&dir);
    let made = tokio::task::spawn_blocking(move || create.output()).await??;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let script = workspace::root().join("tests/python/backup.py");
    let run = |kek: &Path| Command::new(&interpreter).arg(&script).arg(&dir).arg(kek).output();
    let read = run(&cluster.kek_file())?;
    ensure!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let other = cluster.scratch().join("other-kek.bin");
    kek::make(&other)?;
    refused(&run(&other)?, "does not open: it was wrapped by")?;
    let told: BTreeMap<String, String> = serde_json::from_slice(&read.stdout).context("what it prints")?;
    let content = client.scan_all(Linearizable).await?;
    let expected: BTreeMap<String, String> =
        content.iter().map(|(key, value)| (hex::encode(key), hex::encode(value))).collect();
    ensure!(told == expected, "{} values read, {} stored", told.len(), expected.len());
    println!("{} values read by hand", told.len());
    let snapshot = dir.join("group-1.snap");
    let mut bytes = fs::read(&snapshot)?;
    bytes[300] ^= 1;
    fs::write(&snapshot, bytes)?;
    refused(&run(&cluster.kek_file())?, "group-1.snap is not what was written")?;
    cluster.finish().await
}
