//! Damaged files: a store with one opens with the right rows or not at all.
//!
//! Right is what the store held after some batch, in all keyspaces alike. If a journal is damaged that
//! may be an earlier batch than the last one, since its end may always be missing; if another file is,
//! it must be the last.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::name;
use crate::subject::opened;
use crate::subject::{scratch, small_options};
use crate::{Batch, Direction, Engine, EngineError, FjallEngine, KeyRange, Result};

const KEYSPACES: [&str; 2] = ["a", "b"];
/// Where each batch writes its number.
const COUNTER: &str = "counter";
const CASES_PER_FILE: u32 = 24;
const CHUNK: usize = 4096;

type Rows = BTreeMap<Vec<u8>, Bytes>;
type State = [Rows; 2];

/// A closed store and what it held after each batch.
struct Original {
    dir: tempfile::TempDir,
    history: Vec<State>,
}

impl Original {
    /// Most of it is in tables of several levels, the rest in the journal alone.
    fn new(random: &mut StdRng, batches: u64) -> Self {
        let dir = scratch();
        let mut original = Self { dir, history: vec![State::default()] };
        let engine = opened(original.dir.path(), small_options());
        for keyspace in KEYSPACES {
            engine.create_keyspace(&name(keyspace)).unwrap();
        }
        for number in 1..=batches {
            let state = write(&engine, number, original.history.last().unwrap(), random).unwrap();
            original.history.push(state);
        }
        drop(engine);
        // Opening cuts off the room that the journal has not used, which is much to copy.
        drop(opened(original.dir.path(), small_options()));
        original
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut dirs = vec![self.dir.path().to_owned()];
        while let Some(dir) = dirs.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => dirs.push(path),
                    false => files.push(path.strip_prefix(self.dir.path()).unwrap().to_owned()),
                }
            }
        }
        files.sort();
        files
    }
}

fn write(engine: &FjallEngine, number: u64, before: &State, random: &mut StdRng) -> Result<State> {
    let mut state = before.clone();
    let mut batch = Batch::default();
    for (keyspace, rows) in KEYSPACES.into_iter().zip(&mut state) {
        for _ in 0..random.random_range(0..4) {
            let key = format!("key {:02}", random.random_range(0..40));
            if random.random_ratio(1, 4) {
                batch.delete(&name(keyspace), key.clone());
                rows.remove(key.as_bytes());
            } else {
                let value = Bytes::from(vec![random.random(); random.random_range(0..600)]);
                batch.put(&name(keyspace), key.clone(), value.clone());
                rows.insert(key.into_bytes(), value);
            }
        }
        // Not every batch touches every keyspace but for this.
        if keyspace == "a" {
            batch.put(&name(keyspace), COUNTER, number.to_be_bytes().to_vec());
            rows.insert(COUNTER.into(), number.to_be_bytes().to_vec().into());
        }
    }
    engine.write(batch)?;
    Ok(state)
}

fn read(engine: &FjallEngine) -> Result<State> {
    let view = engine.view()?;
    let mut state = State::default();
    for (keyspace, rows) in KEYSPACES.into_iter().zip(&mut state) {
        for pair in view.range(&name(keyspace), KeyRange::ALL, Direction::Forward)? {
            let (key, value) = pair?;
            assert!(rows.insert(key.to_vec(), value).is_none());
        }
        let backward = view.range(&name(keyspace), KeyRange::ALL, Direction::Backward)?;
        assert_eq!(backward.collect::<Result<Vec<_>>>()?.len(), rows.len());
        for number in 0..40 {
            let key = format!("key {number:02}").into_bytes();
            assert_eq!(view.get(&name(keyspace), &key)?, rows.get(&key).cloned());
        }
    }
    Ok(state)
}

/// How many batches lead to a state.
fn batches(state: &State, history: &[State]) -> Option<u64> {
    let counter = state[0].get(COUNTER.as_bytes());
    let number = counter.map_or(0, |bytes| u64::from_be_bytes(bytes[..].try_into().unwrap()));
    (history.get(number as usize) == Some(state)).then_some(number)
}

/// Copies all that was ever written; what was not stays a hole.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
            continue;
        }
        let (bytes, to) = (fs::read(path).unwrap(), File::create(to).unwrap());
        to.set_len(bytes.len() as u64).unwrap();
        for (index, chunk) in
            bytes.chunks(CHUNK).enumerate().filter(|(_, chunk)| chunk.iter().any(|byte| *byte != 0))
        {
            to.write_all_at(chunk, (index * CHUNK) as u64).unwrap();
        }
    }
}

/// The length of a file without the zeroes at its end.
fn written(path: &Path) -> usize {
    fs::read(path).unwrap().iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

/// Damages a file that has content, and tells how.
fn damage(path: &Path, random: &mut StdRng) -> String {
    let length = written(path);
    let at = random.random_range(0..length);
    let file = File::options().read(true).write(true).open(path).unwrap();
    match random.random_range(0..10) {
        0..6 => {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at as u64).unwrap();
            byte[0] ^= 1 << random.random_range(0..8);
            file.write_all_at(&byte, at as u64).unwrap();
            format!("flip at {at} of {length}")
        }
        6..8 => {
            file.set_len(at as u64).unwrap();
            format!("cut at {at} of {length}")
        }
        8 => {
            let end = random.random_range(at..=length);
            file.write_all_at(&vec![0; end - at], at as u64).unwrap();
            format!("zeroes from {at} to {end} of {length}")
        }
        _ => {
            let mut bytes = vec![0; 32.min(length - at)];
            random.fill(&mut bytes[..]);
            file.write_all_at(&bytes, at as u64).unwrap();
            format!("noise at {at} of {length}")
        }
    }
}

/// Opens and reads a store that was damaged, goes on with it if it can, and tells what happened.
fn outcome(dir: &Path, history: &[State], must_be_last: bool, random: &mut StdRng) -> String {
    let kind = |error: EngineError| match error {
        EngineError::Unopenable { reason, .. } if reason.contains("panicked") => "panicked while opening",
        EngineError::Fault { reason, .. } if reason.contains("panicked") => "panicked",
        EngineError::Unopenable { .. } => "does not open",
        EngineError::Fault { .. } => "faults",
        error => panic!("{error}"),
    };
    let engine = match FjallEngine::open(dir, small_options()) {
        Ok(engine) => engine,
        Err(error) => return kind(error).to_owned(),
    };
    let state = match read(&engine) {
        Ok(state) => state,
        Err(error) => return kind(error).to_owned(),
    };
    let last = history.len() as u64 - 1;
    let number = batches(&state, history).expect("what is read was never there");
    assert!(number == last || !must_be_last, "{number} of {last}");
    // Later batches must get along with what the damage left.
    let mut state = state;
    for more in 1..4 {
        state = match write(&engine, last + more, &state, random) {
            Ok(state) => state,
            // The background may come upon the damage.
            Err(error) => return kind(error).to_owned(),
        };
    }
    drop(engine);
    let engine = match FjallEngine::open(dir, small_options()) {
        Ok(engine) => engine,
        Err(error) => panic!("it opened before, but {error}"),
    };
    match read(&engine) {
        Ok(read) => assert!(read == state, "what was written after the damage is not there"),
        Err(error) => return kind(error).to_owned(),
    }
    if number == last { "whole".to_owned() } else { "earlier".to_owned() }
}

fn every_file_damaged(seed: u64, batches: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let original = Original::new(&mut random, batches);
    let mut outcomes: HashMap<(String, String), u32> = HashMap::new();
    for file in original.files() {
        if written(&original.dir.path().join(&file)) == 0 {
            continue;
        }
        for case in 0..CASES_PER_FILE {
            let copied = scratch();
            copy(original.dir.path(), copied.path());
            let how = damage(&copied.path().join(&file), &mut random);
            let journal = file.extension().is_some_and(|ending| ending == "jnl");
            let context = format!("seed {seed}, {}, case {case}, {how}", file.display());
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                outcome(copied.path(), &original.history, !journal, &mut random)
            }));
            let Ok(result) = result else { panic!("{context}") };
            let file = file.file_name().unwrap().to_string_lossy();
            let kind = match file.trim_matches(|digit: char| digit.is_ascii_digit()) {
                "" => "table",
                "v" => "list of tables",
                kind => kind,
            };
            *outcomes.entry((kind.to_owned(), result)).or_default() += 1;
        }
    }
    let mut outcomes: Vec<_> = outcomes.into_iter().collect();
    outcomes.sort();
    for ((kind, outcome), times) in outcomes {
        println!("{kind}: {outcome} {times} times");
    }
}

/// The same unless the environment asks for another.
fn seed() -> u64 {
    std::env::var("DAMAGE_SEED").map_or(1, |seed| seed.parse().unwrap())
}

#[test]
fn a_damaged_file_never_shows_wrong_rows() {
    every_file_damaged(seed(), 60);
}

#[test]
fn a_damaged_file_of_a_store_that_was_never_flushed_never_shows_wrong_rows() {
    every_file_damaged(seed(), 3);
}
