//! Spelling fields by hand: what entries hold most of is written without a struct in between.

use bytes::{BufMut, BytesMut};
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};

/// What a field of eight bytes takes, with its key.
const FIXED64: usize = 9;

/// Of so many bytes, with the key and the length before them.
pub fn part_len(bytes: usize) -> usize {
    1 + encoded_len_varint(bytes as u64) + bytes
}

pub fn put_head(field: u32, len: usize, out: &mut BytesMut) {
    encode_key(field, WireType::LengthDelimited, out);
    encode_varint(len as u64, out);
}

pub fn put_part(field: u32, bytes: &[u8], out: &mut BytesMut) {
    put_head(field, bytes.len(), out);
    out.put_slice(bytes);
}

/// Of a part that is left out when it is empty.
pub fn optional_part_len(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { part_len(bytes) }
}

pub fn put_optional_part(field: u32, bytes: &[u8], out: &mut BytesMut) {
    if !bytes.is_empty() {
        put_part(field, bytes, out);
    }
}

/// Zero is spelt by leaving it out.
pub fn fixed64_len(value: u64) -> usize {
    if value == 0 { 0 } else { FIXED64 }
}

pub fn put_fixed64(field: u32, value: u64, out: &mut BytesMut) {
    if value != 0 {
        encode_key(field, WireType::SixtyFourBit, out);
        out.put_u64_le(value);
    }
}
