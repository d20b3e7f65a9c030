//! Reading beside writing: what is read is always a run of entries that were written.

use std::sync::atomic::{AtomicBool, Ordering};

use super::model::payload;
use super::*;

fn written(term: u64, index: u64) -> Entry {
    entry(term, index, &payload(term, index, (index * 37 % 400) as usize))
}

/// Three readers go over the log while it grows, is purged at the front and truncated at the back, with a
/// cache that is far too small.
#[test]
fn readers_beside_the_writer_see_only_whole_runs() {
    let dir = scratch();
    let log = open(dir.path(), Options { cache_bytes: 500, ..small() }).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (log, over) = (log.clone(), Arc::clone(&over));
            std::thread::Builder::new().spawn(move || read_until(&log, &over)).unwrap()
        })
        .collect();
    let (mut next, mut term) = (0, 1);
    for round in 0..400_u64 {
        let entries = (next..next + 1 + round % 4).map(|index| written(term, index)).collect::<Vec<_>>();
        next += entries.len() as u64;
        let (done, outcome) = outcome();
        log.append(entries, done).unwrap();
        if round % 5 == 0 {
            outcome.wait().unwrap();
        }
        if round % 11 == 10 {
            next -= 2;
            term += 1;
            log.truncate_after(Some(at(next - 1)), Box::new(|outcome| outcome.unwrap()));
        }
        if round % 23 == 22 {
            let upto = log.id_at(at(next - 15)).unwrap();
            log.purge(upto, Box::new(|outcome| outcome.unwrap()));
        }
    }
    over.store(true, Ordering::SeqCst);
    let read: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    assert!(read > 100, "only {read} entries were read");
}

/// Reads again and again, checks every entry, and returns how many there were.
fn read_until(log: &Log, over: &AtomicBool) -> usize {
    let mut read = 0;
    while !over.load(Ordering::SeqCst) {
        let first = log.first_index();
        match log.read(first, at(first.get() + 40), 3000) {
            Ok(entries) => {
                for (entry, index) in entries.iter().zip(first.get()..) {
                    assert_eq!(*entry, written(entry.id.term.get(), index));
                }
                read += entries.len();
            }
            Err(LogError::Purged { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    read
}

#[test]
fn the_cache_keeps_to_its_size_and_reads_do_not_need_it() {
    let dir = scratch();
    let log = open(dir.path(), Options { cache_bytes: 1000, ..small() }).unwrap();
    for index in 0..50 {
        log.append_now(vec![written(1, index)]).unwrap();
        assert!(log.stats().cached_bytes <= 1000);
    }
    assert_eq!(log.everything(), (0..50).map(|index| written(1, index)).collect::<Vec<_>>());
}

/// One sync for all that waits.
#[test]
fn calls_that_wait_together_share_a_sync() {
    let dir = scratch();
    let log = open(dir.path(), Options { first_segment_bytes: 1 << 20, ..small() }).unwrap();
    let go = keep_busy(&log);
    let outcomes: Vec<_> = (0..100)
        .map(|index| {
            let (done, outcome) = outcome();
            log.append(vec![written(1, index)], done).unwrap();
            outcome
        })
        .collect();
    go.send(()).unwrap();
    outcomes.into_iter().for_each(|outcome| outcome.wait().unwrap());
    let stats = log.stats();
    assert_eq!((stats.fsyncs, stats.writes, stats.appends, stats.entries), (2, 2, 100, 100));
}
