//! More than one journal: fjall starts another after 64 MB.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::damage::copy;
use super::name;
use crate::subject::opened;
use crate::subject::{scratch, small_options};
use crate::{Batch, Engine, EngineError, FjallEngine, FjallOptions};

const VALUE: usize = 512 * 1024;

fn options() -> FjallOptions {
    FjallOptions { memtable_bytes: 8 << 20, ..small_options() }
}

fn journals(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "jnl")).collect();
    journals.sort_by_key(|path| path.file_stem().unwrap().to_string_lossy().parse::<u64>().unwrap());
    journals
}

fn write(engine: &FjallEngine, number: u64) {
    let mut batch = Batch::default();
    // Few keys, so that the store itself stays small.
    batch.put(&name("rows"), vec![(number % 8) as u8], vec![number as u8; VALUE]);
    batch.put(&name("counter"), "last", number.to_be_bytes().to_vec());
    engine.write(batch).unwrap();
}

fn assert_holds(engine: &FjallEngine, last: u64) {
    let view = engine.view().unwrap();
    assert_eq!(view.get(&name("counter"), b"last").unwrap().unwrap(), last.to_be_bytes()[..]);
    for number in last - 7..=last {
        let value = view.get(&name("rows"), &[(number % 8) as u8]).unwrap().unwrap();
        assert!(value.len() == VALUE && value.iter().all(|byte| *byte == number as u8), "{number}");
    }
}

/// A closed store with two journals, and its last batch.
fn two_journals(dir: &Path) -> u64 {
    let mut number = 0;
    for _ in 0..20 {
        let engine = opened(dir, options());
        engine.create_keyspace(&name("rows")).unwrap();
        engine.create_keyspace(&name("counter")).unwrap();
        let started = number;
        while journals(dir).len() < 2 {
            number += 1;
            assert!(number < started + 1000, "there is never a second journal");
            write(&engine, number);
        }
        // A few are in the second one alone.
        for _ in 0..4 {
            number += 1;
            write(&engine, number);
        }
        drop(engine);
        // If nothing was written while the journal was changed, the first is not needed any more.
        if journals(dir).len() == 2 {
            return number;
        }
    }
    panic!("the first journal is always gone when the store is closed");
}

#[test]
fn journals_are_read_one_after_the_other_and_removed() {
    let dir = scratch();
    let last = two_journals(dir.path());
    let engine = opened(dir.path(), options());
    assert_holds(&engine, last);
    for number in last + 1..last + 400 {
        write(&engine, number);
        assert!(journals(dir.path()).len() <= 3);
    }
    drop(engine);
    let engine = opened(dir.path(), options());
    assert_holds(&engine, last + 399);
    engine.erase().unwrap();
    assert_eq!(journals(dir.path()).len(), 1);
    assert_holds(&engine, last + 399);
}

#[test]
fn damage_in_a_journal_that_others_follow_is_found() {
    let dir = scratch();
    let last = two_journals(dir.path());
    let older = journals(dir.path()).remove(0);
    for at in [20, VALUE as u64 * 3, 60 << 20] {
        let damaged = scratch();
        copy(dir.path(), damaged.path());
        let journal = damaged.path().join(older.file_name().unwrap());
        let file = fs::File::options().read(true).write(true).open(journal).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 4], at).unwrap();
        match FjallEngine::open(damaged.path(), options()) {
            Err(EngineError::Unopenable { reason, .. }) => assert!(reason.contains(".jnl"), "{reason}"),
            Err(error) => panic!("flipped at {at}: {error}"),
            // All of that journal may be in the tables already.
            Ok(engine) => assert_holds(&engine, last),
        }
    }
}

#[test]
fn a_journal_that_is_missing_before_another_is_missed() {
    let dir = scratch();
    let last = two_journals(dir.path());
    fs::remove_file(journals(dir.path()).remove(0)).unwrap();
    match FjallEngine::open(dir.path(), options()) {
        Err(error) => assert!(matches!(error, EngineError::Unopenable { .. }), "{error}"),
        Ok(engine) => assert_holds(&engine, last),
    }
}

#[test]
fn a_store_without_a_journal_is_not_opened() {
    let dir = scratch();
    let engine = opened(dir.path(), options());
    engine.create_keyspace(&name("rows")).unwrap();
    drop(engine);
    fs::remove_file(dir.path().join("0.jnl")).unwrap();
    let error = FjallEngine::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, EngineError::Unopenable { .. }), "{error}");
}

#[test]
fn a_store_whose_making_was_interrupted_is_made_again() {
    for has in [&["lock"][..], &["lock", "0.jnl"], &["lock", "keyspaces/", "0.jnl"], &["keyspaces/"]] {
        let dir = scratch();
        for part in has {
            match part.strip_suffix('/') {
                Some(part) => fs::create_dir(dir.path().join(part)).unwrap(),
                None => fs::File::create(dir.path().join(part)).unwrap().set_len(64 << 20).unwrap(),
            }
        }
        let engine = opened(dir.path(), options());
        engine.create_keyspace(&name("rows")).unwrap();
    }
    let dir = scratch();
    fs::write(dir.path().join("something"), b"of someone else").unwrap();
    let error = FjallEngine::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, EngineError::Unopenable { .. }), "{error}");
    assert!(dir.path().join("something").exists());
}
