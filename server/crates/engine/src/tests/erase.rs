//! Erasing, judged by searching the files.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use rand::RngExt;

use super::name;
use crate::subject::{Fjall, Subject, opened, scratch, small_options};
use crate::{Batch, Demand, Engine, EngineError, FjallEngine, FjallOptions};

type Canary = [u8; 32];

const KEPT: usize = 60;
const GONE: usize = 240;
/// Longer than anything here takes.
const FOREVER: Duration = Duration::from_secs(300);

/// Searches every file below a directory and tells which of the canaries it found.
fn found(dir: &Path, canaries: &[Canary]) -> Vec<bool> {
    let starts: HashMap<[u8; 8], usize> =
        canaries.iter().enumerate().map(|(index, canary)| (canary[..8].try_into().unwrap(), index)).collect();
    let mut found = vec![false; canaries.len()];
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let bytes = match std::fs::read(path) {
                Ok(bytes) => bytes,
                // The store tidied up since it was listed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => panic!("{error}"),
            };
            for (at, window) in bytes.windows(8).enumerate() {
                if window[0] != 0
                    && let Some(index) = starts.get(window)
                    && bytes[at..].starts_with(&canaries[*index])
                {
                    found[*index] = true;
                }
            }
        }
    }
    found
}

fn draw(count: usize) -> Vec<Canary> {
    let mut random = rand::rng();
    // None begins with a zero, so that the search can pass over what was never written.
    (0..count)
        .map(|_| random.random::<Canary>())
        .map(|mut canary| {
            canary[0] |= 1;
            canary
        })
        .collect()
}

fn write(engine: &dyn Engine, keyspace: &str, first: usize, canaries: &[Canary]) {
    for (index, canary) in canaries.iter().enumerate() {
        let mut batch = Batch::default();
        batch.put(&name(keyspace), format!("{:05}", first + index), canary.to_vec());
        engine.write(batch).unwrap();
    }
}

/// Writes canaries and sees to it that most must go: overwritten, deleted, or in a keyspace that is
/// dropped. Returns what must stay and what must go.
fn plant(subject: &mut Fjall) -> (Vec<Canary>, Vec<Canary>) {
    let (kept, gone) = (draw(KEPT), draw(GONE));
    let third = GONE / 3;
    for text in ["rows", "dropped"] {
        subject.engine().create_keyspace(&name(text)).unwrap();
    }
    write(subject.engine(), "rows", 0, &gone[..third]);
    write(subject.engine(), "dropped", 0, &gone[2 * third..]);
    subject.reopen();
    write(subject.engine(), "rows", third, &gone[third..2 * third]);
    write(subject.engine(), "rows", 0, &kept);
    let mut batch = Batch::default();
    for index in KEPT..2 * third {
        batch.delete(&name("rows"), format!("{index:05}"));
    }
    subject.engine().write(batch).unwrap();
    subject.engine().drop_keyspace(&name("dropped")).unwrap();
    (kept, gone)
}

fn erasing_removes_what_it_should(options: FjallOptions) {
    let mut subject = Fjall::with(options);
    let (kept, gone) = plant(&mut subject);
    subject.engine().persist().unwrap();
    let before = found(subject.dir.path(), &gone).into_iter().filter(|found| *found).count();
    assert!(before > GONE / 2, "without erasing, only {before} of {GONE} are found");

    subject.engine().erase().unwrap();
    assert_eq!(found(subject.dir.path(), &gone), vec![false; GONE]);
    assert_eq!(found(subject.dir.path(), &kept), vec![true; KEPT]);

    // What comes later is erased as well, and what is there stays readable all along.
    let later = draw(10);
    write(subject.engine(), "rows", 90_000, &later);
    subject.reopen();
    write(subject.engine(), "rows", 90_000, &kept[..10]);
    assert_ne!(found(subject.dir.path(), &later), vec![false; 10]);
    subject.engine().erase().unwrap();
    subject.reopen();
    assert_eq!(found(subject.dir.path(), &later), vec![false; 10]);
    let view = subject.engine().view().unwrap();
    for (index, canary) in kept.iter().enumerate() {
        let value = view.get(&name("rows"), format!("{index:05}").as_bytes()).unwrap().unwrap();
        assert!(&value[..] == canary);
    }
}

#[test]
fn bytes_in_tables_are_erased() {
    erasing_removes_what_it_should(small_options());
}

#[test]
fn bytes_in_memory_and_the_journal_alone_are_erased() {
    erasing_removes_what_it_should(FjallOptions { memtable_bytes: 8 << 20, ..small_options() });
}

#[test]
fn bytes_that_a_closed_view_held_are_erased() {
    let subject = Fjall::new();
    let gone = draw(20);
    subject.engine().create_keyspace(&name("rows")).unwrap();
    write(subject.engine(), "rows", 0, &gone);
    let view = subject.engine().view().unwrap();
    write(subject.engine(), "rows", 0, &draw(20));
    let error = subject.engine().erase().unwrap_err();
    assert!(matches!(error, EngineError::Waiting { .. }), "{error}");
    let value = view.get(&name("rows"), b"00000").unwrap().unwrap();
    assert!(value[..] == gone[0]);
    drop(view);
    subject.engine().erase().unwrap();
    assert_eq!(found(subject.dir.path(), &gone), vec![false; 20]);
}

/// What is overwritten before the call goes, though others write, and read for a moment at a time, all along.
#[test]
fn others_write_and_read_while_bytes_are_erased() {
    let mut options = small_options();
    options.erase_deadline = FOREVER;
    let mut subject = Fjall::with(options);
    let (kept, gone) = plant(&mut subject);
    subject.engine().create_keyspace(&name("busy")).unwrap();
    let (stop, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let engine = subject.engine();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let number = written.load(Ordering::Relaxed);
                let mut batch = Batch::default();
                batch.put(&name("busy"), format!("{:03}", number % 100), number.to_be_bytes().to_vec());
                engine.write(batch).unwrap();
                written.store(number + 1, Ordering::Relaxed);
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let view = engine.view().unwrap();
                let value = view.get(&name("rows"), b"00000").unwrap().unwrap();
                assert!(value[..] == kept[0]);
            }
        });
        let more = |than: usize| {
            while written.load(Ordering::Relaxed) <= than {
                std::thread::yield_now();
            }
        };
        more(0);
        let erased = engine.erase();
        // Whoever wrote before goes on.
        more(written.load(Ordering::Relaxed));
        stop.store(true, Ordering::Relaxed);
        erased.unwrap();
    });
    assert_eq!(found(subject.dir.path(), &gone), vec![false; GONE]);
    assert_eq!(found(subject.dir.path(), &kept), vec![true; KEPT]);
    subject.reopen();
    let last = written.into_inner() - 1;
    let view = subject.engine().view().unwrap();
    let value = view.get(&name("busy"), format!("{:03}", last % 100).as_bytes()).unwrap().unwrap();
    assert_eq!(value[..], last.to_be_bytes());
}

/// A store that flushes every 512 KiB, with canaries on which it is going to be at work for as long as a test likes.
fn at_work(dir: &Path) -> (Arc<FjallEngine>, Vec<Canary>) {
    let engine =
        opened(dir, FjallOptions { memtable_bytes: 512 << 10, erase_deadline: FOREVER, ..small_options() });
    engine.create_keyspace(&name("rows")).unwrap();
    let gone = draw(GONE);
    write(&engine, "rows", 0, &gone);
    write(&engine, "rows", 0, &draw(GONE));
    (Arc::new(engine), gone)
}

fn table_files(dir: &Path) -> usize {
    let keyspaces = std::fs::read_dir(dir.join("keyspaces")).unwrap();
    let tables = keyspaces.map(|keyspace| keyspace.unwrap().path().join("tables"));
    // The first is fjall's own.
    let tables = tables.filter(|tables| tables.parent().unwrap().file_name().unwrap() != "0");
    tables.map(|tables| std::fs::read_dir(tables).unwrap().count()).sum()
}

fn until_one_halts(engine: &FjallEngine) {
    while !engine.has_halted() {
        std::thread::yield_now();
    }
}

/// However long tables are merged: what others write meanwhile is flushed and merged in turn, so that neither memory
/// nor tables pile up until they have to wait. It is ten times what the memory takes, and more tables than fjall lets
/// pile up.
#[test]
fn a_long_merge_holds_nobody_up() {
    const VALUE: usize = 64 << 10;
    const VALUES: usize = (20 << 20) / VALUE;
    let dir = scratch();
    let (engine, gone) = at_work(dir.path());
    engine.halt_merges(true, false);
    let erasing = std::thread::spawn({
        let engine = engine.clone();
        move || engine.erase()
    });
    until_one_halts(&engine);
    let (written, all_written) = channel();
    let writing = std::thread::spawn({
        let engine = engine.clone();
        move || {
            for number in 0..VALUES {
                let key = format!("x{number:05}");
                let mut batch = Batch::default();
                batch.put(&name("rows"), key.clone(), vec![number as u8; VALUE]);
                engine.write(batch).unwrap();
                let value = engine.view().unwrap().get(&name("rows"), key.as_bytes()).unwrap().unwrap();
                assert_eq!(value[..], vec![number as u8; VALUE]);
            }
            written.send(()).unwrap();
        }
    });
    let in_time = all_written.recv_timeout(FOREVER);
    assert!(!erasing.is_finished(), "the merge did not last as long as the writes");
    engine.halt_merges(false, false);
    in_time.expect("writers wait for the merge to end");
    writing.join().unwrap();
    erasing.join().unwrap().unwrap();
    assert_eq!(found(dir.path(), &gone), vec![false; GONE]);
    let view = engine.view().unwrap();
    for number in 0..VALUES {
        let value = view.get(&name("rows"), format!("x{number:05}").as_bytes()).unwrap().unwrap();
        assert_eq!(value[..], vec![number as u8; VALUE]);
    }
}

#[test]
fn erasing_that_is_not_wanted_any_more_ends_in_the_middle_of_a_merge() {
    let dir = scratch();
    let (engine, gone) = at_work(dir.path());
    engine.halt_merges(true, false);
    let wanted = Arc::new(AtomicBool::new(true));
    let erasing = std::thread::spawn({
        let (engine, wanted) = (engine.clone(), wanted.clone());
        move || {
            engine.erase_while(&|| match wanted.load(Ordering::Relaxed) {
                true => Demand::Wanted,
                false => Demand::NotNow,
            })
        }
    });
    until_one_halts(&engine);
    wanted.store(false, Ordering::Relaxed);
    let error = erasing.join().unwrap().unwrap_err();
    assert!(matches!(error, EngineError::Unwanted { .. }), "{error}");
    assert!(!engine.has_halted(), "it was not opened again");
    // The tables that were at work on are there, and can be worked on again; what they were merged into is not.
    let known = engine.known_tables();
    assert_eq!(table_files(dir.path()), known);
    engine.erase().unwrap();
    assert_eq!(found(dir.path(), &gone), vec![false; GONE]);
}

/// A node that stops has no time to open its store once more, which its next start does anyway.
#[test]
fn erasing_that_is_broken_off_by_the_end_of_the_node_leaves_the_rest_to_the_next_start() {
    let dir = scratch();
    let (engine, gone) = at_work(dir.path());
    engine.halt_merges(true, false);
    let closing = Arc::new(AtomicBool::new(false));
    let (ended, has_ended) = channel();
    let erasing = std::thread::spawn({
        let (engine, closing) = (engine.clone(), closing.clone());
        move || {
            let erased = engine.erase_while(&|| match closing.load(Ordering::Relaxed) {
                true => Demand::Closing,
                false => Demand::Wanted,
            });
            ended.send(erased).unwrap();
        }
    });
    until_one_halts(&engine);
    closing.store(true, Ordering::Relaxed);
    let error = has_ended.recv_timeout(FOREVER).unwrap().unwrap_err();
    erasing.join().unwrap();
    assert!(matches!(error, EngineError::Unwanted { .. }), "{error}");
    assert!(engine.has_halted(), "it was opened again");
    drop(engine);
    let engine = opened(dir.path(), small_options());
    assert_eq!(table_files(dir.path()), engine.known_tables());
    engine.erase().unwrap();
    assert_eq!(found(dir.path(), &gone), vec![false; GONE]);
}

/// Whoever closes a store, also only to open it again, does not wait for what it merges.
#[test]
fn a_store_that_is_closed_stops_merging() {
    let dir = scratch();
    let options = FjallOptions { memtable_bytes: 4 << 10, ..small_options() };
    let engine = opened(dir.path(), options.clone());
    engine.create_keyspace(&name("rows")).unwrap();
    let canaries = draw(100);
    write(&engine, "rows", 0, &canaries);
    engine.halt_merges(false, true);
    let mut parts = (0..100).step_by(5).cycle();
    while !engine.has_halted() {
        // So little that it has room behind a flush that waits for the merge.
        let first = parts.next().unwrap();
        write(&engine, "rows", first, &canaries[first..first + 5]);
        while engine.is_flushing() && !engine.has_halted() {
            std::thread::yield_now();
        }
    }
    let (closed, is_closed) = channel();
    std::thread::spawn(move || {
        drop(engine);
        closed.send(()).unwrap();
    });
    is_closed.recv_timeout(FOREVER).expect("closing waits for a merge");
    let engine = opened(dir.path(), options);
    let view = engine.view().unwrap();
    for (index, canary) in canaries.iter().enumerate() {
        let value = view.get(&name("rows"), format!("{index:05}").as_bytes()).unwrap().unwrap();
        assert!(value[..] == canary[..]);
    }
}
