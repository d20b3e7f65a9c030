//! What readers see of the keys, and when.

use elastickv_crypto::{Raft, Storage};
use elastickv_sys::failing::{Call, EIO, FailingFiles, Rule};
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::task;
use elastickv_types::GroupId;

use super::*;
use crate::{KeyStatus, KeyringError, Lookup, Unopened};

fn node() -> (Arc<MemoryFiles>, Node) {
    let files = MemoryFiles::shared();
    (files.clone(), Node::new(files, 7))
}

fn bootstrapped() -> (Arc<MemoryFiles>, Node, Arc<Keystore>, KeyTable) {
    let (files, node) = node();
    let keystore = node.start().unwrap();
    let table = table(keystore.load_token());
    adopt(&keystore, &table);
    (files, node, keystore, table)
}

impl KeyTable {
    fn at(mut self, at: u64) -> Self {
        self.index = index(at);
        self
    }

    fn with(mut self, id: u32, purpose: Purpose, state: KeyState, row: Option<Row>) -> Self {
        let brought = self.index.get();
        self.keys.insert(key(id), TableKey { row, ..table_key(key(id), purpose, state, brought) });
        self
    }

    fn set(mut self, id: u32, state: KeyState) -> Self {
        self.keys.get_mut(&key(id)).unwrap().state = state;
        self
    }

    fn retire(mut self, id: u32) -> Self {
        let entry = self.keys.remove(&key(id)).unwrap();
        self.retired.insert(key(id), entry.purpose);
        self
    }

    fn register(mut self, keystore: &Keystore) -> Self {
        for it in keystore.registrations() {
            self.keys.get_mut(&it.key).unwrap().row = Some(Row { epoch: it.epoch, token: it.token });
        }
        self
    }
}

fn sealing_under(keystore: &Keystore) -> Option<u32> {
    keystore.sealing::<Storage>().ok().map(|sealing| sealing.dek.id().get())
}

#[test]
fn nothing_is_there_before_the_first_table() {
    let (files, node) = node();
    let keystore = node.start().unwrap();
    assert_eq!(keystore.keyring().active(Purpose::Raft), None);
    assert_eq!(keystore.registrations(), []);
    let refused = keystore.sealing::<Raft>().unwrap_err();
    assert_eq!(refused, Lookup::NoSealKey { purpose: Purpose::Raft }.into());
    assert_eq!(keystore.record_cutover(GroupId::CONTROL, index(1)), Err(KeyringError::NotRecorded));
    let mut half = table(keystore.load_token());
    half.keys.remove(&key(2));
    let refused = keystore.record(&half).unwrap_err();
    assert_eq!(refused, KeyringError::NothingActive { purpose: Purpose::Raft });
    assert_eq!(files.get(&node.sidecar_path()), None);
}

#[test]
fn readers_see_a_key_once_it_is_published_and_it_is_durable_before() {
    let (_, node) = node();
    let keystore = node.start().unwrap();
    let change = keystore.record(&table(keystore.load_token())).unwrap();
    assert_eq!(node.sidecar().keys.len(), 2, "recorded");
    let unknown = Lookup::Unknown { key: key(1), purpose: Purpose::Storage };
    assert_eq!(keystore.keyring().key::<Storage>(key(1)).map(|dek| dek.id()).unwrap_err(), unknown);
    keystore.publish(change);
    let waits = Lookup::NotOpen { key: key(1), purpose: Purpose::Storage };
    assert_eq!(keystore.keyring().key::<Storage>(key(1)).map(|dek| dek.id()).unwrap_err(), waits);
    assert_eq!(keystore.keyring().active(Purpose::Storage), Some(key(1)));
    let unopened: Vec<_> = keystore.unopened().iter().map(|it: &Unopened| it.key).collect();
    assert_eq!(unopened, [key(1), key(2)]);
    keystore.open(material(key(1), Purpose::Storage)).unwrap();
    keystore.open(material(key(1), Purpose::Storage)).unwrap();
    assert_eq!(keystore.keyring().key::<Storage>(key(1)).unwrap().id(), key(1));
    assert_eq!(keystore.unopened().len(), 1);
}

#[test]
fn a_lookup_says_why_it_finds_nothing() {
    let (_, _, keystore, table) = bootstrapped();
    let table = table.at(11).with(3, Purpose::Storage, KeyState::Retiring, None).retire(3);
    let held = keystore.keyring();
    let asked = |id| held.key::<Raft>(key(id)).map(|dek| dek.id()).unwrap_err();
    assert_eq!(asked(9), Lookup::Unknown { key: key(9), purpose: Purpose::Raft });
    let other = Lookup::OtherPurpose { key: key(1), asked: Purpose::Raft, found: Purpose::Storage };
    assert_eq!(asked(1), other);
    adopt(&keystore, &table);
    let retired = Lookup::Retired { key: key(3), purpose: Purpose::Storage };
    assert_eq!(keystore.keyring().key::<Storage>(key(3)).map(|dek| dek.id()).unwrap_err(), retired);
    assert!(held.key::<Storage>(key(3)).is_err(), "a keyring that was taken does not change");
}

#[test]
fn what_was_unwrapped_has_to_be_the_key_that_was_wrapped() {
    let (_, node) = node();
    let keystore = node.start().unwrap();
    keystore.publish(keystore.record(&table(keystore.load_token())).unwrap());
    let other = KeyMaterial::draw(key(1), Purpose::Storage, |bytes| bytes.fill(9));
    assert_eq!(keystore.open(other), Err(KeyringError::KekMismatch { key: key(1) }));
    let misused = keystore.open(material(key(1), Purpose::Raft)).unwrap_err();
    assert!(matches!(misused, KeyringError::Lookup(Lookup::OtherPurpose { .. })), "{misused}");
    let unknown = keystore.open(material(key(5), Purpose::Raft)).unwrap_err();
    assert!(matches!(unknown, KeyringError::Lookup(Lookup::Unknown { .. })));
    assert_eq!(keystore.unopened().len(), 2);
}

#[test]
fn the_same_table_again_changes_nothing_and_another_key_under_an_id_is_refused() {
    let (files, node, keystore, table) = bootstrapped();
    let before = files.get(&node.sidecar_path());
    keystore.publish(keystore.record(&table).unwrap());
    assert_eq!(files.get(&node.sidecar_path()), before);
    let mut other = table.clone().at(11);
    other.keys.get_mut(&key(1)).unwrap().commitment = material(key(7), Purpose::Storage).commitment();
    assert_eq!(keystore.record(&other).unwrap_err(), KeyringError::KeyConflict { key: key(1) });
    let mut foreign = table.clone().at(11);
    foreign.cluster = ClusterId::from_bytes([9; 16]);
    assert!(matches!(keystore.record(&foreign), Err(KeyringError::OtherCluster { .. })));
    assert_eq!(files.get(&node.sidecar_path()), before);
    // A new wrapping of the same key is none of that.
    let mut rewrapped = table.at(12);
    let anew = WrappedKey::new(Bytes::from_static(b"anew")).unwrap();
    rewrapped.keys.get_mut(&key(1)).unwrap().wrapped = anew.clone();
    adopt(&keystore, &rewrapped);
    assert_eq!(node.sidecar().keys[&key(1)].wrapped, anew);
    assert_eq!(sealing_under(&keystore), Some(1));
}

/// A crash between sidecar and store makes the store replay what the sidecar has.
#[test]
fn replaying_old_entries_brings_back_no_epoch_and_no_active_key() {
    let (_, node, keystore, first) = bootstrapped();
    let load = keystore.load_token();
    let row = Some(Row { epoch: LocalEpoch::ZERO, token: load });
    let second = first.clone().at(20).with(3, Purpose::Storage, KeyState::Installed, row);
    let third = second.clone().at(30).set(1, KeyState::Retiring).set(3, KeyState::Active);
    adopt(&keystore, &second);
    adopt(&keystore, &third);
    drop(keystore);
    let keystore = node.start().unwrap();
    let recorded = node.sidecar();
    for (table, expected) in [(&first, Some(1)), (&second, Some(1)), (&third, Some(3))] {
        adopt(&keystore, table);
        assert_eq!(keystore.keyring().active(Purpose::Storage).map(KeyId::get), expected);
        assert_eq!(node.sidecar(), recorded, "replayed at {}", table.index);
        assert_eq!(sealing_under(&keystore), expected, "the store's word counts for sealing");
    }
    assert!(recorded.keys.values().all(|entry| entry.epoch == LocalEpoch::new(1)));
}

#[test]
fn no_epoch_goes_down_whoever_asks() {
    let (_, node, _, _) = bootstrapped();
    node.start().unwrap();
    let recorded = node.load().unwrap().unwrap();
    let mut lower = recorded.sidecar().clone();
    lower.keys.get_mut(&key(2)).unwrap().epoch = LocalEpoch::ZERO;
    let refused = node.file().save(Some(&recorded), lower).unwrap_err();
    let (before, asked) = (LocalEpoch::new(1), LocalEpoch::ZERO);
    assert_eq!(refused, KeyringError::EpochBackwards { key: key(2), recorded: before, asked });
    assert_eq!(node.sidecar(), *recorded.sidecar());
}

#[test]
fn a_key_that_arrives_begins_above_what_an_earlier_load_registered() {
    let (_, node, keystore, first) = bootstrapped();
    let (mine, other) = (keystore.load_token(), token(99));
    let rows = [
        (3, None, 0, mine),
        (4, Some(Row { epoch: LocalEpoch::new(0), token: mine }), 0, mine),
        (5, Some(Row { epoch: LocalEpoch::new(0), token: other }), 1, mine),
        (6, Some(Row { epoch: LocalEpoch::new(500), token: other }), 501, mine),
        (7, Some(Row { epoch: LocalEpoch::new(0xFFFE), token: other }), 0xFFFF, other),
    ];
    let mut table = first.at(20);
    for (id, row, ..) in rows {
        table = table.with(id, Purpose::Storage, KeyState::Retiring, row);
    }
    adopt(&keystore, &table);
    for (id, _, epoch, load) in rows {
        let entry = &node.sidecar().keys[&key(id)];
        assert_eq!((entry.epoch.get(), entry.token), (epoch, load), "key {id}");
    }
    // Open, and good for opening; nothing was ever registered that could be sealed under.
    assert!(keystore.keyring().key::<Storage>(key(7)).is_ok());
    assert_eq!(sealing_under(&keystore), Some(6));
    assert!(keystore.registrations().iter().all(|it| it.key != key(7)));
}

#[test]
fn the_seal_key_is_the_youngest_that_is_open_and_registered() {
    let (_, node, keystore, first) = bootstrapped();
    let row = |epoch, load| Some(Row { epoch: LocalEpoch::new(epoch), token: load });
    let load = keystore.load_token();
    let install = |row| first.clone().at(20).with(3, Purpose::Storage, KeyState::Installed, row);
    let activated = |table: KeyTable| table.at(30).set(1, KeyState::Retiring).set(3, KeyState::Active);

    adopt(&keystore, &install(row(0, load)));
    assert_eq!(sealing_under(&keystore), Some(1), "installed is not in use");

    adopt(&keystore, &activated(install(None)));
    assert_eq!(sealing_under(&keystore), Some(1), "no row under the new one: on with the old one");
    keystore.follow(&activated(install(row(1, load))));
    assert_eq!(sealing_under(&keystore), Some(1), "a row of a later epoch than its own is not its own");
    keystore.follow(&activated(install(row(0, load))));
    assert_eq!(sealing_under(&keystore), Some(3), "registered");
    keystore.follow(&activated(install(row(0, load))).set(3, KeyState::Closed).set(1, KeyState::Closed));
    let refused = keystore.sealing::<Storage>().unwrap_err();
    assert_eq!(refused, Lookup::NoSealKey { purpose: Purpose::Storage }.into(), "never under a closed key");
    assert!(keystore.keyring().key::<Storage>(key(3)).is_ok(), "which still opens");

    // After a start nothing is open, then the old one, then the new one.
    drop(keystore);
    let keystore = node.start().unwrap();
    keystore.publish(keystore.record(&activated(install(row(0, load)))).unwrap());
    for expected in [None, Some(1), Some(3)] {
        assert_eq!(sealing_under(&keystore), expected);
        if let Some(next) = keystore.unopened().iter().find(|it| it.purpose == Purpose::Storage) {
            keystore.open(material(next.key, next.purpose)).unwrap();
        }
    }
}

#[test]
fn a_retired_key_leaves_sidecar_and_memory() {
    let (files, node, keystore, first) = bootstrapped();
    let row = Some(Row { epoch: LocalEpoch::ZERO, token: keystore.load_token() });
    let rotated = first.at(20).with(3, Purpose::Storage, KeyState::Active, row).set(1, KeyState::Retiring);
    adopt(&keystore, &rotated);
    let held = Arc::downgrade(keystore.keyring().key::<Storage>(key(1)).unwrap());
    let closed = rotated.at(30).set(1, KeyState::Closed);
    adopt(&keystore, &closed);
    assert!(held.upgrade().is_some());
    adopt(&keystore, &closed.at(40).retire(1));
    assert!(held.upgrade().is_none(), "its last holder lets go of it");
    assert!(!node.sidecar().keys.contains_key(&key(1)));
    let text = String::from_utf8(files.get(&node.sidecar_path()).unwrap()).unwrap();
    assert!(!text.contains(&hex::encode(material(key(1), Purpose::Storage).commitment().as_bytes())));
}

#[test]
fn a_thousand_rotations_leave_a_small_sidecar() {
    let (files, _, keystore, mut table) = bootstrapped();
    let size = || files.paths().iter().filter_map(|path| files.get(path)).map(|bytes| bytes.len()).max();
    let row = Some(Row { epoch: LocalEpoch::ZERO, token: keystore.load_token() });
    let mut sizes = Vec::new();
    for round in 0..1000_u32 {
        let at = 100 + u64::from(round) * 10;
        let (old, new) = (if round == 0 { 1 } else { 1000 + round }, 1001 + round);
        table = table.at(at).with(new, Purpose::Storage, KeyState::Active, row).set(old, KeyState::Retiring);
        adopt(&keystore, &table);
        table = table.at(at + 1).retire(old);
        adopt(&keystore, &table);
        sizes.push(size().unwrap());
    }
    let (first, last) = (sizes[10], sizes[999]);
    assert!(last.abs_diff(first) < 32, "{first} bytes and then {last}");
}

#[test]
fn a_group_is_cut_over_once() {
    let (_, node, keystore, table) = bootstrapped();
    let group = GroupId::from_u64(3).unwrap();
    keystore.record_cutover(group, index(77)).unwrap();
    keystore.record_cutover(group, index(77)).unwrap();
    let refused = keystore.record_cutover(group, index(78)).unwrap_err();
    assert_eq!(refused, KeyringError::CutoverConflict { group, recorded: index(77), asked: index(78) });
    adopt(&keystore, &table.at(99));
    assert_eq!(node.sidecar().raft_cutovers, [(group, index(77))].into(), "a later table leaves it");
    assert_eq!(node.sidecar().applied, index(99));
}

#[test]
fn after_a_failed_write_nothing_more_is_written() {
    for call in [Call::Open, Call::Write, Call::Sync, Call::Rename, Call::SyncDir] {
        let (files, failures) = FailingFiles::over(MemoryFiles::shared());
        let node = Node::new(files, 7);
        let keystore = node.start().unwrap();
        let table = table(keystore.load_token());
        adopt(&keystore, &table);
        failures.add(Rule::once(call, EIO).on("encryption"));
        let rotated = table.at(20).with(3, Purpose::Storage, KeyState::Installed, None);
        assert!(matches!(keystore.record(&rotated), Err(KeyringError::Io { .. })), "{call:?}");
        // The disk works again, and what it holds is not known: only a start finds out.
        let again = keystore.record(&rotated).unwrap_err();
        assert!(matches!(again, KeyringError::Latched { .. }), "{call:?}: {again}");
        assert_eq!(sealing_under(&keystore), Some(1), "what is open seals on");
        assert!(keystore.keyring().key::<Storage>(key(3)).is_err());
        drop(keystore);
        let keystore = node.start().unwrap();
        adopt(&keystore, &rotated.register(&keystore));
        assert_eq!(sealing_under(&keystore), Some(1));
    }
}

#[test]
fn a_load_that_runs_out_of_nonces_takes_the_next_epoch() {
    let (_, node, keystore, _) = bootstrapped();
    keystore.skip_to(Purpose::Storage, u32::MAX);
    let epoch = || keystore.keyring().seal_key(Purpose::Storage).unwrap().1.get();
    keystore.sealing::<Storage>().unwrap();
    assert_eq!((epoch(), node.sidecar().keys[&key(1)].epoch.get()), (0, 0));
    keystore.sealing::<Storage>().unwrap();
    assert_eq!((epoch(), node.sidecar().keys[&key(1)].epoch.get()), (1, 1), "durable, and used");
    assert_eq!(node.sidecar().keys[&key(2)].epoch.get(), 0, "of this key alone");
    let status = keystore.status();
    assert_eq!((status[0].epoch.get(), status[0].seals, status[1].seals), (1, 1, 0));
}

#[test]
fn the_end_of_the_last_epoch_is_final() {
    let (_, node, keystore, _) = bootstrapped();
    drop(keystore);
    let mut sidecar = node.sidecar();
    sidecar.keys.values_mut().for_each(|entry| entry.epoch = LocalEpoch::new(0xFFFD));
    node.file().save(None, sidecar).unwrap();
    let keystore = node.start().unwrap();
    adopt(&keystore, &table(keystore.load_token()).register(&keystore));
    assert!(keystore.status().iter().all(KeyStatus::is_nearly_exhausted));
    keystore.skip_to(Purpose::Storage, u32::MAX);
    keystore.sealing::<Storage>().unwrap();
    for _ in 0..3 {
        let refused = keystore.sealing::<Storage>().unwrap_err();
        assert!(matches!(refused, KeyringError::LocalEpochExhausted { key: spent, .. } if spent == key(1)));
    }
    keystore.sealing::<Raft>().unwrap();
}

#[test]
fn an_epoch_that_somebody_left_already_is_not_left_again() {
    let (_, node, keystore, _) = bootstrapped();
    for _ in 0..2 {
        keystore.next_epoch(key(1), Purpose::Storage, LocalEpoch::ZERO).unwrap();
        assert_eq!(node.sidecar().keys[&key(1)].epoch.get(), 1);
    }
    let unknown = keystore.next_epoch(key(9), Purpose::Storage, LocalEpoch::ZERO).unwrap_err();
    assert_eq!(unknown, Lookup::Unknown { key: key(9), purpose: Purpose::Storage }.into());
}

/// An epoch is for the load that recorded it.
#[test]
fn an_epoch_of_another_load_makes_no_nonces() {
    let (_, node, keystore, _) = bootstrapped();
    let recorded = node.load().unwrap().unwrap();
    let epoch = |load, exhausted| recorded.epoch(key(1), load, exhausted).is_some();
    for exhausted in [Exhausted::Refuse, Exhausted::Accept] {
        assert!(epoch(keystore.load_token(), exhausted));
        assert!(!epoch(token(4711), exhausted));
    }
    let mut spent = recorded.sidecar().clone();
    spent.keys.get_mut(&key(1)).unwrap().epoch = LocalEpoch::EXHAUSTED;
    let recorded = node.file().save(None, spent).unwrap();
    let epoch = |load, exhausted| recorded.epoch(key(1), load, exhausted).is_some();
    assert!(!epoch(keystore.load_token(), Exhausted::Refuse));
    assert!(epoch(token(4711), Exhausted::Accept));
}

/// Threads that draw across the end of an epoch, in which a new one has to be made durable by one of them.
#[test]
fn many_threads_run_out_at_once_and_one_of_them_goes_on_for_all() {
    let (_, node, keystore, _) = bootstrapped();
    keystore.skip_to(Purpose::Raft, u32::MAX - 500);
    let draw = |keystore: Arc<Keystore>| {
        move || {
            let seal = |_| super::nonces::sealed(keystore.sealing::<Raft>().unwrap());
            (0..1000).map(seal).collect::<Vec<_>>()
        }
    };
    let threads: Vec<_> =
        (0..4).map(|_| task::thread("draw", draw(Arc::clone(&keystore))).unwrap()).collect();
    let mut nonces: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let drawn = nonces.len();
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!((drawn, nonces.len()), (4000, 4000));
    assert_eq!(node.sidecar().keys[&key(2)].epoch.get(), 1, "one epoch on, not four");
}

/// A store that is built anew beside its sidecar applies entries of a time before there were keys. They are stored
/// as they were then, and wait for nobody.
#[test]
fn a_store_that_knows_no_keys_is_taken_at_its_word() {
    let (_, node, keystore, cut_over) = bootstrapped();
    let mut cut_over = cut_over.at(20);
    cut_over.storage_cutover = Some(index(20));
    keystore.publish(keystore.record(&cut_over).unwrap());
    let restarted = node.start().unwrap();
    assert!(restarted.seals_rows(), "before the store was heard, it is as the sidecar says");
    restarted.follow_nothing();
    assert!(!restarted.seals_rows());
    assert_eq!(
        (sealing_under(&restarted), restarted.recorded().unwrap().sidecar().applied),
        (None, index(20))
    );
    adopt(&restarted, &cut_over);
    assert!(restarted.seals_rows() && sealing_under(&restarted) == Some(1));
}

#[test]
fn what_the_registry_lacks_is_known_once_its_rows_are() {
    let (_, node, _, table) = bootstrapped();
    let restarted = node.start().unwrap();
    let mut changes = restarted.changes();
    assert_eq!(restarted.unregistered(), [], "nothing was heard of the registry yet");
    restarted.follow(&table);
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    assert_eq!(restarted.unregistered(), restarted.registrations(), "its rows are of the load before");
    restarted.follow(&table.register(&restarted));
    assert_eq!(restarted.unregistered(), []);
    assert!(changes.has_changed().unwrap());
}
