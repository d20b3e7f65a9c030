//! Any sidecar reads as it was written, and one with a changed byte does not read as another.

use std::collections::BTreeMap;

use elastickv_types::{Commitment, GroupId};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;
use crate::sidecar::{Parsed, decode, encode};
use crate::{Active, Sidecar, SidecarKey};

fn load_mark() -> impl Strategy<Value = LoadMark> {
    (any::<u64>(), any::<Option<u64>>(), any::<bool>()).prop_map(|(now, previous, starting)| {
        let previous = previous.map(token);
        if starting { LoadMark::Starting { token: token(now), previous } } else { settled(now) }
    })
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z0-9:/._-]{0,40}", 1 => any::<String>()]
}

fn entry(purpose: Purpose, state: KeyState) -> impl Strategy<Value = SidecarKey> {
    let kek = (label(), label(), label());
    (
        vec(any::<u8>(), 1..100),
        any::<[u8; 32]>(),
        0..253_402_300_799_i64,
        0..1_000_000_000_i32,
        any::<u16>(),
        any::<u64>(),
        kek,
    )
        .prop_map(
            move |(wrapped, commitment, second, nanosecond, epoch, load, (provider, key, version))| {
                SidecarKey {
                    purpose,
                    state,
                    wrapped: WrappedKey::new(Bytes::from(wrapped)).unwrap(),
                    commitment: Commitment::new(commitment),
                    created: jiff::Timestamp::new(second, nanosecond).unwrap(),
                    epoch: LocalEpoch::new(epoch),
                    token: token(load),
                    kek: KekLabel { provider, key, version },
                }
            },
        )
}

fn old_entry() -> impl Strategy<Value = SidecarKey> {
    let purpose = prop::sample::select(&Purpose::ALL[..]);
    let state = prop::sample::select(&[KeyState::Retiring, KeyState::Closed][..]);
    (purpose, state).prop_flat_map(|(purpose, state)| entry(purpose, state))
}

prop_compose! {
    fn sidecar()(
        cluster in any::<[u8; 16]>(),
        load in load_mark(),
        applied in any::<u64>(),
        storage_cutover in any::<Option<u64>>(),
        cutovers in btree_map(1..u64::MAX, any::<u64>(), 0..4),
        ids in vec(1..u32::MAX, 8).prop_filter("distinct", |ids| {
            ids.iter().collect::<std::collections::BTreeSet<_>>().len() == ids.len()
        }),
        storage in entry(Purpose::Storage, KeyState::Active),
        raft in entry(Purpose::Raft, KeyState::Active),
        old in vec(old_entry(), 0..6),
    ) -> Sidecar {
        let mut ids = ids.into_iter().map(key);
        let active = Active { storage: ids.next().unwrap(), raft: ids.next().unwrap() };
        let mut keys = BTreeMap::from([(active.storage, storage), (active.raft, raft)]);
        keys.extend(ids.zip(old));
        Sidecar {
            cluster: ClusterId::from_bytes(cluster),
            node: owner().node,
            load,
            applied: index(applied),
            storage_cutover: storage_cutover.map(index),
            raft_cutovers: cutovers.into_iter().map(|(group, at)| (GroupId::from_u64(group).unwrap(), index(at))).collect(),
            active,
            keys,
        }
    }
}

fn read(bytes: &[u8]) -> Option<Sidecar> {
    match decode(bytes) {
        Ok(Parsed::Known(sidecar)) => Some(*sidecar),
        Ok(Parsed::Version(_)) | Err(_) => None,
    }
}

proptest! {
    #![proptest_config(cases(300, 20_000))]

    #[test]
    fn what_is_written_reads_the_same(sidecar in sidecar()) {
        let written = encode(&sidecar).unwrap();
        prop_assert_eq!(read(&written), Some(sidecar));
    }

    #[test]
    fn a_changed_byte_is_noticed_or_changes_nothing(sidecar in sidecar(), at in any::<prop::sample::Index>(), by in 1..=u8::MAX) {
        let mut bytes = encode(&sidecar).unwrap();
        let at = at.index(bytes.len());
        let before = bytes[at];
        bytes[at] ^= by;
        if let Some(found) = read(&bytes) {
            prop_assert!(before.is_ascii_whitespace() && bytes[at].is_ascii_whitespace());
            prop_assert_eq!(found, sidecar);
        }
    }

    #[test]
    fn a_shortened_file_is_noticed(sidecar in sidecar(), len in any::<prop::sample::Index>()) {
        let bytes = encode(&sidecar).unwrap();
        // The last byte ends the line and says nothing.
        let len = len.index(bytes.len() - 1);
        prop_assert_eq!(read(&bytes[..len]), None);
    }
}

/// The control: without the checksum, a changed digit is another epoch.
#[test]
fn control_only_the_checksum_notices_an_epoch_that_was_changed() {
    let mut sidecar = Sidecar::with_table(None, &owner().node, settled(1), &table(token(1))).unwrap();
    sidecar.keys.values_mut().for_each(|entry| entry.epoch = LocalEpoch::new(77));
    let text = String::from_utf8(encode(&sidecar).unwrap()).unwrap();
    let flipped = text.replace("\"local_epoch\": 77", "\"local_epoch\": 37");
    assert!(read(flipped.as_bytes()).is_none());
    let checked = decode(flipped.as_bytes()).unwrap_err();
    let crate::Problem::Checksum { written, computed } = checked else { panic!("{checked}") };
    let found = read(flipped.replace(&written, &computed).as_bytes()).unwrap();
    assert!(found.keys.values().all(|entry| entry.epoch == LocalEpoch::new(37)), "it reads as a lower epoch");
}

/// Every byte, changed in every way, of one file.
#[test]
fn every_changed_bit_of_a_sidecar_is_noticed() {
    let sidecar = Sidecar::with_table(None, &owner().node, settled(1), &table(token(1))).unwrap();
    let good = encode(&sidecar).unwrap();
    let mut same = 0;
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            if let Some(found) = read(&bytes) {
                assert_eq!(found, sidecar, "byte {at}, bit {bit}");
                assert!(bytes[at].is_ascii_whitespace());
                same += 1;
            }
        }
    }
    println!("{} bits, {same} of them in blanks", good.len() * 8);
}
