//! When clients were answered, and the longest time that none of them was.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What all clients of a load tell, read over one window of time after the other.
#[derive(Debug, Default)]
pub struct Answers {
    began: OnceLock<Instant>,
    last_us: AtomicU64,
    longest_us: AtomicU64,
    acknowledged: AtomicU64,
    failed: AtomicU64,
    over: AtomicBool,
}

impl Answers {
    pub fn acknowledged(&self) {
        self.gap_ends_now();
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    pub fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub fn begin(&self) {
        self.last_us.store(self.now_us(), Ordering::Relaxed);
        for counter in [&self.longest_us, &self.acknowledged, &self.failed] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    /// The longest gap since the window began, the answers, and the failures in it.
    pub fn end(&self) -> (Duration, u64, u64) {
        self.gap_ends_now();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (Duration::from_micros(read(&self.longest_us)), read(&self.acknowledged), read(&self.failed))
    }

    /// Lets every client end after the call it is in.
    pub fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn gap_ends_now(&self) {
        let now = self.now_us();
        let before = self.last_us.swap(now, Ordering::Relaxed);
        self.longest_us.fetch_max(now.saturating_sub(before), Ordering::Relaxed);
    }

    fn now_us(&self) -> u64 {
        self.began.get_or_init(Instant::now).elapsed().as_micros() as u64
    }
}
