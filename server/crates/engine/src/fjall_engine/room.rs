//! Room on the disk, asked for before it is needed.
//!
//! A write that finds the disk full leaves fjall unable to go on. So room is kept in reserve for
//! what happens in the background, and what would eat into it is refused beforehand.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_sys::files::SharedFiles;
use parking_lot::Mutex;

use super::failure::Place;
use super::options::{FjallOptions, Shortages};
use crate::{EngineError, Result};

/// With less than this beyond the reserve, what goes on in the background may have found no room.
const COMFORT: u64 = 64 * 1024 * 1024;
/// How old an answer of the system may be, and how much may have been written since.
const FRESH_FOR: Duration = Duration::from_millis(20);
const BETWEEN_TIDYING: Duration = Duration::from_secs(1);
const FRESH_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Room {
    dir: PathBuf,
    place: Place,
    reserve: u64,
    files: SharedFiles,
    clock: SharedClock,
    known: Mutex<Option<Known>>,
    comfort: u64,
    short: AtomicBool,
    shortages: Shortages,
    /// So many shortages were noted by others when there was last plenty.
    overcome: AtomicU64,
    tidied: Mutex<Option<Moment>>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    at: Moment,
    free: u64,
    taken: u64,
}

impl Room {
    pub(super) fn new(dir: PathBuf, place: Place, options: &FjallOptions) -> Self {
        Self {
            dir,
            place,
            reserve: options.reserve_bytes,
            files: options.files.clone(),
            clock: options.clock.clone(),
            known: Mutex::new(None),
            comfort: options.reserve_bytes.saturating_add(options.reserve_bytes.max(COMFORT)),
            short: AtomicBool::new(false),
            overcome: AtomicU64::new(options.shortages.count()),
            shortages: options.shortages.clone(),
            tidied: Mutex::new(None),
        }
    }

    /// Takes room for so many bytes, or tells that they would eat into the reserve.
    pub(super) fn take(&self, bytes: u64) -> Result<()> {
        let mut known = self.known.lock();
        let remembered = known.filter(|known| self.is_fresh(*known, bytes) && self.suffices(*known, bytes));
        let now = match remembered {
            Some(known) => known,
            None => self.ask()?,
        };
        if !self.suffices(now, bytes) {
            *known = None;
            let (free, reserve) = (now.free, self.reserve);
            return Err(self.place.full(format!("{free} bytes are free, {reserve} are kept in reserve")));
        }
        *known = Some(Known { taken: now.taken + bytes, ..now });
        Ok(())
    }

    fn suffices(&self, known: Known, bytes: u64) -> bool {
        known.free.saturating_sub(known.taken) >= self.reserve.saturating_add(bytes)
    }

    /// Whether to open a store again while room is short: now and then, for what its background work
    /// left behind is removed then.
    pub(super) fn may_tidy(&self) -> bool {
        let (mut tidied, now) = (self.tidied.lock(), self.clock.now());
        let due = tidied.is_none_or(|before| now.since(before) >= BETWEEN_TIDYING);
        if due {
            *tidied = Some(now);
        }
        due
    }

    /// Whether room was short at some time since there was plenty and all went well.
    pub(super) fn was_short(&self) -> bool {
        self.short.load(Ordering::Relaxed) || self.shortages.count() > self.overcome.load(Ordering::Relaxed)
    }

    pub(super) fn was_enough(&self) {
        let shortages = self.shortages.count();
        if self.known.lock().is_some_and(|known| known.free >= self.comfort) {
            self.overcome.store(shortages, Ordering::Relaxed);
            self.short.store(false, Ordering::Relaxed);
        }
    }

    /// Remembers if an error tells of a full disk.
    pub(super) fn note(&self, error: EngineError) -> EngineError {
        if matches!(error, EngineError::Full { .. }) {
            self.short.store(true, Ordering::Relaxed);
        }
        error
    }

    fn is_fresh(&self, known: Known, bytes: u64) -> bool {
        known.taken.saturating_add(bytes) <= FRESH_BYTES && self.clock.now().since(known.at) < FRESH_FOR
    }

    fn ask(&self) -> Result<Known> {
        let space = self
            .files
            .space(&self.dir)
            .map_err(|error| self.place.system("asking for its free space", &error))?;
        if space.free < self.comfort {
            self.short.store(true, Ordering::Relaxed);
        }
        Ok(Known { at: self.clock.now(), free: space.free, taken: 0 })
    }
}
