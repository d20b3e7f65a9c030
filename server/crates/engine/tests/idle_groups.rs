//! What groups cost that do nothing: kept in a database each, or all in one.
//!
//! `cargo test --release -p elastickv-engine --test idle_groups -- --nocapture` prints the figures that
//! docs/adr/0003-one-engine-per-group-or-node.md rests on; `ELASTICKV_GROUPS` sets the number of groups.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a test that prints what it measured")]
#![allow(clippy::disallowed_methods, reason = "it looks into /proc itself")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use elastickv_engine::{Batch, BlockCache, FjallEngine, FjallOptions, KeyspaceName, SharedEngine};

const KEYSPACES: [&str; 3] = ["rows", "locks", "meta"];
const IDLE: Duration = Duration::from_secs(5);
const TICKS_PER_SECOND: f64 = 100.0;
const PERSISTS: u32 = 200;
const WAY: &str = "ELASTICKV_WAY";

fn groups() -> usize {
    std::env::var("ELASTICKV_GROUPS").map_or(128, |text| text.parse().unwrap())
}

/// A process for each way, so that neither is charged for the other; both at once, as they mostly do nothing.
#[test]
fn idle_groups_cost_next_to_nothing() {
    let groups = groups() as f64;
    let measured = std::thread::scope(|scope| {
        let ways = ["each", "one"].map(|way| scope.spawn(move || figures_of(way)));
        ways.map(|way| way.join().unwrap())
    });
    let ways = [("a database each", groups), ("one database", 1.0)];
    for ((name, threads), figures) in ways.into_iter().zip(measured) {
        println!("== {groups} groups, {name}");
        figures.iter().for_each(|(what, figure)| println!("{what:24}{figure:.2}"));
        // Bounds of kind, not of speed: a thread a database, a share of a MiB a group, no work without cause.
        assert!(figures["threads"] <= threads + 8.0, "{figures:?}");
        assert!(figures["disk, MiB"] <= groups, "{figures:?}");
        assert!(figures["resident memory, MiB"] <= 64.0 + groups, "{figures:?}");
        assert!(figures["idle, % of a core"] <= 5.0, "{figures:?}");
    }
}

fn figures_of(way: &str) -> BTreeMap<String, f64> {
    let this = std::env::current_exe().unwrap();
    let child = ["--exact", "one_way", "--ignored", "--nocapture"];
    let done = Command::new(this).args(child).env(WAY, way).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}{}", String::from_utf8_lossy(&done.stderr));
    let figures = text.lines().filter_map(|line| line.split_once(" = "));
    figures.map(|(what, figure)| (what.to_owned(), figure.parse().unwrap())).collect()
}

#[test]
#[ignore = "the process that the other test starts"]
fn one_way() {
    println!();
    match std::env::var(WAY).as_deref() {
        Ok("each") => measure(&Each, groups()),
        Ok("one") => measure(&One, groups()),
        _ => {}
    }
}

/// A way to keep groups: which engine a group is in, and what its keyspaces are called there.
trait Way {
    fn open(&self, dir: &Path, groups: usize) -> Vec<SharedEngine>;
    fn keyspace(&self, group: usize, keyspace: &str) -> KeyspaceName;
    fn engine<'e>(&self, engines: &'e [SharedEngine], group: usize) -> &'e SharedEngine;
    fn drop_group(&self, engines: &mut Vec<SharedEngine>, group: usize, dir: &Path);
}

struct Each;

impl Way for Each {
    fn open(&self, dir: &Path, groups: usize) -> Vec<SharedEngine> {
        let options = options();
        (0..groups).map(|group| open(&group_dir(dir, group), options.clone())).collect()
    }

    fn keyspace(&self, _: usize, keyspace: &str) -> KeyspaceName {
        KeyspaceName::new(keyspace).unwrap()
    }

    fn engine<'e>(&self, engines: &'e [SharedEngine], group: usize) -> &'e SharedEngine {
        engines.get(group).unwrap()
    }

    fn drop_group(&self, engines: &mut Vec<SharedEngine>, group: usize, dir: &Path) {
        drop(engines.remove(group));
        std::fs::remove_dir_all(group_dir(dir, group)).unwrap();
    }
}

struct One;

impl Way for One {
    fn open(&self, dir: &Path, _: usize) -> Vec<SharedEngine> {
        vec![open(dir, options())]
    }

    fn keyspace(&self, group: usize, keyspace: &str) -> KeyspaceName {
        KeyspaceName::new(&format!("{group}.{keyspace}")).unwrap()
    }

    fn engine<'e>(&self, engines: &'e [SharedEngine], _: usize) -> &'e SharedEngine {
        engines.first().unwrap()
    }

    fn drop_group(&self, engines: &mut Vec<SharedEngine>, group: usize, _: &Path) {
        for keyspace in KEYSPACES {
            self.engine(engines, group).drop_keyspace(&self.keyspace(group, keyspace)).unwrap();
        }
    }
}

fn options() -> FjallOptions {
    FjallOptions { cache: BlockCache::new(32 << 20), ..FjallOptions::default() }
}

fn open(dir: &Path, options: FjallOptions) -> SharedEngine {
    Arc::new(FjallEngine::open(dir, options).unwrap())
}

fn group_dir(dir: &Path, group: usize) -> PathBuf {
    dir.join(format!("group-{group}"))
}

fn measure(way: &dyn Way, groups: usize) {
    let dir = tempfile::tempdir().unwrap();
    let engines = timed("make them", || {
        let engines = way.open(dir.path(), groups);
        for group in 0..groups {
            for keyspace in KEYSPACES {
                way.engine(&engines, group).create_keyspace(&way.keyspace(group, keyspace)).unwrap();
            }
            fill(way, &engines, group);
        }
        engines
    });
    timed("close them", || drop(engines));
    let mut engines = timed("open them", || way.open(dir.path(), groups));
    let bytes: u64 = engines.iter().map(|engine| engine.disk_bytes().unwrap()).sum();
    told("disk, MiB", bytes as f64 / f64::from(1 << 20));
    told("threads", status("Threads:"));
    told("resident memory, MiB", status("VmRSS:") / 1024.0);
    told("open files", std::fs::read_dir("/proc/self/fd").unwrap().count() as f64);
    let before = ticks();
    std::thread::sleep(IDLE);
    told("idle, % of a core", (ticks() - before) / TICKS_PER_SECOND / IDLE.as_secs_f64() * 100.0);
    timed("write and persist one, 200 times", || {
        for _ in 0..PERSISTS {
            fill(way, &engines, 0);
            way.engine(&engines, 0).persist().unwrap();
        }
    });
    timed("erase one", || way.engine(&engines, 1).erase().unwrap());
    timed("drop one", || way.drop_group(&mut engines, groups - 1, dir.path()));
}

/// A few rows in each keyspace of a group.
fn fill(way: &dyn Way, engines: &[SharedEngine], group: usize) {
    let mut batch = Batch::default();
    for keyspace in KEYSPACES {
        for row in 0..20_u8 {
            batch.put(&way.keyspace(group, keyspace), vec![row; 20], vec![row; 100]);
        }
    }
    way.engine(engines, group).write(batch).unwrap();
}

fn told(what: &str, figure: f64) {
    println!("{what} = {figure}");
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    told(&format!("{what}, ms"), start.elapsed().as_secs_f64() * 1000.0);
    done
}

fn status(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Processor time of this process so far.
fn ticks() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap();
    fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().unwrap()).sum()
}
