//! Twenty thousand segments that are almost right, and some that are not at all.

use elastickv_sys::memory::MemoryFiles;
use elastickv_sys::random::SharedRandom;

use super::*;
use crate::format::{FRAME_BYTES, HEADER_BYTES};

/// Segments of logs with different pasts, cut behind their last record now and then.
fn seeds() -> Vec<Vec<u8>> {
    let files = MemoryFiles::shared();
    let dir = Path::new("/seeds");
    let log = Log::open(files.clone(), dir, group(), small()).unwrap();
    log.vote_now(vote(1)).unwrap();
    for index in 0..24 {
        log.append_now(vec![entry(1 + index / 5, index, &vec![index as u8; (index * 9) as usize])]).unwrap();
    }
    log.truncate_now(Some(at(20))).unwrap();
    log.append_now(vec![entry(9, 21, b"new")]).unwrap();
    log.purge_now(id(1, 2)).unwrap();
    log.save_committed(Some(id(1, 4)));
    log.close().unwrap();
    let paths = files.paths().into_iter().filter(|path| path.extension().is_some_and(|end| end == "log"));
    paths.map(|path| files.get(&path).unwrap()).collect()
}

struct Dice(SharedRandom);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        (self.0.u64() % limit.max(1) as u64) as usize
    }
}

/// One change that hostile or dying hardware could make, or an attacker who knows the checksums.
fn mutate(bytes: &mut Vec<u8>, dice: &Dice) {
    if bytes.is_empty() {
        return;
    }
    let at = dice.below(bytes.len());
    match dice.below(8) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = dice.below(256) as u8,
        2 => bytes.truncate(at),
        3 => bytes.extend_from_slice(&vec![dice.below(256) as u8; dice.below(64)]),
        4 => bytes.iter_mut().skip(at).take(64).for_each(|byte| *byte = 0),
        5 => {
            let (from, len) = (dice.below(bytes.len()), dice.below(200));
            let stretch: Vec<u8> = bytes.iter().skip(from).take(len).copied().collect();
            bytes.iter_mut().skip(at).zip(stretch).for_each(|(into, byte)| *into = byte);
        }
        6 => {
            let word = [0, 1, 0x7fff_ffff, 0xffff_ffff, bytes.len() as u32][dice.below(5)].to_be_bytes();
            bytes.iter_mut().skip(at / 4 * 4).zip(word).for_each(|(into, byte)| *into = byte);
        }
        _ => {}
    }
    if dice.below(2) == 0 {
        repair(bytes);
    }
}

/// Makes the checksums right again, so that what is wrong lies behind them.
fn repair(bytes: &mut [u8]) {
    let header = HEADER_BYTES as usize;
    if bytes.len() >= header {
        // The size is the file's as well, or nothing behind the header would ever be looked at.
        let len = bytes.len() as u64;
        bytes[40..48].copy_from_slice(&len.to_be_bytes());
        let checksum = crc32c::crc32c_append(crc32c::crc32c(&bytes[..12]), &bytes[16..header]);
        bytes[12..16].copy_from_slice(&checksum.to_be_bytes());
    }
    let mut at = header;
    while at + FRAME_BYTES as usize <= bytes.len() && bytes[at..at + 32].iter().any(|byte| *byte != 0) {
        let body = u32::from_be_bytes(bytes[at + 24..at + 28].try_into().unwrap()) as usize;
        if let Some(body) = bytes.get(at + 32..at + 32 + body) {
            let checksum = crc32c::crc32c(body).to_be_bytes();
            bytes[at + 28..at + 32].copy_from_slice(&checksum);
        }
        let checksum = crc32c::crc32c(&bytes[at + 4..at + 32]).to_be_bytes();
        bytes[at..at + 4].copy_from_slice(&checksum);
        at += (32 + body).next_multiple_of(8);
    }
}

#[test]
fn whatever_a_segment_holds_opening_it_returns() {
    let seeds = seeds();
    for seed in &seeds {
        crate::fuzz(seed);
    }
    for round in 0..20_000_u64 {
        let dice = Dice(SeededRandom::shared(round));
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(4) {
            mutate(&mut bytes, &dice);
        }
        let outcome = std::panic::catch_unwind(|| crate::fuzz(&bytes));
        assert!(outcome.is_ok(), "round {round}");
    }
    for round in 0..500 {
        let dice = Dice(SeededRandom::shared(round));
        let mut bytes = vec![0; dice.below(5000)];
        dice.0.fill(&mut bytes);
        crate::fuzz(&bytes);
    }
}
