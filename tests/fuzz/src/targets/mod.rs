//! The decoders, by the page that draws what they read.

mod log;
mod payloads;
mod rows;
mod snapshots;

use crate::Target;

/// Every decoder of bytes from a disk or a wire.
pub const TARGETS: &[Target] =
    &[log::SEGMENT, payloads::PAYLOAD, rows::KEY, rows::VALUE, snapshots::SNAPSHOT];

/// The bytes of golden examples.
fn golden(examples: &[&str]) -> Vec<Vec<u8>> {
    examples.iter().map(|text| hex::decode(text).expect("an example is hex")).collect()
}
