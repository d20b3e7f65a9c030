//! Whether this node is part of a group that can decide, and whether it may still speak as its leader.
//!
//! A leader that nobody answers can not commit anything, and must not keep the others from finding one that can:
//! whoever hears of a leader does not look for another. It may speak well and only not hear, so what it sends has to
//! end too. The library holds heartbeats back once no majority has answered for as long as a follower stays with a
//! leader. Entries that wait to be committed it sends on and on; those are held back here. Both are tried again
//! after a while, when the others had the time to elect: heartbeats are given up sooner than entries, and where the
//! answers take longer than that, entries alone find out that the majority is there.

use std::sync::OnceLock;
use std::time::Duration;

use elastickv_sys::clock::{Moment, SharedClock};
use openraft::async_runtime::WatchReceiver;
use openraft::type_config::alias::WatchReceiverOf;
use openraft::{Instant, RaftMetrics, ServerState};
use parking_lot::Mutex;

use crate::config::GroupConfig;
use crate::convert::Types;

type MetricsReceiver = WatchReceiverOf<Types, RaftMetrics<Types>>;

/// What one node knows of its group's ability to decide.
pub struct Quorum {
    clock: SharedClock,
    /// How long a follower stays with a leader that it does not hear.
    lease: Duration,
    patience: Duration,
    /// When a leader was last heard from. A follower that is cut off keeps the leader it knew.
    heard: Mutex<Moment>,
    /// The last term in which this node was seen to lead, and since when.
    leading: Mutex<(u64, Moment)>,
    /// The library has them only once it runs, and runs with the peers that ask here.
    metrics: OnceLock<MetricsReceiver>,
}

impl std::fmt::Debug for Quorum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quorum").field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl Quorum {
    pub fn new(clock: SharedClock, config: &GroupConfig) -> Self {
        let now = clock.now();
        Self {
            clock,
            lease: config.lease(),
            patience: config.longest_election_timeout(),
            heard: Mutex::new(now),
            leading: Mutex::new((0, now)),
            metrics: OnceLock::new(),
        }
    }

    /// Tells where the library says how it is.
    pub fn watch(&self, metrics: MetricsReceiver) {
        // It is told once.
        drop(self.metrics.set(metrics));
    }

    pub fn heard_from_leader(&self) {
        *self.heard.lock() = self.clock.now();
    }

    /// A leader hears from a majority; another node, from a leader.
    pub fn is_there(&self, metrics: &RaftMetrics<Types>) -> bool {
        if metrics.state == ServerState::Leader {
            return self.silence(metrics) <= self.patience;
        }
        let silence = self.clock.now().since(*self.heard.lock());
        metrics.current_leader.is_some() && silence <= self.patience
    }

    /// Whether what this node sends as a leader may keep the others from electing one.
    pub fn may_speak(&self) -> bool {
        self.metrics.get().is_none_or(|metrics| {
            let metrics = metrics.borrow_watched();
            metrics.state != ServerState::Leader || self.may_speak_after(self.silence(&metrics))
        })
    }

    /// Within the lease, and then in every third part of a cycle: the first two leave time for an election, and the
    /// third is longer than the library waits before it sends again.
    fn may_speak_after(&self, silence: Duration) -> bool {
        let cycle = self.patience * 3 / 2;
        let into_cycle = silence.as_nanos().checked_rem(cycle.as_nanos()).unwrap_or_default();
        silence < self.lease || into_cycle >= self.patience.as_nanos()
    }

    /// For how long no majority has answered a leader. Whoever has just been elected was just answered.
    fn silence(&self, metrics: &RaftMetrics<Types>) -> Duration {
        if metrics.membership_config.voter_ids().count() <= 1 {
            return Duration::ZERO;
        }
        let elected = self.leading_for(metrics.current_term);
        let acknowledged = metrics.last_quorum_acked.as_ref().map(|moment| moment.elapsed());
        acknowledged.map_or(elected, |age| age.min(elected))
    }

    /// How long this node has led in a term, counted from when that was first seen here.
    fn leading_for(&self, term: u64) -> Duration {
        let now = self.clock.now();
        let mut leading = self.leading.lock();
        if leading.0 != term {
            *leading = (term, now);
        }
        now.since(leading.1)
    }
}

#[cfg(test)]
mod tests {
    use elastickv_sys::clock::SystemClock;

    use super::*;

    #[test]
    fn a_leader_that_nobody_answers_leaves_time_for_an_election_before_it_tries_again() {
        let config = GroupConfig::default();
        let quorum = Quorum::new(SystemClock::shared(), &config);
        let election = config.election_timeout;
        let speaks = |tenths: u32| quorum.may_speak_after(election * tenths / 10);
        assert!((0..8).all(speaks), "within its lease");
        assert!(!(8..20).any(speaks), "the others elect");
        assert!((20..30).all(speaks), "it tries again");
        assert!(!(30..50).any(speaks) && (50..60).all(speaks), "and again");
    }
}
