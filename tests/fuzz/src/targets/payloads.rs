//! Payloads of log entries, and the state that they leave (docs/formats/log-entry.md,
//! encryption-commands.md, encryption-state.md).

use super::golden;
use crate::{Memory, Target};

/// A list of messages takes more than its bytes say: an empty message of two bytes becomes a whole struct.
const IN_MEMORY: usize = 96;

pub const PAYLOAD: Target = Target {
    name: "payload",
    decode: elastickv_fsm::fuzz_payload,
    seeds: payloads,
    memory: Memory { times: IN_MEMORY, ..Memory::TWICE },
};
pub const RECORDS: Target = Target {
    name: "encryption-records",
    decode: elastickv_fsm::fuzz_records,
    seeds: records,
    memory: Memory { times: IN_MEMORY, beside: 8 << 10 },
};

fn payloads() -> Vec<Vec<u8>> {
    let mut payloads = golden(include_str!("../../../../docs/formats/log-entry.md"));
    // There a command stands without the two bytes before it.
    let commands = golden(include_str!("../../../../docs/formats/encryption-commands.md"));
    payloads.extend(commands.iter().map(|command| [&[1, 0], command.as_slice()].concat()));
    payloads.extend(commands);
    payloads
}

/// Each golden record alone, and all of them, in the form that the decoder under test takes.
fn records() -> Vec<Vec<u8>> {
    let golden = golden(include_str!("../../../../docs/formats/encryption-state.md"));
    let part = |bytes: &[u8]| {
        let len = u16::try_from(bytes.len()).unwrap_or_default();
        [&len.to_be_bytes(), bytes].concat()
    };
    let pairs: Vec<Vec<u8>> =
        golden.chunks(2).map(|pair| pair.iter().flat_map(|bytes| part(bytes)).collect()).collect();
    let mut seeds: Vec<Vec<u8>> = pairs.iter().map(|pair| [&[1], pair.as_slice()].concat()).collect();
    seeds.push([&[1], pairs.concat().as_slice()].concat());
    seeds
}
