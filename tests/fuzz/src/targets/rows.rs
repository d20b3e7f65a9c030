//! Rows of the store (docs/formats/row.md).

use bytes::Bytes;
use elastickv_mvcc::{RowHeader, RowKey};

use super::golden;
use crate::{Memory, Target, none_costly};

const PAGE: &str = include_str!("../../../../docs/formats/row.md");

pub const KEY: Target =
    Target { name: "row-key", decode: key, seeds: keys, costly: none_costly, memory: Memory::TWICE };
pub const VALUE: Target =
    Target { name: "row-value", decode: value, seeds: values, costly: none_costly, memory: Memory::TWICE };

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
