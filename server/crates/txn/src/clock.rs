//! Commit timestamps: unique on a node, and never behind what the group has seen.
//!
//! Wall time is read once and then carried on by the monotonic clock, so that a jump of the wall clock
//! moves no stamp.

use std::sync::Arc;

use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_types::Timestamp;
use parking_lot::Mutex;

#[derive(Clone, Debug)]
pub struct HybridClock {
    clock: SharedClock,
    started: Moment,
    unix_ms_at_start: u64,
    last: Arc<Mutex<Timestamp>>,
}

impl HybridClock {
    pub fn new(clock: SharedClock) -> Self {
        Self {
            started: clock.now(),
            unix_ms_at_start: clock.unix_ms(),
            clock,
            last: Arc::new(Mutex::new(Timestamp::ZERO)),
        }
    }

    fn physical(&self) -> Timestamp {
        let run = self.clock.now().since(self.started).as_millis();
        Timestamp::from_unix_ms(self.unix_ms_at_start + u64::try_from(run).unwrap_or(0))
    }

    /// Draws a timestamp above every earlier one of this clock and above `floor`. There is none above
    /// the last one there is.
    pub fn draw(&self, floor: Timestamp) -> Option<Timestamp> {
        let mut last = self.last.lock();
        let above = floor.max(*last).next()?;
        *last = above.max(self.physical());
        Some(*last)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use elastickv_sys::clock::ManualClock;

    use super::*;

    #[test]
    fn stamps_rise_whatever_the_wall_clock_does() {
        let manual = ManualClock::at_unix_ms(1_000_000);
        let clock = HybridClock::new(manual.clone());
        let first = clock.draw(Timestamp::ZERO).unwrap();
        assert_eq!(first.unix_ms(), 1_000_000);
        manual.jump_to_unix_ms(1);
        let second = clock.draw(Timestamp::ZERO).unwrap();
        assert!(second > first && second.unix_ms() == 1_000_000);
        manual.advance(Duration::from_millis(5));
        assert_eq!(clock.draw(Timestamp::ZERO).unwrap().unix_ms(), 1_000_005);
    }

    #[test]
    fn stamps_are_above_what_the_group_has_seen() {
        let clock = HybridClock::new(ManualClock::at_unix_ms(10));
        let seen = Timestamp::from_unix_ms(99);
        assert!(clock.draw(seen).unwrap() > seen);
        assert_eq!(clock.draw(Timestamp::MAX), None);
    }
}
