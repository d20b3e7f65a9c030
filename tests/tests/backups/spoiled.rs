//! Backups that are not what was written, and places that are not for restoring into.
//!
//! Each is refused by its name and its exit code, to a person and to a machine, and nothing is changed by it: not a byte of
//! the backup, and of the place that was to be filled nothing but its lock is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_proto::DekPurpose;
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::ports;

use crate::lifecycle::{create, manifest};
use crate::operator::{admin, plainly, text};
use crate::restored::{restore, restoring};

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

/// The last two bytes are gone: that of a JSON file is a line's end.
fn cut(file: &Path) -> Result<()> {
    let len = fs::metadata(file)?.len();
    Ok(fs::File::options().write(true).open(file)?.set_len(len - 2)?)
}

/// Puts the data of one backup into another, and sees to it that no checksum tells.
fn swap_snapshot(from: &Path, into: &Path) -> Result<()> {
    fs::copy(from.join("group-1.snap"), into.join("group-1.snap"))?;
    let (theirs, mut ours) = (manifest(from)?, manifest(into)?);
    let facts = theirs.files["group-1.snap"].clone();
    ours.files.insert("group-1.snap".to_owned(), facts);
    Ok(fs::write(into.join("MANIFEST.json"), ours.text()?)?)
}

/// Puts the keys of one backup into another, and sees to it that no checksum tells.
fn swap_keys(from: &Path, into: &Path) -> Result<()> {
    fs::copy(from.join("keys.json"), into.join("keys.json"))?;
    let (theirs, mut ours) = (manifest(from)?, manifest(into)?);
    let facts = theirs.files["keys.json"].clone();
    ours.files.insert("keys.json".to_owned(), facts);
    Ok(fs::write(into.join("MANIFEST.json"), ours.text()?)?)
}

/// Every file of a directory.
fn files(dir: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    if dir.exists() {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            found.insert(path.clone(), if path.is_dir() { Vec::new() } else { fs::read(path)? });
        }
    }
    Ok(found)
}

/// The same command refuses a person in four lines, by the same code.
async fn refuses_plainly(line: &[&str], status: i32, code: &str) -> Result<()> {
    let (ended, out, err) = plainly(line).await?;
    ensure!((ended, out.as_str()) == (status, ""), "{line:?} ended with {ended}: {out}{err}");
    // Progress may come before it.
    let lines: Vec<_> = err.lines().skip_while(|line| !line.starts_with("error ")).collect();
    ensure!(lines.len() == 4 && lines[0].starts_with(&format!("error {code}: ")), "{err}");
    ensure!(
        ["state", "try", "read"].iter().zip(&lines[1..]).all(|(word, line)| line.contains(word)),
        "{err}"
    );
    Ok(())
}

/// A backup that can not be restored is refused by all that read it.
async fn is_refused(bench: &Bench, dir: &Path, target: &Path, (name, code): (&str, &str)) -> Result<()> {
    let before = files(dir)?;
    let address = ports::free()?;
    let kek_file = bench.cluster.kek_file();
    let told = admin(&["backup", "verify", text(dir)]).await?.refused(9, name)?;
    ensure!(told["error"]["code"] == code && told["changed"] == false, "{told}");
    restore(dir, target, address, Some(&kek_file)).await?.refused(9, name)?;
    admin(&["backup", "needs-keys", text(dir)]).await?.refused(9, name)?;
    refuses_plainly(&["backup", "verify", text(dir)], 9, code).await?;
    let line = restoring(dir, target, address, Some(&kek_file));
    refuses_plainly(&line.iter().map(String::as_str).collect::<Vec<_>>(), 9, code).await?;
    ensure!(files(dir)? == before, "{name} changed the backup");
    let left: Vec<_> = files(target)?.into_keys().collect();
    ensure!(left.iter().all(|path| path.ends_with("LOCK")), "{name} left {left:?}");
    Ok(())
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
    const INCOMPLETE: (&str, &str) = ("BackupIncomplete", "EK-1710");
    const CUT_SHORT: (&str, &str) = ("BackupCutShort", "EK-1712");
    const ALTERED: (&str, &str) = ("BackupAltered", "EK-1713");
    let spoils: [((&str, &str), Spoil); 13] = [
        (INCOMPLETE, |_, dir| Ok(fs::remove_file(dir.join("MANIFEST.json"))?)),
        (INCOMPLETE, |_, dir| Ok(fs::remove_file(dir.join("group-1.snap"))?)),
        (("BackupMissingSidecar", "EK-1711"), |_, dir| Ok(fs::remove_file(dir.join("keys.json"))?)),
        (CUT_SHORT, |_, dir| cut(&dir.join("group-1.snap"))),
        (CUT_SHORT, |_, dir| Ok(fs::write(dir.join("group-1.snap"), "")?)),
        (ALTERED, |_, dir| flip(&dir.join("group-1.snap"), 300)),
        (ALTERED, |_, dir| flip(&dir.join("keys.json"), 300)),
        (ALTERED, |_, dir| cut(&dir.join("keys.json"))),
        (ALTERED, |_, dir| {
            let file = dir.join("MANIFEST.json");
            let text = fs::read_to_string(&file)?.replace("\"clear_rows\": 0", "\"clear_rows\": 1");
            Ok(fs::write(file, text)?)
        }),
        (ALTERED, |_, dir| cut(&dir.join("MANIFEST.json"))),
        (("BackupForeign", "EK-1714"), |bench, dir| swap_keys(&bench.foreign, dir)),
        (("BackupForeign", "EK-1714"), |bench, dir| swap_snapshot(&bench.older, dir)),
        (("BackupKeyMissing", "EK-1715"), |bench, dir| swap_keys(&bench.older, dir)),
    ];
    let scratch = bench.cluster.scratch();
    for (number, (refusal, spoil)) in spoils.iter().enumerate() {
        let (dir, target) =
            (scratch.join(format!("spoilt-{number}")), scratch.join(format!("target-{number}")));
        copy(&bench.good, &dir)?;
        spoil(&bench, &dir)?;
        is_refused(&bench, &dir, &target, *refusal).await.with_context(|| format!("number {number}"))?;
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
    let line = restoring(good, running, address, Some(&kek_file));
    refuses_plainly(&line.iter().map(String::as_str).collect::<Vec<_>>(), 11, "EK-1701").await?;
    let resync = ["encryption", "resync-sidecar", "--data-dir", text(running)];
    refuses_plainly(&resync, 11, "EK-1701").await?;
    fs::write(target.join("something"), "of somebody")?;
    restore(good, &target, address, Some(&kek_file)).await?.refused(3, "DirectoryNotEmpty")?;
    ensure!(fs::read(target.join("something"))? == b"of somebody");
    let resync = ["encryption", "resync-sidecar", "--data-dir", text(&target)];
    admin(&resync).await?.refused(2, "NoDataDir")?;
    refuses_plainly(&resync, 2, "EK-1702").await?;
    fs::remove_file(target.join("something"))?;
    restore(good, &target, address, Some(&kek_file)).await?.with(0)?;
    restore(good, &target, address, Some(&kek_file)).await?.refused(3, "DirectoryNotEmpty")?;
    bench.cluster.finish().await?;
    other.finish().await
}
