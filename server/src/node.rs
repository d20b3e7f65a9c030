//! The node: everything its services share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use elastickv_consensus::GroupHandle;
use elastickv_lifecycle::{Local, Verifier};
use elastickv_proto::v1;
use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_sys::random::SharedRandom;
use elastickv_txn::{Admission, Coordinator, Refused};
use elastickv_types::{FullNodeId, GroupId, Purpose};
use tokio::sync::watch;

use crate::config::Config;
use crate::doors::Guard;
use crate::identity::Identity;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::peers::Peers;
use crate::readiness::{self, Facts, Reason};
use crate::slow::SlowLog;
use crate::space::SpaceWatch;

/// What intake depends on, shared with the proposer before there is a node.
#[derive(Debug, Default)]
pub struct Switches {
    /// Clients are answered; members always are.
    open: AtomicBool,
    serving: AtomicBool,
    draining: AtomicBool,
    stopping: AtomicBool,
}

#[derive(Debug)]
pub struct Node {
    pub config: Config,
    pub identity: Arc<Identity>,
    pub peers: Arc<Peers>,
    /// Of a node with encryption.
    pub keys: Option<Keys>,
    pub coordinator: Coordinator,
    /// This node's part of jobs, and its counts of rows.
    pub rewriter: Arc<Local>,
    pub verifier: Arc<Verifier>,
    pub space: Arc<SpaceWatch>,
    pub metrics: Arc<Metrics>,
    pub slow: SlowLog,
    pub guard: Arc<Guard>,
    pub clock: SharedClock,
    pub random: SharedRandom,
    pub started: Moment,
    pub switches: Arc<Switches>,
    pub quorum: watch::Receiver<bool>,
}

impl Switches {
    /// The answer for each write before it is taken.
    pub fn admission(self: &Arc<Self>, space: &Arc<SpaceWatch>) -> Admission {
        let (switches, space) = (self.clone(), space.clone());
        Arc::new(move || match (switches.is_stopping(), space.is_full()) {
            (true, _) => Err(Refused::Draining),
            (_, true) => Err(Refused::StorageFull),
            _ => Ok(()),
        })
    }

    pub fn set_open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    pub fn set_serving(&self) {
        self.serving.store(true, Ordering::SeqCst);
    }

    pub fn set_stopping(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Returns what it was before.
    pub fn set_draining(&self, draining: bool) -> bool {
        self.draining.swap(draining, Ordering::SeqCst)
    }

    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::SeqCst)
    }
}

impl Node {
    pub fn me(&self) -> FullNodeId {
        self.config.node_name.full_id()
    }

    /// The one group there is so far: the control group.
    pub fn group(&self) -> &GroupHandle {
        self.coordinator.group()
    }

    /// Has groups refuse entries until they begin as the invitation said.
    pub fn begin_as_told(&self) {
        #[cfg(feature = "testing")]
        if self.config.without == Some(crate::config::Without::FirstSnapshot) {
            return;
        }
        if let Some(&least) = self.identity.beginning().get(&self.group().group()) {
            self.group().begin_with_snapshot(least);
        }
    }

    /// The group a request names; zero names the control group.
    pub fn group_named(&self, raw: u64) -> Option<&GroupHandle> {
        let group = GroupId::from_u64(raw).unwrap_or(GroupId::CONTROL);
        (group == self.group().group()).then(|| self.group())
    }

    /// Why this node is not ready; nothing when it is.
    pub fn reasons(&self) -> Vec<Reason> {
        let status = self.group().status();
        readiness::judge(&Facts {
            belongs: self.identity.cluster().is_some() && !status.membership.members.is_empty(),
            serving: self.switches.serving.load(Ordering::SeqCst),
            draining: self.switches.is_draining(),
            stopping: self.switches.is_stopping(),
            removed_by: self.peers.removed.get().or_else(|| self.removed_by_own_log()),
            group: &status,
            missing_key: self.missing_key(),
        })
    }

    /// Why this node can not seal what its cluster seals.
    fn missing_key(&self) -> Option<String> {
        let keys = self.keys.as_ref()?;
        let keyring = keys.held.store.keyring();
        let entries = self.group().applied().state.raft.cutover.is_some();
        let sealed = [(Purpose::Storage, keys.held.store.seals_rows()), (Purpose::Raft, entries)];
        let missing = |&(purpose, sealed): &(Purpose, bool)| sealed && keyring.seal_key(purpose).is_none();
        let (purpose, _) = sealed.into_iter().find(missing)?;
        let waits = keys.opener.waits_for().into_iter().find(|(key, _)| key.purpose == purpose);
        Some(match waits {
            Some((key, why)) => format!("waiting for a key: {purpose} key {} is not open: {why}", key.key),
            None => format!("waiting for a key: under none for {purpose} is this load registered yet"),
        })
    }

    /// A node that got the entry of its removal knows it by itself.
    fn removed_by_own_log(&self) -> Option<String> {
        self.group().was_removed(self.me()).then(|| "its own log".to_owned())
    }

    pub fn uptime(&self) -> Duration {
        self.clock.now().since(self.started)
    }

    /// When the certificate expires that it shows; zero where it has none.
    pub fn certificate_ends_ms(&self) -> u64 {
        self.peers.connections.live().map_or(0, |live| live.not_after_ms())
    }

    pub fn disk(&self) -> v1::Disk {
        v1::Disk {
            free_bytes: self.space.space().free,
            total_bytes: self.space.space().total,
            reserve_bytes: self.space.reserve,
            full: self.space.is_full(),
            used_bytes: self.group().store_bytes().unwrap_or(0),
        }
    }
}

/// Follows whether the group has a quorum, so that a request that waits hears of its loss.
pub fn watch_quorum(group: GroupHandle, look: Duration) -> watch::Receiver<bool> {
    let (tx, rx) = watch::channel(true);
    elastickv_sys::task::spawn(async move {
        let mut looks = tokio::time::interval(look);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = tx.closed() => return,
            }
            let has = group.has_quorum();
            tx.send_if_modified(|known| std::mem::replace(known, has) != has);
        }
    });
    rx
}
