//! Sealing and opening into a buffer that has room takes nothing from the heap.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "helpers of tests; nothing is kept")]

use bytes::BytesMut;
use elastickv_crypto::{
    Dek, EntryContext, KeyMaterial, NonceSalt, NonceSource, Raft, RowContext, Storage, Usage,
};
use elastickv_types::{FullNodeId, GroupId, KeyId, LocalEpoch};

const HEADER: [u8; 9] = [2, 0, 0, 0, 0, 0, 0, 0, 0];
const ENTRY: EntryContext = EntryContext { group: GroupId::CONTROL };

fn key<U: Usage>() -> (Dek<U>, NonceSource<U>) {
    let material = KeyMaterial::draw(KeyId::from_u32(1).unwrap(), U::PURPOSE, |bytes| bytes.fill(7));
    let dek = Dek::new(material).unwrap();
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::ZERO, NonceSalt::new(1));
    (dek, nonces)
}

/// Allocations of the second and third call; the first may make room for all that follow.
fn steady(mut call: impl FnMut()) -> u64 {
    call();
    allocation_counter::measure(|| (0..2).for_each(|_| call())).count_total
}

fn random(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[test]
fn values() {
    let (dek, nonces) = key::<Storage>();
    let keys = [vec![7; 11], vec![7; 113], vec![7; 114], vec![7; 4000]];
    for (len, row_key) in [0, 16, 64, 1 << 10, 16 << 10, 200_000].into_iter().zip(keys.iter().cycle()) {
        let row = RowContext { header: &HEADER, row_key };
        for value in [random(len), vec![b'a'; len]] {
            let (mut sealed, mut opened) = (BytesMut::new(), BytesMut::new());
            let sealing = steady(|| {
                sealed.clear();
                dek.seal(nonces.draw().unwrap(), row, &value, &mut sealed).unwrap();
            });
            let opening = steady(|| {
                opened.clear();
                dek.open(row, &sealed, &mut opened).unwrap();
            });
            assert_eq!((sealing, opening), (0, 0), "{len} bytes");
            assert!(opened == value);
        }
    }
}

#[test]
fn commands() {
    let (dek, nonces) = key::<Raft>();
    for len in [0, 16, 1 << 10, 1 << 20] {
        let (command, mut sealed, mut opened) = (random(len), BytesMut::new(), BytesMut::new());
        let sealing = steady(|| {
            sealed.clear();
            let write = |out: &mut BytesMut| out.extend_from_slice(&command);
            dek.seal(nonces.draw().unwrap(), ENTRY, &mut sealed, write).unwrap();
        });
        let opening = steady(|| {
            opened.clear();
            dek.open(ENTRY, &sealed, &mut opened).unwrap();
        });
        assert_eq!((sealing, opening), (0, 0), "{len} bytes");
        let mut all = sealed.clone();
        let in_place = allocation_counter::measure(|| dek.open_in_place(ENTRY, &mut all).unwrap());
        assert_eq!(in_place.count_total, 0);
        assert!(opened == command && all == command);
    }
}

/// The counter counts: what does make room is seen.
#[test]
fn a_buffer_without_room_is_noticed() {
    let (dek, nonces) = key::<Raft>();
    let sealing = steady(|| {
        let mut sealed = BytesMut::new();
        dek.seal(nonces.draw().unwrap(), ENTRY, &mut sealed, |out| out.extend_from_slice(b"command"))
            .unwrap();
    });
    assert!(sealing > 0);
}
