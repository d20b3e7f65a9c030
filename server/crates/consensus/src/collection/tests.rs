use std::num::NonZeroUsize;
use std::sync::Arc;

use elastickv_engine::SharedEngine;
use elastickv_engine::model::ModelEngine;
use elastickv_fsm::{Applied, MembershipRecord, Tables};
use elastickv_mvcc::{ClearRows, RowDraft, RowKey, Sealer};
use elastickv_sys::clock::ManualClock;
use elastickv_types::{GroupId, LogId, LogIndex, Term};

use super::*;
use crate::keys::NodeKeys;

const PAGE: &str = include_str!("../../../../../docs/formats/scan-token.md");

fn ts(raw: u64) -> Timestamp {
    Timestamp::from_u64(raw)
}

fn drawn(name: &str) -> Bytes {
    let row = PAGE.lines().find_map(|line| line.strip_prefix(&format!("| {name} | `")));
    let digits = row.unwrap_or_else(|| panic!("no row called {name}")).trim_end_matches("` |");
    hex::decode(digits).unwrap().into()
}

fn open(engine: &SharedEngine) -> Replica {
    let clock = ManualClock::at_unix_ms(0);
    Replica::open(GroupId::CONTROL, engine.clone(), NodeKeys::none(), clock).unwrap()
}

fn put(replica: &Replica, key: &[u8], at: u64) {
    let row_key = RowKey::encode(key, ts(at));
    let draft = RowDraft { tombstone: false, expire_at: 0, body: b"v" };
    let mut batch = Batch::default();
    let value = ClearRows.seal(&row_key, draft).unwrap();
    batch.put(&replica.keyspaces.rows(replica.applied().generation), row_key, value);
    replica.engine.write(batch).unwrap();
}

/// As an entry would that raises the oldest timestamp.
fn raise(replica: &Replica, oldest: u64) {
    let mut applied = replica.applied();
    applied.state.oldest = ts(oldest);
    let index = applied.last.map_or(1, |last| last.index.get() + 1);
    applied.last = Some(LogId::new(Term::new(1), LogIndex::new(index)));
    replica.switch(applied, replica.membership(), Tables::default()).unwrap();
}

fn budget(rows: usize) -> Budget {
    Budget { rows: NonZeroUsize::new(rows).unwrap(), bytes: 1 << 20 }
}

fn rows_left(replica: &Replica) -> usize {
    let rows = replica.keyspaces.rows(replica.applied().generation);
    let view = replica.engine.view().unwrap();
    let range = view.range(&rows, elastickv_engine::KeyRange::ALL, elastickv_engine::Direction::Forward);
    range.unwrap().count()
}

/// Three keys with three versions each, at 1 to 9.
fn filled() -> (SharedEngine, Replica) {
    let engine: SharedEngine = Arc::new(ModelEngine::default());
    let replica = open(&engine);
    for (at, key) in (1..=9).zip([b"a", b"b", b"c"].iter().cycle()) {
        put(&replica, *key, at);
    }
    (engine, replica)
}

#[test]
fn a_round_goes_on_after_a_restart_and_ends_once() {
    let (engine, replica) = filled();
    let pins = Pins::new(ts(0));
    assert!(!replica.has_to_collect(&pins));
    raise(&replica, 6);
    assert!(replica.has_to_collect(&pins));
    assert_eq!(replica.collect(&pins, budget(4)).unwrap(), Collected { visited: 4, deleted: 1, unopened: 0 });
    drop(replica);

    let replica = open(&engine);
    let pins = Pins::new(ts(0));
    assert_eq!(
        replica.collect(&pins, budget(99)).unwrap(),
        Collected { visited: 5, deleted: 2, unopened: 0 }
    );
    assert_eq!((rows_left(&replica), replica.has_to_collect(&pins)), (6, false));
    drop(replica);

    let replica = open(&engine);
    assert!(!replica.has_to_collect(&Pins::new(ts(0))), "nothing was done twice");
}

#[test]
fn a_pin_holds_back_what_it_can_see() {
    let (_engine, replica) = filled();
    let pins = Pins::new(ts(0));
    let pin = pins.pin(ts(3)).unwrap();
    raise(&replica, 9);
    replica.collect(&pins, budget(99)).unwrap();
    assert_eq!(rows_left(&replica), 9, "each first version is the newest at the pin");
    drop(pin);
    replica.collect(&pins, budget(99)).unwrap();
    assert_eq!(rows_left(&replica), 3);
}

#[test]
fn another_generation_of_rows_is_collected_from_its_beginning() {
    let (_engine, replica) = filled();
    let pins = Pins::new(ts(0));
    raise(&replica, 9);
    replica.collect(&pins, budget(99)).unwrap();
    assert!(!replica.has_to_collect(&pins));
    let applied = Applied { generation: replica.applied().generation.next(), ..replica.applied() };
    replica.engine.create_keyspace(&replica.keyspaces.rows(applied.generation)).unwrap();
    replica.switch(applied, MembershipRecord::default(), Tables::default()).unwrap();
    put(&replica, b"k", 1);
    put(&replica, b"k", 2);
    replica.collect(&pins, budget(99)).unwrap();
    assert_eq!(rows_left(&replica), 1);
}

#[test]
fn the_record_is_the_one_that_is_drawn() {
    let allowed = Pins::new(ts(0x0102_0304_0506_0708)).watermark();
    let generation = Generation::from_u64(3);
    let between = Progress { generation, collected: ts(9), cursor: None };
    let within = Progress { cursor: Some(Cursor::start(allowed)), ..between.clone() };
    for (name, progress) in [("gc, between two rounds", between), ("gc, in a round", within)] {
        assert_eq!(hex::encode(progress.encode()), hex::encode(drawn(name)), "{name}");
        assert_eq!(Progress::decode(drawn(name), allowed).as_ref(), Ok(&progress));
    }
    for cut in 0..FIXED_BYTES {
        assert!(Progress::decode(drawn("gc, in a round").slice(..cut), allowed).is_err());
    }
    assert!(Progress::decode(drawn("gc, in a round"), Pins::new(ts(5)).watermark()).is_err());
    let later = [&[2], &drawn("gc, between two rounds")[1..]].concat();
    assert!(Progress::decode(later.into(), allowed).is_err());
}
