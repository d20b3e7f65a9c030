//! A sidecar that was lost is made anew, and nothing of what it kept apart repeats.

use elastickv_sys::crash::Image;
use elastickv_sys::durable;
use elastickv_sys::failing::{FailingFiles, Rule};
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::recording::RecordingFiles;
use proptest::prelude::*;

use super::nonces::{Recorder, Salted, sealed};
use super::*;
use crate::{KeyringError, Resync, Resynced, Sidecar};

const EVERY: u64 = 1 << 20;

/// What happened to the sidecar of a node that started twice with its keys.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Gone,
    Damaged,
    /// Put back from before the second start.
    Older,
    Foreign,
}

const LOSSES: [Loss; 4] = [Loss::Gone, Loss::Damaged, Loss::Older, Loss::Foreign];

/// The table as a store has it once a load is registered.
fn registered(keystore: &Keystore) -> KeyTable {
    let mut table = table(token(1));
    for row in keystore.registrations() {
        if let Some(entry) = table.keys.get_mut(&row.key) {
            entry.row = Some(Row { epoch: row.epoch, token: row.token });
        }
    }
    table
}

fn seal(keystore: &Keystore, recorder: &mut Recorder) {
    let table = registered(keystore);
    adopt(keystore, &table);
    (0..3).for_each(|_| recorder.record(sealed(keystore.sealing().unwrap())));
}

fn lose(node: &Node, loss: Loss, older: &[u8]) {
    let path = node.sidecar_path();
    match loss {
        Loss::Gone => node.files.remove(&path).unwrap(),
        Loss::Damaged => durable::replace(&*node.files, &path, b"{ \"version\": 1,").unwrap(),
        Loss::Older => durable::replace(&*node.files, &path, older).unwrap(),
        Loss::Foreign => {
            let other =
                Sidecar { node: "n2".parse().unwrap(), ..known(crate::sidecar::decode(older).unwrap()) };
            durable::replace(&*node.files, &path, &crate::sidecar::encode(&other).unwrap()).unwrap();
        }
    }
    node.files.sync_dir(path.parent().unwrap()).unwrap();
}

/// A node with its table and what it sealed, after two starts and a loss.
fn lost(loss: Loss) -> (Image, KeyTable, Recorder) {
    let (files, tape) = RecordingFiles::over(Image::empty(ROOT).to_memory(), Image::empty(ROOT)).unwrap();
    let node = Node::new(files, 3);
    let mut recorder = Recorder::default();
    seal(&node.start().unwrap(), &mut recorder);
    let older = node.files.read(&node.sidecar_path(), 1 << 20).unwrap();
    let keystore = node.start().unwrap();
    seal(&keystore, &mut recorder);
    let table = registered(&keystore);
    lose(&node, loss, &older);
    let image = tape.disk_after(tape.len()).unwrap().states(EVERY, 1).next().unwrap();
    (image, table, recorder)
}

fn resync(node: &Node, table: &KeyTable) -> Result<Resynced> {
    let (store, log) = (node.piece("store-load"), node.piece("log-load"));
    let others = Others { store: &store, log: &log };
    let (cutovers, used) = (BTreeMap::new(), BTreeMap::new());
    Resync { file: node.file(), others, random: node.random.clone(), table: table.clone(), cutovers, used }
        .run()
}

#[test]
fn whatever_became_of_a_sidecar_the_node_starts_and_no_epoch_comes_again() {
    for loss in LOSSES {
        let (image, table, mut recorder) = lost(loss);
        let node = Node::new(image.to_memory(), 7);
        assert!(node.start().is_err() || matches!(loss, Loss::Gone), "{loss:?}");
        let node = Node::new(image.to_memory(), 7);
        let done = resync(&node, &table).unwrap();
        assert!(!done.in_order && done.aside.is_some() != matches!(loss, Loss::Gone), "{loss:?}");
        let epochs: Vec<_> = done.sidecar.sidecar().keys.values().map(|key| key.epoch.get()).collect();
        assert_eq!(epochs, [3, 3], "{loss:?}");
        let asides = node.file().asides().unwrap();
        assert_eq!(asides.len(), usize::from(done.aside.is_some()), "{loss:?}: {asides:?}");
        assert_eq!(node.file().remove_asides().unwrap(), asides);
        assert_eq!(node.file().asides().unwrap(), Vec::<String>::new(), "{loss:?}");
        assert!(resync(&node, &table).unwrap().in_order, "{loss:?}: once is enough");
        seal(&node.start().unwrap(), &mut recorder);
        assert_eq!((recorder.seals, recorder.repeated), (9, 0), "{loss:?}");
    }
}

#[test]
fn what_others_know_of_counts_and_a_sidecar_in_order_is_left_alone() {
    let (image, table, _) = lost(Loss::Gone);
    let node = Node::new(image.to_memory(), 7);
    let (store, log) = (node.piece("store-load"), node.piece("log-load"));
    let again = |used: &[(u32, u16)]| {
        let used = used.iter().map(|(id, epoch)| (key(*id), LocalEpoch::new(*epoch))).collect();
        let (others, random) = (Others { store: &store, log: &log }, node.random.clone());
        let cutovers = BTreeMap::from([(elastickv_types::GroupId::CONTROL, index(9))]);
        let resync = Resync { file: node.file(), others, random, table: table.clone(), cutovers, used };
        let done = resync.run().unwrap();
        let epochs: Vec<_> = done.sidecar.sidecar().keys.values().map(|key| key.epoch.get()).collect();
        assert_eq!(done.sidecar.sidecar().raft_cutovers.len(), 1);
        (done.in_order, epochs)
    };
    assert_eq!(again(&[(1, 40)]), (false, vec![41, 3]));
    assert_eq!(again(&[(1, 41)]), (true, vec![41, 3]));
    assert_eq!(again(&[(2, u16::MAX)]), (false, vec![42, u16::MAX]), "none is left under key 2");
}

#[test]
fn pieces_of_different_times_are_not_made_to_agree() {
    let (image, table, _) = lost(Loss::Gone);
    let node = Node::new(image.to_memory(), 7);
    node.piece("log-load").write(settled(99).into()).unwrap();
    assert!(matches!(resync(&node, &table), Err(KeyringError::RolledBack { .. })));
    assert!(node.load().unwrap().is_none(), "nothing was written");
}

/// A start is killed after every call, and then the sidecar is lost, too.
#[test]
fn a_sidecar_lost_in_the_middle_of_a_start_is_made_anew() {
    let mut ends = 0;
    for calls in 0.. {
        let files: SharedFiles = MemoryFiles::shared();
        files.create_dir_all(Path::new(ROOT)).unwrap();
        let node = Node::new(files.clone(), 3);
        let mut recorder = Recorder::default();
        let keystore = node.start().unwrap();
        seal(&keystore, &mut recorder);
        let table = registered(&keystore);
        let (failing, failures) = FailingFiles::over(files.clone());
        failures.add(Rule::crash_after(calls));
        let started = Node::new(failing, 4).start();
        node.files.remove(&node.sidecar_path()).unwrap();
        resync(&Node::new(files.clone(), 5), &table)
            .unwrap_or_else(|error| panic!("after {calls} calls: {error}"));
        seal(&Node::new(files, 6).start().unwrap(), &mut recorder);
        assert_eq!((recorder.seals, recorder.repeated), (6, 0), "after {calls} calls");
        ends += 1;
        if started.is_ok() {
            break;
        }
    }
    assert!(ends > 10, "{ends} ends");
}

/// After every call of a resync, every state is made that a power loss may leave there.
#[test]
fn killed_at_any_step_it_is_the_old_sidecar_or_the_new_one_and_a_repeat_finishes() {
    let mut tried = 0;
    for loss in LOSSES {
        let (image, table, _) = lost(loss);
        let before =
            Node::new(image.to_memory(), 7).load().map(|found| found.map(|found| found.sidecar().clone()));
        let (files, tape) = RecordingFiles::over(image.to_memory(), image.clone()).unwrap();
        let node = Node::new(files, 7);
        let made = resync(&node, &table).unwrap().sidecar.sidecar().clone();
        for calls in 0..=tape.len() {
            let disk = tape.disk_after(calls).unwrap();
            assert!(disk.count() <= EVERY);
            for state in disk.states(EVERY, 1) {
                tried += 1;
                let node = Node::new(state.to_memory(), 7);
                let found = node.load().map(|found| found.map(|found| found.sidecar().clone()));
                assert!(
                    found == before || found == Ok(Some(made.clone())),
                    "{loss:?} after {calls}: {found:?}"
                );
                assert!(calls < tape.len() || found == Ok(Some(made.clone())), "acknowledged, and lost");
                let again = resync(&node, &table).unwrap();
                assert!(again.sidecar.sidecar().keys.values().all(|key| key.epoch.get() >= 3));
                node.start().unwrap();
            }
        }
    }
    println!("{tried} states");
    assert!(tried > 100, "only {tried} states");
}

/// Starts, losses and repairs, with a salt that is always the same: epochs alone have to hold.
fn life(losses: &[usize], copied: bool) -> Recorder {
    let memory = Image::empty(ROOT).to_memory();
    let random = Arc::new(Salted { seeded: SeededRandom::shared(5), pinned: true });
    let node = Node { random, ..Node::new(memory, 5) };
    let mut recorder = Recorder::default();
    for loss in losses {
        let keystore = node.start().unwrap();
        seal(&keystore, &mut recorder);
        let (table, older) = (registered(&keystore), node.files.read(&node.sidecar_path(), 1 << 20).unwrap());
        drop(keystore);
        let loss = [Loss::Gone, Loss::Damaged][loss % 2];
        lose(&node, loss, &older);
        let mut made = resync(&node, &table).unwrap().sidecar.sidecar().clone();
        if copied {
            // As another node has them, which has started once.
            made.keys.values_mut().for_each(|key| key.epoch = LocalEpoch::ZERO);
            node.file().save(None, made).unwrap();
        }
    }
    recorder
}

proptest! {
    #![proptest_config(cases(20, 500))]

    #[test]
    fn no_nonce_comes_again_however_often_a_sidecar_is_lost(losses in prop::collection::vec(0..2_usize, 2..8)) {
        let recorder = life(&losses, false);
        prop_assert_eq!((recorder.seals, recorder.repeated), (3 * losses.len() as u64, 0));
    }
}

#[test]
fn control_epochs_copied_from_another_node_repeat_nonces() {
    let recorder = life(&[0, 1, 0, 1], true);
    assert!(recorder.repeated > 0, "{} seals, none of them twice", recorder.seals);
}

/// What is left of a node that sealed in many loads of which the registry has but the first.
#[derive(Clone, Copy, Debug)]
enum Left {
    StoreAndLog,
    /// The store is to be built anew.
    LogAlone,
    /// The control: marks as they were before they told an epoch.
    WithoutEpochs,
}

/// Seals in each of `loads` without anybody hearing of it, loses the sidecar, and seals again after the repair. No row
/// and no entry of all that is left to go by, and the salt is always the same.
fn unheard(left: Left, loss: Loss, loads: u16) -> Recorder {
    let random = Arc::new(Salted { seeded: SeededRandom::shared(5), pinned: true });
    let node = Node { random, ..Node::new(Image::empty(ROOT).to_memory(), 5) };
    let mut recorder = Recorder::default();
    let keystore = node.start().unwrap();
    let heard = registered(&keystore);
    adopt(&keystore, &heard);
    let older = node.files.read(&node.sidecar_path(), 1 << 20).unwrap();
    let seal_unheard = |recorder: &mut Recorder| {
        let keystore = node.start().unwrap();
        adopt(&keystore, &heard);
        (0..3).for_each(|_| recorder.record(sealed(keystore.sealing().unwrap())));
    };
    (0..loads).for_each(|_| seal_unheard(&mut recorder));
    lose(&node, loss, &older);
    match left {
        Left::StoreAndLog => {}
        Left::LogAlone => node.files.remove(&node.root.join("store-load")).unwrap(),
        Left::WithoutEpochs => ["store-load", "log-load"].into_iter().for_each(|name| {
            let trace = node.piece(name).read().unwrap().unwrap();
            node.piece(name).write(trace.mark.into()).unwrap();
        }),
    }
    resync(&node, &heard).unwrap();
    assert!(resync(&node, &heard).unwrap().in_order, "{left:?}, {loss:?}: once is enough");
    (0..loads).for_each(|_| seal_unheard(&mut recorder));
    recorder
}

#[test]
fn epochs_that_nobody_heard_of_do_not_come_again() {
    for loss in LOSSES {
        for left in [Left::StoreAndLog, Left::LogAlone] {
            let recorder = unheard(left, loss, 9);
            assert_eq!((recorder.seals, recorder.repeated), (54, 0), "{loss:?}, {left:?}");
        }
        let recorder = unheard(Left::WithoutEpochs, loss, 9);
        assert!(recorder.repeated > 0, "{loss:?}: the control has to repeat some of {}", recorder.seals);
    }
}

/// A key that came to the last load began one behind its row, which is all that anyone knows.
#[test]
fn a_key_that_came_to_the_last_load_is_not_sealed_under_twice() {
    let random = Arc::new(Salted { seeded: SeededRandom::shared(5), pinned: true });
    let node = Node { random, ..Node::new(Image::empty(ROOT).to_memory(), 5) };
    let mut recorder = Recorder::default();
    let mut table = table(token(1));
    table.keys.values_mut().for_each(|entry| {
        entry.row = Some(Row { epoch: LocalEpoch::new(6), token: token(99) });
    });
    let seal = |recorder: &mut Recorder| {
        let keystore = node.start().unwrap();
        adopt(&keystore, &table);
        (0..3).for_each(|_| recorder.record(sealed(keystore.sealing().unwrap())));
    };
    seal(&mut recorder);
    assert!(node.sidecar().keys.values().all(|entry| entry.epoch.get() == 7));
    assert_eq!(
        node.piece("log-load").read().unwrap().unwrap().reached,
        None,
        "it came after that was written"
    );
    lose(&node, Loss::Gone, b"");
    resync(&node, &table).unwrap();
    seal(&mut recorder);
    assert_eq!((recorder.seals, recorder.repeated), (6, 0));
}

fn known(parsed: crate::sidecar::Parsed) -> Sidecar {
    match parsed {
        crate::sidecar::Parsed::Known(sidecar) => *sidecar,
        crate::sidecar::Parsed::Version(found) => panic!("version {found}"),
    }
}
