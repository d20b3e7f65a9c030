//! Reads compared with a map of maps, over the in-memory engine.

use std::collections::BTreeMap;

use elastickv_engine::{Batch, Engine, KeyspaceName, model::ModelEngine};
use proptest::prelude::*;

use super::*;
use crate::row::RowDraft;
use crate::seal::ClearRows;

/// A key, when it was written, and its value if it was not deleted.
type Change = (Vec<u8>, u64, Option<Vec<u8>>);
type Model = BTreeMap<Vec<u8>, BTreeMap<u64, Option<Vec<u8>>>>;

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xff]), 0..4)
}

fn writes() -> impl Strategy<Value = Vec<Change>> {
    let value = prop::option::of(prop::collection::vec(any::<u8>(), 0..3));
    prop::collection::vec((key(), 1u64..8, value), 0..40)
}

fn build(writes: &[Change]) -> (ModelEngine, KeyspaceName, Model) {
    let engine = ModelEngine::new();
    let rows = KeyspaceName::new("rows").unwrap();
    engine.create_keyspace(&rows).unwrap();
    let mut model = Model::new();
    for (key, ts, value) in writes {
        let row_key = RowKey::encode(key, Timestamp::from_u64(*ts));
        let body = value.as_deref().unwrap_or_default();
        let draft = RowDraft { tombstone: value.is_none(), expire_at: 0, body };
        let mut batch = Batch::default();
        batch.put(&rows, row_key.clone(), ClearRows.seal(&row_key, draft).unwrap());
        engine.write(batch).unwrap();
        model.entry(key.clone()).or_default().insert(*ts, value.clone());
    }
    (engine, rows, model)
}

fn at(model: &Model, ts: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
    let newest = |versions: &BTreeMap<u64, Option<Vec<u8>>>| {
        versions.range(..=ts).next_back().and_then(|(_, value)| value.clone())
    };
    model.iter().filter_map(|(key, versions)| Some((key.clone(), newest(versions)?))).collect()
}

proptest! {
    #[test]
    fn get_sees_the_newest_at_or_below(writes in writes(), asked in key(), ts in 0u64..9) {
        let (engine, rows, model) = build(&writes);
        let view = engine.view().unwrap();
        let found = get(&*view, &rows, &ClearRows, &asked, Timestamp::from_u64(ts)).unwrap();
        let expected = at(&model, ts).into_iter().find(|(key, _)| *key == asked).map(|(_, value)| value);
        prop_assert_eq!(found.map(|found| found.value.to_vec()), expected);
    }

    #[test]
    fn scan_pages_make_up_the_range(
        writes in writes(), start in key(), end in key(), ts in 0u64..9, backward: bool, pairs in 1usize..4,
    ) {
        let (engine, rows, model) = build(&writes);
        let view = engine.view().unwrap();
        let inside = |key: &Vec<u8>| *key >= start && (end.is_empty() || *key < end);
        let mut expected: Vec<_> = at(&model, ts).into_iter().filter(|(key, _)| inside(key)).collect();
        if backward {
            expected.reverse();
        }
        let way = if backward { Direction::Backward } else { Direction::Forward };
        let mut request = ScanRequest {
            start: start.clone().into(), end: end.clone().into(), at: Timestamp::from_u64(ts), way, keys_only: false,
        };
        let mut got = Vec::new();
        loop {
            let page = scan(&*view, &rows, &ClearRows, &request, PageLimit { pairs, bytes: 4 }).unwrap();
            got.extend(page.pairs.iter().map(|pair| (pair.key.to_vec(), pair.value.to_vec())));
            let Some(last) = page.pairs.last().filter(|_| page.consumed == Consumed::Part) else { break };
            if backward {
                // An empty last key has nothing below it.
                if last.key.is_empty() { break }
                request.end = last.key.clone();
            } else {
                request.start = [&last.key[..], &[0]].concat().into();
            }
        }
        prop_assert_eq!(got, expected);
    }
}
