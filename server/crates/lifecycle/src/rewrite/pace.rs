//! How fast the work goes: at the rate that was asked for, and slower while clients wait longer than they should.
//!
//! The rate is a bucket: what a step took out of it is waited for before the next one, so that over any second no
//! more is done than the rate and one step. While the slowest hundredth of the clients' calls takes longer than
//! [`PATIENCE`] and twice as long as in calmer moments, the work is slowed down by half each second, to a sixteenth
//! at most: it always comes to its end.

use std::collections::VecDeque;
use std::time::Duration;

use elastickv_sys::clock::Moment;
use elastickv_types::ByteRate;

/// What clients are waiting for their answers.
pub trait Pressure: Send + Sync + std::fmt::Debug + 'static {
    /// How long all but the slowest hundredth of the calls took since this was asked last; `None` after too few.
    fn slowest(&self) -> Option<Duration>;
}

/// Waiting no longer than this is nobody's trouble.
const PATIENCE: Duration = Duration::from_millis(25);
const LOOK: Duration = Duration::from_secs(1);
const SLOWEST: u32 = 16;
/// So many looks make what is usual.
const REMEMBERED: usize = 60;
/// One step may take this share of a second's bytes, within bounds.
const STEPS_A_SECOND: u64 = 20;
const LEAST_STEP: u64 = 4 << 10;
const MOST_STEP: u64 = 1 << 20;

#[derive(Debug)]
pub struct Pace {
    rate: Option<ByteRate>,
    due: Moment,
    slowdown: u32,
    looked: Moment,
    usual: VecDeque<Duration>,
}

impl Pace {
    pub fn new(now: Moment) -> Self {
        Self { rate: None, due: now, slowdown: 1, looked: now, usual: VecDeque::new() }
    }

    pub fn set_rate(&mut self, rate: Option<ByteRate>) {
        self.rate = rate;
    }

    /// How many bytes one step should come to.
    pub fn step_bytes(&self) -> u64 {
        self.rate.map_or(MOST_STEP, |rate| (rate.get() / STEPS_A_SECOND).clamp(LEAST_STEP, MOST_STEP))
    }

    /// How long to wait after a step of so many bytes that began at `began`.
    pub fn pause_after(&mut self, bytes: u64, began: Moment, now: Moment) -> Duration {
        let took = now.since(began);
        let slow = took * (self.slowdown - 1);
        let Some(rate) = self.rate else { return slow };
        let worth = Duration::from_secs_f64(bytes as f64 / rate.get() as f64) * self.slowdown;
        self.due = self.due.max(began).after(worth);
        self.due.since(now).max(slow)
    }

    /// Looks at what clients wait, once a second; says how long that was while the work gives way to them.
    pub fn look(&mut self, pressure: &dyn Pressure, now: Moment) -> Option<Duration> {
        if now.since(self.looked) < LOOK {
            return None;
        }
        self.looked = now;
        let Some(slowest) = pressure.slowest() else {
            self.slowdown = (self.slowdown / 2).max(1);
            return None;
        };
        let calm = self.usual.iter().min().copied().unwrap_or(slowest);
        self.usual.push_back(slowest);
        if self.usual.len() > REMEMBERED {
            self.usual.pop_front();
        }
        let troubled = slowest > PATIENCE && slowest > calm * 2;
        self.slowdown = match troubled {
            true => (self.slowdown * 2).min(SLOWEST),
            false => (self.slowdown / 2).max(1),
        };
        Some(slowest)
    }

    pub fn gives_way(&self) -> bool {
        self.slowdown > 1
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    struct Told(Mutex<Option<Duration>>);

    impl Pressure for Told {
        fn slowest(&self) -> Option<Duration> {
            *self.0.lock()
        }
    }

    fn ms(raw: u64) -> Duration {
        Duration::from_millis(raw)
    }

    #[test]
    fn what_is_done_keeps_to_the_rate() {
        let mut now = Moment::default();
        let mut pace = Pace::new(now);
        pace.set_rate(ByteRate::from_u64(10 << 20));
        let (mut done, step) = (0, pace.step_bytes());
        while now.since(Moment::default()) < Duration::from_secs(10) {
            let began = now;
            now = now.after(ms(3));
            done += step;
            now = now.after(pace.pause_after(step, began, now));
        }
        let (rate, wanted) = (done as f64 / 10.0, (10 << 20) as f64);
        assert!((rate / wanted - 1.0).abs() < 0.02, "{rate}");
    }

    #[test]
    fn time_that_was_not_used_is_not_made_up_for() {
        let mut pace = Pace::new(Moment::default());
        pace.set_rate(ByteRate::from_u64(1000));
        let late = Moment::default().after(Duration::from_secs(3600));
        assert_eq!(pace.pause_after(1000, late, late.after(ms(1))), ms(999));
    }

    #[test]
    fn it_gives_way_by_halves_and_never_stops() {
        let told = Told::default();
        let mut now = Moment::default();
        let mut pace = Pace::new(now);
        let mut look = |slowest: Option<u64>, pace: &mut Pace| {
            *told.0.lock() = slowest.map(ms);
            now = now.after(LOOK);
            let _ = pace.look(&told, now);
            pace.slowdown
        };
        assert_eq!(look(Some(10), &mut pace), 1);
        assert_eq!(look(Some(24), &mut pace), 1, "longer than usual, and nobody's trouble");
        assert_eq!([(); 6].map(|()| look(Some(41), &mut pace)), [2, 4, 8, 16, 16, 16]);
        assert_eq!([(); 5].map(|()| look(Some(15), &mut pace)), [8, 4, 2, 1, 1]);
        let busy = look(Some(60), &mut pace);
        assert_eq!((busy, look(None, &mut pace)), (2, 1), "nobody waits");
        let began = Moment::default();
        assert_eq!(pace.pause_after(1 << 20, began, began.after(ms(5))), Duration::ZERO);
        assert_eq!(look(Some(60), &mut pace), 2);
        assert_eq!(pace.pause_after(1 << 20, began, began.after(ms(5))), ms(5));
    }

    #[test]
    fn a_disk_that_is_always_slow_slows_nothing_down() {
        let told = Told(Mutex::new(Some(ms(80))));
        let mut pace = Pace::new(Moment::default());
        for second in 1..100 {
            let _ = pace.look(&told, Moment::default().after(Duration::from_secs(second)));
            assert!(!pace.gives_way());
        }
    }
}
