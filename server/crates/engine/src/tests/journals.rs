//! More than one journal: fjall starts another after 64 MB.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::name;
use super::subject::{scratch, small_options};
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
    let engine = FjallEngine::open(dir, options()).unwrap();
    engine.create_keyspace(&name("rows")).unwrap();
    engine.create_keyspace(&name("counter")).unwrap();
    let mut number = 0;
    // A few batches more, which are in the second one alone.
    let mut behind = 0;
    while behind < 4 {
        number += 1;
        assert!(number < 1000, "there is never a second journal");
        write(&engine, number);
        behind += u64::from(journals(dir).len() > 1);
    }
    drop(engine);
    assert_eq!(journals(dir).len(), 2);
    number
}

#[test]
fn journals_are_read_one_after_the_other_and_removed() {
    let dir = scratch();
    let last = two_journals(dir.path());
    let engine = FjallEngine::open(dir.path(), options()).unwrap();
    assert_holds(&engine, last);
    for number in last + 1..last + 400 {
        write(&engine, number);
        assert!(journals(dir.path()).len() <= 3);
    }
    drop(engine);
    let engine = FjallEngine::open(dir.path(), options()).unwrap();
    assert_holds(&engine, last + 399);
    engine.erase().unwrap();
    assert_eq!(journals(dir.path()).len(), 1);
    assert_holds(&engine, last + 399);
}

#[test]
fn damage_in_a_journal_that_others_follow_is_found() {
    let dir = scratch();
    two_journals(dir.path());
    let older = journals(dir.path()).remove(0);
    let file = fs::File::options().read(true).write(true).open(&older).unwrap();
    for at in [20, VALUE as u64 * 3, 60 << 20] {
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 4], at).unwrap();
        match FjallEngine::open(dir.path(), options()) {
            Err(EngineError::Unopenable { reason, .. }) => assert!(reason.contains(".jnl"), "{reason}"),
            other => panic!("flipped at {at}: {other:?}"),
        }
        file.write_all_at(&byte, at).unwrap();
    }
    drop(file);
    fs::rename(&older, older.with_extension("moved")).unwrap();
    let error = FjallEngine::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, EngineError::Unopenable { .. }), "{error}");
}

#[test]
fn a_store_without_a_journal_is_not_opened() {
    let dir = scratch();
    let engine = FjallEngine::open(dir.path(), options()).unwrap();
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
        let engine = FjallEngine::open(dir.path(), options()).unwrap();
        engine.create_keyspace(&name("rows")).unwrap();
    }
    let dir = scratch();
    fs::write(dir.path().join("something"), b"of someone else").unwrap();
    let error = FjallEngine::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, EngineError::Unopenable { .. }), "{error}");
    assert!(dir.path().join("something").exists());
}
