//! What every engine does, told by example. The random test covers the rest.

use std::ops::Bound;

use bytes::Bytes;

use super::name;
use crate::model::ModelEngine;
use crate::subject::{Fjall, Subject};
use crate::{Batch, Direction, Engine, EngineError, FjallEngine, KeyRange, LONGEST_KEY, View};

macro_rules! conformance {
    ($($test:ident),* $(,)?) => {
        mod fjall {
            $(#[test] fn $test() { super::$test::<super::Fjall>(); })*
        }
        mod model {
            $(#[test] fn $test() { super::$test::<super::ModelEngine>(); })*
        }
    };
}

conformance!(
    a_batch_shows_in_all_its_keyspaces,
    the_last_change_of_a_key_in_a_batch_wins,
    a_batch_that_names_a_missing_keyspace_changes_nothing,
    keys_and_values_of_every_legal_length,
    ranges_in_both_directions_with_all_bounds,
    a_view_stays_what_it_was,
    a_view_outlives_its_keyspace,
    many_views_stay_what_they_were,
    keyspaces_come_and_go,
    a_dropped_keyspace_comes_back_empty,
    nothing_written_is_gone_after_reopening,
    disk_bytes_grow,
    erasing_keeps_what_is_there,
    erasing_does_not_outrun_an_open_view,
);

fn put(engine: &dyn Engine, keyspace: &str, key: &[u8], value: &[u8]) {
    let mut batch = Batch::default();
    batch.put(&name(keyspace), key.to_vec(), value.to_vec());
    engine.write(batch).unwrap();
}

fn get(view: &dyn View, keyspace: &str, key: &[u8]) -> Option<Vec<u8>> {
    view.get(&name(keyspace), key).unwrap().map(|value| value.to_vec())
}

fn keys(view: &dyn View, keyspace: &str, range: KeyRange, way: Direction) -> Vec<Vec<u8>> {
    view.range(&name(keyspace), range, way).unwrap().map(|pair| pair.unwrap().0.to_vec()).collect()
}

fn a_batch_shows_in_all_its_keyspaces<S: Subject>() {
    let subject = S::new();
    let engine = subject.engine();
    engine.create_keyspace(&name("a")).unwrap();
    engine.create_keyspace(&name("b")).unwrap();
    let before = engine.view().unwrap();
    let mut batch = Batch::default();
    batch.put(&name("a"), "k", "1");
    batch.put(&name("b"), "k", "2");
    batch.delete(&name("b"), "other");
    engine.write(batch).unwrap();
    let after = engine.view().unwrap();
    assert_eq!((get(&*before, "a", b"k"), get(&*before, "b", b"k")), (None, None));
    assert_eq!((get(&*after, "a", b"k"), get(&*after, "b", b"k")), (Some(b"1".into()), Some(b"2".into())));
}

fn the_last_change_of_a_key_in_a_batch_wins<S: Subject>() {
    let mut subject = S::new();
    subject.engine().create_keyspace(&name("a")).unwrap();
    let mut batch = Batch::default();
    batch.put(&name("a"), "put last", "old");
    batch.delete(&name("a"), "put last");
    batch.put(&name("a"), "put last", "new");
    batch.put(&name("a"), "deleted last", "old");
    batch.delete(&name("a"), "deleted last");
    subject.engine().write(batch).unwrap();
    for _ in 0..2 {
        let view = subject.engine().view().unwrap();
        assert_eq!(get(&*view, "a", b"put last"), Some(b"new".into()));
        assert_eq!(get(&*view, "a", b"deleted last"), None);
        assert_eq!(keys(&*view, "a", KeyRange::ALL, Direction::Forward), [b"put last"]);
        drop(view);
        subject.reopen();
    }
}

fn a_batch_that_names_a_missing_keyspace_changes_nothing<S: Subject>() {
    let subject = S::new();
    let engine = subject.engine();
    engine.create_keyspace(&name("a")).unwrap();
    let mut batch = Batch::default();
    batch.put(&name("a"), "k", "v");
    batch.put(&name("missing"), "k", "v");
    let Err(EngineError::NoKeyspace { keyspace, .. }) = engine.write(batch) else { panic!() };
    assert_eq!(keyspace, name("missing"));
    let view = engine.view().unwrap();
    assert_eq!(get(&*view, "a", b"k"), None);
    assert!(matches!(view.get(&name("missing"), b"k"), Err(EngineError::NoKeyspace { .. })));
    let range = view.range(&name("missing"), KeyRange::ALL, Direction::Forward);
    assert!(matches!(range.err(), Some(EngineError::NoKeyspace { .. })));
}

fn keys_and_values_of_every_legal_length<S: Subject>() {
    let mut subject = S::new();
    let engine = subject.engine();
    engine.create_keyspace(&name("a")).unwrap();
    let longest = vec![7_u8; LONGEST_KEY];
    let mut batch = Batch::default();
    batch.put(&name("a"), vec![0], Bytes::new());
    batch.put(&name("a"), longest.clone(), "long");
    batch.put(&name("a"), vec![7; LONGEST_KEY - 1], "shorter");
    batch.put(&name("a"), vec![9], vec![3; 16 * 1024 * 1024 + 4096]);
    engine.write(batch).unwrap();
    for length in [0, LONGEST_KEY + 1, LONGEST_KEY + 2, 200_000] {
        let mut batch = Batch::default();
        batch.put(&name("a"), "beside", "v");
        batch.delete(&name("a"), vec![7; length]);
        assert!(matches!(engine.write(batch), Err(EngineError::KeyLength { .. })), "{length}");
    }
    for _ in 0..2 {
        let view = subject.engine().view().unwrap();
        assert_eq!(get(&*view, "a", &[0]), Some(Vec::new()), "an empty value is there");
        assert_eq!(get(&*view, "a", &longest), Some(b"long".into()));
        assert_eq!(get(&*view, "a", &[9]).unwrap().len(), 16 * 1024 * 1024 + 4096);
        assert_eq!(get(&*view, "a", b"beside"), None);
        assert_eq!((get(&*view, "a", &[]), get(&*view, "a", &[7; 200_000])), (None, None));
        // Bounds may be longer than any key.
        let beyond = Bytes::from(vec![7; 200_000]);
        let after = KeyRange { start: Bound::Included(beyond.clone()), end: Bound::Unbounded };
        assert_eq!(keys(&*view, "a", after, Direction::Forward), [[9]]);
        let start = Bound::Excluded(Bytes::from(vec![7; LONGEST_KEY - 1]));
        let before = KeyRange { start, end: Bound::Excluded(beyond) };
        assert!(keys(&*view, "a", before, Direction::Backward) == [longest.clone()]);
        drop(view);
        subject.reopen();
    }
}

fn ranges_in_both_directions_with_all_bounds<S: Subject>() {
    let subject = S::new();
    let engine = subject.engine();
    engine.create_keyspace(&name("a")).unwrap();
    let stored = [b"b".to_vec(), b"ba".to_vec(), b"d".to_vec()];
    for key in &stored {
        put(engine, "a", key, b"v");
    }
    let view = engine.view().unwrap();
    let points = ["a", "b", "b\0", "ba", "c", "d", "e"].map(Bytes::from);
    let bounds = |points: &[Bytes]| {
        let both = points.iter().flat_map(|key| [Bound::Included(key.clone()), Bound::Excluded(key.clone())]);
        both.chain([Bound::Unbounded]).collect::<Vec<_>>()
    };
    for start in bounds(&points) {
        for end in bounds(&points) {
            let range = KeyRange { start: start.clone(), end };
            let bounds = (range.start.clone(), range.end.clone());
            let mut expected: Vec<_> = stored.clone().into();
            expected.retain(|key| std::ops::RangeBounds::contains(&bounds, &Bytes::from(key.clone())));
            assert_eq!(keys(&*view, "a", range.clone(), Direction::Forward), expected, "{bounds:?}");
            expected.reverse();
            assert_eq!(keys(&*view, "a", range, Direction::Backward), expected, "{bounds:?}");
        }
    }
}

fn a_view_stays_what_it_was<S: Subject>() {
    let subject = S::new();
    let engine = subject.engine();
    engine.create_keyspace(&name("a")).unwrap();
    put(engine, "a", b"changed", b"old");
    put(engine, "a", b"deleted", b"old");
    let view = engine.view().unwrap();
    let mut pairs = view.range(&name("a"), KeyRange::ALL, Direction::Forward).unwrap();
    assert_eq!(pairs.next().unwrap().unwrap(), ("changed".into(), "old".into()));
    for round in 0..200_u32 {
        let mut batch = Batch::default();
        batch.put(&name("a"), "changed", vec![0; 100]);
        batch.delete(&name("a"), "deleted");
        batch.put(&name("a"), round.to_be_bytes().to_vec(), vec![1; 100]);
        engine.write(batch).unwrap();
    }
    assert_eq!(pairs.next().unwrap().unwrap(), ("deleted".into(), "old".into()));
    assert!(pairs.next().is_none());
    drop(pairs);
    assert_eq!(keys(&*view, "a", KeyRange::ALL, Direction::Backward), [b"deleted", b"changed"]);
    assert_eq!(keys(&*engine.view().unwrap(), "a", KeyRange::ALL, Direction::Forward).len(), 201);
}

/// The first is of a store that was just opened and has nothing in it, which used to make the engine
/// forget about the others.
fn many_views_stay_what_they_were<S: Subject>() {
    let mut subject = S::new();
    subject.reopen();
    let engine = subject.engine();
    let mut views = vec![engine.view().unwrap()];
    engine.create_keyspace(&name("a")).unwrap();
    for round in 0..40_u8 {
        put(engine, "a", b"k", &[round; 900]);
        views.push(engine.view().unwrap());
    }
    for round in 0..40 {
        assert_eq!(get(&*views[round + 1], "a", b"k"), Some(vec![round as u8; 900]));
    }
}

fn a_view_outlives_its_keyspace<S: Subject>() {
    let subject = S::new();
    let engine = subject.engine();
    engine.create_keyspace(&name("a")).unwrap();
    put(engine, "a", b"k", b"old");
    let old = engine.view().unwrap();
    engine.drop_keyspace(&name("a")).unwrap();
    assert!(matches!(engine.view().unwrap().get(&name("a"), b"k"), Err(EngineError::NoKeyspace { .. })));
    engine.create_keyspace(&name("a")).unwrap();
    put(engine, "a", b"k", b"new");
    assert_eq!(get(&*old, "a", b"k"), Some(b"old".into()));
    assert_eq!(get(&*engine.view().unwrap(), "a", b"k"), Some(b"new".into()));
}

fn keyspaces_come_and_go<S: Subject>() {
    let mut subject = S::new();
    assert_eq!(subject.engine().keyspaces().unwrap(), []);
    for text in ["b", "a", "b", "c.d-1"] {
        subject.engine().create_keyspace(&name(text)).unwrap();
    }
    subject.engine().drop_keyspace(&name("b")).unwrap();
    subject.engine().drop_keyspace(&name("b")).unwrap();
    assert_eq!(subject.engine().keyspaces().unwrap(), [name("a"), name("c.d-1")]);
    subject.reopen();
    assert_eq!(subject.engine().keyspaces().unwrap(), [name("a"), name("c.d-1")]);
}

fn a_dropped_keyspace_comes_back_empty<S: Subject>() {
    let mut subject = S::new();
    for round in 0..5_u8 {
        for text in ["a", "b"] {
            subject.engine().create_keyspace(&name(text)).unwrap();
            assert_eq!(get(&*subject.engine().view().unwrap(), text, b"k"), None, "{round}");
            put(subject.engine(), text, b"k", text.as_bytes());
        }
        if round % 2 == 0 {
            subject.reopen();
        }
        let view = subject.engine().view().unwrap();
        assert_eq!((get(&*view, "a", b"k"), get(&*view, "b", b"k")), (Some(b"a".into()), Some(b"b".into())));
        drop(view);
        subject.engine().drop_keyspace(&name("a")).unwrap();
        subject.engine().drop_keyspace(&name("b")).unwrap();
        if round % 3 == 0 {
            subject.reopen();
        }
    }
}

fn nothing_written_is_gone_after_reopening<S: Subject>() {
    let mut subject = S::new();
    subject.engine().create_keyspace(&name("a")).unwrap();
    for round in 0..5_u32 {
        for key in 0..100 {
            put(subject.engine(), "a", &(round * 100 + key).to_be_bytes(), &[5; 200]);
        }
        subject.reopen();
        let view = subject.engine().view().unwrap();
        let expected: Vec<_> = (0..(round + 1) * 100).map(|key| key.to_be_bytes().to_vec()).collect();
        assert_eq!(keys(&*view, "a", KeyRange::ALL, Direction::Forward), expected);
    }
}

fn disk_bytes_grow<S: Subject>() {
    let subject = S::new();
    subject.engine().create_keyspace(&name("a")).unwrap();
    let before = subject.engine().disk_bytes().unwrap();
    put(subject.engine(), "a", b"k", &[9; 1024 * 1024]);
    subject.engine().persist().unwrap();
    let after = subject.engine().disk_bytes().unwrap();
    assert!(after >= before + 1024 * 1024 && after < before + 8 * 1024 * 1024, "{before} {after}");
}

fn erasing_keeps_what_is_there<S: Subject>() {
    let mut subject = S::new();
    subject.engine().create_keyspace(&name("a")).unwrap();
    subject.engine().create_keyspace(&name("b")).unwrap();
    for key in 0..50_u8 {
        put(subject.engine(), "a", &[key], &[1; 500]);
        put(subject.engine(), "a", &[key], &[2; 500]);
    }
    subject.engine().erase().unwrap();
    put(subject.engine(), "b", b"k", b"after");
    for _ in 0..2 {
        let view = subject.engine().view().unwrap();
        assert_eq!(keys(&*view, "a", KeyRange::ALL, Direction::Forward).len(), 50);
        assert_eq!(get(&*view, "a", &[49]), Some(vec![2; 500]));
        assert_eq!(get(&*view, "b", b"k"), Some(b"after".into()));
        drop(view);
        subject.reopen();
    }
}

fn erasing_does_not_outrun_an_open_view<S: Subject>() {
    let subject = S::new();
    subject.engine().create_keyspace(&name("a")).unwrap();
    put(subject.engine(), "a", b"k", b"v");
    let view = subject.engine().view().unwrap();
    let error = subject.engine().erase().unwrap_err();
    assert!(
        matches!(&error, EngineError::Waiting { waits_for, .. } if waits_for == "1 open views"),
        "{error}"
    );
    assert_eq!(get(&*view, "a", b"k"), Some(b"v".into()));
    drop(view);
    subject.engine().erase().unwrap();
    assert_eq!(get(&*subject.engine().view().unwrap(), "a", b"k"), Some(b"v".into()));
}

#[test]
fn a_store_that_is_open_is_not_opened_again() {
    let subject = Fjall::new();
    subject.engine().create_keyspace(&name("a")).unwrap();
    put(subject.engine(), "a", b"k", b"v");
    let again = FjallEngine::open(subject.dir.path(), subject.options.clone());
    assert!(matches!(again, Err(EngineError::Locked { .. })));
    assert_eq!(get(&*subject.engine().view().unwrap(), "a", b"k"), Some(b"v".into()));
}
