//! Envelopes, wrapped keys, and where a node keeps and finds keys (docs/formats/envelopes.md,
//! wrapped-dek.md, sidecar.md).

use super::golden;
use crate::{Memory, Target, none_costly};

const ENVELOPES: &str = include_str!("../../../../docs/formats/envelopes.md");
const WRAPPED: &str = include_str!("../../../../docs/formats/wrapped-dek.md");
const SIDECAR_PAGE: &str = include_str!("../../../../docs/formats/sidecar.md");
const ROW_HEADER: usize = 9;
/// A key schedule, and the buffers a value is opened into and from, which the decoder under test checks.
const OPENING: Memory = Memory { times: 8, beside: 8 << 10 };

const fn target(
    name: &'static str,
    decode: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
    memory: Memory,
) -> Target {
    Target { name, decode, seeds, costly: none_costly, memory }
}

pub const STORAGE_ENVELOPE: Target =
    target("storage-envelope", elastickv_crypto::fuzz::storage_envelope, sealed_values, OPENING);
pub const RAFT_ENVELOPE: Target =
    target("raft-envelope", elastickv_crypto::fuzz::raft_envelope, envelopes, OPENING);
pub const COMPRESSED_VALUE: Target = target(
    "compressed-value",
    elastickv_crypto::fuzz::compressed_value,
    compressed,
    // The block may expand as far as its format allows; the decoder under test checks how far.
    Memory { times: 64, beside: 8 << 10 },
);
pub const WRAPPED_KEY: Target = target("wrapped-key", elastickv_crypto::fuzz::wrapped_key, wrapped, OPENING);
pub const KEK_URI: Target =
    target("kek-uri", elastickv_kek::fuzz::uri, uris, Memory { times: 8, beside: 4096 });
pub const KEK_TEXT: Target =
    target("kek-text", elastickv_kek::fuzz::key_text, key_texts, Memory { times: 8, beside: 4096 });
pub const SIDECAR: Target = target(
    "sidecar",
    elastickv_keyring::fuzz_sidecar,
    sidecars,
    // Text becomes a table, is written again and read again.
    Memory { times: 32, beside: 64 << 10 },
);
pub const LOAD_MARK: Target =
    target("load-mark", elastickv_keyring::fuzz_mark, marks, Memory { times: 8, beside: 4096 });

fn envelopes() -> Vec<Vec<u8>> {
    golden(ENVELOPES)
}

/// The rows of the page begin with a header, which is not a part of the envelope.
fn sealed_values() -> Vec<Vec<u8>> {
    let rows = golden(ENVELOPES).into_iter().filter(|row| row.len() > ROW_HEADER);
    rows.map(|mut row| row.split_off(ROW_HEADER)).collect()
}

/// A hundred times the same letter as a raw Snappy block.
fn compressed() -> Vec<Vec<u8>> {
    vec![vec![100, 0, b'a', 0xfe, 1, 0, 0x8a, 1, 0], vec![3, 8, b'a', b'b', b'c'], vec![0]]
}

fn wrapped() -> Vec<Vec<u8>> {
    golden(WRAPPED)
}

fn uris() -> Vec<Vec<u8>> {
    ["file:/etc/elastickv/kek", "env:ELASTICKV_KEK", "file:relative"]
        .map(|uri| uri.as_bytes().to_vec())
        .into()
}

fn key_texts() -> Vec<Vec<u8>> {
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    [hex, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="].map(|text| text.as_bytes().to_vec()).into()
}

/// The document that the page shows.
fn sidecars() -> Vec<Vec<u8>> {
    let shown = SIDECAR_PAGE.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    shown.map(|document| document.as_bytes().to_vec()).into_iter().collect()
}

fn marks() -> Vec<Vec<u8>> {
    golden(SIDECAR_PAGE)
}
