//! Making a key ready and using it leaves no copy of it on the stack.
//!
//! The stack is read through `/proc/self/mem`, below the frame that looks: what returned calls left there.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test that looks into its own memory"
)]

use std::fs::File;
use std::os::unix::fs::FileExt;

use bytes::BytesMut;
use elastickv_crypto::{
    Dek, KeyMaterial, NonceSalt, NonceSource, RowContext, Storage, WrapContext, WrappingKey,
};
use elastickv_types::{ClusterId, FullNodeId, KeyId, LocalEpoch, Purpose};

const BELOW: usize = 48 << 10;
const HALF_A_KEY: usize = 16;

/// Byte `at` of the key, which so never stands in memory as a whole for the search.
fn byte(at: usize) -> u8 {
    (at as u8).wrapping_mul(37).wrapping_add(0x5b)
}

fn fill(key: &mut [u8]) {
    key.iter_mut().enumerate().for_each(|(at, into)| *into = byte(at));
}

/// How often a half of the key, which is what a round uses of it, stands in the stack below this frame.
#[inline(never)]
fn copies() -> usize {
    let here = 0_u8;
    let top = std::ptr::from_ref(&here) as usize;
    let mut left = vec![0; BELOW];
    // The calls below use some of it themselves; what they overwrite is no longer anybody's secret.
    let memory = File::open("/proc/self/mem").unwrap();
    memory.read_exact_at(&mut left, (top - BELOW) as u64).unwrap();
    left.windows(HALF_A_KEY)
        .filter(|found| [0, HALF_A_KEY].into_iter().any(|half| is_half(found, half)))
        .count()
}

fn is_half(found: &[u8], from: usize) -> bool {
    found.iter().enumerate().all(|(at, had)| *had == byte(from + at))
}

/// The stack is grown as far as it will be searched. What stands there may be another test's, whose thread had this
/// stack before: it is written over.
#[inline(never)]
fn reach_down() {
    let mut reached = [1_u8; BELOW + 4096];
    std::hint::black_box(&mut reached);
}

#[test]
fn a_data_key_leaves_no_copy_on_the_stack() {
    reach_down();
    let material = KeyMaterial::draw(KeyId::from_u32(1).unwrap(), Purpose::Storage, fill);
    let dek = Dek::<Storage>::new(material).unwrap();
    assert_eq!(copies(), 0);
    drop(dek);
    assert_eq!(copies(), 0);
}

fn material() -> KeyMaterial {
    KeyMaterial::draw(KeyId::from_u32(1).unwrap(), Purpose::Storage, fill)
}

/// Wide registers are filled from several copies of each round's key, and other code works on short values than on
/// long ones.
#[test]
fn sealing_and_opening_leave_no_copy_on_the_stack() {
    reach_down();
    let dek = Dek::<Storage>::new(material()).unwrap();
    let node = FullNodeId::of_name("n1").short();
    let nonces = NonceSource::new(&dek, node, LocalEpoch::ZERO, NonceSalt::new(1));
    let row = RowContext { header: &[2, 0, 0, 0, 0, 0, 0, 0, 0], row_key: b"key" };
    for len in [0, 1, 16, 100, 1000, 1 << 10, 16 << 10, 100_000] {
        let (mut envelope, mut value) = (BytesMut::with_capacity(len + 64), BytesMut::with_capacity(len));
        dek.seal(nonces.draw().unwrap(), row, &vec![7; len], &mut envelope).unwrap();
        assert_eq!(copies(), 0, "sealing {len} bytes");
        dek.open(row, &envelope, &mut value).unwrap();
        assert_eq!(copies(), 0, "opening {len} bytes");
        envelope[40 - 16] ^= 1;
        assert!(dek.open(row, &envelope, &mut value).is_err());
        assert_eq!(copies(), 0, "refusing {len} bytes");
    }
}

#[test]
fn telling_a_key_apart_and_wrapping_it_leave_no_copy_on_the_stack() {
    reach_down();
    let material = material();
    std::hint::black_box(material.commitment());
    assert_eq!(copies(), 0, "its commitment");
    let wrapping = WrappingKey::load(|bytes| {
        bytes.iter_mut().enumerate().for_each(|(at, into)| *into = at as u8 ^ 0xa5);
        Ok::<(), ()>(())
    });
    let (wrapping, cluster) = (wrapping.unwrap(), ClusterId::from_bytes([3; 16]));
    let wrapped = wrapping.wrap(cluster, &material, |nonce| nonce.fill(9));
    assert_eq!(copies(), 0, "wrapping it");
    let context = WrapContext { cluster, key: material.id(), purpose: material.purpose() };
    let again = wrapping.unwrap(context, &wrapped).unwrap();
    assert_eq!(copies(), 0, "unwrapping it");
    drop(again);
}

#[test]
fn a_wrapping_key_leaves_no_copy_on_the_stack() {
    reach_down();
    let loaded = WrappingKey::load(|bytes| {
        fill(bytes);
        Ok::<(), ()>(())
    });
    assert_eq!(copies(), 0);
    assert!(loaded.is_ok());
}

/// The control: a copy that is left is found.
#[test]
fn a_copy_that_is_left_is_found() {
    #[inline(never)]
    fn leave() {
        let mut key = [0; 4096];
        fill(&mut key[..32]);
        std::hint::black_box(&key);
    }
    reach_down();
    leave();
    assert!(copies() > 0);
}
