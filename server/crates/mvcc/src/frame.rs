//! What tokens and cursors have in common: a version in front, a checksum behind.
//!
//! The checksum tells a text that was cut or mistyped from one that was not. It keeps nobody from making one:
//! what a token says is checked against the request that it comes with, and a cursor stays on its node.

use bytes::{BufMut, Bytes, BytesMut};

pub(crate) const CHECKSUM_BYTES: usize = 4;

pub(crate) fn close(mut body: BytesMut) -> Bytes {
    body.put_u32(crc32c::crc32c(&body));
    body.freeze()
}

/// What stands between version and checksum.
pub(crate) fn open(raw: &[u8], version: u8) -> Result<&[u8], &'static str> {
    let split = raw.len().checked_sub(CHECKSUM_BYTES).ok_or("it is too short")?;
    let (body, sum) = raw.split_at(split);
    if sum != crc32c::crc32c(body).to_be_bytes() {
        return Err("its checksum does not match");
    }
    match body.split_first() {
        Some((&found, rest)) if found == version => Ok(rest),
        Some(_) => Err("its version is not known to this build"),
        None => Err("it is too short"),
    }
}

/// What follows a length, which has to be all that is left.
pub(crate) fn rest_of_length(rest: &[u8]) -> Result<&[u8], &'static str> {
    let (len, rest) = rest.split_first_chunk::<4>().ok_or("it is too short")?;
    match u32::from_be_bytes(*len) as usize == rest.len() {
        true => Ok(rest),
        false => Err("its length is not what it says"),
    }
}
