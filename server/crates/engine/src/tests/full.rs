//! A disk that fills up, on a real file system of its own that is small.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use elastickv_sys::clock::{Clock, Moment, SharedClock, SystemClock};
use elastickv_sys::files::{File, Files, Lock, Open, SharedFiles, Space, SystemFiles};

use super::name;
use crate::subject::opened;
use crate::subject::small_options;
use crate::{Batch, Engine, EngineError, FjallEngine, FjallOptions, Shortages};

const MIB: u64 = 1024 * 1024;
const LONG: Duration = Duration::from_secs(20);

/// A file system in memory.
struct Small {
    dir: tempfile::TempDir,
}

impl Small {
    /// None where one may not be made, unless this is root, who may.
    fn new(bytes: u64) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={bytes}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "elastickv-test"])
            .arg(dir.path())
            .output();
        let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        match mounted {
            Ok(output) if output.status.success() => Some(Self { dir }),
            failed => {
                assert!(!root, "root could not mount a file system: {failed:?}");
                println!("not tested: only root can mount a small file system");
                None
            }
        }
    }

    fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    fn foreign(&self) -> PathBuf {
        self.dir.path().join("foreign")
    }

    /// Lets someone else write until so many bytes are left.
    fn fill(&self, leave: u64) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(self.foreign()).unwrap();
        let left = || SystemFiles.space(self.dir.path()).unwrap().free;
        while left() > leave {
            let most = (left() - leave).min(MIB) as usize;
            if file.write_all(&vec![1; most]).is_err() {
                break;
            }
        }
    }

    /// Lets it be removed, and waits until the system has the room back.
    fn free(&self) {
        let foreign = std::fs::metadata(self.foreign()).map_or(0, |about| about.len());
        let _ = std::fs::remove_file(self.foreign());
        until("the room", || (SystemFiles.space(self.dir.path()).unwrap().free >= foreign / 2).then_some(()));
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.dir.path()).status();
    }
}

fn options(reserve: u64) -> FjallOptions {
    FjallOptions { memtable_bytes: MIB, reserve_bytes: reserve, ..small_options() }
}

fn open(dir: &Path, options: FjallOptions) -> FjallEngine {
    let engine = opened(dir, options);
    engine.create_keyspace(&name("rows")).unwrap();
    engine
}

fn write(engine: &FjallEngine, number: u64, bytes: usize) -> crate::Result<()> {
    let mut batch = Batch::default();
    batch.put(&name("rows"), number.to_be_bytes().to_vec(), vec![number as u8; bytes]);
    batch.put(&name("rows"), "last", number.to_be_bytes().to_vec());
    engine.write(batch)
}

/// Whether exactly the batches below a number are there.
fn assert_holds(engine: &FjallEngine, below: u64, bytes: usize) {
    let view = engine.view().unwrap();
    for number in 0..below {
        let value = view.get(&name("rows"), &number.to_be_bytes()).unwrap().unwrap();
        assert!(value.len() == bytes && value.iter().all(|byte| *byte == number as u8), "{number}");
    }
    assert_eq!(view.get(&name("rows"), &below.to_be_bytes()).unwrap(), None);
    let last = view.get(&name("rows"), b"last").unwrap().unwrap();
    assert_eq!(last, (below - 1).to_be_bytes()[..]);
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < LONG, "waited in vain for {what}");
        std::thread::yield_now();
    }
}

/// Writes from a number on until a write is refused. Returns the number that was.
fn write_until_full(engine: &FjallEngine, from: u64, bytes: usize) -> u64 {
    let mut number = from;
    until("a full disk", || match write(engine, number, bytes) {
        Ok(()) => {
            number += 1;
            None
        }
        Err(EngineError::Full { .. }) => Some(number),
        Err(error) => panic!("{error}"),
    })
}

#[test]
fn below_the_reserve_nothing_is_written_and_all_else_goes_on() {
    let Some(small) = Small::new(64 * MIB) else { return };
    let engine = open(&small.store(), options(24 * MIB));
    let full = write_until_full(&engine, 0, 100_000);
    assert!(full > 50);
    small.fill(20 * MIB);
    assert_holds(&engine, full, 100_000);
    engine.persist().unwrap();
    let error = engine.create_keyspace(&name("more")).unwrap_err();
    assert!(matches!(error, EngineError::Full { .. }), "{error}");
    engine.drop_keyspace(&name("rows")).unwrap();
    assert_eq!(engine.keyspaces().unwrap(), []);
}

#[test]
fn above_the_reserve_writing_goes_on_at_once() {
    let Some(small) = Small::new(64 * MIB) else { return };
    let engine = open(&small.store(), options(16 * MIB));
    write(&engine, 0, 1000).unwrap();
    small.fill(17 * MIB);
    let full = write_until_full(&engine, 1, 100_000);
    small.free();
    write(&engine, full, 100_000).unwrap();
    drop(engine);
    let engine = open(&small.store(), options(16 * MIB));
    assert!(engine.view().unwrap().get(&name("rows"), &full.to_be_bytes()).unwrap().is_some());
}

/// Without a reserve fjall itself finds the disk full, in the journal or in the background.
fn survives_a_foreign_writer(options: FjallOptions, leave: u64, bytes: usize) {
    let Some(small) = Small::new(48 * MIB) else { return };
    let engine = open(&small.store(), options.clone());
    let mut next = 0;
    for round in 0..3 {
        let goal = next + MIB * 5 / 2 / bytes as u64;
        while next < goal {
            write(&engine, next, bytes).unwrap();
            next += 1;
        }
        let view = engine.view().unwrap();
        small.fill(leave);
        // With a view open, nothing can be done about it but to refuse.
        let given_up = until("fjall to give up", || {
            next = write_until_full(&engine, next, bytes);
            let given_up = engine.persist().err();
            if given_up.is_none() {
                // Nothing had to be flushed just then.
                small.free();
                for _ in 0..10 {
                    match write(&engine, next, bytes) {
                        Ok(()) => next += 1,
                        Err(error) => return Some(error),
                    }
                }
                small.fill(leave);
            }
            given_up
        });
        assert!(matches!(given_up, EngineError::Full { .. }), "{given_up}");
        assert_holds(&engine, next, bytes);
        small.free();
        let error = write(&engine, next, bytes).unwrap_err();
        assert!(error.to_string().contains("1 open views"), "{round}: {error}");
        assert!(matches!(engine.persist(), Err(EngineError::Full { .. })));
        assert_holds(&engine, next, bytes);
        drop(view);
        write(&engine, next, bytes).unwrap();
        next += 1;
        assert_holds(&engine, next, bytes);
    }
    engine.persist().unwrap();
    drop(engine);
    assert_holds(&open(&small.store(), options), next, bytes);
}

#[test]
fn a_journal_that_finds_the_disk_full_loses_nothing() {
    // It does not see it coming, and nothing is flushed.
    let options = FjallOptions { files: Arc::new(Roomy), memtable_bytes: 64 * MIB, ..options(0) };
    survives_a_foreign_writer(options, 100_000, 30_000);
}

#[test]
fn a_flush_that_finds_the_disk_full_loses_nothing() {
    survives_a_foreign_writer(options(0), 600_000, 9_000);
}

#[test]
fn persisting_needs_no_room_and_erasing_does() {
    let Some(small) = Small::new(48 * MIB) else { return };
    let engine = open(&small.store(), options(0));
    write(&engine, 0, 1000).unwrap();
    small.fill(0);
    let next = write_until_full(&engine, 1, 30_000);
    match engine.persist() {
        // It was really full once more before that was noticed.
        Ok(()) | Err(EngineError::Full { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    let error = engine.erase().unwrap_err();
    assert!(matches!(error, EngineError::Full { .. }), "{error}");
    assert_holds(&engine, next, 1000);
    small.free();
    engine.persist().unwrap();
    engine.erase().unwrap();
    write(&engine, next, 1000).unwrap();
    assert_holds(&engine, next + 1, 1000);
}

/// It can be opened again only when nobody is at it, and a merge may take hours.
#[test]
fn a_store_that_was_full_is_written_to_while_it_is_merged() {
    let Some(small) = Small::new(48 * MIB) else { return };
    let engine = Arc::new(open(&small.store(), FjallOptions { files: Arc::new(Roomy), ..options(0) }));
    (0..8).for_each(|number| write(&engine, number, 400_000).unwrap());
    engine.halt_merges(true, false);
    let erasing = std::thread::spawn({
        let engine = engine.clone();
        move || engine.erase()
    });
    until("a merge", || engine.has_halted().then_some(()));
    small.fill(0);
    let next = write_until_full(&engine, 8, 400_000);
    small.free();
    until("writes to go on", || write(&engine, next, 400_000).ok());
    assert_holds(&engine, next + 1, 400_000);
    erasing.join().unwrap().unwrap_err();
    engine.halt_merges(false, false);
    engine.erase().unwrap();
    assert_holds(&engine, next + 1, 400_000);
}

fn assert_holds_some(engine: &FjallEngine, below: u64) {
    let view = engine.view().unwrap();
    for number in 0..below {
        assert!(view.get(&name("rows"), &number.to_be_bytes()).unwrap().is_some(), "{number}");
    }
    assert_eq!(view.get(&name("rows"), &below.to_be_bytes()).unwrap(), None);
}

#[test]
fn a_batch_that_was_refused_is_not_there_after_closing_either() {
    let Some(small) = Small::new(48 * MIB) else { return };
    for leave in [0, 4096, 20_000, 29_000] {
        let engine = open(&small.store(), options(0));
        write(&engine, 0, 30_000).unwrap();
        small.fill(leave);
        let refused = write_until_full(&engine, 1, 30_000);
        // What fjall has in its buffer can be written now that it is closed.
        small.free();
        drop(engine);
        let engine = open(&small.store(), options(0));
        assert_holds_some(&engine, refused);
        engine.drop_keyspace(&name("rows")).unwrap();
    }
}

/// Files of a disk that always says it has room.
#[derive(Debug)]
struct Roomy;

impl Files for Roomy {
    fn open(&self, path: &Path, how: Open) -> std::io::Result<Arc<dyn File>> {
        SystemFiles.open(path, how)
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        SystemFiles.rename(from, to)
    }
    fn remove(&self, path: &Path) -> std::io::Result<()> {
        SystemFiles.remove(path)
    }
    fn create_dir_all(&self, path: &Path) -> std::io::Result<()> {
        SystemFiles.create_dir_all(path)
    }
    fn remove_dir_all(&self, path: &Path) -> std::io::Result<()> {
        SystemFiles.remove_dir_all(path)
    }
    fn list(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        SystemFiles.list(dir)
    }
    fn exists(&self, path: &Path) -> std::io::Result<bool> {
        SystemFiles.exists(path)
    }
    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        SystemFiles.sync_dir(dir)
    }
    fn lock(&self, path: &Path) -> std::io::Result<Option<Lock>> {
        SystemFiles.lock(path)
    }
    fn space(&self, _: &Path) -> std::io::Result<Space> {
        Ok(Space { free: u64::MAX, total: u64::MAX })
    }
}

#[test]
fn background_work_that_fails_while_there_is_room_is_a_fault_that_stays() {
    let Some(small) = Small::new(48 * MIB) else { return };
    let files: SharedFiles = Arc::new(Roomy);
    let engine = open(&small.store(), FjallOptions { files, ..options(0) });
    for number in 0..10 {
        write(&engine, number, 100_000).unwrap();
    }
    small.fill(600_000);
    // This makes the memory full, and there is less room than that.
    write(&engine, 10, 100_000).unwrap();
    let error = until("a fault", || engine.persist().err());
    assert!(matches!(error, EngineError::Fault { .. }), "{error}");
    small.free();
    assert!(matches!(write(&engine, 0, 10), Err(EngineError::Fault { .. })));
    assert!(matches!(engine.persist(), Err(EngineError::Fault { .. })));
    assert!(engine.view().unwrap().get(&name("rows"), &5_u64.to_be_bytes()).unwrap().is_some());
}

/// Somebody who watches the disk and finds it full whenever the store looks at its clock, which it does before it
/// judges a failure: no thread could be relied on to have looked in between.
#[derive(Debug)]
struct Watched {
    clock: SharedClock,
    shortages: Shortages,
    watching: Arc<AtomicBool>,
}

impl Clock for Watched {
    fn now(&self) -> Moment {
        if self.watching.load(Ordering::Relaxed) {
            self.shortages.note();
        }
        self.clock.now()
    }

    fn unix_ms(&self) -> u64 {
        self.clock.unix_ms()
    }
}

/// The same failure as in the last test, but somebody who watches the disk saw that it was full.
#[test]
fn a_shortage_that_only_others_saw_is_no_fault() {
    let Some(small) = Small::new(48 * MIB) else { return };
    let (files, shortages): (SharedFiles, _) = (Arc::new(Roomy), Shortages::default());
    let watching = Arc::new(AtomicBool::new(false));
    let clock: SharedClock = Arc::new(Watched {
        clock: SystemClock::shared(),
        shortages: shortages.clone(),
        watching: watching.clone(),
    });
    let engine = open(&small.store(), FjallOptions { files, shortages, clock, ..options(0) });
    for number in 0..10 {
        write(&engine, number, 100_000).unwrap();
    }
    small.fill(600_000);
    watching.store(true, Ordering::Relaxed);
    write(&engine, 10, 100_000).unwrap();
    let mut revived = 0;
    until("its work to fail many times", || {
        revived += u32::from(engine.has_given_up());
        match engine.persist() {
            Ok(()) | Err(EngineError::Full { .. }) => (revived == 20).then_some(()),
            Err(error) => panic!("{error}"),
        }
    });
    small.free();
    until("room", || write(&engine, 11, 10).ok());
    for number in 0..12_u64 {
        let found = engine.view().unwrap().get(&name("rows"), &number.to_be_bytes()).unwrap();
        assert!(found.is_some(), "{number}");
    }
}

#[test]
fn readers_never_notice() {
    let Some(small) = Small::new(48 * MIB) else { return };
    let engine = open(&small.store(), options(0));
    for number in 0..10 {
        write(&engine, number, 50_000).unwrap();
    }
    let over = AtomicBool::new(false);
    let next = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0_u64;
            while !over.load(Ordering::Relaxed) {
                let view = engine.view().unwrap();
                assert_eq!(view.get(&name("rows"), &3_u64.to_be_bytes()).unwrap().unwrap().len(), 50_000);
                reads += 1;
            }
            reads
        });
        let mut next = 10;
        let written = catch_unwind(AssertUnwindSafe(|| {
            for _ in 0..3 {
                small.fill(500_000);
                next = write_until_full(&engine, next, 50_000);
                small.free();
                until("writing to go on", || write(&engine, next, 50_000).ok());
                next += 1;
            }
        }));
        over.store(true, Ordering::Relaxed);
        written.unwrap();
        assert!(reader.join().unwrap() > 0);
        next
    });
    assert_holds(&engine, next, 50_000);
}
