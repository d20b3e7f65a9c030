//! A leader that can not apply hands over.
//!
//! One that waits for a key, or has none to seal under, holds up its whole group, although another voter may have the key
//! open. It says so to
//! nobody and asks nobody: whoever takes over and waits as well hands on in turn.

use std::time::Duration;

use super::GroupHandle;
use crate::replica::{Replica, Waiting};

const LOOK: Duration = Duration::from_millis(250);

impl GroupHandle {
    pub(super) fn hand_over_while_waiting_for_a_key(&self) {
        let (handle, mut faults) = (self.clone(), self.faults());
        elastickv_sys::task::spawn(async move {
            // As long as elections take: shorter waits are over sooner than a change of leaders.
            let patience = handle.config().longest_election_timeout();
            let mut looks = tokio::time::interval(LOOK);
            let mut waited = Duration::ZERO;
            loop {
                tokio::select! {
                    _ = looks.tick() => {}
                    _ = faults.changed() => return,
                }
                waited = if handle.leads_and_waits_for_a_key() { waited + LOOK } else { Duration::ZERO };
                if waited > patience {
                    handle.leave().await;
                    waited = Duration::ZERO;
                }
            }
        });
    }

    fn leads_and_waits_for_a_key(&self) -> bool {
        let waits = |replica: &Replica| {
            matches!(replica.waiting(), Some(Waiting::Key(_)))
                || !replica.keys.can_seal(&replica.applied().state)
        };
        self.is_leader() && waits(self.replica())
    }

    async fn leave(&self) {
        let group = self.group().get();
        match self.transfer_away().await {
            Ok(to) => tracing::warn!(group, %to, "leadership is handed over: a key is not open here"),
            Err(error) => tracing::warn!(group, %error, "a key is not open here, and nobody takes over"),
        }
    }
}
