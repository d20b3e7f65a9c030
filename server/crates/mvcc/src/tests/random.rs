//! Writing, collecting, pinning and opening again at random, both engines, against the model.

use bytes::Bytes;
use elastickv_engine::Batch;
use elastickv_engine::Direction;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::subject::{Fjall, Subject};
use elastickv_types::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::model::{Model, Written};
use super::support::{Tagged, WHOLE, count, name, put, ts};
use crate::gc::{self, Budget, Cursor, Rules};
use crate::{Pin, Pins, RowLatch, Rows, ScanRequest, Watermark};

/// Half a millisecond: two timestamps share one, and an end of life falls between them.
const TICK: u64 = 1 << 15;

#[derive(Clone, Debug)]
pub(super) enum Deed {
    Put {
        key: Vec<u8>,
        value: Vec<u8>,
        lives_ms: Option<u64>,
    },
    Delete {
        key: Vec<u8>,
    },
    /// Time passes without a write.
    Wait {
        ticks: u64,
    },
    /// Raises the oldest timestamp to so many ticks before now.
    Raise {
        back: u64,
    },
    Collect {
        rows: usize,
    },
    Pin {
        back: u64,
    },
    Unpin,
    Reopen,
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    // Few distinct bytes, so that keys often prefix each other and have many versions.
    prop::collection::vec(prop::sample::select(vec![0u8, 1, 0xff]), 0..3)
}

fn deed() -> impl Strategy<Value = Deed> {
    let value = prop::collection::vec(any::<u8>(), 0..40);
    prop_oneof![
        8 => (key(), value, prop::option::of(0u64..20))
            .prop_map(|(key, value, lives_ms)| Deed::Put { key, value, lives_ms }),
        3 => key().prop_map(|key| Deed::Delete { key }),
        1 => (1u64..10).prop_map(|ticks| Deed::Wait { ticks }),
        3 => (0u64..12).prop_map(|back| Deed::Raise { back }),
        6 => (1usize..9).prop_map(|rows| Deed::Collect { rows }),
        1 => (0u64..12).prop_map(|back| Deed::Pin { back }),
        1 => Just(Deed::Unpin),
        1 => Just(Deed::Reopen),
    ]
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    prop::collection::vec(deed(), 0..80)
}

struct World<S> {
    subject: S,
    model: Model,
    now: Timestamp,
    pins: Pins,
    pinned: Vec<Pin>,
    cursor: Option<Cursor>,
    latch: RowLatch,
    rules: Rules,
    heed_pins: bool,
    collected: usize,
}

impl<S: Subject> World<S> {
    fn new(rules: Rules, heed_pins: bool) -> Self {
        let subject = S::new();
        subject.engine().create_keyspace(&name("rows")).unwrap();
        subject.engine().create_keyspace(&name("meta")).unwrap();
        let (model, now) = (Model::default(), ts(1000 << 16));
        let (pins, latch) = (Pins::new(Timestamp::ZERO), RowLatch::default());
        Self {
            subject,
            model,
            now,
            pins,
            pinned: vec![],
            cursor: None,
            latch,
            rules,
            heed_pins,
            collected: 0,
        }
    }

    fn back(&self, ticks: u64) -> Timestamp {
        ts(self.now.get() - ticks * TICK)
    }

    fn tick(&mut self, ticks: u64) -> Timestamp {
        self.now = ts(self.now.get() + ticks * TICK);
        self.now
    }

    fn write(&mut self, key: &[u8], value: Option<Vec<u8>>, lives_ms: Option<u64>) {
        let at = self.tick(1);
        let expire_at =
            lives_ms.map_or(0, |ms| crate::expiry::expire_at(at, std::time::Duration::from_millis(ms)));
        put(self.subject.engine(), key, at, value.as_deref(), expire_at);
        self.model.put(key, at, Written { value, expire_at });
    }

    fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Put { key, value, lives_ms } => self.write(key, Some(value.clone()), *lives_ms),
            Deed::Delete { key } => self.write(key, None, None),
            Deed::Wait { ticks } => drop(self.tick(*ticks)),
            Deed::Raise { back } => {
                let to = self.back(*back);
                self.pins.raise(to);
                // The round that is under way keeps its watermark.
                let watermark = if self.heed_pins { self.pins.watermark() } else { Watermark::unchecked(to) };
                self.cursor.get_or_insert(Cursor::start(watermark));
            }
            Deed::Collect { rows } => self.collect(*rows),
            Deed::Pin { back } => self.pinned.extend(self.pins.pin(self.back(*back))),
            Deed::Unpin => drop(self.pinned.pop()),
            Deed::Reopen => self.reopen(),
        }
    }

    fn collect(&mut self, rows: usize) {
        let Some(cursor) = self.cursor.take() else { return };
        let _held = self.latch.hold();
        let view = self.subject.engine().view().unwrap();
        let seen = self.rows(&*view);
        let budget = Budget { rows: count(rows), bytes: 100 };
        let step = gc::collect_by(&seen, &cursor, budget, self.rules).unwrap();
        drop(view);
        let mut batch = Batch::default();
        step.deletions.iter().for_each(|key| batch.delete(&name("rows"), key.clone()));
        batch.put(&name("meta"), &b"oldest"[..], self.pins.oldest().get().to_be_bytes().to_vec());
        match &step.cursor {
            Some(cursor) => batch.put(&name("meta"), &b"cursor"[..], cursor.encode()),
            None => batch.delete(&name("meta"), &b"cursor"[..]),
        }
        self.subject.engine().write(batch).unwrap();
        assert!(step.visited <= rows && step.unopened == 0);
        self.collected += step.deletions.len();
        self.cursor = step.cursor;
    }

    /// Whole rounds until nothing more goes.
    fn collect_all(&mut self) -> Timestamp {
        self.cursor.get_or_insert(Cursor::start(self.pins.watermark()));
        while self.cursor.is_some() {
            self.collect(7);
        }
        let watermark = self.pins.watermark();
        self.cursor = Some(Cursor::start(watermark));
        while self.cursor.is_some() {
            self.collect(5);
        }
        watermark.get()
    }

    /// Pins are gone with the process; oldest timestamp and cursor come from the store.
    fn reopen(&mut self) {
        self.pinned.clear();
        self.subject.reopen();
        let view = self.subject.engine().view().unwrap();
        let oldest = view.get(&name("meta"), b"oldest").unwrap();
        let oldest = oldest.map_or(0, |raw| u64::from_be_bytes(raw[..].try_into().unwrap()));
        self.pins = Pins::new(ts(oldest));
        let cursor = view.get(&name("meta"), b"cursor").unwrap();
        let allowed =
            if self.heed_pins { self.pins.watermark() } else { Watermark::unchecked(Timestamp::MAX) };
        self.cursor = cursor.map(|raw| Cursor::decode(&raw, allowed).unwrap());
    }

    fn rows<'a>(&'a self, view: &'a dyn elastickv_engine::View) -> Rows<'a> {
        static ROWS: std::sync::LazyLock<elastickv_engine::KeyspaceName> =
            std::sync::LazyLock::new(|| name("rows"));
        Rows { view, keyspace: &ROWS, sealer: &Tagged, oldest: self.pins.oldest() }
    }

    /// What a user would notice.
    fn check(&self) -> Result<(), String> {
        let mut asked: Vec<_> = self.pinned.iter().map(Pin::at).collect();
        asked.extend([0, 1, 2, 5, 9, 14].map(|back| self.back(back)));
        asked.extend([self.pins.oldest(), ts(self.now.get() + 30 * TICK)]);
        asked.retain(|at| *at >= self.pins.oldest());
        for at in asked {
            self.check_at(at).map_err(|found| format!("read at {at}, now {}: {found}", self.now))?;
        }
        Ok(())
    }

    fn check_at(&self, at: Timestamp) -> Result<(), String> {
        let view = self.subject.engine().view().unwrap();
        let rows = self.rows(&*view);
        for key in self.model.0.keys() {
            let found = rows.get(key, at).map_err(|error| error.to_string())?;
            let found = found.map(|found| (found.commit_ts, found.value.to_vec()));
            let expected = self.model.get(key, at).map(|(commit_ts, value)| (commit_ts, value.clone()));
            if found != expected {
                return Err(format!("{key:?} is {found:?} and not {expected:?}"));
            }
        }
        for way in [Direction::Forward, Direction::Backward] {
            let request = ScanRequest { start: Bytes::new(), end: Bytes::new(), at, way, keys_only: false };
            let page = rows.scan(&request, None, WHOLE).map_err(|error| error.to_string())?;
            let found = page.pairs.iter().map(|pair| (pair.key.to_vec(), pair.value.to_vec()));
            let mut expected = self.model.all(at);
            if way == Direction::Backward {
                expected.reverse();
            }
            if !found.eq(expected.iter().cloned()) {
                return Err(format!("{way:?} it is {:?} and not {expected:?}", page.pairs));
            }
        }
        Ok(())
    }

    fn check_history(&self) -> Result<(), String> {
        let view = self.subject.engine().view().unwrap();
        let rows = self.rows(&*view);
        let mut found = Vec::new();
        for key in self.model.0.keys() {
            let mut from = Some(Timestamp::MAX);
            while let Some(asked) = from {
                let limit = crate::PageLimit { pairs: count(2), bytes: 30, visited: 100 };
                let page = rows.history(key, asked, limit).map_err(|error| error.to_string())?;
                from = page.next;
                found.extend(page.versions.into_iter().map(|version| {
                    let value = (!version.tombstone).then(|| version.value.to_vec());
                    (key.clone(), version.commit_ts, Written { value, expire_at: version.expire_at })
                }));
            }
        }
        let expected = self.model.retained(self.pins.oldest());
        if found == expected { Ok(()) } else { Err(format!("history {found:?} and not {expected:?}")) }
    }

    /// The digest is that of a store from which nothing was ever collected.
    fn check_digest(&self) {
        let whole = super::support::engine();
        for (key, versions) in &self.model.0 {
            for (at, written) in versions {
                put(&whole, key, *at, written.value.as_deref(), written.expire_at);
            }
        }
        use elastickv_engine::Engine as _;
        let (view, other) = (self.subject.engine().view().unwrap(), whole.view().unwrap());
        let digest = self.rows(&*view).digest(self.now).unwrap();
        assert_eq!(digest, self.rows(&*other).digest(self.now).unwrap());
        assert_eq!(digest.rows as usize, self.model.retained(self.pins.oldest()).len());
    }

    fn stored(&self) -> Vec<(Vec<u8>, Timestamp)> {
        let view = self.subject.engine().view().unwrap();
        let all = elastickv_engine::KeyRange::ALL;
        let pairs = view.range(&name("rows"), all, Direction::Forward).unwrap();
        let keys = pairs.map(|pair| crate::RowKey::decode(&pair.unwrap().0).unwrap());
        keys.map(|key| (key.user_key.to_vec(), key.commit_ts)).collect()
    }
}

/// Does all that, looking after each deed that may take something away; says how many rows were collected.
fn live<S: Subject>(deeds: &[Deed], rules: Rules, heed_pins: bool) -> Result<usize, String> {
    let mut world = World::<S>::new(rules, heed_pins);
    for deed in deeds {
        world.act(deed);
        if matches!(deed, Deed::Collect { .. } | Deed::Reopen) {
            world.check()?;
        }
    }
    world.check()?;
    world.check_history()?;
    world.check_digest();
    let watermark = world.collect_all();
    let expected = world.model.retained(watermark).into_iter().map(|(key, at, _)| (key, at));
    let (expected, stored) = (expected.collect::<Vec<_>>(), world.stored());
    if stored != expected {
        return Err(format!("stored is {stored:?} and not {expected:?}"));
    }
    world.check()?;
    world.check_history()?;
    world.check_digest();
    Ok(world.collected)
}

proptest! {
    #![proptest_config(Config { cases: 300, ..Config::default() })]
    #[test]
    fn reads_are_those_of_the_model_in_memory(deeds in deeds()) {
        live::<ModelEngine>(&deeds, Rules::default(), true).map_err(TestCaseError::fail)?;
    }
}

proptest! {
    #![proptest_config(Config { cases: 20, ..Config::default() })]
    #[test]
    fn reads_are_those_of_the_model_on_disk(deeds in deeds()) {
        live::<Fjall>(&deeds, Rules::default(), true).map_err(TestCaseError::fail)?;
    }
}

/// The same lives each time, for the controls.
fn seeded() -> Vec<Vec<Deed>> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..150).map(|_| deeds().new_tree(&mut runner).unwrap().current()).collect()
}

/// In how many of the lives a reader is shown something wrong.
fn wrong(rules: Rules, heed_pins: bool) -> usize {
    let lives = seeded().into_iter().map(|deeds| live::<ModelEngine>(&deeds, rules, heed_pins));
    lives.filter(|lived| lived.as_ref().is_err_and(|found| found.starts_with("read at"))).count()
}

#[test]
fn the_lives_of_the_controls_are_good_ones() {
    let lives = seeded();
    let collected = lives.iter().map(|deeds| live::<ModelEngine>(deeds, Rules::default(), true));
    let collected = collected.collect::<Result<Vec<_>, _>>().unwrap();
    assert!(collected.iter().sum::<usize>() > 500, "{collected:?}");
}

#[test]
fn control_without_anchors_values_are_lost() {
    assert!(wrong(Rules { anchors_stay: false, ..Rules::default() }, true) > 10);
}

#[test]
fn control_when_a_tombstone_goes_first_the_version_below_it_comes_back() {
    assert!(wrong(Rules { hiding_anchors_go_last: false, ..Rules::default() }, true) > 10);
}

#[test]
fn control_without_pins_a_reader_loses_what_it_reads() {
    assert!(wrong(Rules::default(), false) > 10);
}
