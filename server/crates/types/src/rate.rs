//! Rates.

use std::fmt;
use std::num::NonZeroU64;

/// Bytes a second; nothing is never meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ByteRate(NonZeroU64);

impl ByteRate {
    pub fn from_u64(bytes_a_second: u64) -> Option<Self> {
        NonZeroU64::new(bytes_a_second).map(Self)
    }

    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for ByteRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes/s", self.0)
    }
}
