//! `elastickv.v1.Peer`: what members ask of each other. Each request is checked for whom it is meant and who makes it.

use std::sync::Arc;

use elastickv_consensus::OfferAnswer;
use elastickv_proto::v1;
use elastickv_proto::v1::peer_server::Peer;
use elastickv_types::{ClusterId, GroupId, LoadToken, LogIndex, NodeName, StoreId};
use futures_util::StreamExt;
use tonic::{Code, Request, Response, Status, Streaming};

use super::operations::Desk;
use super::status::Refusal;
use super::{convert, registration};
use crate::access::Caller;
use crate::config::Founding;
use crate::identity::{Beginning, BelongError, Belonging, Identity};
use crate::lifecycle;
use crate::node::Node;

#[derive(Debug)]
pub struct PeerService {
    pub node: Arc<Node>,
    pub desk: Desk,
}

/// Who a node is, whether it was started with encryption, and which of its loads this is.
pub fn identified(
    identity: &Identity,
    encryption_enabled: bool,
    load: Option<LoadToken>,
) -> v1::IdentifyResponse {
    let cluster = identity.cluster();
    let id = cluster.as_ref().map(|cluster| bytes::Bytes::copy_from_slice(cluster.id.as_bytes()));
    v1::IdentifyResponse {
        node_name: identity.node_name().to_string(),
        store_id: bytes::Bytes::copy_from_slice(identity.store_id().as_bytes()),
        waiting: cluster.is_none(),
        encryption_enabled,
        load_token: load.map_or(0, LoadToken::get),
        cluster_id: id.unwrap_or_default(),
        cluster_name: cluster.map(|cluster| cluster.name.to_string()).unwrap_or_default(),
    }
}

fn beginning(raw: &v1::GroupBeginning) -> Option<(GroupId, LogIndex)> {
    Some((GroupId::from_u64(raw.group_id)?, LogIndex::new(raw.least_snapshot_index)))
}

/// A request, and who makes it.
fn opened<T>(request: Request<T>) -> (Caller, T) {
    (Caller::of(&request), request.into_inner())
}

fn malformed() -> Refusal {
    Refusal::bad_request("Malformed", "the request does not decode")
}

impl PeerService {
    /// Refuses what is meant for another node, another store, or another cluster.
    fn check(&self, caller: &Caller, envelope: Option<v1::Envelope>) -> Result<NodeName, Refusal> {
        let envelope = envelope.ok_or_else(malformed)?;
        caller.check_is(&envelope.from_node)?;
        let foreign = |text: String| Refusal::new(Code::FailedPrecondition, "ForeignCluster", text);
        let own = self.node.identity.cluster();
        if own.is_none() {
            self.note_predecessor(&envelope);
        }
        let theirs = ClusterId::from_slice(&envelope.cluster_id);
        if own.as_ref().map(|own| own.id) != theirs || theirs.is_none() {
            let mine = own.map_or_else(|| "none".to_owned(), |own| format!("{} ({})", own.name, own.id));
            let theirs = theirs.map_or_else(|| "none".to_owned(), |id| id.to_string());
            return Err(foreign(format!(
                "this node belongs to cluster {mine}, and the request comes from {theirs}"
            )));
        }
        self.check_receiver(&envelope.to_node, &envelope.to_store)?;
        if self.node.group_named(envelope.group_id).is_none() {
            return Err(Refusal::bad_request(
                "UnknownGroup",
                format!("there is no group {}", envelope.group_id),
            ));
        }
        let from: NodeName = envelope.from_node.parse().map_err(|_| malformed())?;
        self.check_store(&from, &envelope.from_store)?;
        Ok(from)
    }

    /// Members that call a node without a cluster by its name, and mean another store, knew its name before.
    fn note_predecessor(&self, envelope: &v1::Envelope) {
        let identity = &self.node.identity;
        if envelope.to_node == identity.node_name().as_str()
            && let Some(store) = StoreId::from_slice(&envelope.to_store)
            && store != identity.store_id()
        {
            self.node.peers.predecessor.set(&envelope.from_node, store);
        }
    }

    /// As [`Self::check`]; and whoever was removed gets no vote. What a leader sends needs no such rule:
    /// its term decides, and one that is leaving still has things to say.
    fn check_candidate(&self, caller: &Caller, envelope: Option<v1::Envelope>) -> Result<(), Refusal> {
        let from = self.check(caller, envelope)?;
        if self.node.group().was_removed(from.full_id()) {
            let text = format!("{from} was removed from the cluster");
            return Err(Refusal::new(Code::FailedPrecondition, "Removed", text));
        }
        Ok(())
    }

    fn check_receiver(&self, to_node: &str, to_store: &[u8]) -> Result<(), Refusal> {
        let name = &self.node.config.node_name;
        let store = self.node.identity.store_id();
        if to_node == name.as_str() && to_store == store.as_bytes() {
            return Ok(());
        }
        let text =
            format!("this is {name} with store {store}, and the request is meant for {to_node} with another");
        Err(Refusal::new(Code::FailedPrecondition, "WrongNode", text))
    }

    /// A node under a member's name with another store is not that member.
    fn check_store(&self, from: &NodeName, store: &[u8]) -> Result<(), Refusal> {
        let listed = self.node.group().member(from.full_id());
        if listed.is_some_and(|member| member.store_id.as_bytes() != store) {
            let text = format!("{from} is a member with another store than the one that asks");
            return Err(Refusal::new(Code::FailedPrecondition, "ForeignStore", text));
        }
        Ok(())
    }

    /// Whether this node waits for a cluster that this peer may offer.
    fn may_be_invited_by(&self, from: &str) -> bool {
        match &self.node.config.founding {
            Founding::Join => true,
            Founding::With(members) => members.iter().any(|(name, _)| name.as_str() == from),
            Founding::Alone | Founding::None => false,
        }
    }
}

#[tonic::async_trait]
impl Peer for PeerService {
    async fn identify(
        &self,
        _request: Request<v1::IdentifyRequest>,
    ) -> Result<Response<v1::IdentifyResponse>, Status> {
        let encryption = self.node.config.encryption.enabled;
        let load = self.node.keys.as_ref().map(|keys| keys.held.store.load_token());
        Ok(Response::new(identified(&self.node.identity, encryption, load)))
    }

    async fn invite(
        &self,
        request: Request<v1::InviteRequest>,
    ) -> Result<Response<v1::InviteResponse>, Status> {
        let (caller, request) = opened(request);
        caller.check_is(&request.from_node)?;
        self.check_receiver(&request.to_node, &request.to_store)?;
        let id = ClusterId::from_slice(&request.cluster_id).ok_or_else(malformed)?;
        let name = request.cluster_name.parse().map_err(|_| malformed())?;
        let expected = self.node.config.cluster_name.as_ref();
        if expected.is_some_and(|expected| *expected != name) {
            let text = format!("this node was started for another cluster than {name}");
            return Err(Refusal::new(Code::FailedPrecondition, "ForeignCluster", text).into());
        }
        if self.node.identity.cluster().is_none() && !self.may_be_invited_by(&request.from_node) {
            let text = format!("this node does not wait for an invitation by {}", request.from_node);
            return Err(Refusal::new(Code::FailedPrecondition, "NotWaiting", text).into());
        }
        let beginning = request.beginning.iter().map(beginning).collect::<Option<Beginning>>();
        let beginning = beginning.ok_or_else(malformed)?;
        self.node.identity.belong(&Belonging { id, name }, &beginning).map_err(|error| match error {
            BelongError::Foreign { .. } => Refusal::new(Code::FailedPrecondition, "ForeignCluster", error),
            BelongError::Write(_) => Refusal::new(Code::Internal, "Fault", error),
        })?;
        self.node.begin_as_told();
        Ok(Response::new(v1::InviteResponse {}))
    }

    async fn append(
        &self,
        request: Request<v1::AppendRequest>,
    ) -> Result<Response<v1::AppendResponse>, Status> {
        let (caller, mut request) = opened(request);
        self.check(&caller, request.envelope.take())?;
        let call = convert::append_from_wire(request).ok_or_else(malformed)?;
        let answer = self.node.group().handle_append(call).await.map_err(Refusal::from)?;
        Ok(Response::new(convert::append_answer_to_wire(answer)))
    }

    async fn vote(&self, request: Request<v1::VoteRequest>) -> Result<Response<v1::VoteResponse>, Status> {
        let (caller, mut request) = opened(request);
        self.check_candidate(&caller, request.envelope.take())?;
        let call = convert::vote_call_from_wire(&request).ok_or_else(malformed)?;
        let answer = self.node.group().handle_vote(call).await.map_err(Refusal::from)?;
        Ok(Response::new(convert::vote_answer_to_wire(answer)))
    }

    async fn pre_vote(
        &self,
        request: Request<v1::VoteRequest>,
    ) -> Result<Response<v1::VoteResponse>, Status> {
        let (caller, mut request) = opened(request);
        self.check_candidate(&caller, request.envelope.take())?;
        let call = convert::vote_call_from_wire(&request).ok_or_else(malformed)?;
        let answer = self.node.group().handle_pre_vote(call).await.map_err(Refusal::from)?;
        Ok(Response::new(convert::vote_answer_to_wire(answer)))
    }

    async fn take_leadership(
        &self,
        request: Request<v1::TakeLeadershipRequest>,
    ) -> Result<Response<v1::TakeLeadershipResponse>, Status> {
        let (caller, mut request) = opened(request);
        self.check(&caller, request.envelope.take())?;
        let call = convert::take_from_wire(&request).ok_or_else(malformed)?;
        let taken = self.node.group().handle_take_leadership(call).await.map_err(Refusal::from)?;
        let accepted = taken.is_ok();
        Ok(Response::new(v1::TakeLeadershipResponse { accepted, reason: taken.err().unwrap_or_default() }))
    }

    async fn offer_snapshot(
        &self,
        request: Request<v1::OfferSnapshotRequest>,
    ) -> Result<Response<v1::OfferSnapshotResponse>, Status> {
        let (caller, request) = opened(request);
        self.check(&caller, request.envelope)?;
        let offer = convert::offer_from_wire(request.vote, request.meta).ok_or_else(malformed)?;
        let answer = self.node.group().handle_offer(&offer).await.map_err(Refusal::from)?;
        Ok(Response::new(match answer {
            OfferAnswer::ContinueAt(durable_bytes) => {
                v1::OfferSnapshotResponse { durable_bytes, higher_vote: None }
            }
            OfferAnswer::HigherVote(vote) => {
                v1::OfferSnapshotResponse { durable_bytes: 0, higher_vote: Some(convert::vote_to_wire(vote)) }
            }
        }))
    }

    async fn send_snapshot(
        &self,
        request: Request<Streaming<v1::SnapshotChunk>>,
    ) -> Result<Response<v1::SendSnapshotResponse>, Status> {
        let (caller, mut chunks) = opened(request);
        let mut checked = false;
        let mut durable_bytes = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            if !checked {
                self.check(&caller, chunk.envelope)?;
                checked = true;
            }
            if crc32c::crc32c(&chunk.data) != chunk.crc32c {
                let text = format!("the chunk at byte {} arrived damaged", chunk.offset);
                return Err(Refusal::new(Code::Aborted, "DamagedChunk", text).into());
            }
            let id = elastickv_consensus::SnapshotId::from_slice(&chunk.snapshot_id).ok_or_else(malformed)?;
            let received = self.node.group().handle_chunk(id, chunk.offset, chunk.data).await;
            durable_bytes = received.map_err(Refusal::from)?;
        }
        Ok(Response::new(v1::SendSnapshotResponse { durable_bytes }))
    }

    async fn install_snapshot(
        &self,
        request: Request<v1::InstallSnapshotRequest>,
    ) -> Result<Response<v1::InstallSnapshotResponse>, Status> {
        let (caller, request) = opened(request);
        self.check(&caller, request.envelope)?;
        let offer = convert::offer_from_wire(request.vote, request.meta).ok_or_else(malformed)?;
        let vote = self.node.group().handle_install(&offer).await.map_err(Refusal::from)?;
        Ok(Response::new(v1::InstallSnapshotResponse { vote: Some(convert::vote_to_wire(vote)) }))
    }

    async fn capability(
        &self,
        request: Request<v1::CapabilityRequest>,
    ) -> Result<Response<v1::CapabilityResponse>, Status> {
        let (caller, request) = opened(request);
        self.check(&caller, request.envelope)?;
        Ok(Response::new(lifecycle::capability(&self.desk.node, request.probe).await))
    }

    async fn key_wraps(
        &self,
        request: Request<v1::KeyWrapsRequest>,
    ) -> Result<Response<v1::KeyWrapsResponse>, Status> {
        let (caller, request) = opened(request);
        self.check(&caller, request.envelope)?;
        Ok(Response::new(lifecycle::key_wraps(&self.desk.node, &request.key_ids)))
    }

    async fn register_writers(
        &self,
        request: Request<v1::RegisterWritersRequest>,
    ) -> Result<Response<v1::RegisterWritersResponse>, Status> {
        let (caller, request) = opened(request);
        let envelope = request.envelope.clone();
        let from = self.check(&caller, envelope)?;
        let result = registration::register(&self.desk, &from, &request).await?;
        Ok(Response::new(v1::RegisterWritersResponse { result: Some(result) }))
    }
}
