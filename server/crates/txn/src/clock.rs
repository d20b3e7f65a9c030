//! Hybrid time: one clock a node, whose stamps only rise and stay near wall time.
//!
//! Wall time is read once, at the start, and carried on by the monotonic clock. Whatever happens to the wall
//! clock afterwards moves no stamp; it shows as a [skew](HybridClock::skew_ms).
//!
//! Others may know later times than this clock tells: the group's last write, the ceiling that an earlier leader
//! left, a reader. Then the clock is *raised*: it goes on from there. It is not held there until wall time has
//! come by, since the 65,536 stamps of one millisecond would have to do until then. While it is ahead of wall
//! time it runs at half speed, so that what it gained is lost again and lives do not end early for good:
//!
//! ```text
//! hybrid          ┌──────────── half speed ─────────┐
//!            ┌────┘ raised                          ├──── with wall time again
//! wall  ─────┴──────────────────────────────────────┘
//! ```

use std::sync::Arc;
use std::time::Duration;

use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_types::Timestamp;
use parking_lot::Mutex;

/// The clock of a node; clones are the same clock.
#[derive(Clone, Debug)]
pub struct HybridClock(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: SharedClock,
    started: Moment,
    unix_at_start: Duration,
    state: Mutex<State>,
    /// Test builds may take stamps straight from the wall clock, to see that this is missed.
    straight: bool,
}

#[derive(Debug)]
struct State {
    /// The last stamp that was drawn or promised to be below all later ones.
    last: Timestamp,
    lead: Lead,
}

/// How far hybrid time was ahead of wall time at a moment.
#[derive(Clone, Copy, Debug)]
struct Lead {
    by: Duration,
    since: Moment,
}

impl Lead {
    /// At half speed a second loses half a second.
    fn at(self, now: Moment) -> Duration {
        self.by.saturating_sub(now.since(self.since) / 2)
    }
}

/// Timestamps one after the other, both ends among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamps {
    pub first: Timestamp,
    pub last: Timestamp,
}

impl Stamps {
    pub fn iter(self) -> impl Iterator<Item = Timestamp> {
        (self.first.get()..=self.last.get()).map(Timestamp::from_u64)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl HybridClock {
    pub fn new(clock: SharedClock) -> Self {
        Self::keeping(clock, false)
    }

    /// A clock that goes where the wall clock goes, with what was promised or not.
    #[cfg(feature = "testing")]
    pub fn straight(clock: SharedClock) -> Self {
        Self::keeping(clock, true)
    }

    fn keeping(clock: SharedClock, straight: bool) -> Self {
        let started = clock.now();
        let lead = Lead { by: Duration::ZERO, since: started };
        Self(Arc::new(Shared {
            started,
            unix_at_start: Duration::from_millis(clock.unix_ms()),
            clock,
            state: Mutex::new(State { last: Timestamp::ZERO, lead }),
            straight,
        }))
    }

    /// Whether what is stamped, and what is read, lies below a ceiling.
    pub(crate) fn has_ceiling(&self) -> bool {
        !self.0.straight
    }

    /// What a wall clock would show that was right at the start and never touched since.
    fn expected(&self, now: Moment) -> Duration {
        self.0.unix_at_start + now.since(self.0.started)
    }

    fn physical(&self, lead: Lead) -> Timestamp {
        let now = self.0.clock.now();
        Timestamp::from_unix_ms(millis(self.expected(now) + lead.at(now)))
    }

    /// Only stamps of one millisecond are kept apart.
    fn draw_straight(&self, count: u64) -> Option<Stamps> {
        let mut state = self.0.state.lock();
        let shown = Timestamp::from_unix_ms(self.0.clock.unix_ms());
        let same = state.last.unix_ms() == shown.unix_ms();
        let first = if same { state.last.next()? } else { shown };
        let last = first.checked_add(count.saturating_sub(1))?;
        state.last = last;
        Some(Stamps { first, last })
    }

    /// The time it is; whatever is drawn later lies above it.
    pub fn reading(&self) -> Timestamp {
        if self.0.straight {
            return Timestamp::from_unix_ms(self.0.clock.unix_ms());
        }
        let mut state = self.0.state.lock();
        state.last = state.last.max(self.physical(state.lead));
        state.last
    }

    /// Wall time without what the clock is ahead of it.
    pub fn wall(&self) -> Timestamp {
        Timestamp::from_unix_ms(millis(self.expected(self.0.clock.now())))
    }

    /// Whatever is drawn later lies above `to`, and time goes on from there.
    pub fn raise(&self, to: Timestamp) {
        if self.0.straight {
            return;
        }
        let mut state = self.0.state.lock();
        state.last = state.last.max(to);
        let since = self.0.clock.now();
        let by = Duration::from_millis(to.unix_ms()).saturating_sub(self.expected(since));
        if by > state.lead.at(since) {
            state.lead = Lead { by, since };
        }
    }

    /// Draws so many timestamps above every earlier one. `None`, and nothing is drawn, where the last of them
    /// would lie above `limit`.
    pub fn draw(&self, count: u64, limit: Timestamp) -> Option<Stamps> {
        if self.0.straight {
            return self.draw_straight(count);
        }
        let mut state = self.0.state.lock();
        let first = state.last.next()?.max(self.physical(state.lead));
        let last = first.checked_add(count.saturating_sub(1)).filter(|last| *last <= limit)?;
        state.last = last;
        Some(Stamps { first, last })
    }

    /// By how many milliseconds the wall clock was moved since the start, forward or back.
    pub fn skew_ms(&self) -> i64 {
        let expected = millis(self.expected(self.0.clock.now()));
        let shown = self.0.clock.unix_ms();
        let by = i64::try_from(shown.abs_diff(expected)).unwrap_or(i64::MAX);
        if shown < expected { -by } else { by }
    }
}

#[cfg(test)]
mod tests;
