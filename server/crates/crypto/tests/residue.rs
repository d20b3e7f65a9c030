//! Making a key ready leaves no copy of it on the stack.
//!
//! The stack is read through `/proc/self/mem`, below the frame that looks: what returned calls left there.

#![cfg(all(target_os = "linux", not(feature = "aws-lc")))]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a test that looks into its own memory"
)]

use std::fs::File;
use std::os::unix::fs::FileExt;

use elastickv_crypto::{Dek, KeyMaterial, Storage, WrappingKey};
use elastickv_types::{KeyId, Purpose};

const BELOW: usize = 48 << 10;
const HALF_A_KEY: usize = 16;

/// Byte `at` of the key, which so never stands in memory as a whole for the search.
fn byte(at: usize) -> u8 {
    (at as u8).wrapping_mul(37).wrapping_add(0x5b)
}

fn fill(key: &mut [u8]) {
    key.iter_mut().enumerate().for_each(|(at, into)| *into = byte(at));
}

/// How often the first half of the key stands in the stack below this frame.
#[inline(never)]
fn copies() -> usize {
    let here = 0_u8;
    let top = std::ptr::from_ref(&here) as usize;
    let mut left = vec![0; BELOW];
    // The calls below use some of it themselves; what they overwrite is no longer anybody's secret.
    let memory = File::open("/proc/self/mem").unwrap();
    memory.read_exact_at(&mut left, (top - BELOW) as u64).unwrap();
    left.windows(HALF_A_KEY)
        .filter(|found| found.iter().enumerate().all(|(at, had)| *had == byte(at)))
        .count()
}

/// The stack is grown as far as it will be searched.
#[inline(never)]
fn reach_down() {
    std::hint::black_box(&[1_u8; BELOW + 4096]);
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
