//! Whether this node can serve, and if not, why: one judgement for /readyz, health and status.

use std::sync::Arc;

use elastickv_consensus::{GroupStatus, Role};
use elastickv_types::NodeName;
use parking_lot::Mutex;

/// Set once a member says that this node was removed.
#[derive(Clone, Debug, Default)]
pub struct Removed(Arc<Mutex<Option<String>>>);

impl Removed {
    pub fn set(&self, by: &NodeName) {
        *self.0.lock() = Some(by.to_string());
    }

    pub fn get(&self) -> Option<String> {
        self.0.lock().clone()
    }
}

/// One reason for not being ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub name: &'static str,
    pub message: String,
}

/// What readiness is judged from.
#[derive(Debug)]
pub struct Facts<'a> {
    pub belongs: bool,
    pub serving: bool,
    pub draining: bool,
    pub stopping: bool,
    pub removed_by: Option<String>,
    pub group: &'a GroupStatus,
}

/// Entries that a ready node may be behind what it knows to be committed.
const LAG: u64 = 10_000;

/// Every reason against being ready; none means ready.
pub fn judge(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |name, message: String| reasons.push(Reason { name, message });
    let group = facts.group;
    if !facts.belongs {
        add("NoCluster", "it belongs to no cluster yet and waits for one".to_owned());
    } else if let Some(by) = &facts.removed_by {
        add("Removed", format!("{by} says that this node was removed from the cluster"));
    } else if let Some(fault) = &group.fault {
        add("Fault", fault.clone());
    } else if group.role == Role::Leader && !group.has_quorum {
        add("NoQuorum", "no quorum: a majority of the voters does not answer".to_owned());
    } else if !group.has_quorum {
        add("NoLeader", "no quorum: it knows of no leader".to_owned());
    } else if !facts.serving {
        add("Starting", "it is still starting".to_owned());
    }
    let index = |id: Option<elastickv_types::LogId>| id.map_or(0, |id| id.index.get());
    let lag = index(group.committed).saturating_sub(index(group.applied));
    if let Some(waiting) = group.waiting {
        add("Waiting", waiting.to_string());
    } else if lag > LAG {
        add("CatchingUp", format!("{lag} committed entries are not applied yet"));
    }
    if facts.stopping {
        add("Stopping", "it was told to stop".to_owned());
    } else if facts.draining {
        add("Draining", "it was told to drain".to_owned());
    }
    reasons
}
