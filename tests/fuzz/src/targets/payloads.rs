//! Payloads of log entries, and the state that they leave (docs/formats/log-entry.md,
//! encryption-commands.md, encryption-state.md).

use super::{LARGE, golden, part};
use crate::{Memory, Target, no_output};

pub const PAYLOAD: Target = Target {
    name: "payload",
    decode: elastickv_fsm::fuzz_payload,
    seeds: payloads,
    costly: costly_payloads,
    output: no_output,
    // The lists of a batch take nothing. A writer of a cohort takes 24 bytes of eleven, and what was read is written
    // again to compare.
    memory: Memory { times: 7, beside: 4 << 10 },
};
pub const RECORDS: Target = Target {
    name: "encryption-records",
    decode: elastickv_fsm::fuzz_records,
    seeds: records,
    costly: costly_records,
    output: no_output,
    // A record of 20 bytes is an entry of a map, in nodes that may be half empty, and there twice to compare.
    memory: Memory { times: 6, beside: 8 << 10 },
};

/// Lists of as many and as small elements as there can be in so many bytes, of such as decode and such as do not.
fn costly_payloads() -> Vec<Vec<u8>> {
    let empty = |field: u8| part(field, &[]).repeat(LARGE / 2);
    let write = |lists: &[u8]| part(3, &[&part(2, &[0x11; 16]), lists].concat());
    let reads = |list: &[u8]| write(&[&[0x19, 1, 0, 0, 0, 0, 0, 0, 0], list].concat());
    let smallest = |field: u8| part(field, &part(1, b"k")).repeat(LARGE / 5);
    let batches = [
        empty(3),
        write(&empty(6)),
        write(&smallest(6)),
        write(&[]).repeat(LARGE / 20),
        reads(&part(4, b"k").repeat(LARGE / 3)),
        reads(&smallest(5)),
        [&[9, 1, 0, 0, 0, 0, 0, 0, 0], &part(3, &smallest(6))[..]].concat(),
    ];
    let cohort = part(2, &empty(5));
    let changes = [
        part(1, &cohort),
        part(1, &[]).repeat(LARGE / 2),
        part(2, &empty(1)),
        part(8, &part(1, &[1; LARGE])),
    ];
    let changes = changes.into_iter().chain(key_lists());
    let command = |opcode: u8, message: &[u8]| [&[1, 0, opcode, 1], message].concat();
    let locks = [smallest(6), empty(6)].map(|list| command(0x10, &list));
    let keys = command(0x11, &part(4, b"k").repeat(LARGE / 3));
    let bootstrap = command(4, &part(1, &empty(5)));
    let batches = batches.iter().map(|batch| command(0, batch));
    batches.chain(changes.map(|change| command(5, &change))).chain([bootstrap, keys]).chain(locks).collect()
}

/// Cohorts and rewrapped keys that are all right, but that they are as small as they can be, and one more than a
/// list that doubles has room for.
fn key_lists() -> Vec<Vec<u8>> {
    let origin = part(15, &[part(1, &[7; 16]), part(2, b"ops")].concat());
    let wrapping = part(1, &[1]);
    let writer = part(5, &[&[9][..], &[1; 8]].concat());
    let install = |writers: usize| {
        let head = [vec![0xd, 5, 0, 0, 0], part(2, &wrapping), part(3, &[2; 32])].concat();
        let key = part(2, &[head, writer.repeat(writers)].concat());
        [part(1, &[vec![8, 1], key, vec![0x1d, 4, 0, 0, 0]].concat()), origin.clone()].concat()
    };
    let rewrapped = part(1, &[vec![0xd, 5, 0, 0, 0], part(2, &[2; 32]), part(3, &wrapping)].concat());
    let rewrap = |keys: usize| [part(2, &rewrapped.repeat(keys)), origin.clone()].concat();
    let floor = |keys: u32| {
        let ids: Vec<u8> = (1..=keys).flat_map(u32::to_le_bytes).collect();
        [part(8, &part(1, &ids)), origin.clone()].concat()
    };
    vec![install(513), install(1024), rewrap(129), rewrap(256), floor(1024), floor(8193)]
}

/// One record each, of lists of nothing: the steps of what is under way, the facts of a refusal; and very many
/// records that are small.
fn costly_records() -> Vec<Vec<u8>> {
    let sized =
        |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap_or_default().to_be_bytes(), bytes].concat();
    let record = |key: &[u8], value: &[u8]| [sized(key), sized(value)].concat();
    let one = |key: &[u8], value: &[u8]| [&[1], &record(key, value)[..]].concat();
    let step = |step: &[u8]| part(7, step).repeat(LARGE / (2 + step.len()));
    let steps = |steps: &[u8]| one(b"e/control", &[&[8, 1], &part(7, steps)[..]].concat());
    let facts = part(8, &part(2, &[1; LARGE]));
    let origin = part(1, &[part(1, &[7; 16]), part(2, b"ops")].concat());
    let taken = |steps: u32| -> Vec<u8> {
        let step =
            |key: u32| part(7, &[&[8, 7, 0x1d], &key.to_le_bytes()[..], &part(4, &[0x10, 1])].concat());
        let running = [origin.clone(), vec![0x10, 6], (1..=steps).flat_map(step).collect()].concat();
        [vec![8, 1], part(7, &running)].concat()
    };
    let floors =
        (1..2500_u32).flat_map(|key| record(&[&b"e/floor/"[..], &key.to_be_bytes()].concat(), &[0; 8]));
    vec![
        steps(&step(&[])),
        steps(&step(&[0x22, 2, 0x10, 1])),
        one(b"e/control", &taken(129)),
        one(b"e/control", &taken(256)),
        one(b"e/control", &taken(257)),
        one(&[0; LARGE], &[]),
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

/// The golden records, whose keys are shown as text and hex: all of them, which make a state, and each alone.
fn records() -> Vec<Vec<u8>> {
    let page = include_str!("../../../../docs/formats/encryption-state.md");
    let part = |bytes: &[u8]| {
        let len = u16::try_from(bytes.len()).unwrap_or_default();
        [&len.to_be_bytes(), bytes].concat()
    };
    let record = |row: &str| {
        let mut quoted = row.split('`').skip(1).step_by(2);
        let (key, value) = (quoted.next()?, hex::decode(quoted.next()?).ok()?);
        let (name, id) = key.split_once(" ‖ ").unwrap_or((key, ""));
        let key = [name.as_bytes(), &hex::decode(id).ok()?].concat();
        Some([part(&key), part(&value)].concat())
    };
    let records: Vec<Vec<u8>> =
        page.lines().filter(|line| line.starts_with("| `e/")).filter_map(record).collect();
    let whole = [&[1], records.concat().as_slice()].concat();
    records.iter().map(|record| [&[1], record.as_slice()].concat()).chain([whole]).collect()
}
