//! What a store takes under constant overwriting, with garbage collection and without, and what reads cost.
//!
//! `cargo run --release -p elastickv-mvcc --example gc_curve -- --keys 1000000 --versions 20` writes each key
//! so often, in another order each time, and prints the store's size after every pass: once keeping
//! everything, once collecting what is older than `--keep` passes while writing goes on. Then it reads at
//! random from both stores, in the order A B B A, while they are overwritten, the second one collecting.
//! `--value` is the size of a value in bytes, `--rate` how many are written a second, `--dir` where the stores lie;
//! without arguments it is small.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program for people, and only here")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use elastickv_engine::{Batch, Engine, FjallEngine, FjallOptions, KeyspaceName};
use elastickv_mvcc::gc::{self, Budget, Cursor};
use elastickv_mvcc::{ClearRows, Pins, RowDraft, RowKey, RowLatch, Rows, Sealer};
use elastickv_types::Timestamp;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes that share a batch, as they share an entry of the log.
const BATCH: u64 = 256;
const STEP: Budget = Budget { rows: NonZeroUsize::new(2_000).unwrap(), bytes: 1 << 20 };
/// Between two steps of the collector, so that it takes no more than a part of the time.
const PAUSE: Duration = Duration::from_millis(2);
const READING: Duration = Duration::from_secs(3);

struct Settings {
    keys: u64,
    versions: u64,
    /// Passes of overwriting that stay readable.
    keep: u64,
    value: usize,
    /// Writes a second.
    rate: u32,
    dir: PathBuf,
}

impl Settings {
    fn from_args() -> Result<Self, Failure> {
        let mut settings =
            Self { keys: 20_000, versions: 20, keep: 2, value: 256, rate: 40_000, dir: ".".into() };
        let mut args = std::env::args().skip(1);
        while let Some(name) = args.next() {
            let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--keys" => settings.keys = value.parse()?,
                "--versions" => settings.versions = value.parse()?,
                "--keep" => settings.keep = value.parse()?,
                "--value" => settings.value = value.parse()?,
                "--rate" => settings.rate = value.parse()?,
                "--dir" => settings.dir = value.into(),
                _ => return Err(format!("{name} is not known").into()),
            }
        }
        Ok(settings)
    }
}

fn main() -> Result<(), Failure> {
    let settings = Settings::from_args()?;
    let home = settings.dir.join(format!("gc-curve-{}", std::process::id()));
    let outcome = measure(&settings, &home);
    std::fs::remove_dir_all(&home)?;
    outcome
}

fn measure(settings: &Settings, home: &Path) -> Result<(), Failure> {
    let (kept, collected) = (Store::open(&home.join("kept"))?, Store::open(&home.join("collected"))?);
    let Settings { keys, value, keep, rate, .. } = settings;
    println!("{keys} keys of {value} bytes, {rate} writes a second, {keep} passes kept");
    println!("  pass   kept, MiB   collected, MiB   collected, rows   unreadable from");
    for pass in 1..=settings.versions {
        kept.overwrite(settings, pass, &AtomicBool::new(false))?;
        let rows = collected
            .while_collecting(settings, || collected.overwrite(settings, pass, &AtomicBool::new(false)))?;
        let oldest = collected.pins.oldest();
        let sizes = (mib(kept.engine.disk_bytes()?), mib(collected.engine.disk_bytes()?));
        println!("{pass:6}{:12.1}{:17.1}{rows:18}{:>18}", sizes.0, sizes.1, oldest.unix_ms());
    }
    let last = settings.versions;
    let kept_leg = |seed| kept.read_while_writing(settings, last + seed);
    let collected_leg = |seed| {
        let mut waits = Vec::new();
        collected.while_collecting(settings, || {
            waits = collected.read_while_writing(settings, last + seed)?;
            Ok(())
        })?;
        Ok::<_, Failure>(waits)
    };
    let legs = (kept_leg(1)?, collected_leg(1)?, collected_leg(2)?, kept_leg(2)?);
    println!("reads while overwriting, everything kept:  {}", percentiles([legs.0, legs.3].concat()));
    println!("reads while overwriting and collecting:    {}", percentiles([legs.1, legs.2].concat()));
    Ok(())
}

struct Store {
    engine: FjallEngine,
    rows: KeyspaceName,
    pins: Pins,
    latch: RowLatch,
}

impl Store {
    fn open(dir: &Path) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir)?;
        let engine = FjallEngine::open(dir, FjallOptions::default())?;
        let rows = KeyspaceName::new("rows")?;
        engine.create_keyspace(&rows)?;
        Ok(Self { engine, rows, pins: Pins::new(Timestamp::ZERO), latch: RowLatch::default() })
    }

    /// Writes every key once at a steady pace, the pass being the millisecond of their timestamps; stops early
    /// if told to.
    fn overwrite(&self, settings: &Settings, pass: u64, over: &AtomicBool) -> Result<(), Failure> {
        let begun = Instant::now();
        for first in (0..settings.keys).step_by(BATCH as usize) {
            let mut batch = Batch::default();
            for number in first..settings.keys.min(first + BATCH) {
                let key = key(settings, number + pass * settings.keys / 7);
                let key = RowKey::encode(&key, Timestamp::from_unix_ms(pass));
                let body = value(settings.value, number + pass);
                let row = ClearRows.seal(&key, RowDraft { tombstone: false, expire_at: 0, body: &body })?;
                batch.put(&self.rows, key, row);
            }
            self.engine.write(batch)?;
            if over.load(Ordering::Relaxed) {
                break;
            }
            let due = Duration::from_secs(first + BATCH) / settings.rate;
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        Ok(())
    }

    /// Reads at random while somebody overwrites at a steady pace.
    fn read_while_writing(&self, settings: &Settings, pass: u64) -> Result<Vec<Duration>, Failure> {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| self.overwrite(settings, pass, &over));
            let waits = self.read(settings, pass);
            over.store(true, Ordering::Relaxed);
            writer.join().map_err(|_| "the writer panicked")??;
            waits
        })
    }

    /// Collects round after round while something else goes on; says how many rows went.
    fn while_collecting(
        &self,
        settings: &Settings,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<usize, Failure> {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let collector = scope.spawn(|| self.collect(settings, &over));
            let done = work();
            over.store(true, Ordering::Relaxed);
            let rows = collector.join().map_err(|_| "the collector panicked")?;
            done.and(rows)
        })
    }

    fn collect(&self, settings: &Settings, over: &AtomicBool) -> Result<usize, Failure> {
        let mut deleted = 0;
        while !over.load(Ordering::Relaxed) {
            let newest = self.newest(settings)?;
            let to = newest.saturating_sub(settings.keep);
            let mut next = Some(Cursor::start(self.pins.raise(Timestamp::from_unix_ms(to))));
            while let Some(cursor) = next.filter(|_| !over.load(Ordering::Relaxed)) {
                let held = self.latch.hold();
                let step = gc::step(&held, &self.engine, &self.rows, &ClearRows, &cursor, STEP, |_, _| {})?;
                drop(held);
                deleted += step.deletions.len();
                next = step.cursor;
                std::thread::sleep(PAUSE);
            }
        }
        Ok(deleted)
    }

    /// The pass that the keys are in, seen at one of them.
    fn newest(&self, settings: &Settings) -> Result<u64, Failure> {
        let view = self.engine.view()?;
        let found = self.reader(&*view).get(&key(settings, 0), Timestamp::MAX)?;
        Ok(found.map_or(0, |found| found.commit_ts.unix_ms()))
    }

    fn reader<'a>(&'a self, view: &'a dyn elastickv_engine::View) -> Rows<'a> {
        Rows { view, keyspace: &self.rows, sealer: &ClearRows, oldest: self.pins.oldest() }
    }

    /// How long reads of random keys took, each from a view of its own.
    fn read(&self, settings: &Settings, seed: u64) -> Result<Vec<Duration>, Failure> {
        let (begun, mut waits, mut number) = (Instant::now(), Vec::new(), seed);
        while begun.elapsed() < READING {
            number = mixed(number);
            let at = Instant::now();
            let view = self.engine.view()?;
            let found = self.reader(&*view).get(&key(settings, number), Timestamp::MAX)?;
            waits.push(at.elapsed());
            if found.is_none_or(|found| found.value.len() != settings.value) {
                return Err("a key that was written is gone".into());
            }
        }
        Ok(waits)
    }
}

fn key(settings: &Settings, number: u64) -> [u8; 8] {
    mixed(number % settings.keys).to_be_bytes()
}

/// Another number for each number, without an order that a store could use.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn value(len: usize, seed: u64) -> Vec<u8> {
    (0..len as u64).map(|at| mixed(seed.wrapping_add(at << 32)).to_be_bytes()[0]).collect()
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn percentiles(mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let at = |share: f64| {
        let place = (waits.len() as f64 * share) as usize;
        waits.get(place.min(waits.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    format!("{} reads, p50 {:?}, p99 {:?}, p99.9 {:?}", waits.len(), at(0.5), at(0.99), at(0.999))
}
