//! Registering this load with its cluster, under every key that it may seal under.
//!
//! ```text
//! start ── a leader answers ──▶ accepted ──▶ the group runs
//!     │                    └──▶ rejected ──▶ the start is refused
//!     └─ nobody does ─────────▶ the group runs ── a leader is there ──▶ accepted, or the node stops
//! ```
//!
//! The registry is what finds out that a directory was put back: another load has used the epochs that this one
//! is about to use. So it is asked first wherever there is somebody to ask. A whole cluster that starts has
//! nobody, and must not wait for itself.

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::GroupHandle;
use elastickv_keyring::{Keystore, Registration};
use elastickv_sys::point;
use elastickv_types::LogId;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::fellows::{Fellows, Verdict};
use crate::exit::{Exit, Stop};

/// How long a start looks for a leader.
const FIRST: Duration = Duration::from_millis(500);
/// How often it asks meanwhile.
const PAUSE: Duration = Duration::from_millis(50);
/// How often a running node asks while there is no leader.
const LATER: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub struct Writers {
    store: Arc<Keystore>,
    fellows: Arc<Fellows>,
    /// What a leader has let in. It may be a while before this node applies that.
    accepted: Mutex<Vec<Registration>>,
    refused: watch::Sender<Option<Stop>>,
}

impl Writers {
    pub fn new(store: Arc<Keystore>, fellows: Arc<Fellows>) -> Arc<Self> {
        Arc::new(Self { store, fellows, accepted: Mutex::default(), refused: watch::Sender::default() })
    }

    /// Registers this load before it takes part in anything, if there is a leader to do so.
    pub async fn register_first(&self, last_log: Option<LogId>) -> Result<(), Stop> {
        let rows = self.store.registrations();
        if rows.is_empty() || self.fellows.others().is_empty() {
            return Ok(());
        }
        point!(LoadDue);
        let asked = async {
            loop {
                match self.fellows.register_before(&rows, last_log).await {
                    Some(verdict) => return verdict,
                    None => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        match tokio::time::timeout(FIRST, asked).await {
            Ok(verdict) => self.note(verdict, rows),
            Err(_) => {
                tracing::info!(
                    "no leader is there to register this load; it is registered once there is one"
                );
                Ok(())
            }
        }
    }

    /// Registers what was not registered yet, and what comes.
    pub fn start(self: &Arc<Self>, group: GroupHandle) {
        self.fellows.set_group(group);
        elastickv_sys::task::spawn(self.clone().run());
    }

    /// Turns to the reason once the cluster has refused to let this load in: the node has to stop.
    pub fn refused(&self) -> watch::Receiver<Option<Stop>> {
        self.refused.subscribe()
    }

    async fn run(self: Arc<Self>) {
        let mut changes = self.store.changes();
        loop {
            changes.mark_unchanged();
            let rows = self.due();
            if rows.is_empty() {
                if changes.changed().await.is_err() {
                    return;
                }
                continue;
            }
            point!(LoadDue);
            match self.fellows.register(&rows).await {
                Some(verdict) => {
                    if let Err(stop) = self.note(verdict, rows) {
                        self.refused.send_replace(Some(stop));
                        return;
                    }
                }
                None => tokio::time::sleep(LATER).await,
            }
        }
    }

    /// What the registry lacks, and nobody has let in meanwhile.
    fn due(&self) -> Vec<Registration> {
        let lacking = self.store.unregistered();
        let accepted = self.accepted.lock();
        lacking.into_iter().filter(|row| !accepted.contains(row)).collect()
    }

    fn note(&self, verdict: Verdict, rows: Vec<Registration>) -> Result<(), Stop> {
        match verdict {
            Verdict::Accepted => {
                for row in &rows {
                    tracing::info!(key = %row.key, purpose = %row.purpose, epoch = %row.epoch, "registered as a writer");
                }
                self.accepted.lock().extend(rows);
                point!(LoadAccepted);
                Ok(())
            }
            Verdict::Rejected { reason, message } => Err(not_let_in(&reason, &message)),
        }
    }
}

/// What a rejection says of this node, by its typed name.
pub fn not_let_in(reason: &str, message: &str) -> Stop {
    const REJOIN: &str =
        "remove this member from the cluster, empty its data directory and join under a new name";
    let (name, why) = match reason {
        "LocalEpochRollback" | "DataDirRolledBack" | "ForeignStore" | "OtherLoadRuns" => {
            ("DataDirRolledBack", "this data directory was put back from an earlier time, or copied")
        }
        "NodeIdCollision" => ("NodeIdCollision", "another node has the short id of this one"),
        _ => ("RegistrationRejected", "the cluster does not let this node in as a writer"),
    };
    let what = format!("{why}: {reason}: {message}");
    Stop { exit: Exit::Unregistered, name, what, way_out: REJOIN.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_has_an_exit_code_of_its_own_and_says_what_it_means() {
        let names = [
            ("LocalEpochRollback", "DataDirRolledBack"),
            ("DataDirRolledBack", "DataDirRolledBack"),
            ("ForeignStore", "DataDirRolledBack"),
            ("OtherLoadRuns", "DataDirRolledBack"),
            ("NodeIdCollision", "NodeIdCollision"),
            ("UnknownKey", "RegistrationRejected"),
        ];
        for (reason, name) in names {
            let stop = not_let_in(reason, "as it was said");
            assert_eq!((stop.name, stop.exit), (name, Exit::Unregistered));
            assert!(stop.what.contains(reason) && stop.what.ends_with("as it was said"), "{}", stop.what);
        }
    }
}
