//! Starts that are refused: by name, in a fixed order, with nothing written.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use elastickv_keyring::{LoadMark, Sidecar};
use elastickv_tests::cluster::{Cluster, Plan, kek};
use elastickv_tests::process::ending;
use elastickv_tests::wait::PATIENCE;
use elastickv_types::{LoadToken, LocalEpoch, LogIndex};

use crate::plant::{Directory, RAFT, STORAGE, key};

/// A cluster of one node with planted keys, stopped.
async fn planted(label: &str) -> Result<(Cluster, Directory)> {
    let cluster = Plan::new(label).nodes(1).encrypted().start().await?;
    for number in 0..5 {
        let key = format!("key-{number}");
        cluster.nodes()[0].client().put(key.into(), "value".into(), bytes::Bytes::new()).await?;
    }
    ensure!(cluster.terminate(cluster.places()[0]).await?.success());
    let directory = Directory::of(&cluster.nodes()[0]);
    directory.plant(&cluster.kek_file()).await?;
    Ok((cluster, directory))
}

/// Replaces what the node is told of encryption.
fn tell(cluster: &Cluster, arguments: Vec<OsString>) {
    cluster.nodes()[0].process.change(|recipe| {
        let ours = ["--encryption-enabled", "--kek", "--accept-exhausted-epoch", "--rotate-on-startup"];
        let of_ours = |given: &OsString| ours.iter().any(|ours| given.to_string_lossy().starts_with(ours));
        recipe.arguments.retain(|given| !of_ours(given));
        recipe.arguments.extend(arguments);
    });
}

/// The files that a start writes to.
fn written(directory: &Directory) -> Vec<Option<Vec<u8>>> {
    [directory.sidecar_path(), directory.log_mark_path()].map(|path| fs::read(path).ok()).into()
}

/// Starts the node, which refuses with this name and leaves what it found.
async fn refuses(cluster: &Cluster, directory: &Directory, name: &str) -> Result<String> {
    let node = &cluster.nodes()[0];
    let before = written(directory);
    cluster.start(node.place)?;
    let status = node.process.exit(PATIENCE).await?;
    let tail = node.process.tail();
    ensure!(status.code() == Some(3), "instead of {name}: {}\n{tail}", ending(status));
    let line = tail.lines().rev().find(|line| line.starts_with("error: ")).context("it says nothing")?;
    ensure!(
        line.starts_with(&format!("error: {name}: ")) && line.contains(" · "),
        "instead of {name}: {line}"
    );
    ensure!(written(directory) == before, "{name}: a refused start wrote something");
    Ok(line.to_owned())
}

fn with_kek(path: &Path) -> Vec<OsString> {
    kek::arguments(path)
}

/// All is wrong at first, and one thing after another is mended: what is left is named in a fixed order.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_come_in_a_fixed_order() -> Result<()> {
    let (cluster, directory) = planted("refusal-order").await?;
    let good = directory.sidecar()?;
    let kek_file = cluster.kek_file();
    let missing = PathBuf::from("/nowhere/kek.bin");
    let other = cluster.scratch().join("other.bin");
    kek::make(&other)?;
    let bad = |sidecar: &Sidecar| {
        let mut bad = sidecar.clone();
        bad.keys.values_mut().for_each(|key| key.epoch = LocalEpoch::new(0xFFFE));
        bad.load = LoadMark::Settled { token: LoadToken::new(sidecar.load.token().get() ^ 1) };
        bad.applied = LogIndex::new(1);
        bad
    };
    fs::remove_file(directory.sidecar_path())?;

    tell(&cluster, vec![format!("--kek={}", kek::uri(&missing)).into()]);
    refuses(&cluster, &directory, "EncryptionFlags").await?;
    tell(&cluster, with_kek(&missing));
    refuses(&cluster, &directory, "KekUnusable").await?;
    tell(&cluster, Vec::new());
    refuses(&cluster, &directory, "EncryptionNotEnabled").await?;
    tell(&cluster, vec!["--encryption-enabled".into()]);
    refuses(&cluster, &directory, "KekMissing").await?;
    tell(&cluster, with_kek(&other));
    refuses(&cluster, &directory, "SidecarMissing").await?;
    fs::write(directory.sidecar_path(), b"{}")?;
    refuses(&cluster, &directory, "SidecarDamaged").await?;
    directory.put_sidecar(bad(&good))?;
    let line = refuses(&cluster, &directory, "KekMismatch").await?;
    ensure!(line.contains(&STORAGE.to_string()) && !line.contains(&RAFT.to_string()), "{line}");
    tell(&cluster, with_kek(&kek_file));
    refuses(&cluster, &directory, "LocalEpochExhausted").await?;
    let mut sidecar = directory.sidecar()?;
    for (id, entry) in &mut sidecar.keys {
        entry.epoch = good.keys[id].epoch;
    }
    directory.put_sidecar(sidecar.clone())?;
    refuses(&cluster, &directory, "DataDirRolledBack").await?;
    sidecar.load = good.load;
    directory.put_sidecar(sidecar.clone())?;
    refuses(&cluster, &directory, "SidecarBehindRaftLog").await?;
    directory.put_sidecar(good)?;
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    ensure!(directory.epochs()? == [1, 1], "refused starts spent epochs: {:?}", directory.epochs()?);
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_were_put_back_are_refused() -> Result<()> {
    let (cluster, directory) = planted("put-back").await?;
    let place = cluster.places()[0];
    let pieces = [directory.sidecar_path(), directory.log_mark_path()];
    let older = pieces.each_ref().map(fs::read);
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    ensure!(cluster.terminate(place).await?.success());
    for (path, older) in pieces.iter().zip(older) {
        let newer = fs::read(path)?;
        fs::write(path, older?)?;
        refuses(&cluster, &directory, "DataDirRolledBack").await?;
        fs::write(path, newer)?;
    }
    let line = {
        let foreign = fs::read_to_string(directory.sidecar_path())?.replace("\"n1\"", "\"n2\"");
        let newer = fs::read(directory.sidecar_path())?;
        fs::write(directory.sidecar_path(), foreign)?;
        let line = refuses(&cluster, &directory, "SidecarDamaged").await?;
        fs::write(directory.sidecar_path(), newer)?;
        line
    };
    ensure!(line.contains("keys.json"), "{line}");
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    cluster.finish().await
}

/// A store that is gone is built anew from the log; the sidecar beside it is as good as ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_is_no_rollback_and_no_way_around_encryption() -> Result<()> {
    let (cluster, directory) = planted("store-gone").await?;
    cluster.nodes()[0].remove_state()?;
    let arguments = cluster.nodes()[0].process.recipe().arguments;
    tell(&cluster, Vec::new());
    let line = refuses(&cluster, &directory, "EncryptionNotEnabled").await?;
    ensure!(line.contains("keys.json"), "{line}");
    cluster.nodes()[0].process.change(|recipe| recipe.arguments = arguments);
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    ensure!(directory.epochs()? == [1, 1]);
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_epochs_starts_only_where_that_is_accepted() -> Result<()> {
    let (cluster, directory) = planted("exhausted").await?;
    let mut sidecar = directory.sidecar()?;
    sidecar.keys.get_mut(&key(STORAGE)).context("planted")?.epoch = LocalEpoch::new(0xFFFE);
    directory.put_sidecar(sidecar)?;
    let line = refuses(&cluster, &directory, "LocalEpochExhausted").await?;
    ensure!(line.contains(&STORAGE.to_string()), "{line}");
    let mut accepting = with_kek(&cluster.kek_file());
    accepting.push("--accept-exhausted-epoch".into());
    tell(&cluster, accepting);
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    ensure!(directory.epochs()? == [0xFFFF, 1], "{:?}", directory.epochs()?);
    cluster.finish().await
}

/// The key before the current one serves as long as something is wrapped by it.
#[tokio::test(flavor = "multi_thread")]
async fn the_previous_wrapping_key_opens_what_it_wrapped() -> Result<()> {
    let (cluster, _directory) = planted("previous-kek").await?;
    let newer = cluster.scratch().join("newer.bin");
    kek::make(&newer)?;
    let mut both = with_kek(&newer);
    both.push(format!("--kek-previous={}", kek::uri(&cluster.kek_file())).into());
    tell(&cluster, both);
    cluster.start_all()?;
    cluster.settle(PATIENCE).await?;
    let node = &cluster.nodes()[0];
    node.client().put("key".into(), "value".into(), bytes::Bytes::new()).await?;
    cluster.finish().await
}
