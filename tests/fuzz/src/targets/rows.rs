//! Rows of the store (docs/formats/row.md), and where reading and collecting them goes on
//! (docs/formats/scan-token.md).

use bytes::Bytes;
use elastickv_mvcc::gc::Cursor;
use elastickv_mvcc::{Pins, RowHeader, RowKey, ScanToken};
use elastickv_types::Timestamp;

use super::golden;
use crate::{Memory, Target, none_costly};

const PAGE: &str = include_str!("../../../../docs/formats/row.md");
const TOKENS: &str = include_str!("../../../../docs/formats/scan-token.md");

/// What is decoded, and the input once more with another checksum.
const SUMMED: Memory = Memory { times: 3, beside: 1024 };

pub const KEY: Target =
    Target { name: "row-key", decode: key, seeds: keys, costly: none_costly, memory: Memory::TWICE };
pub const VALUE: Target =
    Target { name: "row-value", decode: value, seeds: values, costly: none_costly, memory: Memory::TWICE };
pub const TOKEN: Target =
    Target { name: "scan-token", decode: token, seeds: tokens, costly: none_costly, memory: SUMMED };
pub const CURSOR: Target =
    Target { name: "gc-cursor", decode: cursor, seeds: tokens, costly: none_costly, memory: SUMMED };

fn keys() -> Vec<Vec<u8>> {
    golden(PAGE)
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
