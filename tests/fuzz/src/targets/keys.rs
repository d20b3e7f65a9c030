//! Envelopes, wrapped keys, and where a node keeps and finds keys (docs/formats/envelopes.md,
//! wrapped-dek.md, sidecar.md).

use super::{LARGE, golden};
use crate::{Memory, Target, no_output};

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
    costly: fn() -> Vec<Vec<u8>>,
    memory: Memory,
) -> Target {
    Target { name, decode, seeds, costly, output: no_output, memory }
}

pub const STORAGE_ENVELOPE: Target = target(
    "storage-envelope",
    elastickv_crypto::fuzz::storage_envelope,
    sealed_values,
    long_envelopes,
    OPENING,
);
pub const RAFT_ENVELOPE: Target =
    target("raft-envelope", elastickv_crypto::fuzz::raft_envelope, envelopes, long_envelopes, OPENING);
pub const COMPRESSED_VALUE: Target = Target {
    name: "compressed-value",
    decode: elastickv_crypto::fuzz::compressed_value,
    seeds: compressed,
    costly: costly_blocks,
    output: stated,
    memory: Memory { times: 64, beside: 8 << 10 },
};
pub const WRAPPED_KEY: Target =
    target("wrapped-key", elastickv_crypto::fuzz::wrapped_key, wrapped, long_texts, OPENING);
pub const KEK_URI: Target =
    target("kek-uri", elastickv_kek::fuzz::uri, uris, long_texts, Memory { times: 8, beside: 4096 });
pub const KEK_TEXT: Target = target(
    "kek-text",
    elastickv_kek::fuzz::key_text,
    key_texts,
    long_texts,
    Memory { times: 8, beside: 4096 },
);
pub const SIDECAR: Target = target(
    "sidecar",
    elastickv_keyring::fuzz_sidecar,
    sidecars,
    costly_sidecars,
    // An object of fields of eight bytes each becomes a map of names and places, in nodes that may be half empty.
    Memory { times: 16, beside: 8 << 10 },
);
pub const LOAD_MARK: Target =
    target("load-mark", elastickv_keyring::fuzz_mark, marks, long_texts, Memory { times: 8, beside: 4096 });

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

/// What a block says that it expands to, as far as its format and the longest value allow: a copy of 64 bytes takes
/// three.
fn stated(block: &[u8]) -> usize {
    let mut len = 0_usize;
    for (place, byte) in block.iter().enumerate().take(5) {
        len |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let allowed = len <= 22 * block.len() && len <= elastickv_crypto::LONGEST_VALUE;
            return if allowed { len } else { 0 };
        }
    }
    0
}

/// Blocks that expand as far as they can, to as much as a value may be, and such as say more than that.
fn costly_blocks() -> Vec<Vec<u8>> {
    let block = |copies: usize, claimed: usize| {
        let claimed = [0, 7, 14].map(|shift| (claimed >> shift) as u8 | 0x80);
        let len = [&claimed[..], &[0]].concat();
        [len, vec![0, b'a'], [0xfe, 1, 0].repeat(copies)].concat()
    };
    let copies = LARGE / 3;
    let honest = 1 + 64 * copies;
    vec![block(copies, honest), block(copies, honest + 1), block(copies, 2 * honest), block(1, (1 << 21) - 1)]
}

/// Texts of letters, and of what is shown escaped.
fn long_texts() -> Vec<Vec<u8>> {
    let uri = |letter: &str| format!("file:/{}", letter.repeat(LARGE / letter.len())).into_bytes();
    let texts = ["a", "\x7f", "\u{200b}"].map(uri);
    texts.into_iter().chain([vec![b'0'; LARGE], vec![0xff; LARGE], vec![1; LARGE]]).collect()
}

/// Of key 1, whole but for the tag.
fn long_envelopes() -> Vec<Vec<u8>> {
    vec![[&[1, 0, 0, 0, 0, 1][..], &[7; LARGE]].concat(), [&[1, 1, 0, 0, 0, 1][..], &[7; LARGE]].concat()]
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

/// Documents without blanks, since those that are written have some: with as many groups and keys as there is room
/// for, and such as hold nothing that belongs there, in the least bytes.
fn costly_sidecars() -> Vec<Vec<u8>> {
    let shown = String::from_utf8(sidecars().concat()).unwrap_or_default();
    let plain: String = shown.split_ascii_whitespace().collect();
    let with = |from: &str, to: &str| {
        let changed = plain.replacen(from, to, 1);
        assert_ne!(changed, plain, "{from} is in the document");
        summed(&changed)
    };
    let groups = |count: usize| -> String { (1..=count).map(|group| format!(r#""{group}":1,"#)).collect() };
    let of_groups = |count| {
        let place = r#""raft_envelope_cutover_index":{"#;
        summed(&replaced(&plain, place, "}", groups(count).trim_end_matches(',')))
    };
    let keys = |count: usize| {
        let entry = between(&plain, r#""305419896":"#, r#"},"2596069104""#).replacen("active", "retiring", 1);
        let more: String = (1..=count).map(|key| format!(r#""{key}":{entry}}},"#)).collect();
        with(r#""keys":{"#, &format!(r#""keys":{{{more}"#))
    };
    let small = |field: &str, count: usize| {
        let fields: String = (0..count).map(|name| format!(r#""{name:x}":{field},"#)).collect();
        format!(r#"{{"version":1,{}}}"#, fields.trim_end_matches(',')).into_bytes()
    };
    let letters = |letter: &str| letter.repeat(LARGE / letter.len());
    let name = letters("\x7f");
    let created = between(&plain, r#""created":""#, r#"""#);
    vec![
        of_groups(4097),
        of_groups(8192),
        keys(100),
        keys(129),
        small("0", 8000),
        small(r#"{"":0}"#, 5000),
        small("[]", 5000),
        format!(r#"{{"{name}":0,"{name}":0}}"#).into_bytes(),
        format!(r#"{{"version":1,"keys":{}"#, r#"{"a":"#.repeat(LARGE / 5)).into_bytes(),
        format!(r#"{{"version":{}}}"#, "[".repeat(LARGE) + &"]".repeat(LARGE)).into_bytes(),
        with(created, &letters("\x7f")),
        with(created, &letters("\u{200b}")),
        with("\"n1\"", &format!("\"{name}\"")),
        with("\"file\"", &format!("\"{}\"", letters("\\u0001"))),
        letters("[").into_bytes(),
    ]
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    text.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect("the document has this")
}

fn replaced(text: &str, from: &str, to: &str, with: &str) -> String {
    let before = between(text, from, to);
    text.replacen(&format!("{from}{before}{to}"), &format!("{from}{with}{to}"), 1)
}

/// The same with a checksum that fits.
fn summed(document: &str) -> Vec<u8> {
    let field = r#""crc32c":""#;
    let bare = replaced(document, field, r#"""#, "");
    let sum = format!("{:08x}", crc32c::crc32c(bare.as_bytes()));
    replaced(document, field, r#"""#, &sum).into_bytes()
}

fn marks() -> Vec<Vec<u8>> {
    golden(SIDECAR_PAGE)
}
