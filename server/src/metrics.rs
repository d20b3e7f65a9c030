//! Metrics, under their public names.

mod encryption;
mod pressure;
mod stages;

use std::sync::Arc;
use std::time::Duration;

use elastickv_lifecycle::{Check, Watcher};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use elastickv_consensus::Role;
use elastickv_sys::stages::StageSink;

use crate::node::Node;
use stages::{Passed, Stages};

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Call {
    path: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Refused {
    reason: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Group {
    group: u64,
}

type PerGroup = Family<Group, Gauge>;

#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    calls: Family<Call, Histogram>,
    refused: Family<Refused, Counter>,
    slow: Family<Call, Counter>,
    stages: Arc<Stages>,
    kek_unwraps: Histogram,
    ready: Gauge,
    leader: PerGroup,
    has_quorum: PerGroup,
    term: PerGroup,
    committed: PerGroup,
    applied: PerGroup,
    last_log: PerGroup,
    snapshot: PerGroup,
    log_fsyncs: PerGroup,
    log_bytes: PerGroup,
    snapshot_received: PerGroup,
    waiting_writes: PerGroup,
    ceiling: PerGroup,
    oldest: PerGroup,
    held_moments: PerGroup,
    oldest_held: PerGroup,
    locked_keys: PerGroup,
    gc_visited: PerGroup,
    gc_deleted: PerGroup,
    gc_unopened: PerGroup,
    clock_skew: Gauge,
    certificate_ends: Gauge,
    access_refused: Gauge,
    certificates_refused: Gauge,
    disk_free: Gauge,
    disk_full: Gauge,
    encryption: encryption::Encryption,
    /// What clients wait, for whoever is to give way to them.
    clients: pressure::Clients,
}

impl Watcher for Metrics {
    fn gate_refused(&self, check: Check) {
        self.encryption.gate_refused(check.name());
    }
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("elastickv");
        let calls = Family::<Call, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.000_05, 2.0, 18))
        });
        let stages = Family::<Passed, Histogram>::new_with_constructor(|| {
            Histogram::new(exponential_buckets(0.000_01, 2.0, 20))
        });
        let refused = Family::<Refused, Counter>::default();
        registry.register("rpc_seconds", "How long calls took", calls.clone());
        registry.register("write_stage_seconds", "How long writes took in each stage", stages.clone());
        registry.register("rpc_refused", "Calls refused before they reached their service", refused.clone());
        let slow = Family::<Call, Counter>::default();
        registry.register(
            "slow_requests",
            "Calls of clients that took longer than slow-request",
            slow.clone(),
        );
        let kek_unwraps = Histogram::new(exponential_buckets(0.000_1, 2.0, 18));
        let help = "How long wrapping keys took to unwrap a key";
        registry.register("encryption_kek_unwrap_seconds", help, kek_unwraps.clone());
        let marker = Histogram::new(exponential_buckets(0.000_01, 2.0, 20));
        let help = "For how long proposals waited while the marker of a cutover was handed over";
        registry.register("encryption_cutover_pause_seconds", help, marker.clone());
        let encryption = encryption::Encryption::new(&mut registry);
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let ready = gauge("ready", "1 while the node can serve");
        let disk_free = gauge("disk_free_bytes", "Free bytes on the file system of the data directory");
        let help = "When this node's certificate expires, as seconds since 1970; 0 where it has none";
        let certificate_ends = gauge("certificate_expires_unix_seconds", help);
        let help = "1 while the access file can not be used and the one before goes on";
        let access_refused = gauge("access_file_refused", help);
        let help = "1 while the files of certificates can not be used and those before go on";
        let certificates_refused = gauge("certificates_refused", help);
        let clock_skew = gauge("clock_skew_ms", "How far the wall clock was moved since the start");
        let disk_full = gauge("disk_full", "1 while writes are refused for want of space");
        let mut family = |name: &str, help: &str| {
            let family = PerGroup::default();
            registry.register(name, help, family.clone());
            family
        };
        Self {
            calls,
            refused,
            slow,
            stages: Arc::new(Stages::of(&stages, marker)),
            kek_unwraps,
            ready,
            leader: family("raft_is_leader", "1 on the leader of the group"),
            has_quorum: family("raft_has_quorum", "1 while the node's view of the group has a quorum"),
            term: family("raft_term", "Current term"),
            committed: family("raft_committed_index", "Index known to be committed"),
            applied: family("raft_applied_index", "Index applied to the store"),
            last_log: family("raft_last_log_index", "Index of the last entry in the log"),
            snapshot: family("raft_snapshot_index", "Index of the current snapshot"),
            log_fsyncs: family("log_fsyncs", "Calls of fdatasync on the log since the start"),
            log_bytes: family("log_disk_bytes", "Bytes the log takes on the disk"),
            snapshot_received: family(
                "snapshot_received_bytes",
                "Bytes of snapshots received from others since the start",
            ),
            waiting_writes: family("waiting_writes", "Writes that wait to be proposed"),
            ceiling: family("ceiling_unix_ms", "Up to when the leader may give out timestamps"),
            oldest: family("oldest_readable_unix_ms", "Versions that only earlier reads need are collected"),
            held_moments: family("held_moments", "Moments that readers of many pages keep readable"),
            oldest_held: family("oldest_held_unix_ms", "The oldest of them; 0 while there is none"),
            locked_keys: family("locked_keys", "Keys that transactions have locked"),
            gc_visited: family("gc_visited_rows", "Rows looked at to collect old versions, since the start"),
            gc_deleted: family("gc_collected_rows", "Old versions collected since the start"),
            gc_unopened: family("gc_unopened_rows", "Old versions kept as they do not open, in each round"),
            clock_skew,
            certificate_ends,
            access_refused,
            certificates_refused,
            disk_free,
            disk_full,
            encryption,
            clients: pressure::Clients::default(),
            registry,
        }
    }

    /// Whoever times the stages of a write tells them here.
    pub fn stages(&self) -> Arc<dyn StageSink> {
        self.stages.clone()
    }

    /// A wrapping key was asked, and answered or not.
    pub fn kek_asked(&self, took: Duration) {
        self.kek_unwraps.observe(took.as_secs_f64());
    }

    pub fn called(&self, path: &str, took: Duration) {
        self.clients.called(path, took);
        self.calls.get_or_create(&Call { path: path.to_owned() }).observe(took.as_secs_f64());
    }

    pub fn refused(&self, reason: &str) {
        self.refused.get_or_create(&Refused { reason: reason.to_owned() }).inc();
    }

    pub fn was_slow(&self, path: &str) {
        self.slow.get_or_create(&Call { path: path.to_owned() }).inc();
    }

    /// What each stage of a write took when one last passed it, in words.
    pub fn stages_lately(&self) -> String {
        self.stages.lately()
    }

    /// Reads the gauges off the node and renders everything.
    pub fn render(&self, node: &Node) -> Result<String, std::fmt::Error> {
        let status = node.group().status();
        let group = Group { group: node.group().group().get() };
        let set = |family: &PerGroup, value: u64| {
            family.get_or_create(&group).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        let index = |id: Option<elastickv_types::LogId>| id.map_or(0, |id| id.index.get());
        self.ready.set(i64::from(node.reasons().is_empty()));
        set(&self.leader, u64::from(status.role == Role::Leader));
        set(&self.has_quorum, u64::from(status.has_quorum));
        set(&self.term, status.term.get());
        set(&self.committed, index(status.committed));
        set(&self.applied, index(status.applied));
        set(&self.last_log, index(status.last_log));
        set(&self.snapshot, index(status.snapshot));
        set(&self.log_fsyncs, status.log.fsyncs);
        set(&self.log_bytes, status.log.disk_bytes);
        set(&self.snapshot_received, node.group().snapshot_bytes_received());
        set(&self.waiting_writes, node.coordinator.waiting() as u64);
        let times = node.group().times();
        set(&self.ceiling, times.ceiling.unix_ms());
        set(&self.oldest, times.oldest.unix_ms());
        let holding = node.coordinator.holding();
        set(&self.held_moments, holding.moments as u64);
        set(&self.oldest_held, holding.oldest.map_or(0, |oldest| oldest.unix_ms()));
        set(&self.locked_keys, node.coordinator.locked().keys as u64);
        let collected = node.coordinator.collected();
        set(&self.gc_visited, collected.visited);
        set(&self.gc_deleted, collected.deleted);
        set(&self.gc_unopened, collected.unopened);
        self.clock_skew.set(node.coordinator.clock().skew_ms());
        self.disk_free.set(i64::try_from(node.space.space().free).unwrap_or(i64::MAX));
        self.certificate_ends.set(i64::try_from(node.certificate_ends_ms() / 1000).unwrap_or(i64::MAX));
        let (access, certificates) = node.guard.refused_files();
        self.access_refused.set(i64::from(access));
        self.certificates_refused.set(i64::from(certificates));
        self.disk_full.set(i64::from(node.space.is_full()));
        self.encryption.read(node);
        let mut out = String::new();
        encode(&mut out, &self.registry)?;
        Ok(out)
    }
}
