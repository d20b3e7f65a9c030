//! Hostile input for every decoder.
//!
//! A [`Target`] is a decoder, bytes that it accepts, bytes made to be expensive, and how much memory it may ask
//! for. [`drive`] changes the accepted bytes at random, and whatever comes of it the decoder must return: an error
//! or a value, no panic, and no more memory than a multiple of its input that is stated with it. What that
//! multiple is made of:
//!
//! - Bytes are copied twice at most, so a length that is believed before it is checked is found at once.
//! - A list takes a struct for each element, so its multiple is the size of that struct by the fewest bytes that an
//!   element can have: elements are counted and measured before any of them is built. Of a list that can be one
//!   of small things (mutations, rows, steps) this is what decides, and it is more than two.
//! - What checks the decoder here (writing the value again, a second read, the file in memory) is counted as well.
//!
//! It needs nothing but stable Rust and runs with the tests:
//!
//! ```text
//! cargo test -p elastickv-fuzz                                   a hundred thousand inputs a decoder
//! ELASTICKV_INPUTS=5000000 cargo test --release -p elastickv-fuzz
//! tests/fuzz/coverage/run [TARGET [RUNS]]                        guided by coverage, a million runs a decoder
//! ```

pub mod drive;
mod mutate;
mod targets;

pub use targets::TARGETS;

/// A decoder under attack.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub name: &'static str,
    /// Decodes; panics where the decoder breaks a promise.
    pub decode: fn(&[u8]),
    /// Bytes that decode, to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Bytes that are as much larger in memory as somebody who knows the format can make them.
    pub costly: fn() -> Vec<Vec<u8>>,
    pub memory: Memory,
}

/// What a decoder may allocate at once: `times` its input, and `beside` for errors and fixed buffers.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub times: usize,
    pub beside: usize,
}

/// Of a decoder that has no lists.
pub(crate) fn none_costly() -> Vec<Vec<u8>> {
    Vec::new()
}

impl Memory {
    /// Twice the input, and the text of an error.
    pub const TWICE: Memory = Memory { times: 2, beside: 1024 };

    pub fn bound(self, input: usize) -> usize {
        self.times * input + self.beside
    }
}

pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
