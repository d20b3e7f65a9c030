//! Random histories, told to an engine and to plain maps, which must agree at every step.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;

use super::name;
use crate::model::ModelEngine;
use crate::subject::{Fjall, Subject};
use crate::{Batch, Direction, Engine, EngineError, KeyRange, KeyspaceName, Op, View};

type Maps = BTreeMap<KeyspaceName, BTreeMap<Bytes, Bytes>>;

#[derive(Clone, Debug)]
enum Step {
    Create(KeyspaceName),
    Drop(KeyspaceName),
    Write(Batch),
    Range(KeyspaceName, KeyRange, Direction),
    Persist,
    OpenView,
    CompareView(usize),
    CloseView(usize),
    Erase,
    Reopen,
}

fn keyspace() -> impl Strategy<Value = KeyspaceName> {
    prop_oneof![6 => Just("a"), 3 => Just("b"), 1 => Just("c")].prop_map(name)
}

fn key() -> impl Strategy<Value = Bytes> {
    let short = proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), Just(255)], 1..4);
    prop_oneof![
        9 => short.prop_map(Bytes::from),
        1 => (0..3_usize).prop_map(|more| Bytes::from(vec![1; crate::LONGEST_KEY - more])),
    ]
}

fn value() -> impl Strategy<Value = Bytes> {
    (any::<u8>(), prop_oneof![Just(0_usize), 1..400_usize, 400..6000_usize])
        .prop_map(|(byte, length)| Bytes::from(vec![byte; length]))
}

fn batch() -> impl Strategy<Value = Batch> {
    let change = (keyspace(), key(), proptest::option::weighted(0.7, value()));
    proptest::collection::vec(change, 0..12).prop_map(|changes| {
        let mut batch = Batch::default();
        for (keyspace, key, value) in changes {
            match value {
                Some(value) => batch.put(&keyspace, key, value),
                None => batch.delete(&keyspace, key),
            }
        }
        batch
    })
}

fn bound() -> impl Strategy<Value = Bound<Bytes>> {
    let key = prop_oneof![9 => key(), 1 => Just(Bytes::new())];
    (0..3_u8, key).prop_map(|(kind, key)| match kind {
        0 => Bound::Unbounded,
        1 => Bound::Included(key),
        _ => Bound::Excluded(key),
    })
}

fn range() -> impl Strategy<Value = KeyRange> {
    (bound(), bound()).prop_map(|(start, end)| KeyRange { start, end })
}

fn way() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Forward), Just(Direction::Backward)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => keyspace().prop_map(Step::Create),
        1 => keyspace().prop_map(Step::Drop),
        20 => batch().prop_map(Step::Write),
        8 => (keyspace(), range(), way()).prop_map(|(keyspace, range, way)| Step::Range(keyspace, range, way)),
        2 => Just(Step::Persist),
        3 => Just(Step::OpenView),
        3 => any::<usize>().prop_map(Step::CompareView),
        2 => any::<usize>().prop_map(Step::CloseView),
        1 => Just(Step::Erase),
        2 => Just(Step::Reopen),
    ]
}

struct History<S: Subject> {
    subject: S,
    maps: Maps,
    views: Vec<(Arc<dyn View>, Maps)>,
}

impl<S: Subject> History<S> {
    fn run(steps: Vec<Step>) {
        let mut history = Self { subject: S::new(), maps: Maps::new(), views: Vec::new() };
        for step in steps {
            history.take(step);
        }
        for (view, maps) in &history.views {
            compare(&**view, maps);
        }
        history.compare_now();
    }

    fn engine(&self) -> &dyn Engine {
        self.subject.engine()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Create(keyspace) => {
                self.engine().create_keyspace(&keyspace).unwrap();
                self.maps.entry(keyspace).or_default();
            }
            Step::Drop(keyspace) => {
                self.engine().drop_keyspace(&keyspace).unwrap();
                self.maps.remove(&keyspace);
            }
            Step::Write(batch) => self.write(batch),
            Step::Range(keyspace, range, way) => self.compare_range(&keyspace, range, way),
            Step::Persist => self.engine().persist().unwrap(),
            Step::OpenView => {
                let view = self.engine().view().unwrap();
                self.views.push((view, self.maps.clone()));
            }
            Step::CompareView(which) => {
                if let Some((view, maps)) = self.views.get(which % self.views.len().max(1)) {
                    compare(&**view, maps);
                }
            }
            Step::CloseView(which) => {
                if !self.views.is_empty() {
                    self.views.swap_remove(which % self.views.len());
                }
            }
            Step::Erase => {
                self.views.clear();
                self.engine().erase().unwrap();
                self.compare_now();
            }
            Step::Reopen => {
                self.views.clear();
                self.subject.reopen();
                self.compare_now();
            }
        }
        assert!(self.engine().keyspaces().unwrap().iter().eq(self.maps.keys()));
    }

    fn write(&mut self, batch: Batch) {
        let known = |op: &Op| match op {
            Op::Put { keyspace, .. } | Op::Delete { keyspace, .. } => self.maps.contains_key(keyspace),
        };
        let legal = batch.ops().iter().all(known);
        match self.engine().write(batch.clone()) {
            Ok(()) => assert!(legal),
            Err(EngineError::NoKeyspace { .. }) => return assert!(!legal),
            Err(error) => panic!("{error}"),
        }
        for op in batch.into_ops() {
            match op {
                Op::Put { keyspace, key, value } => self.maps.get_mut(&keyspace).unwrap().insert(key, value),
                Op::Delete { keyspace, key } => self.maps.get_mut(&keyspace).unwrap().remove(&key),
            };
        }
    }

    fn compare_range(&self, keyspace: &KeyspaceName, range: KeyRange, way: Direction) {
        let view = self.engine().view().unwrap();
        let Some(map) = self.maps.get(keyspace) else {
            assert!(matches!(view.get(keyspace, b"k"), Err(EngineError::NoKeyspace { .. })));
            return;
        };
        let expected = match range.is_empty() {
            true => BTreeMap::new(),
            false => {
                let within = map.range((range.start.clone(), range.end.clone()));
                within.map(|(key, value)| (key.clone(), value.clone())).collect()
            }
        };
        let found: Vec<_> = view.range(keyspace, range, way).unwrap().map(|pair| pair.unwrap()).collect();
        match way {
            Direction::Forward => assert!(found.into_iter().eq(expected)),
            Direction::Backward => assert!(found.into_iter().eq(expected.into_iter().rev())),
        }
    }

    fn compare_now(&self) {
        compare(&*self.engine().view().unwrap(), &self.maps);
    }
}

fn compare(view: &dyn View, maps: &Maps) {
    for (keyspace, map) in maps {
        for way in [Direction::Forward, Direction::Backward] {
            let mut found: Vec<_> =
                view.range(keyspace, KeyRange::ALL, way).unwrap().map(|pair| pair.unwrap()).collect();
            if way == Direction::Backward {
                found.reverse();
            }
            assert!(found.iter().map(|(key, value)| (key, value)).eq(map), "{keyspace} {way:?}");
        }
        for (key, value) in map {
            assert_eq!(view.get(keyspace, key).unwrap().as_ref(), Some(value));
        }
        assert_eq!(view.get(keyspace, b"never written").unwrap(), None);
    }
}

/// So many cases unless the environment asks for others.
fn cases(usual: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = std::env::var("PROPTEST_CASES").map_or(usual, |_| asked.cases);
    ProptestConfig { cases, max_shrink_iters: 1000, failure_persistence: None, ..asked }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn fjall_agrees_with_maps(steps in proptest::collection::vec(step(), 1..120)) {
        History::<Fjall>::run(steps);
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn the_model_agrees_with_maps(steps in proptest::collection::vec(step(), 1..120)) {
        History::<ModelEngine>::run(steps);
    }

    #[test]
    fn after_a_crash_the_model_holds_what_was_persisted_and_the_next_batches(
        persisted in proptest::collection::vec(batch(), 0..8),
        later in proptest::collection::vec(batch(), 0..8),
        left in 0..10_usize,
    ) {
        let new = || {
            let engine = ModelEngine::new();
            for text in ["a", "b", "c"] {
                engine.create_keyspace(&name(text)).unwrap();
            }
            engine
        };
        let (engine, expected) = (new(), new());
        for batch in &persisted {
            engine.write(batch.clone()).unwrap();
        }
        engine.persist().unwrap();
        for batch in &later {
            engine.write(batch.clone()).unwrap();
        }
        prop_assert_eq!(engine.unpersisted(), later.len());
        let after = engine.crash(left);
        let gone = matches!(engine.view(), Err(EngineError::Fault { .. }));
        prop_assert!(gone);
        for batch in persisted.into_iter().chain(later.into_iter().take(left)) {
            expected.write(batch).unwrap();
        }
        for text in ["a", "b", "c"] {
            let all = |engine: &ModelEngine| -> Vec<_> {
                let view = engine.view().unwrap();
                view.range(&name(text), KeyRange::ALL, Direction::Forward).unwrap().map(|pair| pair.unwrap()).collect()
            };
            prop_assert!(all(&after) == all(&expected));
        }
    }
}
