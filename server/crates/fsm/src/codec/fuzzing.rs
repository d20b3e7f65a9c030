//! Payloads that are almost right, and some that are not at all.

use elastickv_sys::random::{SeededRandom, SharedRandom};

use super::tests::samples;
use super::*;

fn below(dice: &SharedRandom, limit: usize) -> usize {
    (dice.u64() % limit.max(1) as u64) as usize
}

fn mutate(bytes: &mut Vec<u8>, dice: &SharedRandom) {
    let at = below(dice, bytes.len());
    match below(dice, 6) {
        0 => bytes[at] ^= 1 << below(dice, 8),
        1 => bytes[at] = dice.u64() as u8,
        2 => bytes.truncate(at.max(1)),
        3 => bytes.insert(at, dice.u64() as u8),
        4 => {
            bytes.remove(at);
            bytes.push(0);
        }
        _ => {
            let part = bytes[at..].iter().take(below(dice, 40)).copied().collect::<Vec<_>>();
            let to = below(dice, bytes.len());
            bytes.splice(to..to, part);
        }
    }
}

#[test]
fn whatever_a_payload_holds_reading_it_returns() {
    let seeds: Vec<Bytes> = samples().iter().map(|(_, command)| encode_payload(command)).collect();
    let mut read = 0;
    for round in 0..60_000 {
        let dice = SeededRandom::shared(round);
        let mut bytes = seeds[below(&dice, seeds.len())].to_vec();
        for _ in 0..=below(&dice, 3) {
            mutate(&mut bytes, &dice);
        }
        read += u32::from(decode_payload(bytes.clone().into()).is_ok());
        let outcome = std::panic::catch_unwind(|| crate::fuzz::fuzz_payload(&bytes));
        assert!(outcome.is_ok(), "round {round}");
    }
    // A driver that only ever meets refusals looks at nothing behind them.
    assert!(read > 1000, "{read} were read");
}
