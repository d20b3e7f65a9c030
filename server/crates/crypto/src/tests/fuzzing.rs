//! Bytes that are almost right, and some that are not at all.

use std::panic::catch_unwind;

use proptest::prelude::*;

use super::*;

fn storage_seeds() -> Vec<Vec<u8>> {
    let pen = Pen::<Storage>::new(1);
    [&b""[..], b"v", &[b'a'; 300]].iter().map(|value| pen.sealed(value).to_vec()).collect()
}

fn raft_seeds() -> Vec<Vec<u8>> {
    let pen = Pen::<Raft>::new(2);
    [&b""[..], b"a command"].iter().map(|command| pen.sealed(command).to_vec()).collect()
}

/// Compressed forms, that say of themselves how long they become.
fn compressed_seeds() -> Vec<Vec<u8>> {
    let values = [vec![b'a'; 300], b"abcdefgh".repeat(40), [vec![0; 100], vec![1; 100]].concat()];
    let compress = |value: &Vec<u8>| snap::raw::Encoder::new().compress_vec(value).unwrap();
    values.iter().map(compress).collect()
}

/// One of the seeds with some bytes replaced, cut somewhere now and then, or any bytes.
fn mutated(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let almost = (prop::sample::select(seeds), changes, prop::option::of(any::<prop::sample::Index>()));
    let almost = almost.prop_map(|(mut bytes, changes, cut)| {
        changes.iter().for_each(|(at, byte)| {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        });
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    });
    prop_oneof![4 => almost, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn storage_envelopes(data in mutated(storage_seeds())) {
        fuzz::storage_envelope(&data);
    }

    #[test]
    fn raft_envelopes(data in mutated(raft_seeds())) {
        fuzz::raft_envelope(&data);
    }

    #[test]
    fn compressed_values(data in mutated(compressed_seeds())) {
        fuzz::compressed_value(&data);
    }

    #[test]
    fn wrapped_keys(data in mutated(vec![vec![0; 60]])) {
        fuzz::wrapped_key(&data);
    }
}

/// What says that it becomes enormous is refused without making room for it.
#[test]
fn a_bomb_is_refused() {
    let one_too_long = vec![0; LONGEST_VALUE + 1];
    fuzz::compressed_value(&snap::raw::Encoder::new().compress_vec(&one_too_long).unwrap());
    fuzz::compressed_value(&[&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0xfe; 70_000]].concat());
}

/// The drivers notice what they are there for: one of them is given an envelope that its key opens.
#[test]
fn a_driver_can_fail() {
    let dek =
        Dek::<Storage>::new(KeyMaterial::draw(key_id(1), Purpose::Storage, |bytes| bytes.fill(1))).unwrap();
    let kek = wrapping_key(1);
    let key = KeyMaterial::draw(dek.id(), Purpose::Raft, |bytes| bytes.fill(1));
    let cluster = elastickv_types::ClusterId::from_bytes([2; 16]);
    let wrapped = kek.wrap(cluster, &key, |nonce| nonce.fill(1));
    assert!(catch_unwind(|| fuzz::wrapped_key(wrapped.as_bytes())).is_err());
}
