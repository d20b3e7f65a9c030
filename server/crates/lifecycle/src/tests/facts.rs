//! What a member could tell of itself.

use std::time::Duration;

use elastickv_consensus::Member;
use elastickv_fsm::Fingerprint;
use elastickv_types::{KeyId, LocalEpoch, LogIndex, Purpose, StoreId};

use crate::capability::{Counted, Disk, Facts, HeldKey, Probe, Report};

pub fn sample() -> Facts {
    Facts {
        name: "n1".parse().unwrap(),
        store: StoreId::from_bytes([1; 16]),
        cluster: None,
        build: "build".to_owned(),
        formats: Default::default(),
        encryption: true,
        kek: None,
        probe: Probe::NotAsked,
        applied: LogIndex::new(9),
        control_index: None,
        fingerprint: Fingerprint::new([0; 32]),
        load: None,
        keys: Vec::new(),
        unix_ms: 0,
        disk: Disk { free: 100, reserve: 10 },
        syncs_directories: true,
        first_log: LogIndex::new(1),
        snapshot: None,
        sidecar: true,
        rewrite: None,
        counted: None,
        older_reads: 0,
        building: None,
        last_sealed: Default::default(),
        leftovers: Vec::new(),
    }
}

pub fn report(facts: Facts) -> Report {
    let address = "127.0.0.1:1".parse().unwrap();
    let member = Member { name: facts.name.clone(), address, store_id: facts.store };
    Report { member, asked_ms: 0, took: Duration::ZERO, answer: Ok(facts) }
}

pub fn count<const N: usize>(begun: LogIndex, keys: [(KeyId, u64); N]) -> Counted {
    Counted { begun, keys: keys.into(), malformed: 0 }
}

pub fn held(key: KeyId, seal_key: bool) -> HeldKey {
    let (purpose, epoch) = (Purpose::Storage, LocalEpoch::ZERO);
    HeldKey { key, purpose, open: true, epoch, seals: 0, seal_key }
}
