//! Directories of members that were put back, copied or emptied, as a whole or in part: who starts with one is refused by
//! name, before a byte of it is changed.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use elastickv_engine::{Direction, Engine, FjallEngine, FjallOptions, KeyRange};
use elastickv_log::{Log, Options};
use elastickv_sys::files::SystemFiles;
use elastickv_tests::client::Consistency::Linearizable;
use elastickv_tests::cluster::{Cluster, Plan};
use elastickv_tests::links::Place;
use elastickv_tests::ports;
use elastickv_tests::process::{Process, ending};
use elastickv_tests::wait::PATIENCE;

use elastickv_types::{GroupId, LogIndex};

use crate::plant::Directory;

const REFUSED: i32 = 3;
const NOT_LET_IN: i32 = 5;

async fn put(cluster: &Cluster, among: &[Place], key: &str) -> Result<()> {
    let leader = cluster.leader_among(among, PATIENCE).await?;
    cluster.node(leader).client().put(key.to_owned().into(), "value".into(), Bytes::new()).await?;
    Ok(())
}

async fn holds(cluster: &Cluster, among: &[Place], key: &str) -> Result<()> {
    let leader = cluster.leader_among(among, PATIENCE).await?;
    let found = cluster.node(leader).client().get(key.to_owned().into(), Linearizable).await?;
    ensure!(found.as_deref() == Some(b"value"), "{key} holds {found:?}");
    Ok(())
}

/// Nodes whose rows and entries are sealed.
async fn sealed(plan: Plan) -> Result<Cluster> {
    let cluster = plan.encrypted().start().await?;
    let leader = cluster.node(cluster.leader(PATIENCE).await?).client();
    leader.enable_storage().await?;
    leader.enable_raft().await?;
    put(&cluster, &cluster.places(), "sealed").await?;
    Ok(cluster)
}

async fn follower(cluster: &Cluster) -> Result<Place> {
    Ok(cluster.others(cluster.leader(PATIENCE).await?)[0])
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status()?;
    ensure!(copied.success(), "the directory is not copied");
    Ok(())
}

const STATE: &str = "groups/1/state";
const LOG: &str = "groups/1/log";

fn hashed(what: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// What a node's directory holds: of the store each pair, of the log its vote and entries, and the bytes of each other file.
/// Store and log mend what a kill left of them whenever they are opened, and hold the same afterwards.
fn contents(dir: &Path) -> Result<BTreeMap<PathBuf, u64>> {
    let (state, log) = (dir.join(STATE), dir.join(LOG));
    let mut found = pairs(&state)?;
    found.extend(entries(&log)?);
    add_files(dir, &[state, log], &mut found)?;
    Ok(found)
}

fn add_files(dir: &Path, but: &[PathBuf], found: &mut BTreeMap<PathBuf, u64>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if but.contains(&path) {
            continue;
        }
        if path.is_dir() {
            add_files(&path, but, found)?;
        } else {
            let bytes = fs::read(&path)?;
            found.insert(path, hashed(&bytes));
        }
    }
    Ok(())
}

fn entries(log: &Path) -> Result<BTreeMap<PathBuf, u64>> {
    let beside = tempfile::tempdir()?;
    let copied = beside.path().join("log");
    copy(log, &copied)?;
    let log = Log::open(SystemFiles::shared(), &copied, GroupId::CONTROL, Options::default())?;
    let mut found = BTreeMap::from([(format!("{LOG} vote").into(), hashed(&format!("{:?}", log.vote())))]);
    let end = log.last_id().map_or(LogIndex::default(), |id| id.index.next());
    for entry in log.read(log.first_index(), end, usize::MAX)? {
        found.insert(format!("{LOG} {}", entry.id).into(), hashed(&entry.payload[..]));
    }
    Ok(found)
}

fn pairs(state: &Path) -> Result<BTreeMap<PathBuf, u64>> {
    let mut found = BTreeMap::new();
    if !state.exists() {
        return Ok(found);
    }
    let beside = tempfile::tempdir()?;
    let copied = beside.path().join("state");
    copy(state, &copied)?;
    let engine = FjallEngine::open(&copied, FjallOptions::default())?;
    let view = engine.view()?;
    for keyspace in engine.keyspaces()? {
        for pair in view.range(&keyspace, KeyRange::ALL, Direction::Forward)? {
            let (key, value) = pair?;
            let name = format!("{STATE} {keyspace} {}", hex::encode(&key));
            found.insert(name.into(), hashed(&value[..]));
        }
    }
    Ok(found)
}

fn differences(before: &BTreeMap<PathBuf, u64>, after: &BTreeMap<PathBuf, u64>) -> Vec<String> {
    let all = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    all.filter(|path| before.get(*path) != after.get(*path)).map(|path| path.display().to_string()).collect()
}

/// Starts a process that has to be refused, and demands that it leaves the directory as it was.
async fn is_refused(process: &Process, dir: &Path, code: i32, name: &str, because: &str) -> Result<()> {
    let before = contents(dir)?;
    process.start()?;
    let status = process.exit(PATIENCE).await?;
    let log = process.log();
    let life = log.rsplit_once("---- start ----").map_or("", |(_, life)| life);
    ensure!(status.code() == Some(code), "instead of {name}: {}\n{life}", ending(status));
    let line = life.lines().find(|line| line.starts_with("error: ")).context("it says nothing")?;
    ensure!(line.starts_with(&format!("error: {name}: ")) && line.contains(because), "{line}");
    ensure!(line.contains(" \u{b7} "), "no way out: {line}");
    ensure!(!life.contains("serving"), "it took part before it was refused\n{life}");
    let changed = differences(&before, &contents(dir)?);
    ensure!(changed.is_empty(), "{name}: a refused start wrote to {changed:?}");
    Ok(())
}

async fn is_not_let_in(cluster: &Cluster, place: Place, because: &str) -> Result<()> {
    let node = cluster.node(place);
    is_refused(&node.process, &node.data_dir, NOT_LET_IN, "DataDirRolledBack", because).await
}

/// A stopped member's directory as it was, and as it is by now.
struct Copies {
    place: Place,
    earlier: PathBuf,
    later: PathBuf,
}

impl Copies {
    fn of(cluster: &Cluster, place: Place) -> Self {
        let scratch = cluster.scratch();
        Self { place, earlier: scratch.join("earlier"), later: scratch.join("later") }
    }

    fn keep_earlier(&self, cluster: &Cluster) -> Result<()> {
        copy(&cluster.node(self.place).data_dir, &self.earlier)
    }

    /// Puts the earlier one in the place of the present one, which is kept.
    fn put_back(&self, cluster: &Cluster) -> Result<()> {
        let data_dir = &cluster.node(self.place).data_dir;
        copy(data_dir, &self.later)?;
        copy(&self.earlier, data_dir)
    }

    fn undo(&self, cluster: &Cluster) -> Result<()> {
        copy(&self.later, &cluster.node(self.place).data_dir)
    }
}

/// A member and its copies: the earlier one is from before its last start.
async fn restarted_since_copied(cluster: &Cluster) -> Result<Copies> {
    let copies = Copies::of(cluster, follower(cluster).await?);
    ensure!(cluster.terminate(copies.place).await?.success());
    copies.keep_earlier(cluster)?;
    cluster.start(copies.place)?;
    cluster.settle(PATIENCE).await?;
    Ok(copies)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_put_back_as_a_whole_is_not_let_in_and_the_node_comes_back_under_a_new_name() -> Result<()>
{
    let mut cluster = sealed(Plan::new("whole-put-back")).await?;
    let copies = restarted_since_copied(&cluster).await?;
    let (place, others) = (copies.place, cluster.others(copies.place));
    ensure!(cluster.terminate(place).await?.success());
    copies.put_back(&cluster)?;
    is_not_let_in(&cluster, place, "LocalEpochRollback").await?;

    // The same under another leader, which saw no entry acknowledged by it.
    let leader = cluster.leader_among(&others, PATIENCE).await?;
    cluster.kill(&[leader])?;
    cluster.start(leader)?;
    cluster.leader_among(&others, PATIENCE).await?;
    is_not_let_in(&cluster, place, "LocalEpochRollback").await?;

    // Copied while it ran, put back without another start in between.
    copies.undo(&cluster)?;
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    let node = cluster.node(place);
    node.process.stop()?;
    copies.keep_earlier(&cluster)?;
    node.process.go_on()?;
    for number in 0..20 {
        put(&cluster, &cluster.places(), &format!("acknowledged-{number}")).await?;
    }
    cluster.settle(PATIENCE).await?;
    cluster.kill(&[place])?;
    copies.put_back(&cluster)?;
    is_not_let_in(&cluster, place, "acknowledged index").await?;

    // The way back that the line names.
    cluster.remove(&others, place).await?;
    fs::remove_dir_all(&cluster.node(place).data_dir)?;
    let anew = cluster.add_waiting_node().await?;
    cluster.start(anew)?;
    cluster.add_learner(&others, anew).await?;
    cluster.promote(&others, anew).await?;
    let members = [&others[..], &[anew]].concat();
    cluster.kill(&others[..1])?;
    put(&cluster, &members, "with the new one").await?;
    holds(&cluster, &members, "acknowledged-19").await?;
    cluster.start(others[0])?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Those who know of the later start need not lead, nor know what was acknowledged since. Else the two would be a majority
/// that remembers less than was promised.
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_put_back_is_refused_by_a_member_that_lags_and_does_not_lead() -> Result<()> {
    let cluster = sealed(Plan::new("put-back-lagging")).await?;
    let copies = restarted_since_copied(&cluster).await?;
    let place = copies.place;
    let leader = cluster.leader(PATIENCE).await?;
    let lagging = cluster.others(place).into_iter().find(|other| *other != leader).context("a third one")?;
    cluster.kill(&[lagging])?;
    for number in 0..20 {
        put(&cluster, &[leader, place], &format!("acknowledged-{number}")).await?;
    }
    cluster.kill(&[leader, place])?;
    copies.put_back(&cluster)?;
    cluster.start(lagging)?;
    cluster.answers(lagging, PATIENCE).await?;
    is_not_let_in(&cluster, place, "LocalEpochRollback").await?;
    copies.undo(&cluster)?;
    cluster.start(place)?;
    holds(&cluster, &[lagging, place], "acknowledged-19").await?;
    cluster.start(leader)?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Of two processes with one directory each, the one that the membership does not mean is refused; when that one runs alone,
/// the other is the copy.
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_started_under_another_address_is_not_let_in() -> Result<()> {
    let cluster = sealed(Plan::new("copied")).await?;
    let place = follower(&cluster).await?;
    let node = cluster.node(place);
    ensure!(cluster.terminate(place).await?.success());
    let dir = cluster.scratch().join("copy");
    copy(&node.data_dir, &dir)?;
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    let mut recipe = node.process.recipe();
    let own = |flag: &str, value: String| format!("--{flag}={value}").into();
    let flags = ["data-dir", "listen", "advertise", "http-listen", "bootstrap-members"];
    let of_node = |given: &std::ffi::OsString| {
        flags.iter().any(|flag| given.to_string_lossy().starts_with(&format!("--{flag}=")))
    };
    recipe.arguments.retain(|given| !of_node(given));
    let address = ports::free()?.to_string();
    recipe.arguments.extend([
        own("data-dir", dir.display().to_string()),
        own("listen", address.clone()),
        own("advertise", address),
        own("http-listen", ports::free()?.to_string()),
    ]);
    recipe.log = cluster.scratch().join("copy.log");
    let clone = Process::new(recipe);
    is_refused(&clone, &dir, NOT_LET_IN, "DataDirRolledBack", "").await?;
    // Of the very state that the member has now.
    node.process.stop()?;
    copy(&node.data_dir, &dir)?;
    node.process.go_on()?;
    is_refused(&clone, &dir, NOT_LET_IN, "DataDirRolledBack", "OtherLoadRuns").await?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_directory_is_told_that_its_name_is_taken() -> Result<()> {
    let cluster = sealed(Plan::new("emptied")).await?;
    let leader = cluster.leader(PATIENCE).await?;
    // The node that founded the cluster finds out by asking, the others by being asked.
    let founder = cluster.places()[0];
    let other = cluster.others(founder).into_iter().find(|place| *place != leader).context("a follower")?;
    for (place, name) in [(other, "DataDirRolledBack"), (founder, "WrongNode")] {
        let node = cluster.node(place);
        ensure!(cluster.terminate(place).await?.success());
        let kept = cluster.scratch().join("kept");
        copy(&node.data_dir, &kept)?;
        fs::remove_dir_all(&node.data_dir)?;
        cluster.start(place)?;
        let status = node.process.exit(PATIENCE).await?;
        let tail = node.process.tail();
        ensure!(status.code() == Some(REFUSED), "{}\n{tail}", ending(status));
        let line = tail.lines().rev().find(|line| line.starts_with("error: ")).context("it says nothing")?;
        ensure!(line.starts_with(&format!("error: {name}: ")) && line.contains("under a new name"), "{line}");
        copy(&kept, &node.data_dir)?;
        cluster.start(place)?;
        cluster.settle(PATIENCE).await?;
    }
    holds(&cluster, &cluster.places(), "sealed").await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Only the sidecar, or all of a node that tells of keys beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_put_back_lost_or_of_another_is_refused_whatever_else_is_lost_with_it() -> Result<()> {
    let cluster = sealed(Plan::new("sidecar")).await?;
    let copies = restarted_since_copied(&cluster).await?;
    let place = copies.place;
    let (node, directory) = (cluster.node(place), Directory::of(cluster.node(place)));
    let (dir, sidecar) = (&node.data_dir, directory.sidecar_path());
    ensure!(cluster.terminate(place).await?.success());
    let newest = fs::read(&sidecar)?;
    let relative = sidecar.strip_prefix(dir)?;
    let foreign = cluster.node(cluster.others(place)[0]).data_dir.join(relative);
    let refused =
        async |name: &str, because: &str| is_refused(&node.process, dir, REFUSED, name, because).await;
    fs::copy(copies.earlier.join(relative), &sidecar)?;
    refused("DataDirRolledBack", "the sidecar names another start").await?;
    fs::copy(foreign, &sidecar)?;
    refused("SidecarForeign", "").await?;
    fs::remove_file(&sidecar)?;
    refused("SidecarMissing", "the store says").await?;
    // What is left of the store is asked, and then what it would be built anew from.
    node.remove_state()?;
    refused("SidecarMissing", "the log has entries that came with keys").await?;
    fs::write(&sidecar, &newest)?;
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    node.client().snapshot(true).await?;
    ensure!(cluster.terminate(place).await?.success());
    let newest = fs::read(&sidecar)?;
    fs::remove_file(&sidecar)?;
    node.remove_state()?;
    refused("SidecarMissing", "the last snapshot says").await?;
    // Nor is it a way around encryption.
    let arguments = node.process.recipe().arguments;
    let of_keys = |given: &std::ffi::OsString| {
        let given = given.to_string_lossy();
        given.starts_with("--kek=") || given == "--encryption-enabled"
    };
    node.process.change(|recipe| recipe.arguments.retain(|given| !of_keys(given)));
    refused("EncryptionNotEnabled", "the last snapshot says").await?;
    node.process.change(|recipe| recipe.arguments = arguments);
    fs::write(&sidecar, &newest)?;
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    cluster.digests_agree().await?;
    cluster.finish().await
}

/// Before there are keys nothing is lost with a store: it is built anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_before_there_are_keys_is_built_anew() -> Result<()> {
    let cluster = Plan::new("store-gone-clear").nodes(1).encrypted().start().await?;
    let place = cluster.places()[0];
    put(&cluster, &[place], "clear").await?;
    ensure!(cluster.terminate(place).await?.success());
    ensure!(cluster.node(place).remove_state()? == 1);
    cluster.start(place)?;
    cluster.settle(PATIENCE).await?;
    holds(&cluster, &[place], "clear").await?;
    cluster.finish().await
}
