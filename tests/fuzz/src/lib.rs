//! Hostile input for every decoder.
//!
//! A [`Target`] is a decoder, bytes that it accepts, and how much memory it may ask for. [`drive`] changes
//! the accepted bytes at random, and whatever comes of it the decoder must return: an error or a value, no
//! panic, and never an allocation beyond twice the input, as a length that is believed before it is checked
//! would make. It needs nothing but stable Rust and runs with the tests:
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
    pub memory: Memory,
}

/// What a decoder may allocate at once: `times` its input, and `beside` for errors and fixed buffers.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub times: usize,
    pub beside: usize,
}

impl Memory {
    /// Twice the input, and the text of an error.
    pub const TWICE: Memory = Memory { times: 2, beside: 1024 };

    /// For a decoder of files, which holds the input once more as the file that it reads.
    pub const fn of_file(buffers: usize) -> Memory {
        Memory { times: 3, beside: buffers }
    }

    pub fn bound(self, input: usize) -> usize {
        self.times * input + self.beside
    }
}

pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
