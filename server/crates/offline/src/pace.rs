//! How fast files are read, and how far a reading has come.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use elastickv_sys::clock::{Moment, SharedClock};

/// What another thread may know of work under way.
#[derive(Debug, Default)]
pub struct Strides {
    done: AtomicU64,
    all: AtomicU64,
}

impl Strides {
    /// Bytes done, of how many.
    pub fn so_far(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed))
    }

    pub(crate) fn expect(&self, bytes: u64) {
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Keeps to so many bytes a second. Time that was not used is not saved up.
#[derive(Debug)]
pub struct Pace {
    limit: Option<(NonZeroU64, SharedClock)>,
    /// When the bytes so far are paid for.
    paid: Moment,
}

impl Pace {
    pub fn unbounded() -> Self {
        Self { limit: None, paid: Moment::default() }
    }

    pub fn of(bytes_a_second: NonZeroU64, clock: SharedClock) -> Self {
        let paid = clock.now();
        Self { limit: Some((bytes_a_second, clock)), paid }
    }

    /// Waits until so many more bytes are within the limit.
    pub(crate) fn take(&mut self, bytes: u64) {
        let pause = self.owed(bytes);
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
    }

    fn owed(&mut self, bytes: u64) -> Duration {
        let Some((rate, clock)) = &self.limit else { return Duration::ZERO };
        let now = clock.now();
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.get());
        let cost = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.paid = self.paid.max(now).after(cost);
        self.paid.since(now)
    }
}

#[cfg(test)]
mod tests {
    use elastickv_sys::clock::ManualClock;

    use super::*;

    #[test]
    fn bytes_are_paid_for_with_time() {
        let clock = ManualClock::at_unix_ms(0);
        let mut pace = Pace::of(NonZeroU64::new(1000).unwrap(), clock.clone());
        assert_eq!(pace.owed(500), Duration::from_millis(500));
        clock.advance(Duration::from_millis(200));
        assert_eq!(pace.owed(100), Duration::from_millis(400));
        clock.advance(Duration::from_secs(60));
        assert_eq!(pace.owed(100), Duration::from_millis(100), "a pause is not saved up");
        assert_eq!(Pace::unbounded().owed(u64::MAX), Duration::ZERO);
    }
}
