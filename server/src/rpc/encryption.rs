//! `elastickv.v1.Encryption`: the encryption of the cluster, for the operator's tools.

use std::pin::Pin;
use std::time::Duration;

use elastickv_consensus::Membership;
use elastickv_fsm::{Control, GroupState, OperationKind, Record};
use elastickv_lifecycle::Supplied;
use elastickv_proto::v1;
use elastickv_proto::v1::encryption_server::Encryption;
use elastickv_types::{FullNodeId, KeyId, LogIndex, NodeName, OperationId, StoreId};
use futures_util::{Stream, StreamExt, stream};
use tonic::{Code, Request, Response, Status};

use super::operations::{Asked, Desk, operation_id};
use super::status::Refusal;
use super::{cluster, status};
use crate::lifecycle::{member_facts, sidecar_state, wire};

/// Records of the history in one answer, at most.
const PAGE: usize = 500;
/// How often an operation that is watched is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// The same, once it is over and members have yet to apply it: then everybody is asked each time.
const LATER: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct EncryptionService {
    pub desk: Desk,
}

impl EncryptionService {
    fn keys(&self, state: &GroupState, retired: bool) -> Vec<v1::EncryptionKey> {
        let Some(control) = state.control.as_deref() else { return Vec::new() };
        let group = self.desk.node.group();
        let name =
            |id: FullNodeId| group.member(id).map(|member| member.name.to_string()).unwrap_or_default();
        let rows = control.keys.iter().filter(|(_, row)| retired || !row.state.is_retired());
        rows.map(|(id, row)| wire::key(group.group(), state, control, id, row, name)).collect()
    }

    fn state(&self) -> (GroupState, LogIndex) {
        let applied = self.desk.node.group().applied();
        (applied.state, applied.last.map_or(LogIndex::default(), |id| id.index))
    }

    /// What only the leader can find out, once there is something to find out.
    async fn previous_kek(&self) -> Option<v1::PreviousKek> {
        let waiting = self.desk.operations.previous_kek().await.ok()??;
        let waiting: Vec<_> = waiting.iter().map(wire::waiting).collect();
        Some(v1::PreviousKek { may_go: waiting.is_empty(), waiting })
    }

    fn running(&self, control: &Control) -> Option<v1::Operation> {
        let operation = control.running.as_ref()?.origin.operation;
        self.desk.find(operation).ok()
    }
}

#[tonic::async_trait]
impl Encryption for EncryptionService {
    async fn status(
        &self,
        _request: Request<v1::EncryptionStatusRequest>,
    ) -> Result<Response<v1::EncryptionStatusResponse>, Status> {
        let node = &self.desk.node;
        let (state, _) = self.state();
        let group = node.group().status();
        let leader = group.leader.and_then(|id| group.membership.members.get(&id));
        Ok(Response::new(v1::EncryptionStatusResponse {
            facts: Some(member_facts(node)),
            members: group.membership.members.values().map(|of| cluster::member(&group, of)).collect(),
            leader: leader.map(|member| member.name.to_string()).unwrap_or_default(),
            has_quorum: group.has_quorum,
            keys: self.keys(&state, true),
            running: state.control.as_deref().and_then(|control| self.running(control)),
            previous_kek: self.previous_kek().await,
        }))
    }

    async fn check(&self, request: Request<v1::CheckRequest>) -> Result<Response<v1::CheckResponse>, Status> {
        let request = request.into_inner();
        let unknown = || Refusal::bad_request("Malformed", "no gate of this build was named");
        let gate = wire::gate_from_wire(&request).ok_or_else(unknown)?;
        let judgement = self.desk.check(gate).await?;
        Ok(Response::new(v1::CheckResponse { judgement: Some(wire::judgement(&judgement)) }))
    }

    async fn list_keys(
        &self,
        request: Request<v1::ListKeysRequest>,
    ) -> Result<Response<v1::ListKeysResponse>, Status> {
        let (state, applied) = self.state();
        let keys = self.keys(&state, request.into_inner().include_retired);
        Ok(Response::new(v1::ListKeysResponse { keys, applied_index: applied.get() }))
    }

    async fn history(
        &self,
        request: Request<v1::EncryptionHistoryRequest>,
    ) -> Result<Response<v1::EncryptionHistoryResponse>, Status> {
        let request = request.into_inner();
        let (state, _) = self.state();
        let limit = match request.limit {
            0 => PAGE,
            limit => usize::try_from(limit).unwrap_or(PAGE).min(PAGE),
        };
        let below = |index: LogIndex| request.before_index == 0 || index.get() < request.before_index;
        let control = state.control.as_deref();
        let records = control.into_iter().flat_map(|control| control.history.iter().rev());
        let mut records = records.filter(|(index, _)| below(*index));
        let page: Vec<_> = records.by_ref().take(limit).collect();
        let more = records.next().is_some();
        let last = page.last().map_or(0, |(index, _)| index.get());
        let operation = |(index, record): &(LogIndex, &Record)| {
            let found = self.desk.operations.judgement(record.operation);
            wire::over(*index, record, found.as_deref(), &state)
        };
        Ok(Response::new(v1::EncryptionHistoryResponse {
            operations: page.iter().map(operation).collect(),
            next_before_index: if more { last } else { 0 },
        }))
    }

    async fn rewrap(
        &self,
        request: Request<v1::RewrapRequest>,
    ) -> Result<Response<v1::RewrapResponse>, Status> {
        let asked = Asked::by(&request);
        let kind = OperationKind::Rewrap;
        let answered = self.desk.perform(kind, None, asked, Supplied::default(), |_| None).await?;
        Ok(Response::new(v1::RewrapResponse { operation: Some(answered.operation) }))
    }

    async fn retire(
        &self,
        request: Request<v1::RetireRequest>,
    ) -> Result<Response<v1::RetireResponse>, Status> {
        let asked = Asked::by(&request);
        let request = request.into_inner();
        let unknown = || Refusal::bad_request("Malformed", "it names no key");
        let retires = Some(KeyId::from_u32(request.key_id).ok_or_else(unknown)?);
        let supplied = Supplied { retires, ..Supplied::default() };
        let answered = self.desk.perform(OperationKind::Retire, None, asked, supplied, |_| None).await?;
        Ok(Response::new(v1::RetireResponse { operation: Some(answered.operation) }))
    }

    async fn get_operation(
        &self,
        request: Request<v1::GetOperationRequest>,
    ) -> Result<Response<v1::GetOperationResponse>, Status> {
        let operation = operation_id(&request.into_inner().operation_id)?;
        let operation = self.desk.look(operation).await?;
        Ok(Response::new(v1::GetOperationResponse { operation: Some(operation) }))
    }

    async fn sidecar_state(
        &self,
        request: Request<v1::SidecarStateRequest>,
    ) -> Result<Response<v1::SidecarStateResponse>, Status> {
        let request = request.into_inner();
        self.desk.expect(&request.expected_cluster_id)?;
        let standing = self.desk.standing().await?;
        let node = named_member(&standing.membership, &request)?;
        let (state, _) = self.state();
        let told = sidecar_state(&standing, &state, node).ok_or_else(|| {
            Refusal::new(Code::FailedPrecondition, "NotBootstrapped", "the cluster has no keys")
        })?;
        Ok(Response::new(told))
    }

    type WatchOperationStream =
        Pin<Box<dyn Stream<Item = Result<v1::WatchOperationResponse, Status>> + Send>>;

    async fn watch_operation(
        &self,
        request: Request<v1::WatchOperationRequest>,
    ) -> Result<Response<Self::WatchOperationStream>, Status> {
        let operation = operation_id(&request.into_inner().operation_id)?;
        self.desk.standing().await?;
        let first = self.desk.look(operation).await?;
        let watch = Watch { desk: self.desk.clone(), operation, shown: None, next: Some(first) };
        Ok(Response::new(stream::unfold(Some(watch), Watch::turn).boxed()))
    }
}

/// The member that a stopped node claims to be.
fn named_member(membership: &Membership, request: &v1::SidecarStateRequest) -> Result<FullNodeId, Refusal> {
    let name: NodeName =
        request.node_name.parse().map_err(|error| Refusal::bad_request("BadNodeName", error))?;
    let Some(member) = membership.by_name(&name) else {
        return Err(Refusal::new(Code::NotFound, "UnknownMember", format!("{name} is no member")));
    };
    if StoreId::from_slice(&request.store_id) != Some(member.store_id) {
        let text = format!("the membership has {name} with store {}, and this is another", member.store_id);
        return Err(Refusal::new(Code::FailedPrecondition, "DataDirRolledBack", text));
    }
    Ok(member.id())
}

/// One watcher of one operation.
struct Watch {
    desk: Desk,
    operation: OperationId,
    shown: Option<v1::Operation>,
    next: Option<v1::Operation>,
}

type Told = Result<v1::WatchOperationResponse, Status>;

impl Watch {
    /// The next news; nothing after the last.
    async fn turn(watch: Option<Self>) -> Option<(Told, Option<Self>)> {
        let mut watch = watch?;
        let mut progress = watch.desk.operations.progress();
        loop {
            let seen = match watch.next.take() {
                Some(first) => Ok(first),
                None => watch.look().await,
            };
            match seen {
                Err(refusal) => return Some((Err(refusal.into()), None)),
                Ok(operation) if watch.shown.as_ref() != Some(&operation) => {
                    let told = v1::WatchOperationResponse { operation: Some(operation.clone()) };
                    let goes_on = !operation.settled;
                    watch.shown = Some(operation);
                    return Some((Ok(told), goes_on.then_some(watch)));
                }
                Ok(_) => {}
            }
            tokio::select! {
                changed = progress.changed() => {
                    if changed.is_err() {
                        return None;
                    }
                }
                () = tokio::time::sleep(watch.pause()) => {}
            }
        }
    }

    fn pause(&self) -> Duration {
        let over = self.shown.as_ref().is_some_and(|shown| shown.done.is_some());
        if over { LATER } else { LOOK }
    }

    /// Another node that leads now knows better.
    async fn look(&self) -> Result<v1::Operation, status::Refusal> {
        self.desk.standing().await?;
        self.desk.look(self.operation).await
    }
}
