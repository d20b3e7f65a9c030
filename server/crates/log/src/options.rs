//! Sizes and limits of a log.

use std::time::Duration;

use elastickv_sys::random::{SharedRandom, SystemRandom};
use elastickv_sys::stages::Stopwatch;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Below this a segment has no room for what every segment holds.
const SMALLEST_SEGMENT: u64 = 2 * KIB;
/// Offsets in a segment are 32 bits wide.
const LARGEST_PAYLOAD: u64 = 1024 * MIB;

#[derive(Clone, Debug)]
pub struct Options {
    /// The size of the first segment; each later one is twice as large, up to the largest.
    pub first_segment_bytes: u64,
    pub largest_segment_bytes: u64,
    /// How many bytes of the newest entries are kept in memory, beside those not written yet.
    pub cache_bytes: u64,
    /// The longest payload an entry may have.
    pub largest_payload_bytes: u64,
    /// How long the log is idle before it marks, without a sync, what is known to be on the disk.
    pub seal_after: Duration,
    /// How long to wait before asking again for room that the disk did not have.
    pub retry_room_after: Duration,
    /// Whether entries for which there is no room wait for it, and all that is asked after them, instead of
    /// being refused.
    pub hold_when_full: bool,
    /// Where the ids of segments are drawn from.
    pub random: SharedRandom,
    /// Times the syncs.
    pub stopwatch: Stopwatch,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            first_segment_bytes: MIB,
            largest_segment_bytes: 64 * MIB,
            cache_bytes: 32 * MIB,
            largest_payload_bytes: 64 * MIB,
            seal_after: Duration::from_millis(10),
            retry_room_after: Duration::from_millis(500),
            hold_when_full: false,
            random: SystemRandom::shared(),
            stopwatch: Stopwatch::unwatched(),
        }
    }
}

impl Options {
    /// The same with every size within what the format can hold.
    pub(crate) fn within_bounds(mut self) -> Self {
        let aligned = |bytes: u64| bytes.clamp(SMALLEST_SEGMENT, LARGEST_PAYLOAD).next_multiple_of(8);
        self.first_segment_bytes = aligned(self.first_segment_bytes);
        self.largest_segment_bytes = aligned(self.largest_segment_bytes).max(self.first_segment_bytes);
        self.retry_room_after = self.retry_room_after.max(Duration::from_millis(1));
        self.largest_payload_bytes = self.largest_payload_bytes.min(LARGEST_PAYLOAD);
        self
    }
}
