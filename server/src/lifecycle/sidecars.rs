//! What a stopped node's sidecar can be made anew of, as messages have it.

use bytes::Bytes;
use elastickv_fsm::{Control, GroupState, KeyRow};
use elastickv_lifecycle::Standing;
use elastickv_proto::v1;
use elastickv_types::{FullNodeId, GroupId, KeyId, LogIndex};

use super::wire;

/// `None` when there are no keys.
pub fn sidecar_state(
    standing: &Standing,
    state: &GroupState,
    node: FullNodeId,
) -> Option<v1::SidecarStateResponse> {
    let control = &*standing.control;
    let keys = control.keys.unretired().filter_map(|(id, row)| key(control, id, row, node));
    let group_id = GroupId::CONTROL.get();
    let cutover = state.raft.cutover.map(|at| v1::Cutover { group_id, index: Some(at.get()) });
    Some(v1::SidecarStateResponse {
        cluster_id: Bytes::copy_from_slice(standing.cluster.as_bytes()),
        control_index: control.control_index?.get(),
        storage_index: control.stage.storage().map(LogIndex::get),
        keys: keys.collect(),
        cutovers: cutover.into_iter().collect(),
    })
}

fn key(control: &Control, id: KeyId, row: &KeyRow, node: FullNodeId) -> Option<v1::SidecarKey> {
    let wrapping = row.wrapping.as_ref()?;
    let registered = control.writers.of(id, node);
    Some(v1::SidecarKey {
        key_id: id.get(),
        purpose: wire::purpose(row.purpose).into(),
        state: wire::key_state(row.state).into(),
        wrapped: wrapping.wrapped().as_bytes().clone(),
        commitment: Bytes::copy_from_slice(row.commitment.as_bytes()),
        created_index: row.created.get(),
        created_ms: row.created_at.get(),
        kek: Some(wire::kek(wrapping.kek())),
        registered_epoch: registered.map(|writer| u32::from(writer.epoch.get())),
    })
}
