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

    /// The first timestamp of a millisecond; the last one there is for a millisecond beyond all of them.
    pub const fn from_unix_ms(ms: u64) -> Self {
        match ms >> (u64::BITS - LOGICAL_BITS) {
            0 => Self(ms << LOGICAL_BITS),
            _ => Self::MAX,
        }
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

    /// So many timestamps later; none beyond the last one.
    pub const fn checked_add(self, count: u64) -> Option<Self> {
        match self.0.checked_add(count) {
            Some(raw) => Some(Self(raw)),
            None => None,
        }
    }

    /// So many milliseconds later, and no later than the last one there is.
    pub const fn saturating_add_ms(self, ms: u64) -> Self {
        match ms >> (u64::BITS - LOGICAL_BITS) {
            0 => Self(self.0.saturating_add(ms << LOGICAL_BITS)),
            _ => Self::MAX,
        }
    }

    /// So many milliseconds earlier, and no earlier than the first one.
    pub const fn saturating_sub_ms(self, ms: u64) -> Self {
        match ms >> (u64::BITS - LOGICAL_BITS) {
            0 => Self(self.0.saturating_sub(ms << LOGICAL_BITS)),
            _ => Self::ZERO,
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

    #[test]
    fn no_arithmetic_wraps_around() {
        let stamp = Timestamp::from_u64((7 << LOGICAL_BITS) | 5);
        assert_eq!(stamp.saturating_add_ms(3), Timestamp::from_u64((10 << LOGICAL_BITS) | 5));
        assert_eq!(stamp.saturating_sub_ms(3), Timestamp::from_u64((4 << LOGICAL_BITS) | 5));
        assert_eq!(stamp.saturating_sub_ms(8), Timestamp::ZERO);
        for ms in [1 << 48, u64::MAX] {
            assert_eq!(Timestamp::from_unix_ms(ms), Timestamp::MAX);
            assert_eq!(stamp.saturating_add_ms(ms), Timestamp::MAX);
            assert_eq!(stamp.saturating_sub_ms(ms), Timestamp::ZERO);
        }
        assert_eq!(Timestamp::from_unix_ms((1 << 48) - 1).saturating_add_ms(1), Timestamp::MAX);
    }
}
