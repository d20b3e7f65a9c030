//! Moments that are kept readable although they are older than the retention.
//!
//! Whoever reads a large range page by page may need longer than versions are kept. Each page that names a *hold*
//! keeps its moment readable for a lease; the next page renews it, and the last one lets go. A reader that is gone
//! renews nothing, so nothing is kept for it after a lease.
//!
//! Holds are the leader's alone, who is the one that raises the oldest timestamp, and are not replicated. A new
//! leader knows of none, and so it does not raise that timestamp before it has led for a lease: by then
//! everybody who still reads has come by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use elastickv_mvcc::{Pin, Pins};
use elastickv_types::{Term, Timestamp};
use parking_lot::Mutex;

use crate::clock::HybridClock;

const LONGEST_LEASE: Duration = Duration::from_secs(60);
/// Moments that are held at a time.
const MOST: usize = 64;
/// How much older than the retention a moment can become by being held.
const MOST_BEYOND: Duration = Duration::from_secs(24 * 3600);

/// Drawn by whoever holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct HoldId([u8; 16]);

impl HoldId {
    pub fn from_slice(raw: &[u8]) -> Option<Self> {
        raw.try_into().ok().map(Self)
    }
}

/// What is held on this node.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Holding {
    pub moments: usize,
    /// The oldest of them.
    pub oldest: Option<Timestamp>,
}

#[derive(Debug)]
struct Held {
    pin: Pin,
    until: Timestamp,
}

#[derive(Debug, Default)]
struct State {
    held: BTreeMap<HoldId, Held>,
    /// The term in which this node leads, and since when.
    leads: Option<(Term, Timestamp)>,
}

#[derive(Clone, Debug)]
pub struct Holds(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pins: Pins,
    clock: HybridClock,
    retention: Duration,
    state: Mutex<State>,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Holds {
    pub fn new(pins: Pins, clock: HybridClock, retention: Duration) -> Self {
        Self(Arc::new(Shared { pins, clock, retention, state: Mutex::default() }))
    }

    fn lease_ms(&self) -> u64 {
        millis(LONGEST_LEASE.min(self.0.retention))
    }

    /// Keeps a moment readable, and says until when; none where it can not be.
    pub fn keep(&self, id: HoldId, at: Timestamp) -> Option<Timestamp> {
        let now = self.0.clock.wall();
        let mut state = self.0.state.lock();
        state.let_go(now);
        let renews = state.held.contains_key(&id);
        let furthest = now.saturating_sub_ms(millis(self.0.retention + MOST_BEYOND));
        if at < furthest || (!renews && state.held.len() >= MOST) {
            return None;
        }
        let pin = self.0.pins.pin(at).ok()?;
        let until = now.saturating_add_ms(self.lease_ms());
        state.held.insert(id, Held { pin, until });
        Some(until)
    }

    pub fn release(&self, id: HoldId) {
        self.0.state.lock().held.remove(&id);
    }

    /// Ends what nobody renewed, also on a node that does not lead any more: a pin keeps it from collecting.
    pub fn let_go(&self) {
        self.0.state.lock().let_go(self.0.clock.wall());
    }

    pub fn holding(&self) -> Holding {
        self.let_go();
        let state = self.0.state.lock();
        let oldest = state.held.values().map(|held| held.pin.at()).min();
        Holding { moments: state.held.len(), oldest }
    }

    /// Whether the leader of a term has heard from everybody who holds something.
    pub fn knows_all(&self, term: Term) -> bool {
        let now = self.0.clock.wall();
        let mut state = self.0.state.lock();
        state.let_go(now);
        let since = match state.leads {
            Some((known, since)) if known == term => since,
            _ => {
                state.leads = Some((term, now));
                now
            }
        };
        now >= since.saturating_add_ms(self.lease_ms())
    }
}

impl State {
    fn let_go(&mut self, now: Timestamp) {
        self.held.retain(|_, held| held.until > now);
    }
}

#[cfg(test)]
mod tests {
    use elastickv_sys::clock::ManualClock;

    use super::*;

    const START_MS: u64 = 1_700_000_000_000;
    const RETENTION: Duration = Duration::from_secs(600);

    struct Fixture {
        clock: Arc<ManualClock>,
        pins: Pins,
        holds: Holds,
    }

    fn fixture() -> Fixture {
        let clock = ManualClock::at_unix_ms(START_MS);
        let pins = Pins::new(Timestamp::ZERO);
        let holds = Holds::new(pins.clone(), HybridClock::new(clock.clone()), RETENTION);
        Fixture { clock, pins, holds }
    }

    fn id(number: u8) -> HoldId {
        HoldId([number; 16])
    }

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_unix_ms(START_MS + ms)
    }

    #[test]
    fn a_moment_is_kept_for_as_long_as_somebody_comes_by() {
        let Fixture { clock, pins, holds } = fixture();
        assert_eq!(holds.keep(id(1), at(0)), Some(at(60_000)));
        assert_eq!(holds.keep(id(2), at(0)), Some(at(60_000)));
        clock.advance(Duration::from_secs(59));
        assert_eq!(holds.keep(id(1), at(0)), Some(at(119_000)));
        clock.advance(Duration::from_secs(59));
        assert_eq!(holds.holding(), Holding { moments: 1, oldest: Some(at(0)) });
        assert_eq!(pins.raise(at(50_000)).get(), at(0));
        clock.advance(Duration::from_secs(1));
        holds.let_go();
        assert_eq!((pins.smallest(), holds.holding()), (None, Holding::default()));
        assert_eq!(pins.raise(at(50_000)).get(), at(50_000));
        assert_eq!(holds.keep(id(1), at(0)), None, "what may be collected is not kept any more");
    }

    #[test]
    fn the_last_page_lets_go_of_its_own_hold_alone() {
        let Fixture { pins, holds, .. } = fixture();
        holds.keep(id(1), at(7)).unwrap();
        holds.keep(id(2), at(9)).unwrap();
        holds.release(id(1));
        assert_eq!((holds.holding().moments, pins.smallest()), (1, Some(at(9))));
    }

    #[test]
    fn neither_the_number_nor_the_age_of_what_is_held_is_without_bounds() {
        let Fixture { clock, holds, .. } = fixture();
        for number in 0..MOST as u8 {
            assert!(holds.keep(id(number), at(0)).is_some());
        }
        assert_eq!(holds.keep(id(99), at(0)), None);
        assert!(holds.keep(id(3), at(0)).is_some(), "one of them is renewed");
        let whole = RETENTION + MOST_BEYOND;
        let halves = whole.as_secs() / 30;
        for _ in 0..halves {
            clock.advance(Duration::from_secs(30));
            assert!(holds.keep(id(3), at(0)).is_some());
        }
        clock.advance(Duration::from_secs(30));
        assert_eq!(holds.keep(id(3), at(0)), None);
    }

    #[test]
    fn a_new_leader_waits_for_a_lease() {
        let Fixture { clock, holds, .. } = fixture();
        assert!(!holds.knows_all(Term::new(3)));
        clock.advance(Duration::from_secs(60));
        assert!(holds.knows_all(Term::new(3)));
        assert!(!holds.knows_all(Term::new(4)));
    }
}
