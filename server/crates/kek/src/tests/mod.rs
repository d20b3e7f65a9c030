//! What wrapping keys promise, with real files and with keepers that misbehave.

#![allow(clippy::disallowed_methods, reason = "tests make files as others would")]

mod environments;
mod files;
mod keepers;
mod uris;

use elastickv_crypto::KeyMaterial;
use elastickv_sys::random::{SeededRandom, SharedRandom};
use elastickv_types::{ClusterId, KeyId, Purpose};

use super::*;

fn random() -> SharedRandom {
    SeededRandom::shared(7)
}

fn cluster() -> ClusterId {
    ClusterId::from_bytes([5; 16])
}

fn material(id: u32) -> KeyMaterial {
    KeyMaterial::draw(KeyId::from_u32(id).unwrap(), Purpose::Storage, |bytes| bytes.fill(id as u8))
}
