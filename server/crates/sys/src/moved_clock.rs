//! A wall clock that a test moves while the process runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::{Clock, Moment, SharedClock};

/// Shows the wall time of another clock moved by the milliseconds that a file holds as text. The file is read
/// each time; one that is missing or holds no number leaves the last value in force.
#[derive(Debug)]
pub struct MovedClock {
    under: SharedClock,
    file: PathBuf,
    by_ms: AtomicI64,
}

impl MovedClock {
    pub fn over(under: SharedClock, file: &Path) -> SharedClock {
        Arc::new(Self { under, file: file.to_owned(), by_ms: AtomicI64::new(0) })
    }

    fn by_ms(&self) -> i64 {
        let written = std::fs::read_to_string(&self.file).ok();
        if let Some(by) = written.and_then(|text| text.trim().parse().ok()) {
            self.by_ms.store(by, Ordering::SeqCst);
        }
        self.by_ms.load(Ordering::SeqCst)
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Moment {
        self.under.now()
    }

    fn unix_ms(&self) -> u64 {
        self.under.unix_ms().saturating_add_signed(self.by_ms())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_file_moves_the_wall_clock_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("offset");
        let clock = MovedClock::over(ManualClock::at_unix_ms(10_000), &file);
        let now = clock.now();
        assert_eq!(clock.unix_ms(), 10_000, "without a file nothing is moved");
        for (text, shown) in [("-9000\n", 1_000), ("", 1_000), ("-", 1_000), ("5", 10_005), ("-20000\n", 0)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(clock.unix_ms(), shown, "{text:?}");
        }
        assert_eq!(clock.now(), now);
    }
}
