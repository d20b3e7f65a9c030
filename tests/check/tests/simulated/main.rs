//! The judges, tried on histories of a small store that is correct, and that is wrong just once.
//!
//! Nothing is wrong with any history of the correct store, whatever the order of steps: a judge that cries
//! wolf would be useless. With one fault injected the judge must find it. For most faults that is every time;
//! for the others a share is demanded, because one fault alone may go by without anybody having seen
//! anything that could not have happened.

#![allow(clippy::indexing_slicing, clippy::print_stdout, reason = "tests may fail, and say what they did")]

mod lists;
mod money;
mod registers;
mod stamps;
mod store;

use elastickv_check::Findings;
use rand::SeedableRng;
use rand::rngs::StdRng;

const CORRECT_RUNS: u64 = 120;
const FAULTY_RUNS: u64 = 40;

/// One run: what the judge said, and whether the fault took effect.
type Run = (Findings, bool);

fn all_clean(run: impl Fn(StdRng) -> Run) {
    for seed in 0..CORRECT_RUNS {
        let (findings, injected) = run(StdRng::seed_from_u64(seed));
        assert!(!injected && findings.is_clean(), "seed {seed}: {findings}");
    }
}

/// Runs until the fault took effect in so many; the share in which it was found must be this, in per cent.
fn found(fault: &str, at_least: usize, run: impl Fn(StdRng) -> Run) {
    let runs: Vec<_> = (0..FAULTY_RUNS).map(|seed| run(StdRng::seed_from_u64(seed))).collect();
    let injected = runs.iter().filter(|(_, injected)| *injected).count();
    let found = runs.iter().filter(|(findings, injected)| *injected && !findings.is_clean()).count();
    println!("{fault}: injected in {injected} of {FAULTY_RUNS} runs, found in {found}");
    assert!(injected * 10 >= runs.len() * 9, "{fault} took effect in {injected} runs only");
    assert!(found * 100 >= injected * at_least, "{fault} was found in {found} of {injected} runs");
}
