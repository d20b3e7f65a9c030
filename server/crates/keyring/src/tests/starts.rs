//! Starts: cut short at any call, repeated, and with parts of the directory from another time.

use elastickv_sys::crash::Image;
use elastickv_sys::failing::{FailingFiles, Rule};
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::recording::{RecordingFiles, Tape};
use elastickv_types::LocalEpoch;

use super::*;
use crate::{KeyringError, Pieces};

const PIECES: [&str; 3] = ["encryption/keys.json", "store-load", "log-load"];

fn at(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

/// A node that was bootstrapped in its first start and started `more` times after it.
fn started(more: usize) -> (Arc<MemoryFiles>, Node) {
    let files = MemoryFiles::shared();
    let node = Node::new(files.clone(), 7);
    let keystore = node.start().unwrap();
    adopt(&keystore, &table(keystore.load_token()));
    (0..more).for_each(|_| drop(node.start().unwrap()));
    (files, node)
}

fn epochs(node: &Node) -> Vec<u16> {
    node.sidecar().keys.values().map(|entry| entry.epoch.get()).collect()
}

fn with_epochs(node: &Node, epoch: u16) {
    let mut sidecar = node.sidecar();
    sidecar.keys.values_mut().for_each(|entry| entry.epoch = LocalEpoch::new(epoch));
    node.file().save(None, sidecar).unwrap();
}

#[test]
fn every_start_takes_a_new_epoch_and_a_new_token_into_every_part() {
    let (_, node) = started(0);
    assert_eq!(epochs(&node), [0, 0]);
    let mut tokens = vec![node.sidecar().load.token()];
    for start in 1..5 {
        let keystore = node.start().unwrap();
        let (now, sidecar) = (keystore.load_token(), node.sidecar());
        assert!(!tokens.contains(&now));
        tokens.push(now);
        assert_eq!(epochs(&node), [start, start]);
        assert_eq!(sidecar.load, LoadMark::Settled { token: now });
        assert!(sidecar.keys.values().all(|entry| entry.token == now));
        for piece in ["store-load", "log-load"] {
            let trace = LoadTrace { mark: sidecar.load, reached: Some(LocalEpoch::new(start)) };
            assert_eq!(node.piece(piece).read().unwrap(), Some(trace));
        }
        let registered = keystore.registrations();
        assert!(registered.iter().all(|it| it.token == now && it.epoch.get() == start));
        assert_eq!(registered.len(), 2);
    }
}

#[test]
fn closed_keys_move_on_as_well() {
    let (_, node) = started(0);
    let mut sidecar = node.sidecar();
    let mut old = sidecar.keys[&key(1)].clone();
    old.state = KeyState::Closed;
    sidecar.keys.insert(key(9), old);
    node.file().save(None, sidecar).unwrap();
    node.start().unwrap();
    assert_eq!(epochs(&node), [1, 1, 1]);
}

fn recorded(base: &Image) -> (SharedFiles, Arc<Tape>) {
    let (files, tape) = RecordingFiles::over(base.to_memory(), base.clone()).unwrap();
    (files, tape)
}

fn image_of(files: &MemoryFiles) -> Image {
    let mut image = Image::empty(ROOT);
    files.paths().into_iter().for_each(|path| image.put(&path, files.get(&path).unwrap()));
    image
}

/// Starts in front of files that stop after so many calls, then lets the power go: what may be left, and
/// whether the start had come to its end.
fn cut_short(base: &Image, calls: u64, seed: u64, most: u64) -> (Vec<Image>, bool) {
    let (recording, tape) = recorded(base);
    let (failing, failures) = FailingFiles::over(recording);
    failures.add(Rule::crash_after(calls));
    let ended = Node::new(failing, seed).start().is_ok();
    let disk = tape.disk_after(tape.len()).unwrap();
    (disk.states(most, calls).collect(), ended)
}

/// At every call of a start, in every state that a power loss leaves; and once more in the start after it.
fn every_crash_point(base: &Image, highest: Option<u16>) -> u64 {
    let (pairs, all) = if full() { (64, 1 << 16) } else { (2, 1 << 16) };
    let mut tried = 0;
    for calls in 0.. {
        let (left, ended) = cut_short(base, calls, 100 + calls, all);
        for image in &left {
            tried += check_next(image, highest, ended);
        }
        for image in left.iter().take(pairs) {
            for again in 0.. {
                let (left, ended_again) = cut_short(image, again, 10_000 + again, pairs as u64);
                tried +=
                    left.iter().map(|image| check_next(image, highest, ended || ended_again)).sum::<u64>();
                if ended_again {
                    break;
                }
            }
        }
        if ended {
            return tried;
        }
    }
    unreachable!("no start has that many calls")
}

/// A start after a crash goes through; its epochs are above those of every load that had begun to work.
fn check_next(image: &Image, highest: Option<u16>, ended: bool) -> u64 {
    let node = Node::new(image.to_memory(), 55_555);
    node.start().unwrap_or_else(|error| panic!("{error}"));
    if let Some(highest) = highest {
        let floor = highest + 1 + u16::from(ended);
        assert!(epochs(&node).iter().all(|epoch| *epoch >= floor), "{:?} under {floor}", epochs(&node));
    }
    1
}

#[test]
fn a_start_that_is_cut_short_anywhere_is_followed_by_one_that_works() {
    let (files, node) = started(3);
    let highest = epochs(&node)[0];
    let tried = every_crash_point(&image_of(&files), Some(highest));
    println!("{tried} starts after a crash of one with a sidecar");
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_start_without_a_sidecar_that_is_cut_short_anywhere_is_followed_by_one_that_works() {
    let files = MemoryFiles::shared();
    let fresh = every_crash_point(&Image::empty(ROOT), None);
    Node::new(files.clone(), 3).start().unwrap();
    let later = every_crash_point(&image_of(&files), None);
    println!("{fresh} first and {later} later starts after a crash of one without a sidecar");
    assert!(fresh + later > 100, "{fresh} + {later}");
}

/// The control: a start that writes its token everywhere without saying first that it is about to.
#[test]
fn control_without_the_record_of_a_start_under_way_a_crash_looks_like_a_rollback() {
    let (files, node) = started(3);
    let base = image_of(&files);
    let mut contradictions = 0;
    for calls in 0..60 {
        let (recording, _) = recorded(&base);
        let (failing, failures) = FailingFiles::over(Arc::clone(&recording));
        failures.add(Rule::crash_after(calls));
        let naive = Node::new(failing, 1);
        let mut sidecar = node.sidecar();
        sidecar.load = settled(4711);
        sidecar.keys.values_mut().for_each(|entry| entry.advance(token(4711)));
        let _ = naive.file().save(None, sidecar).map(|_| {
            let _ = naive.piece("store-load").write(settled(4711).into());
            let _ = naive.piece("log-load").write(settled(4711).into());
        });
        let next = Node::new(recording, 2).start();
        contradictions += u32::from(matches!(next, Err(KeyringError::RolledBack { .. })));
    }
    assert!(contradictions > 5, "{contradictions}");
}

/// What a crash leaves has a record of the start, so that it uses no second epoch.
#[test]
fn a_start_that_finds_one_under_way_goes_on_with_it() {
    let (files, node) = started(2);
    let mut sidecar = node.sidecar();
    let (previous, now) = (sidecar.load.token(), token(4711));
    sidecar.load = LoadMark::Starting { token: now, previous: Some(previous) };
    sidecar.keys.values_mut().for_each(|entry| entry.advance(now));
    node.file().save(None, sidecar).unwrap();
    let before = epochs(&node);
    let told = |piece, mark: LoadMark| node.piece(piece).write(mark.into()).unwrap();
    for (store, log) in [(previous, previous), (now, previous), (now, now), (previous, now)] {
        let files = files.copy();
        told("store-load", LoadMark::Settled { token: store });
        told("log-load", LoadMark::Settled { token: log });
        let keystore = node.start().unwrap();
        assert_eq!((keystore.load_token(), epochs(&node)), (now, before.clone()));
        files.paths().iter().for_each(|path| {
            let saved = files.get(path).unwrap();
            node.files.remove(path).unwrap();
            let file = node.files.open(path, elastickv_sys::files::Open::New).unwrap();
            file.write_all_at(&saved, 0).unwrap();
        });
    }
    told("log-load", settled(1));
    assert!(matches!(node.start(), Err(KeyringError::RolledBack { pieces: Pieces::Log })));
    node.files.remove(&at("log-load")).unwrap();
    assert!(matches!(node.start(), Err(KeyringError::RolledBack { pieces: Pieces::Log })));
}

/// A rotation is cut short at every call; the entry is replayed in the next start, as the store did not get it.
#[test]
fn a_change_that_is_cut_short_anywhere_is_there_after_its_replay() {
    let (files, node) = started(1);
    let (base, before) = (image_of(&files), node.sidecar());
    let mut rotated = table(before.load.token());
    let id = key(3);
    rotated.index = index(20);
    rotated.keys.get_mut(&key(1)).unwrap().state = KeyState::Retiring;
    rotated.keys.insert(id, table_key(id, Purpose::Storage, KeyState::Active, 20));
    let (mut old, mut new) = (0, 0);
    for calls in 0.. {
        let (recording, tape) = recorded(&base);
        let (failing, failures) = FailingFiles::over(recording);
        let keystore = Node::new(failing, 1).start().unwrap();
        let load = keystore.load_token();
        failures.add(Rule::crash_after(calls));
        let ended = keystore.record(&rotated).is_ok();
        for image in tape.disk_after(tape.len()).unwrap().states(1 << 16, 1) {
            let node = Node::new(image.to_memory(), 2);
            let found = node.sidecar();
            let there = found.keys.contains_key(&id);
            assert!(there || !ended, "acknowledged, and lost");
            assert_eq!(
                (found.applied.get(), found.active.storage.get()),
                if there { (20, 3) } else { (10, 1) }
            );
            assert!(found.keys.values().all(|entry| entry.token == load), "of the load that was cut short");
            (old, new) = (old + u32::from(!there), new + u32::from(there));

            let keystore = node.start().unwrap();
            adopt(&keystore, &rotated);
            let epoch = if there { 1 } else { 0 };
            assert_eq!(node.sidecar().keys[&id].epoch.get(), epoch, "a recorded epoch is not used again");
            assert_eq!(node.sidecar().active.storage, id);
            assert_eq!(epochs(&node)[0], 3);
        }
        if ended {
            break;
        }
    }
    assert!(old > 5 && new > 1, "{old} old and {new} new");
}

#[test]
fn parts_of_another_time_are_refused_and_nothing_is_written() {
    let (files, node) = started(1);
    let old = files.copy();
    node.start().unwrap();
    let cases: [(&[usize], Pieces); 6] = [
        (&[0], Pieces::Sidecar),
        (&[1], Pieces::Store),
        (&[2], Pieces::Log),
        (&[1, 2], Pieces::Sidecar),
        (&[0, 1], Pieces::Log),
        (&[0, 2], Pieces::Store),
    ];
    for (put_back, expected) in cases {
        let mixed = files.copy();
        for piece in put_back {
            mixed.put(&at(PIECES[*piece]), old.get(&at(PIECES[*piece])).unwrap());
        }
        let before = image_of(&mixed);
        let refused = Node::new(mixed.clone(), 8).start().unwrap_err();
        assert_eq!(refused, KeyringError::RolledBack { pieces: expected }, "put back: {put_back:?}");
        assert_eq!(image_of(&mixed), before, "a refused start writes nothing");
    }
    let whole = old.copy();
    assert!(Node::new(whole, 8).start().is_ok(), "that all of it was put back nobody here can see");
}

#[test]
fn a_lost_store_is_rebuilt_and_a_lost_log_is_not() {
    let (files, _) = started(2);
    let without = |names: &[&str]| {
        let files = files.copy();
        names.iter().for_each(|name| elastickv_sys::files::Files::remove(&*files, &at(name)).unwrap());
        Node::new(files, 9).start().map(drop)
    };
    assert_eq!(without(&["store-load"]), Ok(()));
    assert_eq!(without(&["log-load"]), Err(KeyringError::RolledBack { pieces: Pieces::Log }));
    // Without a sidecar, which whoever starts a sealed store without one refuses before.
    assert_eq!(without(&["encryption/keys.json", "store-load"]), Ok(()));
    let log = without(&["encryption/keys.json", "log-load"]);
    assert_eq!(log, Err(KeyringError::RolledBack { pieces: Pieces::StoreAndLog }));
}

#[test]
fn before_there_is_a_sidecar_store_and_log_check_each_other() {
    let files = MemoryFiles::shared();
    let node = Node::new(files.clone(), 5);
    node.start().unwrap();
    let old = files.copy();
    node.start().unwrap();
    for piece in ["store-load", "log-load"] {
        let mixed = files.copy();
        mixed.put(&at(piece), old.get(&at(piece)).unwrap());
        let refused = Node::new(mixed, 8).start().unwrap_err();
        assert_eq!(refused, KeyringError::RolledBack { pieces: Pieces::StoreAndLog });
    }
}

#[test]
fn a_part_that_does_not_answer_stops_the_start() {
    let (files, _) = started(1);
    let damaged = files.copy();
    damaged.put(&at("log-load"), vec![1; 32]);
    let refused = Node::new(damaged, 8).start().unwrap_err();
    assert!(matches!(refused, KeyringError::Piece { piece: "log directory", .. }), "{refused}");
}

#[test]
fn the_last_epoch_is_used_and_the_exhausted_one_only_by_consent() {
    let (files, node) = started(0);
    with_epochs(&node, 0xFFFD);
    node.start().unwrap();
    assert_eq!(epochs(&node), [0xFFFE, 0xFFFE]);
    let before = image_of(&files);
    let refused = node.start().unwrap_err();
    assert!(matches!(refused, KeyringError::LocalEpochExhausted { key: found, .. } if found == key(1)));
    assert_eq!(image_of(&files), before, "a refused start writes nothing");

    let accepting = Node { exhausted: Exhausted::Accept, ..node.clone() };
    let last = node.sidecar().keys[&key(1)].token;
    for _ in 0..2 {
        let keystore = accepting.start().unwrap();
        assert_eq!(epochs(&node), [0xFFFF, 0xFFFF]);
        assert_eq!(keystore.registrations(), [], "the old row stands");
        assert!(node.sidecar().keys.values().all(|entry| entry.token == last));
        let mut table = table(last);
        table.keys.values_mut().for_each(|entry| {
            entry.row = Some(Row { epoch: LocalEpoch::new(0xFFFE), token: last });
        });
        adopt(&keystore, &table);
        keystore.sealing::<elastickv_crypto::Storage>().unwrap();
    }
    assert!(node.start().is_err(), "consent is for one start");
}

#[test]
fn a_closed_key_that_is_exhausted_stops_nothing() {
    let (_, node) = started(0);
    let mut sidecar = node.sidecar();
    let mut old = sidecar.keys[&key(1)].clone();
    (old.state, old.epoch) = (KeyState::Closed, LocalEpoch::new(0xFFFE));
    sidecar.keys.insert(key(9), old);
    node.file().save(None, sidecar).unwrap();
    for _ in 0..2 {
        let keystore = node.start().unwrap();
        assert!(keystore.registrations().iter().all(|it| it.key != key(9)));
    }
    assert_eq!(node.sidecar().keys[&key(9)].epoch, LocalEpoch::EXHAUSTED);
}
