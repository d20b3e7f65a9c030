//! What logs cost that nobody uses: `cargo run --release -p elastickv-log --example idle [logs] [directory]`.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program for people, and only here")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use elastickv_log::{Entry, Log, Options};
use elastickv_sys::files::SystemFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term};

const WATCHED: Duration = Duration::from_secs(5);

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut args = std::env::args().skip(1);
    let count: u64 = args.next().map_or(Ok(128), |count| count.parse())?;
    let dir = args.next().map_or(PathBuf::from("."), PathBuf::from);
    let home = dir.join(format!("idle-logs-{}", std::process::id()));
    let before = resident_kib()?;
    let begun = Instant::now();
    let mut logs = Vec::new();
    for group in (1..=count).filter_map(GroupId::from_u64) {
        let log = Log::open(SystemFiles::shared(), &home.join(group.to_string()), group, Options::default())?;
        let id = LogId::new(Term::new(1), LogIndex::new(0));
        log.append(vec![Entry::new(id, vec![0; 100])], Box::new(|_| ()))?;
        logs.push(log);
    }
    println!("{count} logs made in {:?}", begun.elapsed());
    std::thread::sleep(Duration::from_secs(1));
    let busy = cpu_ticks()?;
    std::thread::sleep(WATCHED);
    let busy = cpu_ticks()? - busy;
    let resident = resident_kib()?.saturating_sub(before);
    println!(
        "{:.1} KiB of memory each, {busy} ticks of processor time in {WATCHED:?}",
        resident as f64 / count as f64
    );
    drop(logs);
    std::fs::remove_dir_all(home)?;
    Ok(())
}

fn resident_kib() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Hundredths of a second that this process has run.
fn cpu_ticks() -> Result<u64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = fields.get(11..13).ok_or("no times")?;
    Ok(ticks.iter().map(|ticks| ticks.parse::<u64>()).sum::<Result<u64, _>>()?)
}
