//! What groups cost that do nothing: kept in a database each, or all in one.
//!
//! `cargo run --release -p elastickv-engine --example idle_groups [groups]` prints the numbers that
//! docs/adr/0003-one-engine-per-group-or-node.md rests on.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints what it measured")]
#![allow(clippy::disallowed_methods, reason = "it looks into /proc itself")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use elastickv_engine::{Batch, BlockCache, FjallEngine, FjallOptions, KeyspaceName, SharedEngine};

const KEYSPACES: [&str; 3] = ["rows", "locks", "meta"];
const IDLE: Duration = Duration::from_secs(5);
const TICKS_PER_SECOND: f64 = 100.0;
const PERSISTS: u32 = 200;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let groups: usize = arguments.next().map_or(128, |text| text.parse().unwrap());
    match arguments.next().as_deref() {
        Some("each") => measure(&Each, groups),
        Some("one") => measure(&One, groups),
        _ => {
            // A process for each way, so that neither is charged for the other.
            for way in ["each", "one"] {
                println!(
                    "== {groups} groups, {}",
                    if way == "each" { "a database each" } else { "one database" }
                );
                let this = std::env::current_exe().unwrap();
                let done =
                    std::process::Command::new(this).args([&groups.to_string(), way]).status().unwrap();
                assert!(done.success());
            }
        }
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
    println!("{:24}{:.1} MiB", "disk", bytes as f64 / f64::from(1 << 20));
    println!("{:24}{}", "threads", status("Threads:"));
    println!("{:24}{} KiB", "resident memory", status("VmRSS:"));
    println!("{:24}{}", "open files", std::fs::read_dir("/proc/self/fd").unwrap().count());
    let before = ticks();
    std::thread::sleep(IDLE);
    let busy = (ticks() - before) / TICKS_PER_SECOND / IDLE.as_secs_f64();
    println!("{:24}{:.2} % of a core", "idle", busy * 100.0);
    let start = Instant::now();
    for _ in 0..PERSISTS {
        fill(way, &engines, 0);
        way.engine(&engines, 0).persist().unwrap();
    }
    println!("{:24}{:?} each", "write and persist one", start.elapsed() / PERSISTS);
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

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what:24}{:?}", start.elapsed());
    done
}

fn status(field: &str) -> u64 {
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
