//! The bytes of a segment. Integers are big-endian; `docs/formats/raft-log.md` draws everything.
//!
//! A segment is a header, then records one behind the other, then zeroes up to its full size. Each record
//! has a small header with a checksum of its own, so that records can be found again behind a damaged one.

pub(crate) mod body;
pub(crate) mod fields;
pub(crate) mod frame;
pub(crate) mod header;
pub(crate) mod identity;

pub(crate) use body::{Opening, Record, Standing};
pub(crate) use frame::{FRAME_BYTES, Frame, Kind, record_bytes};
pub(crate) use header::{HEADER_BYTES, Header};

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};

/// The place of a segment in its log: 1, 2, 3, …
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Seq(NonZeroU32);

impl Seq {
    pub(crate) const FIRST: Seq = Seq(NonZeroU32::MIN);

    pub(crate) fn from_u64(raw: u64) -> Option<Self> {
        u32::try_from(raw).ok().and_then(NonZeroU32::new).map(Self)
    }

    pub(crate) fn get(self) -> u32 {
        self.0.get()
    }

    /// None after four billion segments.
    pub(crate) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Drawn when a segment is made; every record in it repeats it, so that bytes from elsewhere are not taken
/// for records.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct SegmentId(NonZeroU64);

impl SegmentId {
    /// Zero is not an id; it becomes one.
    pub(crate) fn from_random(raw: u64) -> Self {
        Self(NonZeroU64::new(raw).unwrap_or(NonZeroU64::MIN))
    }

    pub(crate) fn from_u64(raw: u64) -> Option<Self> {
        NonZeroU64::new(raw).map(Self)
    }

    pub(crate) fn get(self) -> u64 {
        self.0.get()
    }
}
