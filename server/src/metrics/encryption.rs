//! What a node knows of encryption, under public names.

use elastickv_crypto::OVERHEAD_BYTES;
use elastickv_keyring::{Failure, Failures, KeyStatus, Keyring};
use elastickv_types::Purpose;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::node::Node;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfPurpose {
    purpose: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfKey {
    key_id: u32,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct InStage {
    stage: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OfCheck {
    check: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ForReason {
    reason: &'static str,
}

#[derive(Debug)]
pub struct Encryption {
    stage: Family<InStage, Gauge>,
    active: Family<OfPurpose, Gauge>,
    sealing: Family<OfPurpose, Gauge>,
    epoch: Family<OfKey, Gauge>,
    writes: Family<OfKey, Gauge>,
    last_sealed: Family<OfKey, Gauge>,
    unopened: Gauge,
    sidecar: Gauge,
    rewrite_rows: Gauge,
    rewrite_bytes: Gauge,
    rewrite_remaining: Gauge,
    values: Family<OfKey, Gauge>,
    clear_values: Gauge,
    refusals: Family<OfCheck, Counter>,
    failures: Family<ForReason, Counter>,
    overhead: Gauge,
}

impl Encryption {
    pub fn new(registry: &mut Registry) -> Self {
        macro_rules! metric {
            ($name:literal, $help:literal) => {{
                let metric = Default::default();
                registry.register(concat!("encryption_", $name), $help, Clone::clone(&metric));
                metric
            }};
        }
        Self {
            stage: metric!("stage", "1 for the stage that the cluster has reached, as applied here"),
            active: metric!("active_dek_id", "The key that everything new is to be sealed under"),
            sealing: metric!("seal_dek_id", "The key that this node seals under; it may lag behind"),
            epoch: metric!("local_epoch", "This node's epoch under a key; 65535 is exhausted"),
            writes: metric!("writes_per_dek", "Seals of this load under a key, in its epoch"),
            last_sealed: metric!("last_index_per_raft_dek", "Index of the last entry sealed under a key"),
            unopened: metric!("unopened_keys", "Keys that are known here and not open"),
            refusals: metric!("gate_refusals", "Gates that were refused, by what was checked"),
            failures: metric!("decrypt_failures", "What is sealed and did not open, by the reason"),
            overhead: metric!("value_overhead_bytes", "Bytes by which a value grows that is stored now"),
            rewrite_rows: metric!("rewrite_rows", "Rows sealed anew by the job that there is, or was last"),
            rewrite_bytes: metric!("rewrite_bytes", "Bytes of those rows"),
            rewrite_remaining: metric!("rewrite_remaining_rows", "Rows that the job has yet to seal anew"),
            values: metric!("values_per_dek", "Values under a key, by the last count of all"),
            clear_values: metric!("clear_values", "Values in clear, by the last count of all"),
            sidecar: metric!("sidecar_raft_index", "Index of the last change of keys that the sidecar has"),
        }
    }

    pub fn gate_refused(&self, check: &'static str) {
        self.refusals.get_or_create(&OfCheck { check }).inc();
    }

    /// Reads everything off the node. What is gone is not reported any more.
    pub fn read(&self, node: &Node) {
        self.read_state(node);
        self.read_rows(node);
        let Some(keys) = &node.keys else { return };
        let store = &keys.held.store;
        self.read_failures(store.failures());
        set(&self.overhead, if store.seals_rows() { OVERHEAD_BYTES as u64 } else { 0 });
        let status = store.status();
        per_key(&self.epoch, &status, |key| u64::from(key.epoch.get()));
        per_key(&self.writes, &status, |key| key.seals);
        set(&self.unopened, status.iter().filter(|key| !key.open).count() as u64);
        set(&self.sidecar, store.recorded().map_or(0, |recorded| recorded.sidecar().applied.get()));
        self.read_keyring(&store.keyring());
    }

    fn read_failures(&self, failures: &Failures) {
        for failure in Failure::ALL {
            let counter = self.failures.get_or_create(&ForReason { reason: failure.as_str() });
            counter.inc_by(failures.of(failure).saturating_sub(counter.get()));
        }
    }

    fn read_keyring(&self, keyring: &Keyring) {
        for purpose in Purpose::ALL {
            let of = OfPurpose { purpose: purpose.as_str() };
            if let Some(key) = keyring.active(purpose) {
                set(&self.active.get_or_create(&of), key.get().into());
            }
            if let Some((key, _)) = keyring.seal_key(purpose) {
                set(&self.sealing.get_or_create(&of), key.get().into());
            }
        }
    }

    fn read_rows(&self, node: &Node) {
        if let Some(part) = node.rewriter.part() {
            set(&self.rewrite_rows, part.finished.rows);
            set(&self.rewrite_bytes, part.finished.bytes);
            let left = part.total.rows.saturating_sub(part.finished.rows);
            set(&self.rewrite_remaining, if part.done { 0 } else { left });
        }
        self.values.clear();
        let Some(counted) = node.verifier.last() else { return };
        set(&self.clear_values, counted.tally.clear.rows);
        for (key, amount) in &counted.tally.keys {
            set(&self.values.get_or_create(&OfKey { key_id: key.get() }), amount.rows);
        }
    }

    fn read_state(&self, node: &Node) {
        let Ok(view) = node.group().stale_view() else { return };
        let state = &view.applied.state;
        if let Some(control) = &state.control {
            self.stage.clear();
            set(&self.stage.get_or_create(&InStage { stage: control.stage.as_str() }), 1);
        }
        self.last_sealed.clear();
        for (key, index) in &state.raft.last_sealed {
            set(&self.last_sealed.get_or_create(&OfKey { key_id: key.get() }), index.get());
        }
    }
}

fn per_key(family: &Family<OfKey, Gauge>, status: &[KeyStatus], value: impl Fn(&KeyStatus) -> u64) {
    family.clear();
    for key in status {
        set(&family.get_or_create(&OfKey { key_id: key.key.get() }), value(key));
    }
}

fn set(gauge: &Gauge, value: u64) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
