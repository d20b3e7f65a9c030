//! Payloads of log entries, and the state that they leave (docs/formats/log-entry.md,
//! encryption-commands.md, encryption-state.md).

use super::golden;
use crate::{Memory, Target};

/// A step of what is under way takes six bytes at least and 56 once it is read, in a list that grows by doubling.
const STEPS: usize = 2 + 3 * 56 / 6;
const LARGE: usize = 60_000;

pub const PAYLOAD: Target = Target {
    name: "payload",
    decode: elastickv_fsm::fuzz_payload,
    seeds: payloads,
    costly: costly_payloads,
    memory: Memory::TWICE,
};
pub const RECORDS: Target = Target {
    name: "encryption-records",
    decode: elastickv_fsm::fuzz_records,
    seeds: records,
    costly: costly_records,
    memory: Memory { times: STEPS, beside: 8 << 10 },
};

/// A part of a message: its field, its length, its bytes.
pub fn part(field: u8, bytes: &[u8]) -> Vec<u8> {
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

/// Lists of as many and as small elements as there can be in so many bytes, of such as decode and such as do not.
fn costly_payloads() -> Vec<Vec<u8>> {
    let empty = |field: u8| part(field, &[]).repeat(LARGE / 2);
    let write = |lists: &[u8]| part(3, &[&part(2, &[0x11; 16])[..], &[0x19], &[1; 8], lists].concat());
    let many = |smallest: Vec<u8>| write(&smallest.repeat(LARGE / smallest.len()));
    let batches = [
        empty(3),
        many(part(6, &[])),
        many(part(6, &part(1, b"k"))),
        many(part(4, &[])),
        many(part(4, b"k")),
        many(part(5, &[])),
        many(part(5, &part(1, b"k"))),
        write(&[]).repeat(LARGE / 29),
    ];
    let cohort = part(2, &empty(5));
    let changes = [
        part(1, &cohort),
        part(1, &[]).repeat(LARGE / 2),
        part(2, &empty(1)),
        part(8, &part(1, &[1; LARGE])),
    ];
    let command = |opcode: u8, message: &[u8]| [&[1, 0, opcode, 1], message].concat();
    let bootstrap = command(4, &part(1, &empty(5)));
    let batches = batches.iter().map(|batch| command(0, batch));
    batches.chain(changes.iter().map(|change| command(5, change))).chain([bootstrap]).collect()
}

/// One record each, of lists of nothing: the steps of what is under way, the facts of a refusal; and very many
/// records that are small.
fn costly_records() -> Vec<Vec<u8>> {
    let sized =
        |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap_or_default().to_be_bytes(), bytes].concat();
    let record = |key: &[u8], value: &[u8]| [sized(key), sized(value)].concat();
    let one = |key: &[u8], value: &[u8]| [&[1], &record(key, value)[..]].concat();
    let step = |step: &[u8]| part(6, step).repeat(LARGE / (2 + step.len()));
    let steps = |steps: &[u8]| one(b"e/control", &[&[8, 1], &part(7, steps)[..]].concat());
    let facts = part(8, &part(2, &[1; LARGE]));
    let floors =
        (1..2500_u32).flat_map(|key| record(&[&b"e/floor/"[..], &key.to_be_bytes()].concat(), &[0; 8]));
    vec![
        steps(&step(&[])),
        steps(&step(&[0x22, 2, 0x10, 1])),
        one(b"e/history/\0\0\0\0\0\0\0\x01", &[&[8, 1], &facts[..]].concat()),
        [vec![2], floors.collect()].concat(),
    ]
}

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
