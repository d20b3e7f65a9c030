//! `EncryptionAdmin`: the compatible service. Older clients make keys, ids and epochs themselves; whatever they
//! leave out is filled in, whatever they give has to hold.

use std::collections::HashMap;

use bytes::Bytes;
use elastickv_fsm::{Control, OperationKind};
use elastickv_lifecycle::{
    Judgement, RegisterError, Supplied, SuppliedKey, SuppliedProposer, SuppliedWriter,
};
use elastickv_proto::encryption_admin_server::EncryptionAdmin;
use elastickv_proto::*;
use elastickv_types::{FullNodeId, KeyId, LocalEpoch, LogIndex, Purpose, WrappedKey};
use tonic::{Code, Request, Response, Status};

use super::operations::{Answered, Asked, Desk};
use super::status::Refusal;
use crate::build;

#[derive(Debug)]
pub struct EncryptionAdminService {
    pub desk: Desk,
}

fn local_epoch(raw: u32) -> Result<LocalEpoch, Refusal> {
    LocalEpoch::from_wire(raw).map_err(|error| Refusal::bad_request("LocalEpochOutOfRange", error))
}

fn node_id(raw: u64) -> Result<FullNodeId, Refusal> {
    FullNodeId::from_u64(raw).ok_or_else(|| Refusal::bad_request("Malformed", "no node has id 0"))
}

fn key_id(raw: u32) -> Option<KeyId> {
    KeyId::from_u32(raw)
}

fn supplied_key(id: u32, wrapped: Bytes) -> Result<SuppliedKey, Refusal> {
    let wrapped = match wrapped.is_empty() {
        true => None,
        false => Some(WrappedKey::new(wrapped).ok_or_else(|| {
            Refusal::bad_request("WrappedKeyRefused", "a wrapped key is longer than any provider gives")
        })?),
    };
    Ok(SuppliedKey { id: key_id(id), wrapped })
}

/// In whose name an older client asks; zeroes are what it left out.
fn proposer(node: u64, epoch: u32) -> Result<Option<SuppliedProposer>, Refusal> {
    let epoch = Some(local_epoch(epoch)?).filter(|epoch| *epoch != LocalEpoch::ZERO);
    if node == 0 {
        return match epoch {
            None => Ok(None),
            Some(_) => Err(Refusal::bad_request("Malformed", "an epoch is given, and not of which node")),
        };
    }
    Ok(Some(SuppliedProposer { node: node_id(node)?, epoch }))
}

fn writers(batch: &[WriterRegistryEntry]) -> Result<Vec<SuppliedWriter>, Refusal> {
    let writer = |entry: &WriterRegistryEntry| {
        Ok(SuppliedWriter { node: node_id(entry.full_node_id)?, epoch: local_epoch(entry.local_epoch)? })
    };
    batch.iter().map(writer).collect()
}

fn first_index(answered: &Answered) -> u64 {
    answered.done.map_or(0, |done| done.first.get())
}

fn was_done_before(answered: &Answered) -> bool {
    answered.done.is_some_and(|done| !done.changed)
}

fn summary(judgement: Option<&Judgement>) -> Vec<CapabilityVerdict> {
    let members = judgement.into_iter().flat_map(|judgement| &judgement.members);
    let verdict = |member: &elastickv_lifecycle::JudgedMember| CapabilityVerdict {
        full_node_id: member.id.get(),
        encryption_capable: member.encryption,
        build_sha: member.build.clone().unwrap_or_default(),
        sidecar_present: member.sidecar,
    };
    members.map(verdict).collect()
}

/// The keys that are held, in their wrappings.
fn wrapped(control: &Control) -> HashMap<u32, Bytes> {
    let held = control.keys.unretired();
    let wrapped =
        held.filter_map(|(id, row)| Some((id.get(), row.wrapping.as_ref()?.wrapped().as_bytes().clone())));
    wrapped.collect()
}

fn active(control: &Control, purpose: Purpose) -> u32 {
    control.keys.active(purpose).map_or(0, KeyId::get)
}

fn rows_of(control: &Control, node: FullNodeId) -> HashMap<u32, u32> {
    let own = control.writers.iter().filter(|(_, writer)| writer.node == node);
    own.map(|(key, writer)| (key.get(), u32::from(writer.epoch.get()))).collect()
}

#[tonic::async_trait]
impl EncryptionAdmin for EncryptionAdminService {
    async fn get_capability(&self, _request: Request<Empty>) -> Result<Response<CapabilityReport>, Status> {
        let node = &self.desk.node;
        let keys = node.keys.as_ref().map(|keys| &keys.held);
        let epochs = keys.map(|keys| keys.store.registrations()).unwrap_or_default();
        let highest = epochs.iter().map(|registration| registration.epoch.get()).max();
        Ok(Response::new(CapabilityReport {
            encryption_capable: keys.is_some(),
            build_sha: build::SHA.to_owned(),
            sidecar_present: keys.is_some_and(|keys| keys.store.recorded().is_some()),
            full_node_id: node.me().get(),
            local_epoch: u32::from(highest.unwrap_or(0)),
        }))
    }

    async fn get_sidecar_state(
        &self,
        _request: Request<Empty>,
    ) -> Result<Response<GetSidecarStateResponse>, Status> {
        let node = &self.desk.node;
        let applied = node.group().applied();
        let control = applied.state.control.clone().unwrap_or_default();
        Ok(Response::new(GetSidecarStateResponse {
            wrapped_deks_by_id: wrapped(&control),
            active_storage_id: active(&control, Purpose::Storage),
            active_raft_id: active(&control, Purpose::Raft),
            storage_envelope_active: control.stage.storage().is_some(),
            raft_envelope_cutover_index: applied.state.raft.cutover.map_or(0, LogIndex::get),
            latest_applied_index: applied.last.map_or(0, |id| id.index.get()),
            writer_registry_for_caller: rows_of(&control, node.me()),
        }))
    }

    async fn bootstrap_encryption(
        &self,
        request: Request<BootstrapEncryptionRequest>,
    ) -> Result<Response<BootstrapEncryptionResponse>, Status> {
        let asked = Asked::by(&request);
        let request = request.into_inner();
        let supplied = Supplied {
            storage: supplied_key(request.storage_dek_id, request.wrapped_storage_dek.clone())?,
            raft: supplied_key(request.raft_dek_id, request.wrapped_raft_dek.clone())?,
            writers: writers(&request.writer_batch)?,
            proposer: None,
            retires: None,
        };
        // Keys that came along are compared by those who decide.
        let compared = supplied.has_keys();
        let reached = |control: &Control| control.stage.bootstrap().filter(|_| !compared);
        let answered = self.desk.perform(OperationKind::Bootstrap, None, asked, supplied, reached).await?;
        Ok(Response::new(BootstrapEncryptionResponse {
            applied_index: first_index(&answered),
            was_already_active: was_done_before(&answered),
            operation: Some(answered.operation),
        }))
    }

    async fn rotate_dek(
        &self,
        request: Request<RotateDekRequest>,
    ) -> Result<Response<RotateDekResponse>, Status> {
        let asked = Asked::by(&request);
        let request = request.into_inner();
        let purpose = match request.purpose() {
            DekPurpose::Storage => Purpose::Storage,
            DekPurpose::Raft => Purpose::Raft,
            DekPurpose::Unspecified => {
                return Err(Refusal::bad_request("Malformed", "it does not say which key is rotated").into());
            }
        };
        let proposer = proposer(request.proposer_node_id, request.proposer_local_epoch)?;
        let key = supplied_key(request.new_dek_id, request.wrapped_new_dek.clone())?;
        let mut supplied = Supplied { proposer, ..Supplied::default() };
        match purpose {
            Purpose::Storage => supplied.storage = key,
            Purpose::Raft => supplied.raft = key,
        }
        let kind = OperationKind::Rotate;
        let answered = self.desk.perform(kind, Some(purpose), asked, supplied, |_| None).await?;
        Ok(Response::new(RotateDekResponse {
            applied_index: first_index(&answered),
            operation: Some(answered.operation),
        }))
    }

    async fn register_encryption_writer(
        &self,
        request: Request<RegisterEncryptionWriterRequest>,
    ) -> Result<Response<RegisterEncryptionWriterResponse>, Status> {
        let request = request.into_inner();
        self.desk.expect(&request.expected_cluster_id)?;
        let standing = self.desk.standing().await?;
        let keys: Vec<KeyId> = match key_id(request.dek_id) {
            Some(key) => vec![key],
            None => standing.control.keys.unretired().map(|(key, _)| key).collect(),
        };
        let mut registered = Vec::new();
        let mut applied_index = 0;
        for entry in &request.writers {
            let node = node_id(entry.full_node_id)?;
            let given = Some(local_epoch(entry.local_epoch)?).filter(|epoch| *epoch != LocalEpoch::ZERO);
            for key in &keys {
                let entered = self.desk.operations.register_by_hand(node, *key, given).await;
                let (epoch, done) = entered.map_err(|error| self.not_registered(error))?;
                applied_index = done.at.map_or(applied_index, LogIndex::get);
                registered.push(RegisteredWriter {
                    dek_id: key.get(),
                    full_node_id: node.get(),
                    local_epoch: u32::from(epoch.get()),
                    changed: done.at.is_some(),
                });
            }
        }
        if applied_index == 0 {
            applied_index = standing.applied.get();
        }
        Ok(Response::new(RegisterEncryptionWriterResponse { applied_index, registered }))
    }

    async fn resync_sidecar(
        &self,
        request: Request<ResyncSidecarRequest>,
    ) -> Result<Response<ResyncSidecarResponse>, Status> {
        let caller = node_id(request.into_inner().caller_full_node_id)?;
        let standing = self.desk.standing().await?;
        let control = &standing.control;
        Ok(Response::new(ResyncSidecarResponse {
            wrapped_deks_by_id: wrapped(control),
            active_storage_id: active(control, Purpose::Storage),
            active_raft_id: active(control, Purpose::Raft),
            leader_latest_applied_index: standing.applied.get(),
            writer_registry_for_caller: rows_of(control, caller),
        }))
    }

    async fn enable_storage_envelope(
        &self,
        request: Request<EnableStorageEnvelopeRequest>,
    ) -> Result<Response<EnableStorageEnvelopeResponse>, Status> {
        let asked = Asked::by(&request);
        let request = request.into_inner();
        let proposer = proposer(request.proposer_node_id, request.proposer_local_epoch)?;
        let supplied = Supplied { proposer, ..Supplied::default() };
        let reached = |control: &Control| control.stage.storage();
        let kind = OperationKind::EnableStorage;
        let answered = self.desk.perform(kind, None, asked, supplied, reached).await?;
        Ok(Response::new(EnableStorageEnvelopeResponse {
            applied_index: first_index(&answered),
            capability_summary: summary(answered.judgement.as_deref()),
            cutover_index_unknown: answered.done.is_none(),
            was_already_active: was_done_before(&answered),
            operation: Some(answered.operation),
        }))
    }

    async fn enable_raft_envelope(
        &self,
        request: Request<EnableRaftEnvelopeRequest>,
    ) -> Result<Response<EnableRaftEnvelopeResponse>, Status> {
        let asked = Asked::by(&request);
        let request = request.into_inner();
        let proposer = proposer(request.proposer_node_id, request.proposer_local_epoch)?;
        let supplied = Supplied { proposer, ..Supplied::default() };
        let reached = |control: &Control| control.stage.raft();
        let kind = OperationKind::EnableRaft;
        let answered = self.desk.perform(kind, None, asked, supplied, reached).await?;
        Ok(Response::new(EnableRaftEnvelopeResponse {
            applied_index: first_index(&answered),
            capability_summary: summary(answered.judgement.as_deref()),
            was_already_active: was_done_before(&answered),
            operation: Some(answered.operation),
        }))
    }
}

impl EncryptionAdminService {
    fn not_registered(&self, error: RegisterError) -> Refusal {
        let text = error.to_string();
        match error {
            RegisterError::Away(error) => Refusal::proposal(&self.desk.node, error),
            RegisterError::Rejected(rejection) => Refusal::rejected(&rejection),
            RegisterError::NotAMember(_) => Refusal::new(Code::NotFound, "UnknownMember", text),
            RegisterError::NoAnswer { .. } => Refusal::new(Code::Unavailable, "Unreachable", text),
            RegisterError::NotAWriter { .. } => {
                Refusal::new(Code::FailedPrecondition, "PeerNotEncryptionCapable", text)
            }
            RegisterError::OtherEpoch { .. } => {
                Refusal::new(Code::FailedPrecondition, "LocalEpochRollback", text)
            }
        }
    }
}
