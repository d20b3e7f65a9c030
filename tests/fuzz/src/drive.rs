//! Feeds one decoder after another and watches what it does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use peak_alloc::PeakAlloc;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::{Target, mutate};

/// No input that is made at random is longer; the costly ones tell what they are by how they begin.
const SHOWN: usize = 64 << 10;

/// Feeds a target so many inputs. The same seed gives the same ones.
///
/// # Errors
///
/// Names the first input that makes the decoder panic or take too much memory, in hex.
pub fn drive(target: &Target, inputs: u64, seed: u64, memory: &PeakAlloc) -> Result<(), String> {
    let seeds = (target.seeds)();
    for given in seeds.iter().chain(&(target.costly)()) {
        feed(target, given, memory)?;
    }
    let mut random = StdRng::seed_from_u64(seed);
    for _ in 0..inputs {
        feed(target, &mutate::input(&seeds, &mut random), memory)?;
    }
    Ok(())
}

/// Feeds a target one input.
///
/// # Errors
///
/// Names the input, in hex, if the decoder panics or takes too much memory.
pub fn feed(target: &Target, input: &[u8], memory: &PeakAlloc) -> Result<(), String> {
    memory.reset_peak_usage();
    let before = memory.current_usage();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.decode)(input)));
    let taken = memory.peak_usage().saturating_sub(before);
    let shown = input.get(..SHOWN).unwrap_or(input);
    let given = || format!("{}: {} bytes, {}", target.name, input.len(), hex::encode(shown));
    if outcome.is_err() {
        return Err(format!("panicked at {}", given()));
    }
    let bound = target.memory.bound(input.len());
    if taken > bound {
        return Err(format!("took {taken} bytes where {bound} are allowed, at {}", given()));
    }
    Ok(())
}
