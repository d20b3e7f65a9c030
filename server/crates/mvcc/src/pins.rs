//! The oldest timestamp that can be read, and who still reads near it.
//!
//! One number, `oldest`, is between readers and the collector: at and above it every read sees everything, and
//! only what no such read can see is collected. It only ever rises, and rises before anything is collected.
//!
//! - A read of one view needs no pin. It opens its view and *then* looks at `oldest`: if something was missing
//!   from the view, `oldest` had risen before. That is one atomic load.
//! - A read that goes from view to view (pages, a transaction) pins its timestamp, and `oldest` stays at or below
//!   the smallest pin. Pinning and raising exclude each other, so a pin that was given is kept.
//!
//! `oldest` is kept in memory here. It must be on the disk, and come with a snapshot, no later than the first
//! row that is collected under it: the collector's step lets its caller write both in one batch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use elastickv_types::Timestamp;
use parking_lot::Mutex;

use crate::Result;
use crate::rows::check_retained;

/// A group's oldest timestamp, and its pins.
#[derive(Clone, Debug)]
pub struct Pins(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    oldest: AtomicU64,
    /// How many readers pin a timestamp.
    pinned: Mutex<BTreeMap<Timestamp, usize>>,
}

/// A timestamp below which versions may be collected: `oldest` reached it. Made by [`Pins`] alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Watermark(Timestamp);

impl Watermark {
    pub fn get(self) -> Timestamp {
        self.0
    }

    /// The watermark of an earlier round, which is none if it lies above this one.
    pub(crate) fn earlier(self, at: Timestamp) -> Option<Self> {
        (at <= self.0).then_some(Self(at))
    }

    #[cfg(test)]
    pub(crate) fn unchecked(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Pins {
    /// Begins where the store says that an earlier process had come.
    pub fn new(oldest: Timestamp) -> Self {
        Self(Arc::new(Shared { oldest: AtomicU64::new(oldest.get()), pinned: Mutex::default() }))
    }

    pub fn oldest(&self) -> Timestamp {
        Timestamp::from_u64(self.0.oldest.load(Ordering::SeqCst))
    }

    /// Keeps everything that a read at this timestamp can see until the pin is dropped.
    pub fn pin(&self, at: Timestamp) -> Result<Pin> {
        let mut pinned = self.0.pinned.lock();
        check_retained(at, self.oldest())?;
        *pinned.entry(at).or_default() += 1;
        Ok(Pin { shared: Arc::clone(&self.0), at })
    }

    pub fn smallest(&self) -> Option<Timestamp> {
        self.0.pinned.lock().keys().next().copied()
    }

    /// Raises the oldest timestamp as far as the pins let it, and says how far that is.
    pub fn raise(&self, to: Timestamp) -> Watermark {
        let pinned = self.0.pinned.lock();
        let free = pinned.keys().next().map_or(to, |smallest| to.min(*smallest));
        let before = self.0.oldest.fetch_max(free.get(), Ordering::SeqCst);
        Watermark(Timestamp::from_u64(before.max(free.get())))
    }

    /// The oldest timestamp, as what may be collected.
    pub fn watermark(&self) -> Watermark {
        Watermark(self.oldest())
    }
}

/// Keeps what a read at one timestamp can see.
#[derive(Debug)]
pub struct Pin {
    shared: Arc<Shared>,
    at: Timestamp,
}

impl Pin {
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pinned = self.shared.pinned.lock();
        if let Some(readers) = pinned.get_mut(&self.at) {
            *readers -= 1;
            if *readers == 0 {
                pinned.remove(&self.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RowError;

    fn ts(raw: u64) -> Timestamp {
        Timestamp::from_u64(raw)
    }

    #[test]
    fn the_oldest_timestamp_stops_at_the_smallest_pin() {
        let pins = Pins::new(ts(3));
        let (five, again, nine) =
            (pins.pin(ts(5)).unwrap(), pins.pin(ts(5)).unwrap(), pins.pin(ts(9)).unwrap());
        assert_eq!(pins.raise(ts(7)).get(), ts(5));
        drop(five);
        assert_eq!(pins.raise(ts(7)).get(), ts(5));
        assert_eq!((again.at(), pins.smallest()), (ts(5), Some(ts(5))));
        drop(again);
        assert_eq!(pins.raise(ts(7)).get(), ts(7));
        drop(nine);
        assert_eq!(pins.smallest(), None);
    }

    #[test]
    fn it_never_falls_and_nothing_below_it_is_pinned() {
        let pins = Pins::new(ts(8));
        assert_eq!(pins.raise(ts(2)).get(), ts(8));
        let refused = pins.pin(ts(7)).unwrap_err();
        let wanted = (ts(7), ts(8));
        assert!(
            matches!(refused, RowError::ReadTimestampCompacted { asked, oldest } if (asked, oldest) == wanted)
        );
        assert_eq!(pins.pin(ts(8)).unwrap().at(), ts(8));
    }

    /// Whoever got a pin finds that nothing was raised past it, whatever others do at the same time.
    #[test]
    fn a_pin_that_was_given_holds_against_raising_at_the_same_time() {
        let pins = Pins::new(ts(0));
        std::thread::scope(|scope| {
            let raising = pins.clone();
            scope.spawn(move || (0..20_000).map(|to| raising.raise(ts(to))).max());
            for _ in 0..20_000 {
                let Ok(pin) = pins.pin(pins.oldest()) else { continue };
                assert!(pins.oldest() <= pin.at() && pins.raise(Timestamp::MAX).get() <= pin.at());
                drop(pin);
            }
        });
    }
}
