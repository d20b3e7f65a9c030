//! How many appends a second the log takes, and how many syncs they share.
//!
//! `cargo run --release -p elastickv-log --example append [directory …]` runs 1, 64 and 256 clients, each
//! with one append of 1 KiB under way at a time, in every directory (by default here and in `/dev/shm`).

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program for people, and only here")]

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use elastickv_log::{Entry, Log, Options};
use elastickv_sys::files::SystemFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term};

const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(4);

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut dirs: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if dirs.is_empty() {
        dirs = vec![PathBuf::from("."), PathBuf::from("/dev/shm")];
    }
    for dir in dirs {
        for clients in [1, 64, 256] {
            let home = dir.join(format!("append-bench-{}", std::process::id()));
            let outcome = measure(&home, clients);
            std::fs::remove_dir_all(&home)?;
            println!("{} {clients:3} clients: {}", dir.display(), outcome?);
        }
    }
    Ok(())
}

/// The log and the index of the next entry, which has to be drawn and used in one step.
struct Tail {
    log: Log,
    next: Mutex<LogIndex>,
}

fn measure(home: &Path, clients: usize) -> Result<String, Failure> {
    let log = Log::open(SystemFiles::shared(), home, GroupId::CONTROL, Options::default())?;
    let tail = Arc::new(Tail { log: log.clone(), next: Mutex::default() });
    let begun = Instant::now();
    let threads: Vec<_> = (0..clients.min(2)).map(|thread| drive(&tail, clients, thread, begun)).collect();
    thread::sleep(WARM_UP);
    let before = log.stats();
    thread::sleep(MEASURED);
    let after = log.stats();
    let mut waits = Vec::new();
    for thread in threads {
        waits.extend(thread.join().map_err(|_| "a client panicked")?);
    }
    drop(tail);
    let held = log.stats();
    log.close()?;
    let opening = Instant::now();
    let log = Log::open(SystemFiles::shared(), home, GroupId::CONTROL, Options::default())?;
    let opening = opening.elapsed();
    drop(log);
    waits.sort();
    let at = |share: usize| waits.get(waits.len() * share / 1000).copied().unwrap_or_default();
    let (appends, fsyncs) = (after.appends - before.appends, after.fsyncs - before.fsyncs);
    let seconds = MEASURED.as_secs_f64();
    Ok(format!(
        "{:8.0} appends/s {:7.0} syncs/s {:.4} syncs an append, p50 {:?} p99 {:?}; {} MiB opened in {:?}",
        appends as f64 / seconds,
        fsyncs as f64 / seconds,
        fsyncs as f64 / appends as f64,
        at(500),
        at(990),
        held.bytes_written >> 20,
        opening,
    ))
}

/// One thread that keeps its share of the clients busy: an append that is answered is followed by the next.
fn drive(
    tail: &Arc<Tail>,
    clients: usize,
    thread: usize,
    begun: Instant,
) -> thread::JoinHandle<Vec<Duration>> {
    let tail = Arc::clone(tail);
    let share = (clients + 1 - thread) / 2;
    thread::spawn(move || {
        let payload = Bytes::from(vec![0x5a; 1024]);
        let (sender, answers) = sync_channel(clients);
        for _ in 0..share {
            append(&tail, &payload, &sender);
        }
        let mut waits = Vec::new();
        for asked in &answers {
            if begun.elapsed() > WARM_UP + MEASURED {
                break;
            }
            waits.push(Instant::elapsed(&asked));
            append(&tail, &payload, &sender);
        }
        waits
    })
}

fn append(tail: &Tail, payload: &Bytes, answers: &SyncSender<Instant>) {
    let (asked, answers) = (Instant::now(), answers.clone());
    let done = Box::new(move |outcome: Result<(), elastickv_log::LogError>| {
        if outcome.is_ok() {
            let _ = answers.try_send(asked);
        }
    });
    let mut next = tail.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let entry = Entry { id: LogId::new(Term::new(1), *next), payload: payload.clone() };
    if tail.log.append(vec![entry], done).is_ok() {
        *next = next.next();
    }
}
