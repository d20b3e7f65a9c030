//! The decoders, by the page that draws what they read.

mod keys;
mod log;
mod payloads;
mod rows;
mod snapshots;

use crate::Target;

/// Every decoder of bytes from a disk or a wire.
pub const TARGETS: &[Target] = &[
    log::SEGMENT,
    payloads::PAYLOAD,
    payloads::RECORDS,
    rows::KEY,
    rows::VALUE,
    rows::TOKEN,
    rows::CURSOR,
    snapshots::SNAPSHOT,
    keys::STORAGE_ENVELOPE,
    keys::RAFT_ENVELOPE,
    keys::COMPRESSED_VALUE,
    keys::WRAPPED_KEY,
    keys::KEK_URI,
    keys::KEK_TEXT,
    keys::SIDECAR,
    keys::LOAD_MARK,
];

/// How long bytes are that are made to be expensive: what doubles, doubles often on the way there.
const LARGE: usize = 60_000;

/// A part of a message: its field, its length, its bytes.
fn part(field: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | 2];
    let mut len = bytes.len();
    while len >= 0x80 {
        out.push(len as u8 | 0x80);
        len >>= 7;
    }
    out.push(len as u8);
    out.extend_from_slice(bytes);
    out
}

/// Every golden example of a page: what its tables hold in hex.
fn golden(page: &str) -> Vec<Vec<u8>> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    quoted.filter_map(|text| hex::decode(text).ok()).collect()
}
