//! Pages of any size make up what one read gives, in both directions, each from a view and a token of its own.

use elastickv_engine::model::ModelEngine;
use elastickv_engine::subject::{Fjall, Subject};
use elastickv_engine::{Direction, Engine};
use elastickv_types::Timestamp;
use proptest::prelude::*;

use super::model::{Model, Written};
use super::support::{Tagged, WHOLE, count, name, put, ts};
use crate::{PageLimit, Rows, ScanRequest, ScanToken, Shown};

/// A key, its value if it has one, and when it is over.
type Change = (Vec<u8>, Option<Vec<u8>>, u64);

fn key() -> impl Strategy<Value = Vec<u8>> {
    // Few keys, so that most have more versions than are read one after the other.
    prop::collection::vec(prop::sample::select(vec![0u8, 0xff]), 0..3)
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let value = prop::option::of(prop::collection::vec(any::<u8>(), 0..4));
    let expire_at = prop_oneof![Just(0), 1u64..6];
    prop::collection::vec((key(), value, expire_at), 0..300)
}

#[derive(Clone, Debug)]
struct Asked {
    request: ScanRequest,
    limit: PageLimit,
}

fn asked() -> impl Strategy<Value = Asked> {
    let limit = (1usize..5, 0usize..12, 0usize..40);
    (key(), key(), 0u64..150, any::<bool>(), any::<bool>(), limit).prop_map(
        |(start, end, at, backward, keys_only, (pairs, bytes, visited))| {
            let way = if backward { Direction::Backward } else { Direction::Forward };
            let request = ScanRequest { start: start.into(), end: end.into(), at: stamp(at), way, keys_only };
            Asked { request, limit: PageLimit { pairs: count(pairs), bytes, visited } }
        },
    )
}

/// Sixteen writes a millisecond.
fn stamp(number: u64) -> Timestamp {
    ts(number << 12)
}

fn build<S: Subject>(changes: &[Change]) -> (S, Model) {
    let (subject, mut model) = (S::new(), Model::default());
    subject.engine().create_keyspace(&name("rows")).unwrap();
    for ((key, value, expire_at), number) in changes.iter().zip(0..) {
        put(subject.engine(), key, stamp(number / 2), value.as_deref(), *expire_at);
        model.put(key, stamp(number / 2), Written { value: value.clone(), expire_at: *expire_at });
    }
    (subject, model)
}

fn page_by_page(engine: &dyn Engine, asked: &Asked) -> Vec<Shown> {
    let (mut pairs, mut token) = (Vec::new(), None::<ScanToken>);
    // Seven keys: a page that comes no further would be one more.
    for _ in 0..=7 {
        let view = engine.view().unwrap();
        let keyspace = name("rows");
        let rows = Rows { view: &*view, keyspace: &keyspace, sealer: &Tagged, oldest: Timestamp::ZERO };
        let page = rows.scan(&asked.request, token.as_ref(), asked.limit).unwrap();
        let bytes: usize = page.pairs.iter().map(|pair| pair.key.len() + pair.value.len()).sum();
        assert!(page.pairs.len() <= asked.limit.pairs.get());
        assert!(page.pairs.len() <= 1 || bytes <= asked.limit.bytes);
        pairs.extend(page.pairs);
        let Some(next) = page.next else { return pairs };
        token = Some(ScanToken::decode(&next.encode()).unwrap());
    }
    panic!("some page came no further");
}

fn compare<S: Subject>(changes: &[Change], asked: &[Asked]) -> Result<(), TestCaseError> {
    let (mut subject, model) = build::<S>(changes);
    subject.reopen();
    for asked in asked {
        let request = &asked.request;
        let inside = |key: &Vec<u8>| {
            request.start[..] <= key[..] && (request.end.is_empty() || key[..] < request.end[..])
        };
        let mut expected = model.all(request.at);
        expected.retain(|(key, _)| inside(key));
        if request.way == Direction::Backward {
            expected.reverse();
        }
        let expected = expected.into_iter().map(|(key, value)| {
            let (commit_ts, expire_at) =
                (model.get(&key, request.at).unwrap().0, model.expire_at(&key, request.at));
            let value = if request.keys_only { Vec::new() } else { value };
            Shown { key: key.into(), value: value.into(), commit_ts, expire_at }
        });
        let expected: Vec<_> = expected.collect();
        let whole = Asked { request: request.clone(), limit: WHOLE };
        prop_assert_eq!(&page_by_page(subject.engine(), &whole), &expected);
        prop_assert_eq!(&page_by_page(subject.engine(), asked), &expected);
    }
    Ok(())
}

proptest! {
    #[test]
    fn pages_make_up_the_range_in_memory(changes in changes(), asked in prop::collection::vec(asked(), 1..6)) {
        compare::<ModelEngine>(&changes, &asked)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn pages_make_up_the_range_on_disk(changes in changes(), asked in prop::collection::vec(asked(), 1..12)) {
        compare::<Fjall>(&changes, &asked)?;
    }
}
