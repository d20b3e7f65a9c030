//! Processes that are killed while they write.
//!
//! A killed process takes nothing along that was written: what the system was given, it keeps. So the
//! store must hold the last batch that the process told of, or later ones, in all keyspaces alike.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::name;
use crate::subject::opened;
use crate::subject::{scratch, small_options};
use crate::{Batch, Direction, Engine, FjallEngine, KeyRange, Op};

/// Tells the test that is started as another process where its store is.
const STORE: &str = "ELASTICKV_KILLED_STORE";
const WRITER: &str = "tests::kill::writes_until_it_is_killed";
const ROUNDS: u64 = 12;
const KEYSPACES: [&str; 2] = ["a", "b"];
const COUNTER: &str = "counter";

type Rows = BTreeMap<Bytes, Bytes>;

/// The batch of a number, always the same.
fn batch(number: u64) -> Batch {
    let mut random = StdRng::seed_from_u64(number);
    let mut batch = Batch::default();
    for keyspace in KEYSPACES {
        batch.put(&name(keyspace), COUNTER, number.to_be_bytes().to_vec());
        for _ in 0..random.random_range(0..5) {
            let key = random.random_range(0..100_u8);
            match random.random_ratio(1, 4) {
                true => batch.delete(&name(keyspace), vec![key]),
                false => {
                    batch.put(&name(keyspace), vec![key], vec![random.random(); random.random_range(0..900)])
                }
            }
        }
    }
    batch
}

fn written(engine: &FjallEngine, keyspace: &str) -> Rows {
    let view = engine.view().unwrap();
    view.range(&name(keyspace), KeyRange::ALL, Direction::Forward)
        .unwrap()
        .map(|pair| pair.unwrap())
        .collect()
}

fn last(rows: &Rows) -> u64 {
    rows.get(COUNTER.as_bytes()).map_or(0, |bytes| u64::from_be_bytes(bytes[..].try_into().unwrap()))
}

#[test]
#[ignore = "only the other test starts it"]
fn writes_until_it_is_killed() {
    let Ok(store) = std::env::var(STORE) else { return };
    let engine = opened(Path::new(&store), small_options());
    for keyspace in KEYSPACES {
        engine.create_keyspace(&name(keyspace)).unwrap();
    }
    let mut random = rand::rng();
    let mut out = std::io::stdout().lock();
    for number in last(&written(&engine, "a")) + 1.. {
        engine.write(batch(number)).unwrap();
        writeln!(out, "wrote {number}").unwrap();
        match random.random_range(0..200) {
            0 => engine.erase().unwrap(),
            1..10 => engine.persist().unwrap(),
            10 => engine.create_keyspace(&name("more")).unwrap(),
            11 => engine.drop_keyspace(&name("more")).unwrap(),
            _ => {}
        }
    }
}

/// Starts a writer, kills it once it has told of so many batches, and returns the last one it told of.
fn kill_after(batches: u64, store: &Path) -> u64 {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", WRITER, "--ignored", "--nocapture", "--test-threads=1"])
        .env(STORE, store)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = 0;
    let mut last = 0;
    for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
        if let Some(number) = line.unwrap().strip_prefix("wrote ") {
            last = number.parse().unwrap();
            told += 1;
            if told == batches {
                writer.kill().unwrap();
            }
        }
    }
    assert!(told >= batches, "the writer stopped after {told} batches by itself");
    writer.wait().unwrap();
    last
}

#[test]
fn a_killed_process_loses_nothing_it_wrote() {
    let store = scratch();
    let mut random = rand::rng();
    let mut expected = [Rows::new(), Rows::new()];
    let mut applied = 0;
    for _ in 0..ROUNDS {
        let told = kill_after(random.random_range(1..400), store.path());
        let engine = opened(store.path(), small_options());
        let found = KEYSPACES.map(|keyspace| written(&engine, keyspace));
        let reached = last(&found[0]);
        assert!(reached >= told, "{told} were told of, {reached} are there");
        for number in applied + 1..=reached {
            for op in batch(number).into_ops() {
                let (Op::Put { keyspace, .. } | Op::Delete { keyspace, .. }) = &op;
                let rows = &mut expected[usize::from(keyspace.as_str() == "b")];
                match op {
                    Op::Put { key, value, .. } => rows.insert(key, value),
                    Op::Delete { key, .. } => rows.remove(&key),
                };
            }
        }
        applied = reached;
        assert!(found == expected, "after batch {reached} something else should be there");
    }
}
