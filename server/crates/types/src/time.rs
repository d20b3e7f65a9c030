//! Commit timestamps.

use std::fmt;

const LOGICAL_BITS: u32 = 16;

/// A hybrid timestamp: 48 bits of Unix milliseconds, 16 bits that count within one of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    pub const ZERO: Timestamp = Timestamp(0);
    pub const MAX: Timestamp = Timestamp(u64::MAX);

    pub const fn from_u64(raw: u64) -> Self {
        Self(raw)
    }

    /// The first timestamp of a millisecond.
    pub const fn from_unix_ms(ms: u64) -> Self {
        Self(ms << LOGICAL_BITS)
    }

    pub const fn get(self) -> u64 {
        self.0
    }

    pub const fn unix_ms(self) -> u64 {
        self.0 >> LOGICAL_BITS
    }

    /// The next timestamp; none after the last one.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_the_upper_bits() {
        let stamp = Timestamp::from_unix_ms(1_700_000_000_123);
        assert_eq!(stamp.unix_ms(), 1_700_000_000_123);
        assert_eq!(stamp.next().map(Timestamp::unix_ms), Some(1_700_000_000_123));
        assert_eq!(Timestamp::MAX.next(), None);
    }
}
