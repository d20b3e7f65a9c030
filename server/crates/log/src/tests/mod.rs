//! What the log promises, tried on real files and on files that lose, fail and lie.

#![allow(clippy::disallowed_methods, reason = "tests look at the files behind the log's back")]

mod crash;
mod damage;
mod failing;
mod format;
mod full;
mod fuzzing;
mod held;
mod model;
mod readers;
mod smoke;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use elastickv_sys::files::{SharedFiles, SystemFiles};
use elastickv_sys::random::{Random, SeededRandom, SharedRandom};
use elastickv_sys::stages::Stopwatch;
use elastickv_types::{FullNodeId, GroupId, LogId, LogIndex, Term};
use proptest::prelude::ProptestConfig;

use crate::{Done, Entry, Log, LogError, Options, Vote};

/// Longer than anything here takes; a test that waits this long has failed.
const FOREVER: Duration = Duration::from_secs(60);
/// No test waits for a mark; the ones that want marks say so.
const NEVER: Duration = Duration::from_secs(1_000_000);

fn group() -> GroupId {
    GroupId::from_u64(7).unwrap()
}

fn id(term: u64, index: u64) -> LogId {
    LogId::new(Term::new(term), LogIndex::new(index))
}

fn at(index: u64) -> LogIndex {
    LogIndex::new(index)
}

fn vote(term: u64) -> Vote {
    Vote { term: Term::new(term), voted_for: Some(FullNodeId::of_name("n1")), committed: false }
}

fn entry(term: u64, index: u64, payload: &[u8]) -> Entry {
    Entry::new(id(term, index), payload.to_vec())
}

/// Segments as small as they get.
fn small() -> Options {
    Options {
        first_segment_bytes: 2048,
        largest_segment_bytes: 4096,
        cache_bytes: 1024,
        largest_payload_bytes: 16 * 1024,
        seal_after: NEVER,
        retry_room_after: NEVER,
        hold_when_full: false,
        random: SeededRandom::shared(1),
        stopwatch: Stopwatch::unwatched(),
    }
}

/// So many cases, or what `PROPTEST_CASES` asks for.
fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: cases.unwrap_or(usual), ..ProptestConfig::default() }
}

/// Always the same bytes, so that a whole segment can be compared with a drawn one.
#[derive(Debug)]
struct Same(u8);

impl Same {
    fn shared(byte: u8) -> SharedRandom {
        Arc::new(Self(byte))
    }
}

impl Random for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// A directory in memory where there is one, for tests that sync often.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

fn open(dir: &Path, options: Options) -> Result<Log, LogError> {
    open_on(SystemFiles::shared(), dir, options)
}

fn open_on(files: SharedFiles, dir: &Path, options: Options) -> Result<Log, LogError> {
    Log::open(files, &dir.join("log"), group(), options)
}

/// A callback and where its outcome arrives.
fn outcome() -> (Done, Outcome) {
    let (sender, receiver) = channel();
    let done = move |outcome| {
        let _ = sender.send(outcome);
    };
    (Box::new(done), Outcome(receiver))
}

struct Outcome(Receiver<Result<(), LogError>>);

impl Outcome {
    fn wait(self) -> Result<(), LogError> {
        match self.0.recv_timeout(FOREVER) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => panic!("no answer"),
            Err(RecvTimeoutError::Disconnected) => panic!("the callback was dropped"),
        }
    }
}

/// Keeps the writer busy, until the sender is used or dropped, with a vote it has just saved.
fn keep_busy(log: &Log) -> std::sync::mpsc::Sender<()> {
    let (go, wait) = channel();
    let (begun, busy) = channel();
    let done = move |outcome: Result<(), LogError>| {
        outcome.unwrap();
        begun.send(()).unwrap();
        let _ = wait.recv_timeout(FOREVER);
    };
    log.save_vote(vote(1), Box::new(done));
    busy.recv_timeout(FOREVER).unwrap();
    go
}

/// Looks again and again, as often as once a millisecond.
fn wait_until(mut holds: impl FnMut() -> bool) {
    let (_never, clock) = channel::<()>();
    for _ in 0..FOREVER.as_millis() {
        if holds() {
            return;
        }
        let _ = clock.recv_timeout(Duration::from_millis(1));
    }
    panic!("it never came true");
}

/// The calls of a log that wait for their outcome.
trait Waiting {
    fn append_now(&self, entries: Vec<Entry>) -> Result<(), LogError>;
    fn truncate_now(&self, last_kept: Option<LogIndex>) -> Result<(), LogError>;
    fn purge_now(&self, upto: LogId) -> Result<(), LogError>;
    fn vote_now(&self, vote: Vote) -> Result<(), LogError>;
    fn roll_now(&self) -> Result<(), LogError>;
    fn everything(&self) -> Vec<Entry>;
}

impl Waiting for Log {
    fn append_now(&self, entries: Vec<Entry>) -> Result<(), LogError> {
        let (done, outcome) = outcome();
        self.append(entries, done)?;
        outcome.wait()
    }

    fn truncate_now(&self, last_kept: Option<LogIndex>) -> Result<(), LogError> {
        let (done, outcome) = outcome();
        self.truncate_after(last_kept, done);
        outcome.wait()
    }

    fn purge_now(&self, upto: LogId) -> Result<(), LogError> {
        let (done, outcome) = outcome();
        self.purge(upto, done);
        outcome.wait()
    }

    fn vote_now(&self, vote: Vote) -> Result<(), LogError> {
        let (done, outcome) = outcome();
        self.save_vote(vote, done);
        outcome.wait()
    }

    fn roll_now(&self) -> Result<(), LogError> {
        let (done, outcome) = outcome();
        self.roll(done);
        outcome.wait()
    }

    fn everything(&self) -> Vec<Entry> {
        self.read(self.first_index(), at(u64::MAX), usize::MAX).unwrap()
    }
}

/// The files of segments, in order.
fn segment_files(dir: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(dir.join("log")).unwrap();
    let mut paths: Vec<_> = names.map(|name| name.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    paths.sort();
    paths
}

/// A log's directory as it is now, elsewhere.
fn copy_of(dir: &Path) -> tempfile::TempDir {
    let copy = scratch();
    std::fs::create_dir(copy.path().join("log")).unwrap();
    for file in std::fs::read_dir(dir.join("log")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join("log").join(file.file_name())).unwrap();
    }
    copy
}
