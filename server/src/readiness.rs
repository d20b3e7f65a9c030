//! Whether this node can serve, and if not, why: one judgement for /readyz, health and status.

use std::sync::Arc;

use elastickv_consensus::{GroupStatus, Role, Waiting};
use elastickv_types::{NodeName, StoreId};
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

/// Set once a member calls this node by its name and means another store: the name was used before.
#[derive(Clone, Debug, Default)]
pub struct Predecessor(Arc<Mutex<Option<(String, StoreId)>>>);

impl Predecessor {
    pub fn set(&self, by: &str, store: StoreId) {
        *self.0.lock() = Some((by.to_owned(), store));
    }

    /// Who said so, and which store was meant.
    pub fn get(&self) -> Option<(String, StoreId)> {
        self.0.lock().clone()
    }
}

/// One reason for not being ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    pub name: &'static str,
    pub message: String,
}

impl Reason {
    fn new(name: &'static str, message: impl ToString) -> Self {
        Self { name, message: message.to_string() }
    }

    pub fn starting() -> Self {
        Self::new("Starting", "it is still starting")
    }

    pub fn waiting(what: Waiting) -> Self {
        Self::new("Waiting", what)
    }
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
    /// Why there is no key to seal under, where data is sealed.
    pub missing_key: Option<String>,
}

/// Entries that a ready node may be behind what it knows to be committed.
const LAG: u64 = 10_000;

/// Every reason against being ready; none means ready.
pub fn judge(facts: &Facts<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut add = |reason| reasons.push(reason);
    let group = facts.group;
    if !facts.belongs {
        add(Reason::new("NoCluster", "it belongs to no cluster yet and waits for one"));
    } else if let Some(by) = &facts.removed_by {
        add(Reason::new("Removed", format!("{by} says that this node was removed from the cluster")));
    } else if let Some(fault) = &group.fault {
        add(Reason::new("Fault", fault));
    } else if group.role == Role::Leader && !group.has_quorum {
        add(Reason::new("NoQuorum", "no quorum: a majority of the voters does not answer"));
    } else if !group.has_quorum {
        add(Reason::new("NoLeader", "no quorum: it knows of no leader"));
    } else if !facts.serving {
        add(Reason::starting());
    }
    let index = |id: Option<elastickv_types::LogId>| id.map_or(0, |id| id.index.get());
    let lag = index(group.committed).saturating_sub(index(group.applied));
    if let Some(waiting) = group.waiting {
        add(Reason::waiting(waiting));
    } else if let Some(key) = &facts.missing_key {
        add(Reason::new("Waiting", key));
    } else if lag > LAG {
        add(Reason::new("CatchingUp", format!("{lag} committed entries are not applied yet")));
    }
    if facts.stopping {
        add(Reason::new("Stopping", "it was told to stop"));
    } else if facts.draining {
        add(Reason::new("Draining", "it was told to drain"));
    }
    reasons
}
