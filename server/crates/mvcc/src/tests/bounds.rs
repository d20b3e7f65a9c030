//! However many versions, tombstones or keys there are: a step is bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use elastickv_engine::{Direction, Engine, KeyRange, KeyspaceName, Pairs, View};
use elastickv_types::Timestamp;

use super::support::{Tagged, count, engine, name, put, ts};
use crate::{KeysLimit, PageLimit, Rows, ScanRequest};

/// Counts the rows that are asked of a view.
#[derive(Debug)]
struct Counting {
    view: Arc<dyn View>,
    rows: AtomicUsize,
}

impl View for Counting {
    fn get(&self, keyspace: &KeyspaceName, key: &[u8]) -> elastickv_engine::Result<Option<Bytes>> {
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.view.get(keyspace, key)
    }

    fn range<'v>(
        &'v self,
        keyspace: &KeyspaceName,
        range: KeyRange,
        way: Direction,
    ) -> elastickv_engine::Result<Pairs<'v>> {
        let counted = move |_: &_| {
            self.rows.fetch_add(1, Ordering::Relaxed);
        };
        Ok(Box::new(self.view.range(keyspace, range, way)?.inspect(counted)))
    }
}

/// What one key can cost beyond the limit: two strides of sixteen, two seeks, and the first row of the next key.
const A_KEY: usize = 40;

fn counting(engine: &dyn Engine) -> Counting {
    Counting { view: engine.view().unwrap(), rows: AtomicUsize::new(0) }
}

fn rows<'a>(view: &'a Counting, keyspace: &'a KeyspaceName) -> Rows<'a> {
    Rows { view, keyspace, sealer: &Tagged, oldest: Timestamp::ZERO }
}

fn request(at: Timestamp, way: Direction) -> ScanRequest {
    ScanRequest { start: Bytes::new(), end: Bytes::new(), at, way, keys_only: true }
}

#[test]
fn a_page_passes_a_bounded_number_of_versions_and_tombstones() {
    let engine = engine();
    for at in 1..=3_000 {
        put(&engine, b"busy", ts(at), Some(b"value"), 0);
    }
    for number in 0..1_000u32 {
        put(&engine, &number.to_be_bytes(), ts(1), None, 0);
    }
    put(&engine, b"\xff", ts(1), Some(b"last"), 0);
    let limit = PageLimit { pairs: count(10), bytes: 1_000, visited: 100 };
    for (at, way) in [1, 1_500, 3_000]
        .into_iter()
        .flat_map(|at| [(ts(at), Direction::Forward), (ts(at), Direction::Backward)])
    {
        let (mut token, mut keys, mut pages) = (None, Vec::new(), 0);
        loop {
            let view = counting(&engine);
            let page = rows(&view, &name("rows")).scan(&request(at, way), token.as_ref(), limit).unwrap();
            let visited = view.rows.load(Ordering::Relaxed);
            assert!(visited <= limit.visited + A_KEY, "{visited} rows at {at} {way:?}");
            keys.extend(page.pairs.into_iter().map(|pair| pair.key));
            pages += 1;
            assert!(pages < 40, "without seeking it is more, and without coming further it never ends");
            token = page.next;
            if token.is_none() {
                break;
            }
        }
        let mut expected = [Bytes::from_static(b"busy"), Bytes::from_static(b"\xff")];
        if way == Direction::Backward {
            expected.reverse();
        }
        assert_eq!(keys, expected);
        assert!(pages > 10);
    }
}

#[test]
fn one_key_costs_a_read_one_row() {
    let engine = engine();
    for at in 1..=1_000 {
        put(&engine, b"busy", ts(at), Some(b"value"), 0);
    }
    let view = counting(&engine);
    assert_eq!(rows(&view, &name("rows")).get(b"busy", ts(500)).unwrap().unwrap().commit_ts, ts(500));
    assert_eq!(view.rows.load(Ordering::Relaxed), 1);
}

#[test]
fn a_page_of_keys_to_delete_passes_a_bounded_number_of_rows() {
    let engine = engine();
    for number in 0..1_000u32 {
        put(&engine, &number.to_be_bytes(), ts(1), (number % 10 == 0).then_some(&b""[..]), 0);
    }
    let limit = KeysLimit { keys: count(7), bytes: 1_000, visited: 50 };
    let (mut from, mut keys) = (Some(Bytes::new()), 0);
    while let Some(start) = from {
        let view = counting(&engine);
        let page = rows(&view, &name("rows")).deletable(&start, b"", limit).unwrap();
        assert!(view.rows.load(Ordering::Relaxed) <= limit.visited + A_KEY);
        keys += page.keys.len();
        from = page.next;
    }
    assert_eq!(keys, 100);
}
