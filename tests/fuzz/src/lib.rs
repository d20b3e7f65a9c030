//! Hostile input for every decoder.
//!
//! A [`Target`] is a decoder, bytes that it accepts, bytes made to be expensive, and how much memory it may ask
//! for. [`drive`] changes the accepted bytes at random, and whatever comes of it the decoder must return: an error
//! or a value, no panic, and no more memory than two rules allow.
//!
//! 1. No single request, be it for new memory or for a larger piece in place of a smaller one, is larger than
//!    twice the input and [`FIXED`]. This is the same for all decoders, and has no exception but one: what a
//!    decompressor makes is as large as the compressed bytes state. So that may be asked for at once, as far as
//!    the format can expand what there is and a value may be long, which the decoder has to check before it asks;
//!    [`Target::output`] works the same limit out here.
//! 2. What is held at once is no more than a multiple of the input that is stated with the decoder. Many small
//!    requests add up to more than two: a tree takes a node, and an element as a struct is larger than it is as
//!    bytes. What checks the decoder here (writing the value again, a second read, the file in memory) is counted
//!    as well.
//!
//! A length that is believed before it is checked breaks the first rule, and so does a list that grows by
//! doubling, or whose elements are larger in memory than in the input and are not bounded in number: such lists are
//! counted before any of them is built, or read one element at a time.
//!
//! It needs nothing but stable Rust and runs with the tests:
//!
//! ```text
//! cargo test -p elastickv-fuzz                                   a hundred thousand inputs a decoder
//! ELASTICKV_INPUTS=5000000 cargo test --release -p elastickv-fuzz
//! tests/fuzz/coverage/run [TARGET [RUNS]]                        guided by coverage, a million runs a decoder
//! ```

pub mod drive;
pub mod meter;
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
    /// How much output these bytes state, where the format bounds it; [`no_output`] unless it decompresses.
    pub output: fn(&[u8]) -> usize,
    pub memory: Memory,
}

/// What a decoder may allocate at once: `times` its input, and `beside` for errors and fixed buffers.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub times: usize,
    pub beside: usize,
}

impl Target {
    /// The largest single request that these bytes may lead to.
    pub fn largest(&self, input: &[u8]) -> usize {
        FIXED + (2 * input.len()).max((self.output)(input))
    }
}

/// What a single request may take beyond twice the input. The most that is needed is 1.9 KiB, for a list of 1024
/// writers, the longest of its kind, which take 24 bytes each in memory and eleven at least in an entry; the node
/// of a tree takes up to 1.2 KiB, a key made ready and the text of an error less than one. The runs print what each
/// decoder used.
pub const FIXED: usize = 4 << 10;

/// Of a decoder that does not decompress.
pub fn no_output(_input: &[u8]) -> usize {
    0
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
