//! Steps of the collector.

use elastickv_engine::{Batch, Direction, Engine, KeyRange};
use elastickv_types::Timestamp;

use super::support::{Tagged, count, engine, name, put, ts};
use crate::gc::{self, Budget, Cursor, Step};
use crate::{Pins, RowError, RowKey, RowLatch, Rows};

fn step(engine: &dyn Engine, cursor: &Cursor, rows: usize) -> Step {
    let budget = Budget { rows: count(rows), bytes: usize::MAX };
    gc::step(&RowLatch::default().hold(), engine, &name("rows"), &Tagged, cursor, budget, |_, _| {}).unwrap()
}

fn versions(engine: &dyn Engine) -> Vec<u64> {
    let view = engine.view().unwrap();
    let pairs = view.range(&name("rows"), KeyRange::ALL, Direction::Forward).unwrap();
    pairs.map(|pair| RowKey::decode(&pair.unwrap().0).unwrap().commit_ts.get()).collect()
}

#[test]
fn the_newest_at_or_below_the_watermark_stays() {
    let engine = engine();
    (1..=5).for_each(|at| put(&engine, b"k", ts(at), Some(b"v"), 0));
    let round = Cursor::start(Pins::new(ts(3)).watermark());
    assert_eq!(step(&engine, &round, 100).cursor, None);
    assert_eq!(versions(&engine), [5, 4, 3]);
}

#[test]
fn a_tombstone_goes_with_the_last_version_below_it() {
    let engine = engine();
    (1..=4).for_each(|at| put(&engine, b"k", ts(at), Some(b"v"), 0));
    put(&engine, b"k", ts(5), None, 0);
    let mut next = Some(Cursor::start(Pins::new(ts(9)).watermark()));
    let mut seen = Vec::new();
    while let Some(cursor) = next {
        next = step(&engine, &cursor, 2).cursor;
        seen.push(versions(&engine));
    }
    assert_eq!(seen, [vec![5, 3, 2, 1], vec![5, 1], vec![]]);
}

#[test]
fn what_is_over_at_the_watermark_goes_and_what_is_over_later_stays() {
    let at = |ms| Timestamp::from_unix_ms(ms);
    for (watermark, left) in [(9, 1), (10, 0)] {
        let engine = engine();
        put(&engine, b"k", at(1), Some(b"below"), 0);
        put(&engine, b"k", at(2), Some(b"over at 10"), 10);
        step(&engine, &Cursor::start(Pins::new(at(watermark)).watermark()), 100);
        assert_eq!(versions(&engine).len(), left);
    }
}

#[test]
fn a_newer_version_does_not_keep_a_tombstone() {
    let engine = engine();
    put(&engine, b"k", ts(1), Some(b"v"), 0);
    put(&engine, b"k", ts(2), None, 0);
    put(&engine, b"k", ts(8), Some(b"v"), 0);
    step(&engine, &Cursor::start(Pins::new(ts(5)).watermark()), 100);
    assert_eq!(versions(&engine), [8]);
}

#[test]
fn cursor_and_deletions_are_one_batch() {
    let engine = engine();
    engine.create_keyspace(&name("meta")).unwrap();
    (1..=9).for_each(|at| put(&engine, b"k", ts(at), Some(b"v"), 0));
    engine.persist().unwrap();
    let pins = Pins::new(ts(9));
    let budget = Budget { rows: count(4), bytes: usize::MAX };
    let round = Cursor::start(pins.watermark());
    let beside = |step: &Step, batch: &mut Batch| {
        batch.put(&name("meta"), &b"cursor"[..], step.cursor.as_ref().unwrap().encode());
    };
    let latch = RowLatch::default();
    gc::step(&latch.hold(), &engine, &name("rows"), &Tagged, &round, budget, beside).unwrap();
    assert_eq!(engine.unpersisted(), 1);
    let engine = engine.crash(0);
    assert_eq!(versions(&engine).len(), 9);
    assert_eq!(engine.view().unwrap().get(&name("meta"), b"cursor").unwrap(), None);
}

#[test]
fn a_step_ends_when_its_deletions_are_many_bytes() {
    let engine = engine();
    (1..=9).for_each(|at| put(&engine, &[b'k'; 100], ts(at), Some(b"v"), 0));
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: ts(9) };
    let round = Cursor::start(Pins::new(ts(9)).watermark());
    let step = rows.collect(&round, Budget { rows: count(100), bytes: 200 }).unwrap();
    assert_eq!((step.deletions.len(), step.visited), (2, 3));
    let place = step.cursor.unwrap();
    let step = rows.collect(&place, Budget { rows: count(100), bytes: 10_000 }).unwrap();
    assert_eq!((step.deletions.len(), step.cursor), (6, None));
}

#[test]
fn below_the_oldest_timestamp_every_read_is_refused() {
    let engine = engine();
    put(&engine, b"k", ts(1), Some(b"v"), 0);
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: ts(5) };
    let request = |at| crate::ScanRequest {
        start: "".into(),
        end: "".into(),
        at,
        way: Direction::Forward,
        keys_only: false,
    };
    let whole = super::support::WHOLE;
    let reads: [&dyn Fn(Timestamp) -> Result<(), RowError>; 4] = [
        &|at| rows.get(b"k", at).map(drop),
        &|at| rows.scan(&request(at), None, whole).map(drop),
        &|at| rows.history(b"k", at, whole).map(drop),
        &|at| rows.digest(at).map(drop),
    ];
    for read in reads {
        assert!(read(ts(5)).is_ok());
        let refused = read(ts(4)).unwrap_err();
        let wanted = (ts(4), ts(5));
        assert!(
            matches!(refused, RowError::ReadTimestampCompacted { asked, oldest } if (asked, oldest) == wanted)
        );
    }
}
