//! A rewriter and the collector at the same time.

use bytes::Bytes;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::{Batch, Direction, Engine, KeyRange};

use super::support::{Tagged, count, engine, name, put, ts};
use crate::gc::{self, Budget, Cursor};
use crate::{Pins, Replaced, Replacement, RowKey, RowLatch};

/// A deleted key with three versions below its tombstone, and one that is there.
fn deleted() -> ModelEngine {
    let engine = engine();
    (1..=3).for_each(|at| put(&engine, b"gone", ts(at), Some(b"value"), 0));
    put(&engine, b"gone", ts(4), None, 0);
    put(&engine, b"there", ts(1), Some(b"value"), 0);
    engine
}

/// What a rewriter read: every row, and what it makes of it, which is the same here.
fn rewritten(engine: &ModelEngine) -> Vec<Replacement> {
    let view = engine.view().unwrap();
    let pairs = view.range(&name("rows"), KeyRange::ALL, Direction::Forward).unwrap();
    let rewrite = |(raw_key, was): (Bytes, Bytes)| Replacement { raw_key, becomes: was.clone(), was };
    pairs.map(|pair| rewrite(pair.unwrap())).collect()
}

fn collect(engine: &ModelEngine, latch: &RowLatch) {
    let round = Cursor::start(Pins::new(ts(9)).watermark());
    let budget = Budget { rows: count(100), bytes: usize::MAX };
    gc::step(&latch.hold(), engine, &name("rows"), &Tagged, &round, budget, |_, _| {}).unwrap();
}

fn is_back(engine: &ModelEngine) -> bool {
    let view = engine.view().unwrap();
    let versions = view.range(&name("rows"), RowKey::range(b"gone", b"gonf"), Direction::Forward);
    versions.unwrap().next().is_some()
}

#[test]
fn a_rewriter_puts_nothing_back_that_was_collected_meanwhile() {
    let (engine, latch) = (deleted(), RowLatch::default());
    let rows = rewritten(&engine);
    collect(&engine, &latch);
    let replaced = latch.hold().replace(&engine, &name("rows"), rows, Batch::default()).unwrap();
    assert_eq!(replaced, Replaced { written: 1, outdated: 4 });
    assert!(!is_back(&engine));
}

#[test]
fn control_without_comparing_it_brings_them_back() {
    let (engine, latch) = (deleted(), RowLatch::default());
    let rows = rewritten(&engine);
    collect(&engine, &latch);
    let mut batch = Batch::default();
    rows.into_iter().for_each(|row| batch.put(&name("rows"), row.raw_key, row.becomes));
    engine.write(batch).unwrap();
    assert!(is_back(&engine));
}

/// Both run at once, over and over, and what is deleted stays so.
#[test]
fn rewriting_and_collecting_at_once_bring_nothing_back() {
    for _ in 0..50 {
        let (engine, latch) = (deleted(), RowLatch::default());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..20 {
                    let rows = rewritten(&engine);
                    latch.hold().replace(&engine, &name("rows"), rows, Batch::default()).unwrap();
                }
            });
            scope.spawn(|| collect(&engine, &latch));
        });
        assert!(!is_back(&engine));
    }
}
