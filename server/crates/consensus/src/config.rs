//! How a group is run.

use std::sync::Arc;
use std::time::Duration;

use elastickv_fsm::Rules;
use elastickv_sys::stages::Stopwatch;
use openraft::SnapshotPolicy;

/// Settings of one group on one node.
#[derive(Clone, Debug)]
pub struct GroupConfig {
    pub heartbeat: Duration,
    /// Within twice this, a group that lost its leader has another: its followers stay with one that they do not hear
    /// for a part of it, and then wait for a time that each draws for itself.
    pub election_timeout: Duration,
    /// A snapshot is built after this many applied entries; `None` builds them on request only.
    pub snapshot_entries: Option<u64>,
    /// Or after so many bytes of them, if the last snapshot is no larger.
    pub snapshot_bytes: u64,
    /// Entries kept in the log behind a snapshot, for followers that are a little late; fewer where they have more bytes
    /// than that.
    pub keep_log_entries: u64,
    /// An apply that takes longer without saying what it waits for is a fault.
    pub apply_deadline: Duration,
    /// Free bytes on the disk that snapshots leave.
    pub storage_reserve: u64,
    pub log: elastickv_log::Options,
    /// Times what is applied; the log's options have one of their own.
    pub stopwatch: Stopwatch,
    /// A rule of users' writes that is missing, to see that it is missed.
    #[cfg(feature = "testing")]
    pub without: Option<elastickv_fsm::Rule>,
    /// A new leader proposes before it knows what those before it left, to see that it must not.
    #[cfg(feature = "testing")]
    pub without_readiness: bool,
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_millis(150),
            election_timeout: Duration::from_secs(1),
            snapshot_entries: Some(500_000),
            snapshot_bytes: 1 << 30,
            keep_log_entries: 50_000,
            apply_deadline: Duration::from_secs(30),
            storage_reserve: 256 << 20,
            // The library takes an entry that is refused for a failure of the disk.
            log: elastickv_log::Options { hold_when_full: true, ..elastickv_log::Options::default() },
            stopwatch: Stopwatch::unwatched(),
            #[cfg(feature = "testing")]
            without: None,
            #[cfg(feature = "testing")]
            without_readiness: false,
        }
    }
}

/// Entries of one replication message; with batches of writes an entry is large already.
const ENTRIES_PER_MESSAGE: u64 = 1024;
/// A waiting apply must not block votes and appends, which share its channel.
const STATE_MACHINE_CHANNEL: u64 = 65_536;

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl GroupConfig {
    /// How long a follower stays with a leader that it does not hear, and a leader takes proposals without a majority
    /// that answers.
    pub(crate) fn lease(&self) -> Duration {
        self.election_timeout * 4 / 5
    }

    pub fn longest_election_timeout(&self) -> Duration {
        self.election_timeout * 2
    }

    #[cfg(feature = "testing")]
    pub(crate) fn rules(&self) -> Rules {
        self.without.map_or_else(Rules::default, Rules::without)
    }

    #[cfg(not(feature = "testing"))]
    pub(crate) fn rules(&self) -> Rules {
        Rules::default()
    }

    /// Whether a new leader takes its time until it has applied an entry of its own term.
    #[cfg(feature = "testing")]
    pub(crate) fn waits_for_own_term(&self) -> bool {
        !self.without_readiness
    }

    #[cfg(not(feature = "testing"))]
    pub(crate) fn waits_for_own_term(&self) -> bool {
        true
    }

    pub(crate) fn to_raft(&self) -> Result<Arc<openraft::Config>, String> {
        // The library waits for the lease, which is the longest timeout too, and then for a timeout that it draws. Both
        // leave a fifth of what an election may take to the votes themselves.
        let longest = millis(self.lease());
        let shortest = longest / 2;
        let config = openraft::Config {
            heartbeat_interval: millis(self.heartbeat),
            election_timeout_min: shortest,
            election_timeout_max: longest,
            install_snapshot_timeout: 24 * 3600 * 1000,
            max_payload_entries: ENTRIES_PER_MESSAGE,
            // Snapshots and purges are asked for by this crate, which knows what the store has persisted.
            snapshot_policy: SnapshotPolicy::Never,
            max_in_snapshot_log_to_keep: u64::MAX,
            replication_lag_threshold: u64::MAX,
            state_machine_channel_size: Some(STATE_MACHINE_CHANNEL),
            quorum_loss_probe_interval: Some(millis(self.longest_election_timeout())),
            enable_pre_vote: Some(true),
            // A restarted node asks for votes like any other: its state machine may be behind.
            enable_leader_restore: Some(false),
            backoff: "50ms 100ms 200ms ..1000ms".to_owned(),
            ..openraft::Config::default()
        };
        config.validate().map(Arc::new).map_err(|error| error.to_string())
    }
}
