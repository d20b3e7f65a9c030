//! Rows of the store (docs/formats/row.md), and where reading and collecting them goes on
//! (docs/formats/scan-token.md).

use bytes::Bytes;
use elastickv_mvcc::gc::Cursor;
use elastickv_mvcc::{Pins, RowHeader, RowKey, ScanToken};
use elastickv_types::Timestamp;

use super::{LARGE, golden};
use crate::{Memory, Target, no_output};

const PAGE: &str = include_str!("../../../../docs/formats/row.md");
const TOKENS: &str = include_str!("../../../../docs/formats/scan-token.md");

/// What is decoded, and the input once more with another checksum.
const SUMMED: Memory = Memory { times: 3, beside: 1024 };

const fn target(
    name: &'static str,
    decode: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
    costly: fn() -> Vec<Vec<u8>>,
    memory: Memory,
) -> Target {
    Target { name, decode, seeds, costly, output: no_output, memory }
}

pub const KEY: Target = target("row-key", key, keys, long_keys, Memory::TWICE);
pub const VALUE: Target = target("row-value", value, values, long_values, Memory::TWICE);
pub const TOKEN: Target = target("scan-token", token, tokens, long_tokens, SUMMED);
pub const CURSOR: Target = target("gc-cursor", cursor, tokens, long_cursors, SUMMED);

fn keys() -> Vec<Vec<u8>> {
    golden(PAGE)
}

/// One of letters, and one of zeroes, each of which is escaped.
fn long_keys() -> Vec<Vec<u8>> {
    let key = |user_key: &[u8]| [user_key, &[0, 1], &[0xff; 8]].concat();
    vec![key(&[b'a'; LARGE]), key(&[0, 0xff].repeat(LARGE / 2))]
}

fn long_values() -> Vec<Vec<u8>> {
    vec![[&[0; 9][..], &[7; LARGE]].concat()]
}

/// What stands before a place, the place behind its length, and room for a checksum.
fn with_place(before: &[u8], place: &[u8]) -> Vec<u8> {
    summed(&[before, &(place.len() as u32).to_be_bytes(), place, &[0; 4]].concat())
}

fn long_tokens() -> Vec<Vec<u8>> {
    [LARGE, 4096].map(|len| with_place(&[&[1, 0][..], &[7; 16]].concat(), &vec![b'a'; len])).into()
}

fn long_cursors() -> Vec<Vec<u8>> {
    long_keys().iter().map(|key| with_place(&[&[1][..], &[0; 8]].concat(), key)).collect()
}

fn key(data: &[u8]) {
    if let Ok(key) = RowKey::decode(data) {
        assert_eq!(RowKey::encode(&key.user_key, key.commit_ts), data, "a key has one form");
    }
}

fn values() -> Vec<Vec<u8>> {
    golden(PAGE)
}

fn value(data: &[u8]) {
    if let Ok((header, body)) = RowHeader::split(Bytes::copy_from_slice(data)) {
        assert_eq!(header.join(&body), data, "a row has one form");
    }
}

fn tokens() -> Vec<Vec<u8>> {
    golden(TOKENS)
}

/// The same with a checksum that fits: random changes alone would get no further than to that.
fn summed(data: &[u8]) -> Vec<u8> {
    let (body, _) = data.split_at(data.len().saturating_sub(4));
    [body, &crc32c::crc32c(body).to_be_bytes()].concat()
}

fn token(data: &[u8]) {
    for bytes in [data, &summed(data)] {
        if let Ok(token) = ScanToken::decode(bytes) {
            assert_eq!(token.encode(), bytes, "a token has one form");
        }
    }
}

fn cursor(data: &[u8]) {
    let allowed = Pins::new(Timestamp::MAX).watermark();
    for bytes in [data, &summed(data)] {
        if let Ok(cursor) = Cursor::decode(bytes, allowed) {
            assert_eq!(cursor.encode(), bytes, "a cursor has one form");
        }
    }
}
