//! What the keyring promises, tried on files that lose and fail, over many starts, and on bytes of any kind.
//!
//! `ELASTICKV_SCALE=full cargo test --release -p elastickv-keyring` does all that was promised, in some minutes.

#![allow(clippy::disallowed_methods, reason = "tests look at the files behind the keyring's back")]

mod crash;
mod format;
mod fuzzing;
mod keys;
mod largest;
mod nonces;
mod resync;
mod round_trip;
mod starts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use elastickv_crypto::KeyMaterial;
use elastickv_sys::files::SharedFiles;
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::{ClusterId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose, WrappedKey};
use proptest::prelude::ProptestConfig;

use crate::{
    Exhausted, FilePiece, KeyState, KeyTable, Keystore, LoadMark, LoadTrace, Others, Owner, Piece, Recorded,
    Result, Row, SidecarFile, Start, TableKey,
};

const ROOT: &str = "/data";

/// Set to `full` for all that was promised.
fn full() -> bool {
    std::env::var("ELASTICKV_SCALE").is_ok_and(|scale| scale == "full")
}

fn cases(every_change: u32, all: u32) -> ProptestConfig {
    let cases = if full() { all } else { every_change };
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn key(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

fn token(raw: u64) -> LoadToken {
    LoadToken::new(raw)
}

fn index(raw: u64) -> LogIndex {
    LogIndex::new(raw)
}

fn cluster() -> ClusterId {
    "0191f2a4-5b1c-7d3e-8f60-718293a4b5c6".parse().unwrap()
}

fn owner() -> Owner {
    Owner { node: "n1".parse().unwrap(), cluster: Some(cluster()) }
}

/// The bytes of a key; the same for the same id, as every node unwraps the same.
fn material(id: KeyId, purpose: Purpose) -> KeyMaterial {
    KeyMaterial::draw(id, purpose, |bytes| {
        bytes.iter_mut().zip(id.get().to_be_bytes().iter().cycle()).for_each(|(to, byte)| *to = *byte);
    })
}

fn table_key(id: KeyId, purpose: Purpose, state: KeyState, at: u64) -> TableKey {
    TableKey {
        purpose,
        state,
        index: index(at),
        created: "2026-04-29T10:00:00Z".parse().unwrap(),
        wrapped: WrappedKey::new(Bytes::from(vec![id.get() as u8; 60])).unwrap(),
        commitment: material(id, purpose).commitment(),
        kek: KekLabel { provider: "file".into(), key: "kek.bin".into(), version: "1".into() },
        row: None,
    }
}

/// The table of a cluster that was just bootstrapped: storage key 1 and raft key 2, both registered by a load.
fn table(load: LoadToken) -> KeyTable {
    let keys = [(1, Purpose::Storage), (2, Purpose::Raft)].map(|(id, purpose)| {
        let row = Some(Row { epoch: LocalEpoch::ZERO, token: load });
        (key(id), TableKey { row, ..table_key(key(id), purpose, KeyState::Active, 10) })
    });
    KeyTable {
        cluster: cluster(),
        index: index(10),
        storage_cutover: None,
        keys: keys.into(),
        retired: BTreeMap::new(),
    }
}

/// One data directory and the randomness of the process that uses it.
#[derive(Clone)]
struct Node {
    files: SharedFiles,
    root: PathBuf,
    random: SharedRandom,
    exhausted: Exhausted,
}

impl Node {
    fn new(files: SharedFiles, seed: u64) -> Self {
        let random = SeededRandom::shared(seed);
        Self { files, root: ROOT.into(), random, exhausted: Exhausted::Refuse }
    }

    fn file(&self) -> SidecarFile {
        SidecarFile::of(Arc::clone(&self.files), &self.root, owner())
    }

    fn piece(&self, name: &str) -> FilePiece {
        FilePiece::at(Arc::clone(&self.files), self.root.join(name))
    }

    fn load(&self) -> Result<Option<Recorded>> {
        self.file().load()
    }

    fn start(&self) -> Result<Arc<Keystore>> {
        let found = self.load()?;
        let (store, log) = (self.piece("store-load"), self.piece("log-load"));
        let others = Others { store: &store, log: &log };
        let start =
            Start { file: self.file(), others, random: Arc::clone(&self.random), exhausted: self.exhausted };
        start.run(found)
    }

    fn sidecar(&self) -> crate::Sidecar {
        self.load().unwrap().unwrap().sidecar().clone()
    }

    fn sidecar_path(&self) -> PathBuf {
        self.file().path().to_owned()
    }
}

/// Records and publishes a table, and opens its keys.
fn adopt(keystore: &Keystore, table: &KeyTable) {
    let change = keystore.record(table).unwrap();
    keystore.publish(change);
    for unopened in keystore.unopened() {
        keystore.open(material(unopened.key, unopened.purpose)).unwrap();
    }
}

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/formats/sidecar.md");
    std::fs::read_to_string(Path::new(path)).unwrap()
}

fn settled(raw: u64) -> LoadMark {
    LoadMark::Settled { token: token(raw) }
}
