//! Calls to the other nodes, over gRPC.

mod connections;

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{
    AppendAnswer, AppendCall, ChunkSource, Member, PeerError, PeerPort, SnapshotOffer, TakeLeadershipCall,
    VoteAnswer, VoteCall,
};
use elastickv_log::Vote;
use elastickv_proto::v1;
use elastickv_proto::v1::cluster_client::ClusterClient;
use elastickv_proto::v1::peer_client::PeerClient;
use elastickv_types::{GroupId, KeyId, LogIndex, NodeName, PeerAddress};
use futures_util::StreamExt;
use tonic::transport::Channel;
use tonic::{Response, Status};

use crate::identity::{Beginning, Belonging, Identity};
use crate::net;
use crate::readiness::{Predecessor, Removed};
use crate::rpc::convert;
use crate::rpc::status::reason;

pub use connections::Connections;

const ASK: Duration = Duration::from_secs(2);
/// A member may have to ask a provider of wrapping keys first.
const CAPABILITY: Duration = Duration::from_millis(2500);
/// Entries of more bytes go by the connection for bulk transfers.
const LARGE_APPEND: usize = 256 << 10;
/// One transfer of a snapshot is tried for this long before it is begun anew, where it stopped.
const CHUNK_STREAM: Duration = Duration::from_secs(600);

type PortFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = Result<T, PeerError>> + Send + 'a>>;

pub fn client(channel: Channel) -> PeerClient<Channel> {
    PeerClient::new(channel)
        .max_decoding_message_size(net::LARGEST_MESSAGE)
        .max_encoding_message_size(net::LARGEST_MESSAGE)
}

/// What a member says to a load that asks to be let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Registered {
    Accepted,
    /// By its typed name; asking again changes nothing.
    Rejected {
        reason: String,
        message: String,
    },
    NotLeader,
}

#[derive(Debug)]
pub struct Peers {
    pub me: NodeName,
    pub identity: Arc<Identity>,
    pub connections: Arc<Connections>,
    pub removed: Removed,
    pub predecessor: Predecessor,
}

fn unreachable(member: &str, address: &PeerAddress, reason: impl ToString) -> PeerError {
    PeerError::Unreachable {
        member: member.to_owned(),
        address: address.to_string(),
        reason: reason.to_string(),
    }
}

impl Peers {
    /// Asks whoever listens at an address, where this node is expected, who it is.
    pub async fn identify(
        &self,
        node: &NodeName,
        address: &PeerAddress,
    ) -> Result<v1::IdentifyResponse, PeerError> {
        let lost = |reason: String| unreachable("the node", address, reason);
        let mut client = client(self.connections.to(node, address).map_err(lost)?);
        let asked = client.identify(v1::IdentifyRequest {});
        match tokio::time::timeout(ASK, asked).await {
            Ok(answer) => {
                answer.map(Response::into_inner).map_err(|status| lost(status.message().to_owned()))
            }
            Err(_) => Err(lost(format!("no answer within {ASK:?}"))),
        }
    }

    /// Offers this node's cluster to another one, and says how it has to begin.
    pub async fn invite(
        &self,
        to: &Member,
        cluster: &Belonging,
        beginning: &Beginning,
    ) -> Result<(), PeerError> {
        let group = |(group, least): (&GroupId, &LogIndex)| v1::GroupBeginning {
            group_id: group.get(),
            least_snapshot_index: least.get(),
        };
        let request = v1::InviteRequest {
            cluster_id: bytes::Bytes::copy_from_slice(cluster.id.as_bytes()),
            cluster_name: cluster.name.to_string(),
            from_node: self.me.to_string(),
            to_node: to.name.to_string(),
            to_store: bytes::Bytes::copy_from_slice(to.store_id.as_bytes()),
            beginning: beginning.iter().map(group).collect(),
        };
        let channel = self.channel(to, false)?;
        self.answered(to, ASK, async move { client(channel).invite(request).await }).await.map(|_| ())
    }

    /// Asks a member for a snapshot, and to drop the log that it covers.
    pub async fn snapshot_now(&self, to: &Member, group: GroupId, within: Duration) -> Result<(), PeerError> {
        let mut cluster = ClusterClient::new(self.channel(to, false)?);
        let request = v1::SnapshotRequest { group_id: group.get(), purge: true };
        self.answered(to, within, async move { cluster.snapshot(request).await }).await.map(drop)
    }

    /// Asks a member what the leader has to know of it.
    pub async fn capability(
        &self,
        to: &Member,
        probe: Option<v1::KekProbe>,
    ) -> Result<v1::CapabilityResponse, PeerError> {
        let envelope = Some(self.envelope(GroupId::CONTROL, to));
        let request = v1::CapabilityRequest { envelope, probe };
        let channel = self.channel(to, false)?;
        self.answered(to, CAPABILITY, async move { client(channel).capability(request).await }).await
    }

    /// Asks a member to let this load in as a writer, if it leads.
    pub async fn register_writers(
        &self,
        to: &Member,
        request: v1::RegisterWritersRequest,
    ) -> Result<Registered, PeerError> {
        let mut client = client(self.channel(to, false)?);
        let envelope = Some(self.envelope(GroupId::CONTROL, to));
        let request = v1::RegisterWritersRequest { envelope, ..request };
        let foreign = |status: &Status| reason(status).as_deref() == Some("ForeignStore");
        let answer = match tokio::time::timeout(ASK, client.register_writers(request)).await {
            Ok(Err(status)) if foreign(&status) => {
                let (reason, message) = ("ForeignStore".to_owned(), status.message().to_owned());
                return Ok(Registered::Rejected { reason, message });
            }
            Ok(answer) => {
                let answer = answer.map_err(|status| self.failed(to, &status))?;
                self.connections.answered(&to.address);
                answer.into_inner()
            }
            Err(_) => return Err(PeerError::Timeout { member: to.name.to_string(), after: ASK }),
        };
        match answer.result.ok_or_else(|| Self::malformed(to))? {
            v1::register_writers_response::Result::Accepted(_) => Ok(Registered::Accepted),
            v1::register_writers_response::Result::Rejected(rejected) => {
                Ok(Registered::Rejected { reason: rejected.reason, message: rejected.message })
            }
            v1::register_writers_response::Result::NotLeader(_) => Ok(Registered::NotLeader),
        }
    }

    /// Asks a member how it knows a key to be wrapped.
    pub async fn key_wraps(
        &self,
        to: &Member,
        key: KeyId,
        within: Duration,
    ) -> Result<Vec<v1::KeyWrap>, PeerError> {
        let mut client = client(self.channel(to, false)?);
        let envelope = Some(self.envelope(GroupId::CONTROL, to));
        let request = v1::KeyWrapsRequest { envelope, key_ids: vec![key.get()] };
        let answer = self.answered(to, within, client.key_wraps(request)).await?;
        Ok(answer.keys)
    }

    fn channel(&self, to: &Member, bulk: bool) -> Result<Channel, PeerError> {
        let connections = &self.connections;
        let channel = if bulk {
            connections.bulk(&to.name, &to.address)
        } else {
            connections.to_ask(&to.name, &to.address)
        };
        channel.map_err(|reason| unreachable(to.name.as_str(), &to.address, reason))
    }

    fn note_bulk<T>(&self, to: &Member, sent: &Result<T, PeerError>) {
        if matches!(sent, Err(PeerError::Timeout { .. })) {
            self.connections.bulk_unanswered(&to.address);
        }
    }

    fn envelope(&self, group: GroupId, to: &Member) -> v1::Envelope {
        let copy = bytes::Bytes::copy_from_slice;
        v1::Envelope {
            cluster_id: self
                .identity
                .cluster()
                .map(|cluster| copy(cluster.id.as_bytes()))
                .unwrap_or_default(),
            from_node: self.me.to_string(),
            from_store: copy(self.identity.store_id().as_bytes()),
            to_node: to.name.to_string(),
            to_store: copy(to.store_id.as_bytes()),
            group_id: group.get(),
        }
    }

    /// Waits for an answer, and turns what else may come into a peer's error.
    async fn answered<T>(
        &self,
        to: &Member,
        within: Duration,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, PeerError> {
        let member = to.name.to_string();
        match tokio::time::timeout(within, call).await {
            Ok(Ok(response)) => {
                self.connections.answered(&to.address);
                Ok(response.into_inner())
            }
            Ok(Err(status)) => Err(self.failed(to, &status)),
            Err(_) => Err(PeerError::Timeout { member, after: within }),
        }
    }

    fn failed(&self, to: &Member, status: &Status) -> PeerError {
        let reason = reason(status);
        if reason.is_some() {
            self.connections.answered(&to.address);
        }
        match reason {
            Some(reason) if reason == "SnapshotNeeded" => {
                PeerError::NeedsSnapshot { member: to.name.to_string() }
            }
            Some(reason) => {
                if reason == "Removed" {
                    self.removed.set(&to.name);
                }
                PeerError::Refused {
                    member: to.name.to_string(),
                    reason: format!("{reason}: {}", status.message()),
                }
            }
            None => unreachable(to.name.as_str(), &to.address, status.message()),
        }
    }

    fn malformed(to: &Member) -> PeerError {
        PeerError::Refused { member: to.name.to_string(), reason: "its answer does not decode".to_owned() }
    }

    async fn send_snapshot(
        &self,
        group: GroupId,
        to: &Member,
        offer: SnapshotOffer,
        chunks: ChunkSource,
    ) -> Result<Vote, PeerError> {
        let mut bulk = client(self.channel(to, true)?);
        let (vote, meta) = (convert::vote_to_wire(offer.vote), convert::meta_to_wire(&offer));
        let announce = v1::OfferSnapshotRequest {
            envelope: Some(self.envelope(group, to)),
            vote: Some(vote),
            meta: Some(meta.clone()),
        };
        let answer = self.answered(to, ASK, bulk.offer_snapshot(announce)).await?;
        if let Some(higher) = answer.higher_vote {
            return Ok(convert::vote_from_wire(higher));
        }
        if answer.durable_bytes < offer.bytes {
            let stream = chunk_stream(self.envelope(group, to), &offer, answer.durable_bytes, chunks);
            self.answered(to, CHUNK_STREAM, bulk.send_snapshot(stream)).await?;
        }
        let install = v1::InstallSnapshotRequest {
            envelope: Some(self.envelope(group, to)),
            vote: Some(vote),
            meta: Some(meta),
        };
        let installed = self.answered(to, CHUNK_STREAM, bulk.install_snapshot(install)).await?;
        installed.vote.map(convert::vote_from_wire).ok_or_else(|| Self::malformed(to))
    }
}

/// The chunks from an offset on, each read when the one before is on its way.
fn chunk_stream(
    envelope: v1::Envelope,
    offer: &SnapshotOffer,
    from: u64,
    chunks: ChunkSource,
) -> impl futures_util::Stream<Item = v1::SnapshotChunk> + Send + 'static {
    let snapshot_id = bytes::Bytes::copy_from_slice(offer.id.as_bytes());
    let state = (Some(envelope), from, chunks);
    futures_util::stream::unfold(state, move |(mut envelope, offset, chunks)| {
        let snapshot_id = snapshot_id.clone();
        async move {
            let read = chunks.clone();
            let data = elastickv_sys::task::blocking(move || read(offset)).await.ok()?.ok()?;
            if data.is_empty() {
                return None;
            }
            let next = offset + data.len() as u64;
            let crc32c = crc32c::crc32c(&data);
            let chunk = v1::SnapshotChunk { envelope: envelope.take(), snapshot_id, offset, data, crc32c };
            Some((chunk, (envelope, next, chunks)))
        }
    })
    .boxed()
}

impl PeerPort for Peers {
    fn append<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: AppendCall,
        within: Duration,
    ) -> PortFuture<'a, AppendAnswer> {
        Box::pin(async move {
            // What takes long to send must not delay the heartbeats behind it.
            let bytes: usize = call.entries.iter().map(|entry| entry.payload.len()).sum();
            let bulk = bytes > LARGE_APPEND;
            let mut peer = client(self.channel(to, bulk)?);
            let request = convert::append_to_wire(self.envelope(group, to), call);
            let answer = self.answered(to, within, peer.append(request)).await;
            if bulk {
                self.note_bulk(to, &answer);
            }
            let answer = answer?;
            convert::append_answer_from_wire(answer).ok_or_else(|| Self::malformed(to))
        })
    }

    fn vote<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: VoteCall,
        within: Duration,
    ) -> PortFuture<'a, VoteAnswer> {
        Box::pin(async move {
            let mut peer = client(self.channel(to, false)?);
            let request = convert::vote_call_to_wire(self.envelope(group, to), call);
            let answer = self.answered(to, within, peer.vote(request)).await?;
            convert::vote_answer_from_wire(answer).ok_or_else(|| Self::malformed(to))
        })
    }

    fn pre_vote<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: VoteCall,
        within: Duration,
    ) -> PortFuture<'a, VoteAnswer> {
        Box::pin(async move {
            let mut peer = client(self.channel(to, false)?);
            let request = convert::vote_call_to_wire(self.envelope(group, to), call);
            let answer = self.answered(to, within, peer.pre_vote(request)).await?;
            convert::vote_answer_from_wire(answer).ok_or_else(|| Self::malformed(to))
        })
    }

    fn take_leadership<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        call: TakeLeadershipCall,
    ) -> PortFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let mut peer = client(self.channel(to, false)?);
            let request = convert::take_to_wire(self.envelope(group, to), call);
            let answer = self.answered(to, ASK, peer.take_leadership(request)).await?;
            Ok(if answer.accepted { Ok(()) } else { Err(answer.reason) })
        })
    }

    fn snapshot<'a>(
        &'a self,
        group: GroupId,
        to: &'a Member,
        offer: SnapshotOffer,
        chunks: ChunkSource,
    ) -> PortFuture<'a, Vote> {
        Box::pin(async move {
            let sent = self.send_snapshot(group, to, offer, chunks).await;
            self.note_bulk(to, &sent);
            sent
        })
    }
}
