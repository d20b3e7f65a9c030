//! What this node tells of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use elastickv_consensus::Waiting;
use elastickv_crypto::WrapContext;
use elastickv_fsm::{Control, GroupState};
use elastickv_kek::KekError;
use elastickv_keyring::{KeyStatus, Lookup};
use elastickv_proto::v1;
use elastickv_proto::v1::kek_probe_result::Outcome;
use elastickv_types::{Commitment, KeyId, LogId, LogIndex, Purpose, WrappedKey};

use super::wire;
use crate::build;
use crate::keys::{Keys, Which, Wrapping};
use crate::node::Node;

/// A provider has this long to open what the leader sent along.
const PROBE: Duration = Duration::from_secs(2);

pub async fn capability(node: &Node, probe: Option<v1::KekProbe>) -> v1::CapabilityResponse {
    let began = node.clock.now();
    let (outcome, reason) = match &probe {
        None => (Outcome::Unspecified, None),
        Some(probe) => opens(node, probe).await,
    };
    let took = node.clock.now().since(began);
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    v1::CapabilityResponse {
        facts: Some(member_facts(node)),
        probe: probe.map(|_| v1::KekProbeResult { outcome: outcome.into(), reason, took_ms }),
        load_token: node.keys.as_ref().map_or(0, |keys| keys.held.store.load_token().get()),
    }
}

async fn opens(node: &Node, probe: &v1::KekProbe) -> (Outcome, Option<v1::Reason>) {
    let because = |name: &str, message: String| Some(v1::Reason { name: name.to_owned(), message });
    let Some(keys) = &node.keys else { return (Outcome::NoKek, None) };
    let Some((context, wrapped, commitment)) = wrapping_of(node, probe) else {
        return (Outcome::Mismatch, because("Malformed", "what was sent along does not decode".to_owned()));
    };
    let wrapping = Wrapping { context, wrapped: &wrapped, commitment };
    match keys.held.keks.unwrap_by(&wrapping, PROBE).await {
        Ok((_, Which::Current)) => (Outcome::Opened, None),
        Ok((_, Which::Previous)) => (Outcome::OpenedByPrevious, None),
        Err(error @ KekError::Mismatch { .. }) => {
            (Outcome::Mismatch, because("KekMismatch", error.to_string()))
        }
        Err(error) => (Outcome::Unavailable, because("KekUnavailable", error.to_string())),
    }
}

fn wrapping_of(node: &Node, probe: &v1::KekProbe) -> Option<(WrapContext, WrappedKey, Commitment)> {
    let cluster = node.identity.cluster()?.id;
    let purpose = wire::purpose_from_wire(probe.purpose)?;
    let context = WrapContext { cluster, key: KeyId::from_u32(probe.key_id)?, purpose };
    Some((context, WrappedKey::new(probe.wrapped.clone())?, Commitment::from_slice(&probe.commitment)?))
}

pub fn member_facts(node: &Node) -> v1::MemberFacts {
    // Before the status: what is finished in between shows as still being built, or as the snapshot that there is.
    let building = node.group().building_snapshot();
    let (status, applied) = (node.group().status(), node.group().applied());
    let index = |id: Option<LogId>| id.map_or(0, |id| id.index.get());
    let control = applied.state.control.clone().unwrap_or_default();
    let cluster = node.identity.cluster();
    let held = node.keys.as_ref().map(|keys| &keys.held);
    let sidecar = held.and_then(|held| held.store.recorded());
    let waits_for_key = match status.waiting {
        Some(Waiting::Key(Lookup::NotOpen { key, .. })) => Some(key.get()),
        _ => None,
    };
    v1::MemberFacts {
        node_name: node.config.node_name.to_string(),
        full_node_id: node.me().get(),
        store_id: Bytes::copy_from_slice(node.identity.store_id().as_bytes()),
        cluster_id: cluster.as_ref().map_or(Bytes::new(), |own| Bytes::copy_from_slice(own.id.as_bytes())),
        cluster_name: cluster.map(|own| own.name.to_string()).unwrap_or_default(),
        address: node.config.advertise.to_string(),
        build: Some(build_of(node)),
        encryption_enabled: node.config.encryption.enabled,
        kek: held.map(|held| wire::kek(&held.keks.current().label())),
        previous_kek: held.and_then(|held| Some(wire::kek(&held.keks.previous()?.label()))),
        sidecar_present: sidecar.is_some(),
        sidecar_index: sidecar.map_or(0, |recorded| recorded.sidecar().applied.get()),
        stage: Some(wire::stage(control.stage)),
        control_index: control.control_index.map(|index| index.get()),
        fingerprint: Bytes::copy_from_slice(control.fingerprint().as_bytes()),
        keyring_version: control.keyring_version.map(|index| index.get()),
        keys: node.keys.as_ref().map(|own| keys(node, own, &control)).unwrap_or_default(),
        groups: vec![v1::MemberGroup {
            group_id: node.group().group().get(),
            applied_index: index(applied.last),
            first_log_index: status.first_log_index.get(),
            snapshot_index: index(status.snapshot),
            cutover_index: cutover(&applied.state),
            waits_for_key,
            counted: node.verifier.last().as_ref().map(wire::count),
            leftovers: node.group().leftovers(),
            last_sealed: last_sealed(&applied.state),
            older_reads: node.group().older_reads() as u64,
            building_snapshot_index: building.map(LogIndex::get),
        }],
        unix_ms: node.clock.unix_ms(),
        disk: Some(node.disk()),
        // It was tried at the start.
        syncs_directories: true,
        rewrite: node.rewriter.part().as_ref().map(wire::part),
    }
}

#[cfg(not(feature = "testing"))]
fn build_of(_node: &Node) -> v1::Build {
    build::own()
}

#[cfg(feature = "testing")]
fn build_of(node: &Node) -> v1::Build {
    let mut build = build::own();
    if let Some(format) = &node.config.lacks_format {
        build.formats.remove(format);
    }
    build
}

fn last_sealed(state: &GroupState) -> Vec<v1::KeyIndex> {
    let under = |(key, at): (&KeyId, &LogIndex)| v1::KeyIndex { key_id: key.get(), index: at.get() };
    state.raft.last_sealed.iter().map(under).collect()
}

fn cutover(state: &GroupState) -> Option<u64> {
    state.raft.cutover.map(|index| index.get())
}

fn keys(node: &Node, own: &Keys, control: &Control) -> Vec<v1::MemberKey> {
    let store = &own.held.store;
    let unopened: BTreeMap<_, _> =
        own.opener.waits_for().into_iter().map(|(key, reason)| (key.key, reason)).collect();
    let seals: Vec<_> =
        Purpose::ALL.into_iter().filter_map(|purpose| store.keyring().seal_key(purpose)).collect();
    let member_key = |status: KeyStatus| v1::MemberKey {
        key_id: status.key.get(),
        purpose: wire::purpose(status.purpose).into(),
        open: status.open,
        closed_by: unopened
            .get(&status.key)
            .filter(|_| !status.open)
            .map(|text| v1::Reason { name: "KeyNotOpen".to_owned(), message: text.clone() }),
        local_epoch: u32::from(status.epoch.get()),
        seals: status.seals,
        registered_epoch: control.writers.of(status.key, node.me()).map(|row| u32::from(row.epoch.get())),
        seal_key: seals.iter().any(|(key, _)| *key == status.key),
    };
    store.status().into_iter().map(member_key).collect()
}

/// The wrappings of the cluster's keys as this node has applied them: all, or those that are asked for.
pub fn key_wraps(node: &Node, asked: &[u32]) -> v1::KeyWrapsResponse {
    let applied = node.group().applied();
    let control = applied.state.control.clone().unwrap_or_default();
    let wanted = |key: &KeyId| asked.is_empty() || asked.contains(&key.get());
    let keys = control.keys.unretired().filter(|(key, _)| wanted(key)).filter_map(|(key, row)| {
        let wrapping = row.wrapping.as_ref()?;
        Some(v1::KeyWrap {
            key_id: key.get(),
            purpose: wire::purpose(row.purpose).into(),
            wrapped: wrapping.wrapped().as_bytes().clone(),
            commitment: Bytes::copy_from_slice(row.commitment.as_bytes()),
            kek: Some(wire::kek(wrapping.kek())),
        })
    });
    let applied_index = applied.last.map_or(0, |id| id.index.get());
    v1::KeyWrapsResponse { keys: keys.collect(), applied_index }
}
