//! When the oldest timestamp that can be read is to rise.
//!
//! Versions that only a read below it needs are collected, by each replica when it has time. The leader
//! proposes it, since all replicas must refuse the same reads, and whoever collects must not be ahead of who
//! reads. It rises in steps of a tenth of the retention, and only while there is something to collect: a group
//! that nobody writes to proposes nothing.

use std::time::Duration;

use elastickv_types::Timestamp;

/// Of the retention.
const STEPS: u64 = 10;
const SHORTEST_LOOK: Duration = Duration::from_millis(100);

/// How far back versions can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention(Duration);

/// What it depends on whether the oldest timestamp is to rise.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub now: Timestamp,
    pub last_commit_ts: Timestamp,
    pub oldest: Timestamp,
    /// The smallest timestamp that a reader of this node holds.
    pub pinned: Option<Timestamp>,
}

impl Retention {
    pub fn new(retention: Duration) -> Self {
        Self(retention)
    }

    fn millis(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }

    /// How often to look while no write is proposed that could carry it.
    pub fn look(self) -> Duration {
        (self.0 / (2 * STEPS as u32)).max(SHORTEST_LOOK)
    }

    /// What the oldest timestamp is to become.
    pub fn due(self, facts: Facts) -> Option<Timestamp> {
        let back = facts.now.saturating_sub_ms(self.millis());
        let wanted = facts.pinned.map_or(back, |pinned| back.min(pinned));
        let written_since = facts.last_commit_ts > facts.oldest;
        let lags = wanted >= facts.oldest.saturating_add_ms(self.millis() / STEPS) && wanted > facts.oldest;
        (written_since && lags).then_some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn due(now: u64, last_commit: u64, oldest: u64, pinned: Option<u64>) -> Option<Timestamp> {
        let (now, last_commit_ts, oldest, pinned) = (at(now), at(last_commit), at(oldest), pinned.map(at));
        Retention::new(Duration::from_secs(10)).due(Facts { now, last_commit_ts, oldest, pinned })
    }

    #[test]
    fn it_rises_by_a_tenth_of_the_retention_at_the_least() {
        assert_eq!(due(30_999, 30_000, 20_000, None), None);
        assert_eq!(due(31_000, 30_000, 20_000, None), Some(at(21_000)));
        assert_eq!(due(5_000, 4_000, 0, None), None, "nothing is as old as that");
    }

    #[test]
    fn a_group_that_nobody_writes_to_proposes_it_once_more_and_never_again() {
        assert_eq!(due(60_000, 25_000, 20_000, None), Some(at(50_000)));
        assert_eq!(due(90_000, 25_000, 50_000, None), None);
        assert_eq!(due(90_000, 0, 0, None), None);
    }

    #[test]
    fn it_stops_at_what_a_reader_holds() {
        assert_eq!(due(60_000, 59_000, 20_000, Some(30_000)), Some(at(30_000)));
        assert_eq!(due(60_000, 59_000, 20_000, Some(20_500)), None);
        assert_eq!(due(60_000, 59_000, 20_000, Some(10_000)), None);
    }
}
