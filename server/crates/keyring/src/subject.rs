//! A node with keys, for the tests of those who use them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_crypto::KeyMaterial;
use elastickv_sys::files::Files as _;
use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::random::SeededRandom;
use elastickv_types::{ClusterId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose, WrappedKey};

use crate::{
    Exhausted, FilePiece, KeyState, KeyTable, Keystore, Others, Owner, Row, SidecarFile, Start, TableKey,
};

pub fn cluster() -> ClusterId {
    ClusterId::from_random([7; 16])
}

/// The bytes of a key; the same for the same id, as every node unwraps the same.
pub fn material(id: KeyId, purpose: Purpose) -> KeyMaterial {
    KeyMaterial::draw(id, purpose, |bytes| {
        bytes.iter_mut().zip(id.get().to_be_bytes().iter().cycle()).for_each(|(to, byte)| *to = *byte);
    })
}

/// A key that a load is registered under.
pub fn table_key(id: KeyId, purpose: Purpose, state: KeyState, load: LoadToken) -> TableKey {
    TableKey {
        purpose,
        state,
        index: LogIndex::new(u64::from(id.get())),
        created: jiff::Timestamp::UNIX_EPOCH,
        wrapped: WrappedKey::new(Bytes::from(vec![id.get() as u8; 60])).expect("it is not empty"),
        commitment: material(id, purpose).commitment(),
        kek: KekLabel { provider: "file".into(), key: "kek.bin".into(), version: "1".into() },
        row: Some(Row { epoch: LocalEpoch::ZERO, token: load }),
    }
}

/// Storage key 1 and raft key 2, active.
pub fn table(load: LoadToken, storage_cutover: Option<LogIndex>) -> KeyTable {
    let keys = [(1, Purpose::Storage), (2, Purpose::Raft)].map(|(raw, purpose)| {
        let id = KeyId::from_u32(raw).expect("it is not zero");
        (id, table_key(id, purpose, KeyState::Active, load))
    });
    KeyTable {
        cluster: cluster(),
        index: LogIndex::new(10),
        storage_cutover,
        keys: keys.into(),
        retired: BTreeMap::new(),
    }
}

/// The keys of a node that just started, and holds none.
///
/// # Panics
/// When memory does not take a file.
pub fn keystore(node: &str) -> Arc<Keystore> {
    let files = MemoryFiles::shared();
    let root = Path::new("/node");
    files.create_dir_all(root).expect("memory makes a directory");
    let owner = Owner { node: node.parse().expect("it is a name"), cluster: Some(cluster()) };
    let file = SidecarFile::of(files.clone(), root, owner);
    let piece = |name: &str| FilePiece::at(files.clone(), root.join(name));
    let (store, log) = (piece("store-load"), piece("log-load"));
    let random = SeededRandom::shared(1);
    let start =
        Start { file, others: Others { store: &store, log: &log }, random, exhausted: Exhausted::Refuse };
    start.run(None).expect("a fresh node starts")
}

/// Records and publishes a table, and opens its keys.
///
/// # Panics
/// When memory does not take a file.
pub fn adopt(keystore: &Keystore, table: &KeyTable) {
    let change = keystore.record(table).expect("memory takes a sidecar");
    keystore.publish(change);
    for unopened in keystore.unopened() {
        keystore.open(material(unopened.key, unopened.purpose)).expect("it is the key");
    }
}
