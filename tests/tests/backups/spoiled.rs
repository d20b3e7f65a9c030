//! Backups that are not what was written, and places that are not for restoring into.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_proto::DekPurpose;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::ports;

use crate::operator::{admin, text};
use crate::restored::restore;
use crate::round_trip::{create, manifest};

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn flip(file: &Path, at: usize) -> Result<()> {
    let mut bytes = fs::read(file)?;
    bytes[at] ^= 1;
    Ok(fs::write(file, bytes)?)
}

/// Puts the keys of one backup into another, and sees to it that no checksum tells.
fn swap_keys(from: &Path, into: &Path) -> Result<()> {
    fs::copy(from.join("keys.json"), into.join("keys.json"))?;
    let (theirs, mut ours) = (manifest(from)?, manifest(into)?);
    let facts = theirs.files["keys.json"].clone();
    ours.files.insert("keys.json".to_owned(), facts);
    Ok(fs::write(into.join("MANIFEST.json"), ours.text()?)?)
}

struct Bench {
    cluster: Cluster,
    good: PathBuf,
    older: PathBuf,
    foreign: PathBuf,
}

/// Backups from before and after a rotation, and one of another cluster.
async fn bench() -> Result<(Bench, Cluster)> {
    let cluster = Plan::new("spoiled").nodes(1).encrypted().start().await?;
    let client = cluster.nodes()[0].client();
    client.enable_storage().await?;
    client.put("one".into(), "first".into(), Bytes::new()).await?;
    let older = create(&cluster, "older").await?;
    client.rotate(DekPurpose::Storage).await?;
    client.put("two".into(), "second".into(), Bytes::new()).await?;
    let good = create(&cluster, "good").await?;
    let other = Plan::new("foreign").nodes(1).encrypted().start().await?;
    other.nodes()[0].client().enable_storage().await?;
    let foreign = create(&other, "foreign").await?;
    Ok((Bench { cluster, good, older, foreign }, other))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_backup_that_was_written_is_refused_by_name() -> Result<()> {
    type Spoil = fn(&Bench, &Path) -> Result<()>;
    let (bench, other) = bench().await?;
    let spoils: [(&str, Spoil); 9] = [
        ("BackupIncomplete", |_, dir| Ok(fs::remove_file(dir.join("MANIFEST.json"))?)),
        ("BackupIncomplete", |_, dir| Ok(fs::remove_file(dir.join("group-1.snap"))?)),
        ("BackupMissingSidecar", |_, dir| Ok(fs::remove_file(dir.join("keys.json"))?)),
        ("BackupCutShort", |_, dir| {
            let file = dir.join("group-1.snap");
            let len = fs::metadata(&file)?.len();
            Ok(fs::File::options().write(true).open(file)?.set_len(len - 1)?)
        }),
        ("BackupAltered", |_, dir| flip(&dir.join("group-1.snap"), 300)),
        ("BackupAltered", |_, dir| flip(&dir.join("keys.json"), 300)),
        ("BackupAltered", |_, dir| {
            let file = dir.join("MANIFEST.json");
            let text = fs::read_to_string(&file)?.replace("\"clear_rows\": 0", "\"clear_rows\": 1");
            Ok(fs::write(file, text)?)
        }),
        ("BackupForeign", |bench, dir| swap_keys(&bench.foreign, dir)),
        ("BackupKeyMissing", |bench, dir| swap_keys(&bench.older, dir)),
    ];
    let scratch = bench.cluster.scratch();
    for (number, (name, spoil)) in spoils.iter().enumerate() {
        let (dir, target) =
            (scratch.join(format!("spoilt-{number}")), scratch.join(format!("target-{number}")));
        copy(&bench.good, &dir)?;
        spoil(&bench, &dir)?;
        admin(&["backup", "verify", text(&dir)]).await?.refused(9, name)?;
        let kek = bench.cluster.kek_file();
        restore(&dir, &target, ports::free()?, Some(&kek)).await?.refused(9, name)?;
        let left: Vec<_> = fs::read_dir(&target)?.collect();
        ensure!(left.len() <= 1, "{name} left {left:?}");
    }
    admin(&["backup", "verify", text(&bench.good)]).await?.with(0)?;
    bench.cluster.finish().await?;
    other.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_wants_an_empty_directory_and_the_key() -> Result<()> {
    let (bench, other) = bench().await?;
    let Bench { cluster, good, .. } = &bench;
    let (address, kek_file) = (ports::free()?, cluster.kek_file());
    let target = cluster.scratch().join("target");
    restore(good, &target, address, None).await?.with(2)?;
    restore(good, &target, address, Some(&other.kek_file())).await?.refused(12, "KekMismatch")?;
    let uri = kek::uri(&other.kek_file());
    admin(&["backup", "verify", text(good), "--kek", &uri]).await?.refused(12, "KekMismatch")?;
    let told = admin(&["backup", "needs-keys", text(good)]).await?.with(0)?;
    let keys = told["data"]["keys"].as_array().map_or(0, Vec::len);
    ensure!(keys == 3, "two storage keys and one of the log, not {}", told["data"]);
    let running = &cluster.nodes()[0].data_dir;
    restore(good, running, address, Some(&kek_file)).await?.refused(11, "DataDirInUse")?;
    fs::write(target.join("something"), "of somebody")?;
    restore(good, &target, address, Some(&kek_file)).await?.refused(3, "DirectoryNotEmpty")?;
    fs::remove_file(target.join("something"))?;
    restore(good, &target, address, Some(&kek_file)).await?.with(0)?;
    restore(good, &target, address, Some(&kek_file)).await?.refused(3, "DirectoryNotEmpty")?;
    bench.cluster.finish().await?;
    other.finish().await
}
