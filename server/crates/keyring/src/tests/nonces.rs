//! No nonce twice under one key, whatever happens to the directories of a node.
//!
//! A world of directories of the same node is driven by a seed: it seals, restarts, is killed at any call of a
//! start, loses power, rotates keys, comes to the ends of counters and epochs, and its directories are cloned
//! and put back. Every seal is a real one, of a nonce that the real key store gave out; its nonce is read from
//! the envelope, and a recorder keeps the intervals of counters that it has seen under each key, node, epoch and
//! salt, and counts those it sees again.
//!
//! The controls run the same seeds with one rule removed. With the salt pinned, clones repeat nonces; with every
//! start's epochs forgotten as well, plain restarts do. Each rule alone still holds in its own domain: without
//! copies of directories and exhausted epochs the epochs are enough, and with the epochs forgotten the salt is.
//!
//! `cargo test -p elastickv-keyring nonces` makes 1e6 seals, and with `ELASTICKV_SCALE=full` and `--release`
//! 1e8 (some minutes).

use std::collections::{BTreeMap, HashMap};

use bytes::BytesMut;
use elastickv_crypto::{EntryContext, EnvelopeHeader, ROW_HEADER_BYTES, Raft, RowContext, Storage, Usage};
use elastickv_sys::crash::Image;
use elastickv_sys::failing::{FailingFiles, Rule};
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::random::Random;
use elastickv_sys::recording::{RecordingFiles, Tape};
use elastickv_types::GroupId;

use super::*;
use crate::{KeyringError, Sealing};

/// Key, then node, epoch and salt, then counter: what has to be seen once.
pub(super) type Nonce = (u32, u64, u32);

/// Uses a nonce up and reads it from the envelope.
pub(super) fn sealed(sealing: Sealing<Raft>) -> Nonce {
    let mut envelope = BytesMut::new();
    let context = EntryContext { group: GroupId::CONTROL };
    sealing.dek.seal(sealing.nonce, context, &mut envelope, |_| ()).unwrap();
    read::<Raft>(&envelope)
}

fn sealed_row(sealing: Sealing<Storage>) -> Nonce {
    let mut envelope = BytesMut::new();
    let context = RowContext { header: &[0; ROW_HEADER_BYTES], row_key: b"row" };
    sealing.dek.seal(sealing.nonce, context, b"", &mut envelope).unwrap();
    read::<Storage>(&envelope)
}

fn read<U: Usage>(envelope: &[u8]) -> Nonce {
    let header = EnvelopeHeader::<U>::parse(envelope).unwrap();
    let (load, counter) = header.nonce().split_first_chunk().unwrap();
    let counter = u32::from_be_bytes(counter.try_into().unwrap());
    (header.key().get(), u64::from_be_bytes(*load), counter)
}

/// Intervals of counters by key and load; an interval is from its key to its value.
#[derive(Default)]
pub(super) struct Recorder {
    seen: HashMap<(u32, u64), BTreeMap<u32, u32>>,
    pub seals: u64,
    pub repeated: u64,
}

impl Recorder {
    pub fn record(&mut self, (key, load, counter): Nonce) {
        self.seals += 1;
        let intervals = self.seen.entry((key, load)).or_default();
        match intervals.range_mut(..=counter).next_back() {
            Some((_, end)) if *end >= counter => self.repeated += 1,
            Some((_, end)) if *end + 1 == counter => *end = counter,
            _ => {
                intervals.insert(counter, counter);
            }
        }
    }
}

#[test]
fn the_recorder_notices_what_it_saw() {
    let mut recorder = Recorder::default();
    let seals =
        [(1, 1, 1), (1, 1, 2), (1, 1, 3), (2, 1, 2), (1, 2, 2), (1, 1, 9), (1, 1, 8), (1, 1, u32::MAX)];
    seals.into_iter().for_each(|nonce| recorder.record(nonce));
    assert_eq!((recorder.seals, recorder.repeated), (8, 0));
    seals.into_iter().for_each(|nonce| recorder.record(nonce));
    assert_eq!((recorder.seals, recorder.repeated), (16, 8));
}

/// Which rules are in force, and what only the salt is there for: copies of directories, and loads that go on in
/// the exhausted epoch by consent.
#[derive(Clone, Copy)]
struct Rules {
    fresh_salt: bool,
    durable_epochs: bool,
    copies: bool,
    last_epochs: bool,
}

const ALL: Rules = Rules { fresh_salt: true, durable_epochs: true, copies: true, last_epochs: true };
const PLAIN: Rules = Rules { copies: false, last_epochs: false, ..ALL };

/// Randomness whose four-byte draws, the salts, may be pinned.
#[derive(Debug)]
pub(super) struct Salted {
    pub seeded: SharedRandom,
    pub pinned: bool,
}

impl Random for Salted {
    fn fill(&self, bytes: &mut [u8]) {
        match bytes.len() {
            4 if self.pinned => bytes.fill(7),
            _ => self.seeded.fill(bytes),
        }
    }
}

/// One data directory, with the process that uses it.
struct Home {
    memory: Arc<MemoryFiles>,
    tape: Arc<Tape>,
    recording: SharedFiles,
    keystore: Option<Arc<Keystore>>,
    table: KeyTable,
    /// The directory as it was before the last start.
    before: Image,
}

#[derive(Default, Debug)]
struct Tally {
    starts: u64,
    cut_short: u64,
    power_losses: u64,
    rotations: u64,
    clones: u64,
    put_back: u64,
    counters_exhausted: u64,
    epochs_exhausted: u64,
}

struct World {
    rules: Rules,
    random: SharedRandom,
    homes: Vec<Home>,
    saved: Vec<(Image, KeyTable)>,
    recorder: Recorder,
    tally: Tally,
}

fn image_of(memory: &MemoryFiles) -> Image {
    let mut image = Image::empty(ROOT);
    memory.paths().into_iter().for_each(|path| image.put(&path, memory.get(&path).unwrap()));
    image
}

impl Home {
    fn of(image: &Image, table: KeyTable) -> Self {
        let memory = image.to_memory();
        let (recording, tape) = RecordingFiles::over(memory.clone(), image.clone()).unwrap();
        Self { memory, tape, recording, keystore: None, table, before: image.clone() }
    }

    fn image(&self) -> Image {
        image_of(&self.memory)
    }
}

impl World {
    fn new(seed: u64, rules: Rules) -> Self {
        let random = Arc::new(Salted { seeded: SeededRandom::shared(seed), pinned: !rules.fresh_salt });
        let mut world = Self {
            rules,
            random,
            homes: Vec::new(),
            saved: Vec::new(),
            recorder: Recorder::default(),
            tally: Tally::default(),
        };
        let mut home = Home::of(&Image::empty(ROOT), table(token(0)));
        let keystore = world.node(Arc::clone(&home.recording)).start().unwrap();
        home.table = table(keystore.load_token());
        adopt(&keystore, &home.table);
        // Before its first start under a sidecar there is nothing to forget.
        home.before = home.image();
        home.keystore = Some(keystore);
        world.homes.push(home);
        world
    }

    fn node(&self, files: SharedFiles) -> Node {
        Node { files, root: ROOT.into(), random: Arc::clone(&self.random), exhausted: Exhausted::Accept }
    }

    fn draw(&self, below: u64) -> u64 {
        self.random.u64() % below
    }

    fn pick(&self) -> usize {
        self.draw(self.homes.len() as u64) as usize
    }

    fn step(&mut self) {
        let home = self.pick();
        match self.draw(100) {
            0..55 => self.seal(home),
            55..68 => self.restart(home),
            68..76 => self.cut_short(home),
            76..80 => self.lose_power(home),
            80..86 => self.rotate(home),
            86..89 => self.near_the_end_of_a_counter(home),
            89..92 if self.rules.copies => self.clone_home(home),
            92..94 if self.rules.copies => self.save(home),
            94..97 if self.rules.copies => self.put_back(home),
            _ => self.restart(home),
        }
    }

    fn seal(&mut self, home: usize) {
        let run = 1 + self.draw(400);
        let Some(keystore) = &self.homes[home].keystore else { return };
        for number in 0..run {
            let sealed = match number % 4 {
                0 => keystore.sealing::<Storage>().map(sealed_row),
                _ => keystore.sealing::<Raft>().map(sealed),
            };
            match sealed {
                Ok(nonce) => self.recorder.record(nonce),
                Err(KeyringError::LocalEpochExhausted { .. }) => {
                    self.tally.counters_exhausted += 1;
                    break;
                }
                Err(other) => panic!("{other}"),
            }
        }
    }

    /// Starts a process on what is in the directory, and registers it.
    fn restart(&mut self, home: usize) {
        self.stop(home);
        let directory = &mut self.homes[home];
        if !self.rules.durable_epochs {
            let forgotten = directory.before.clone();
            *directory = Home::of(&forgotten, directory.table.clone());
        }
        directory.before = directory.image();
        self.tally.starts += 1;
        let keystore = self.node(Arc::clone(&self.homes[home].recording)).start().unwrap();
        let home = &mut self.homes[home];
        for it in keystore.registrations() {
            let row = home.table.keys.get_mut(&it.key).map(|entry| &mut entry.row);
            row.into_iter().for_each(|row| *row = Some(Row { epoch: it.epoch, token: it.token }));
        }
        adopt(&keystore, &home.table);
        let exhausted = keystore.status().iter().filter(|it| it.epoch == LocalEpoch::EXHAUSTED).count();
        self.tally.epochs_exhausted += exhausted as u64;
        home.keystore = Some(keystore);
    }

    fn stop(&mut self, home: usize) {
        self.homes[home].keystore = None;
    }

    /// A start that is killed at one of its calls, with another one behind it.
    fn cut_short(&mut self, home: usize) {
        self.stop(home);
        let calls = self.draw(40);
        let (failing, failures) = FailingFiles::over(Arc::clone(&self.homes[home].recording));
        failures.add(Rule::crash_after(calls));
        // One that came to its end sealed nothing: a crash between epoch and first seal.
        self.tally.cut_short += u64::from(self.node(failing).start().is_err());
        self.restart(home);
    }

    /// A start that is killed, and then the power goes.
    fn lose_power(&mut self, home: usize) {
        self.stop(home);
        let (failing, failures) = FailingFiles::over(Arc::clone(&self.homes[home].recording));
        failures.add(Rule::crash_after(self.draw(40)));
        let _ = self.node(failing).start();
        let tape = &self.homes[home].tape;
        let disk = tape.disk_after(tape.len()).unwrap();
        let states: Vec<_> = disk.states(16, self.draw(1 << 40)).collect();
        let left = &states[self.draw(states.len() as u64) as usize];
        let (table, before) = (self.homes[home].table.clone(), self.homes[home].before.clone());
        self.homes[home] = Home { before, ..Home::of(left, table) };
        self.tally.power_losses += 1;
        self.restart(home);
    }

    /// A new key of one purpose in the place of the active one; now and then one under which an earlier load
    /// had come close to the last epoch. The key before the one replaced is closed and the one before that gone.
    fn rotate(&mut self, home: usize) {
        let purpose = Purpose::ALL[self.draw(2) as usize];
        let id = key((self.draw(u64::from(u32::MAX) - 1) + 1) as u32);
        let earlier = Row { epoch: LocalEpoch::new(0xFFF9 + self.draw(5) as u16), token: token(1) };
        let near_the_end = self.draw(3) == 0 && self.rules.last_epochs;
        let home = &mut self.homes[home];
        let Some(keystore) = &home.keystore else { return };
        let at = home.table.index.next();
        home.table.keys.retain(|_, entry| entry.purpose != purpose || entry.state != KeyState::Closed);
        for entry in home.table.keys.values_mut().filter(|entry| entry.purpose == purpose) {
            entry.state = match entry.state {
                KeyState::Installed | KeyState::Active => KeyState::Retiring,
                KeyState::Retiring | KeyState::Closed => KeyState::Closed,
            };
        }
        let mut new = table_key(id, purpose, KeyState::Active, at.get());
        new.row = near_the_end.then_some(earlier);
        home.table.keys.insert(id, new);
        home.table.index = at;
        let change = keystore.record(&home.table).unwrap();
        for it in keystore.registrations().iter().filter(|it| it.key == id) {
            let row = Some(Row { epoch: it.epoch, token: it.token });
            home.table.keys.get_mut(&id).unwrap().row = row;
        }
        keystore.publish(change);
        adopt(keystore, &home.table);
        // A bump is forgotten by the control, not a key.
        home.before = if self.rules.durable_epochs { home.before.clone() } else { image_of(&home.memory) };
        self.tally.rotations += 1;
    }

    fn near_the_end_of_a_counter(&mut self, home: usize) {
        let purpose = Purpose::ALL[self.draw(2) as usize];
        let counter = u32::MAX - self.draw(300) as u32;
        let Some(keystore) = &self.homes[home].keystore else { return };
        keystore.skip_to(purpose, counter);
        self.tally.counters_exhausted += 1;
    }

    /// The same directory twice, with a process on each.
    fn clone_home(&mut self, home: usize) {
        if self.homes.len() == 6 {
            self.homes.remove(0);
        }
        let home = home.min(self.homes.len() - 1);
        let (image, table) = (self.homes[home].image(), self.homes[home].table.clone());
        self.homes.push(Home::of(&image, table));
        let clone = self.homes.len() - 1;
        self.restart(clone);
        self.tally.clones += 1;
    }

    fn save(&mut self, home: usize) {
        let home = &self.homes[home];
        self.saved.push((home.image(), home.table.clone()));
    }

    /// A directory becomes what it was when it was saved.
    fn put_back(&mut self, home: usize) {
        if self.saved.is_empty() {
            return;
        }
        let (image, table) = self.saved[self.draw(self.saved.len() as u64) as usize].clone();
        self.homes[home] = Home::of(&image, table);
        self.restart(home);
        self.tally.put_back += 1;
    }
}

/// So many seals in worlds of the seeds 1, 2, 3, … of at most `each` seals.
fn run(seals: u64, each: u64, rules: Rules) -> (u64, u64, Tally) {
    let (mut total, mut repeated, mut tally) = (0, 0, Tally::default());
    for seed in 1.. {
        let mut world = World::new(seed, rules);
        while world.recorder.seals < each {
            world.step();
        }
        total += world.recorder.seals;
        repeated += world.recorder.repeated;
        assert!(!(rules.fresh_salt && world.recorder.repeated > 0), "seed {seed} repeats a nonce");
        tally.add(&world.tally);
        if total >= seals {
            break;
        }
    }
    println!("{total} seals, {repeated} repeated; {tally:?}");
    (total, repeated, tally)
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.starts += other.starts;
        self.cut_short += other.cut_short;
        self.power_losses += other.power_losses;
        self.rotations += other.rotations;
        self.clones += other.clones;
        self.put_back += other.put_back;
        self.counters_exhausted += other.counters_exhausted;
        self.epochs_exhausted += other.epochs_exhausted;
    }
}

#[test]
fn no_nonce_is_used_twice() {
    let (seals, each) = if full() { (100_000_000, 2_000_000) } else { (1_000_000, 50_000) };
    let (_, repeated, tally) = run(seals, each, ALL);
    assert_eq!(repeated, 0);
    let floors = [
        (tally.starts, 2000),
        (tally.cut_short, 300),
        (tally.power_losses, 200),
        (tally.rotations, 300),
        (tally.clones, 100),
        (tally.put_back, 100),
        (tally.counters_exhausted, 200),
        (tally.epochs_exhausted, 100),
    ];
    assert!(floors.iter().all(|(found, floor)| found >= floor), "{tally:?} has too little of something");
}

fn repeated(rules: Rules) -> u64 {
    run(100_000, 50_000, rules).1
}

/// With fresh salts an epoch that is used twice would not show. Here nothing else tells two loads apart, in many
/// worlds and not only in long ones.
#[test]
fn without_copies_epochs_are_enough() {
    let (seals, each) = if full() { (100_000_000, 20_000) } else { (500_000, 10_000) };
    assert_eq!(run(seals, each, Rules { fresh_salt: false, ..PLAIN }).1, 0);
}

#[test]
fn where_epochs_are_forgotten_the_salt_is_enough() {
    assert_eq!(repeated(Rules { durable_epochs: false, ..ALL }), 0);
}

#[test]
fn control_with_the_salt_pinned_clones_repeat_nonces() {
    let found = repeated(Rules { fresh_salt: false, copies: true, ..PLAIN });
    assert!(found > 1000, "{found}");
}

#[test]
fn control_with_the_salt_pinned_exhausted_epochs_repeat_nonces() {
    let found = repeated(Rules { fresh_salt: false, last_epochs: true, ..PLAIN });
    assert!(found > 1000, "{found}");
}

#[test]
fn control_with_epochs_forgotten_as_well_restarts_repeat_nonces() {
    let found = repeated(Rules { fresh_salt: false, durable_epochs: false, ..PLAIN });
    assert!(found > 1000, "{found}");
}
