//! Feeds one decoder after another and watches what it does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::meter::{Allocator, Taken, measure};
use crate::{FIXED, Target, mutate};

/// Hardly an input is longer; those that are tell what they are by how they begin.
const SHOWN: usize = 64 << 10;

/// They are long, so only one input in so many is made of them.
const COSTLY_EVERY: u64 = 1000;

/// What a target was seen to ask for, at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// In one request beyond twice the input, or beyond the output that was stated.
    pub beyond: usize,
    /// Held at once, in hundredths of what is allowed.
    pub held: usize,
}

/// Feeds a target so many inputs. The same seed gives the same ones.
///
/// # Errors
///
/// Names the first input that makes the decoder panic or take too much memory, in hex.
pub fn drive(target: &Target, inputs: u64, seed: u64, memory: &Allocator) -> Result<Seen, String> {
    let seeds = (target.seeds)();
    let mut seen = Seen::default();
    let mut feed = |input: &[u8]| -> Result<(), String> {
        let taken = feed(target, input, memory)?;
        let allowed = target.largest(input) - FIXED;
        seen.beyond = seen.beyond.max(taken.largest.saturating_sub(allowed));
        seen.held = seen.held.max(100 * taken.at_once / target.memory.bound(input.len()));
        Ok(())
    };
    let costly = (target.costly)();
    for given in seeds.iter().chain(&costly) {
        feed(given)?;
    }
    let mut random = StdRng::seed_from_u64(seed);
    for number in 1..=inputs {
        let from = if number % COSTLY_EVERY == 0 { &costly } else { &seeds };
        feed(&mutate::input(from, &mut random))?;
    }
    Ok(seen)
}

/// Feeds a target one input and tells what it took.
///
/// # Errors
///
/// Names the input, in hex, if the decoder panics or takes too much memory.
pub fn feed(target: &Target, input: &[u8], memory: &Allocator) -> Result<Taken, String> {
    let (outcome, taken) = measure(memory, || catch_unwind(AssertUnwindSafe(|| (target.decode)(input))));
    let shown = input.get(..SHOWN).unwrap_or(input);
    let given = || format!("{}: {} bytes, {}", target.name, input.len(), hex::encode(shown));
    if outcome.is_err() {
        return Err(format!("panicked at {}", given()));
    }
    let (asked, most) = (taken.largest, target.largest(input));
    if asked > most {
        return Err(format!("asked for {asked} bytes at once where {most} are allowed, at {}", given()));
    }
    let (held, most) = (taken.at_once, target.memory.bound(input.len()));
    if held > most {
        return Err(format!("held {held} bytes where {most} are allowed, at {}", given()));
    }
    Ok(taken)
}
