//! Which keys a delete-range finds.

use bytes::Bytes;
use elastickv_engine::{Batch, Direction, Engine};
use elastickv_types::Timestamp;
use proptest::prelude::*;

use super::support::{Tagged, WHOLE, count, engine, name, put, ts};
use crate::{KeysLimit, OpenedRow, Result, RowDraft, RowError, RowHeader, RowKey, Rows, ScanRequest, Sealer};

/// Opens nothing: its key is gone.
#[derive(Debug)]
struct Locked;

impl Sealer for Locked {
    fn seal(&self, _row_key: &[u8], _draft: RowDraft<'_>) -> Result<Bytes> {
        Err(RowError::Sealed)
    }

    fn open(&self, _row_key: &[u8], _value: Bytes) -> Result<OpenedRow> {
        Err(RowError::Sealed)
    }
}

/// All keys of a range, page by page.
fn deletable(engine: &dyn Engine, start: &[u8], end: &[u8], limit: KeysLimit) -> Vec<Vec<u8>> {
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Locked, oldest: Timestamp::MAX };
    let (mut from, mut keys) = (Some(Bytes::copy_from_slice(start)), Vec::new());
    while let Some(start) = from {
        let page = rows.deletable(&start, end, limit).unwrap();
        let bytes: usize = page.keys.iter().map(Bytes::len).sum();
        assert!(page.keys.len() <= limit.keys.get() && (page.keys.len() <= 1 || bytes <= limit.bytes));
        keys.extend(page.keys.iter().map(|key| key.to_vec()));
        from = page.next;
    }
    keys
}

#[test]
fn what_can_not_be_read_can_be_deleted() {
    let engine = engine();
    put(&engine, b"readable", ts(1), Some(b"value"), 0);
    put(&engine, b"gone", ts(1), None, 0);
    let mut batch = Batch::default();
    batch.put(&name("rows"), RowKey::encode(b"reserved", ts(1)), &b"\xff12345678"[..]);
    batch.put(&name("rows"), RowKey::encode(b"short", ts(1)), &b""[..]);
    engine.write(batch).unwrap();
    let limit = KeysLimit { keys: count(2), bytes: 100, visited: 100 };
    assert_eq!(deletable(&engine, b"", b"", limit), [&b"readable"[..], b"reserved", b"short"]);
}

/// The header is not believed where somebody reads: a forged tombstone is found out there.
#[test]
fn a_forged_deletion_is_left_to_its_reader() {
    let engine = engine();
    put(&engine, b"key", ts(1), Some(b"value"), 0);
    let raw_key = RowKey::encode(b"key", ts(1));
    let value = engine.view().unwrap().get(&name("rows"), &raw_key).unwrap().unwrap();
    let (header, body) = RowHeader::split(value).unwrap();
    let mut batch = Batch::default();
    batch.put(&name("rows"), raw_key, RowHeader { tombstone: true, ..header }.join(&body));
    engine.write(batch).unwrap();
    let view = engine.view().unwrap();
    let keyspace = name("rows");
    let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO };
    assert!(matches!(rows.get(b"key", ts(9)), Err(RowError::Sealed)));
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xff]), 0..3)
}

proptest! {
    /// Nothing expires here, so what is there to delete is what there is to see.
    #[test]
    fn the_pages_are_the_keys_that_can_be_seen(
        writes in prop::collection::vec((key(), any::<bool>()), 0..80),
        start in key(), end in key(), keys in 1usize..4, bytes in 0usize..6, visited in 0usize..20,
    ) {
        let engine = engine();
        for ((key, there), at) in writes.iter().zip(1..) {
            put(&engine, key, ts(at), there.then_some(&b"value"[..]), 0);
        }
        let found = deletable(&engine, &start, &end, KeysLimit { keys: count(keys), bytes, visited });
        let view = engine.view().unwrap();
        let keyspace = name("rows");
        let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO };
        let request = ScanRequest {
            start: start.into(), end: end.into(), at: Timestamp::MAX, way: Direction::Forward, keys_only: true,
        };
        let seen = rows.scan(&request, None, WHOLE).unwrap().pairs;
        prop_assert_eq!(found, seen.iter().map(|pair| pair.key.to_vec()).collect::<Vec<_>>());
    }
}
