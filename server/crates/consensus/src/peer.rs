//! The port behind the library's network traits: one client for each other member.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_sys::files::{File, Open, SharedFiles};
use elastickv_types::{FullNodeId, GroupId};
use openraft::errors::{NetworkError, RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::RPCOption;
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, TransferLeaderRequest,
    TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::{RaftNetworkFactory, RaftNetworkV2};
use tokio::sync::Notify;

use crate::convert::{self, RaftVote, Types};
use crate::entry;
use crate::member::{Member, MemberId};
use crate::network::{
    AppendAnswer, AppendCall, ChunkSource, PeerError, SharedPort, SnapshotOffer, TakeLeadershipCall,
    VoteAnswer, VoteCall,
};
use crate::quorum::Quorum;
use crate::replica::Replica;
use crate::snapshots::{CHUNK_BYTES, SnapshotFile, Snapshots};

type RpcError = RPCError<Types>;

/// Bytes a second that a line between members carries at the least.
const SLOWEST_LINE: f64 = 1024.0 * 1024.0;

/// Makes the library's clients.
#[derive(Clone, Debug)]
pub struct Peers {
    pub group: GroupId,
    pub port: SharedPort,
    pub files: SharedFiles,
    pub snapshots: Arc<Snapshots>,
    pub replica: Arc<Replica>,
    /// Told when a member can begin with a snapshot only.
    pub snapshot_wanted: Arc<Notify>,
    pub quorum: Arc<Quorum>,
    /// How long an answer to entries may take, beside the time that their bytes need.
    pub patience: Duration,
}

#[derive(Debug)]
pub struct Peer {
    peers: Peers,
    member: Member,
}

impl RaftNetworkFactory<Types> for Peers {
    type Network = Peer;

    async fn new_client(&mut self, _target: MemberId, member: &Member) -> Peer {
        Peer { peers: self.clone(), member: member.clone() }
    }
}

fn rpc_error(error: PeerError) -> RpcError {
    match error {
        PeerError::Unreachable { .. } | PeerError::Refused { .. } | PeerError::NeedsSnapshot { .. } => {
            RPCError::Unreachable(Unreachable::new(&error))
        }
        PeerError::Timeout { .. } => RPCError::Network(NetworkError::new(&error)),
    }
}

fn streaming_error(error: PeerError) -> StreamingError<Types> {
    StreamingError::Unreachable(Unreachable::new(&error))
}

pub fn vote_call(request: &VoteRequest<Types>) -> VoteCall {
    VoteCall {
        vote: convert::vote(&request.vote),
        last_log: request.last_log_id.as_ref().map(convert::log_id),
        leadership_transfer: request.leadership_transfer,
    }
}

fn vote_response(answer: VoteAnswer) -> VoteResponse<Types> {
    let last_log = answer.last_log.map(convert::raft_log_id);
    VoteResponse::new(convert::raft_vote(answer.vote), last_log, answer.granted)
}

impl RaftNetworkV2<Types> for Peer {
    type SnapshotData = SnapshotFile;

    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Types>,
        option: RPCOption,
    ) -> Result<AppendEntriesResponse<Types>, RpcError> {
        if !request.entries.is_empty() && !self.peers.quorum.may_speak() {
            let silent = io::Error::other("nothing is sent while no majority answers");
            return Err(RPCError::Unreachable(Unreachable::new(&silent)));
        }
        let encoded = |entry: &convert::RaftEntry| {
            elastickv_log::Entry::new(convert::log_id(&entry.log_id), entry::encode(entry))
        };
        let call = AppendCall {
            vote: convert::vote(&request.vote),
            previous: request.prev_log_id.as_ref().map(convert::log_id),
            entries: request.entries.iter().map(encoded).collect(),
            committed: request.leader_commit.as_ref().map(convert::log_id),
        };
        let Peers { group, port, patience, snapshot_wanted, .. } = &self.peers;
        let within = append_time(&call, option.hard_ttl(), *patience);
        let is_heartbeat = call.entries.is_empty();
        let answer = port.append(*group, &self.member, call, within).await;
        // Heartbeats go on while a snapshot is on its way.
        if matches!(answer, Err(PeerError::NeedsSnapshot { .. })) && !is_heartbeat {
            snapshot_wanted.notify_one();
        }
        let answer = answer.map_err(rpc_error)?;
        Ok(match answer {
            AppendAnswer::Matched => AppendEntriesResponse::Success,
            AppendAnswer::Conflict => AppendEntriesResponse::Conflict,
            AppendAnswer::HigherVote(vote) => AppendEntriesResponse::HigherVote(convert::raft_vote(vote)),
        })
    }

    async fn vote(
        &mut self,
        request: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, RpcError> {
        let Peers { group, port, .. } = &self.peers;
        let answer = port.vote(*group, &self.member, vote_call(&request), option.hard_ttl()).await;
        answer.map(vote_response).map_err(rpc_error)
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<Types>,
        option: RPCOption,
    ) -> Result<VoteResponse<Types>, RpcError> {
        let Peers { group, port, .. } = &self.peers;
        let answer = port.pre_vote(*group, &self.member, vote_call(&request), option.hard_ttl()).await;
        answer.map(vote_response).map_err(rpc_error)
    }

    async fn full_snapshot(
        &mut self,
        vote: RaftVote,
        snapshot: openraft::alias::SnapshotOf<Types, SnapshotFile>,
        cancel: impl Future<Output = ReplicationClosed> + Send + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<Types>, StreamingError<Types>> {
        let peers = self.peers.clone();
        let fail = |error: String| StreamingError::Unreachable(Unreachable::new(&io::Error::other(error)));
        let (snapshots, replica) = (peers.snapshots.clone(), peers.replica.clone());
        let verified = elastickv_sys::task::blocking(move || snapshots.verify_current(&replica)).await;
        let verified =
            verified.map_err(|error| fail(error.to_string()))?.map_err(|error| fail(error.to_string()))?;
        let Some((file, crc32c)) = verified.filter(|(file, _)| file.id == snapshot.snapshot.id) else {
            return Err(fail(
                "the snapshot was replaced or found damaged; the current one is sent next".to_owned(),
            ));
        };
        let offer = SnapshotOffer {
            vote: convert::vote(&vote),
            id: file.id,
            bytes: file.bytes,
            crc32c,
            last: file.last(),
            membership_id: file.head.membership.id,
            membership: file.head.membership.body.clone(),
        };
        let chunks = chunk_source(&peers.files, &file).map_err(|error| fail(error.to_string()))?;
        tokio::select! {
            sent = peers.port.snapshot(peers.group, &self.member, offer, chunks) => {
                sent.map(|vote| SnapshotResponse::new(convert::raft_vote(vote))).map_err(streaming_error)
            }
            closed = cancel => Err(StreamingError::Closed(closed)),
        }
    }

    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<Types>,
        _option: RPCOption,
    ) -> Result<TransferLeaderResponse<Types>, RpcError> {
        // Every voter is told, so that it waits no longer for the old leader; one of them is to take over.
        let successor = FullNodeId::from_u64(*request.to_node_id());
        let call = TakeLeadershipCall {
            from: convert::vote(request.from_leader()),
            to: successor.unwrap_or_else(|| self.member.id()),
            last_log: request.last_log_id().map(convert::log_id),
        };
        let Peers { group, port, .. } = &self.peers;
        let taken = port.take_leadership(*group, &self.member, call).await.map_err(rpc_error)?;
        // A refusal is an error of the call: the leader goes on leading.
        taken.map(Ok).map_err(|reason| RPCError::Network(NetworkError::from_string(reason)))
    }
}

/// A heartbeat has the time that the library gives it. Entries have as long as their bytes take on a slow
/// line: what is given up in the middle is sent again from its first byte, for ever.
fn append_time(call: &AppendCall, heartbeat: Duration, patience: Duration) -> Duration {
    let bytes: usize = call.entries.iter().map(|entry| entry.payload.len()).sum();
    match call.entries.is_empty() {
        true => heartbeat,
        false => patience + Duration::from_secs_f64(bytes as f64 / SLOWEST_LINE),
    }
}

fn chunk_source(files: &SharedFiles, snapshot: &SnapshotFile) -> io::Result<ChunkSource> {
    let file: Arc<dyn File> = files.open(&snapshot.path, Open::Read)?;
    let len = snapshot.bytes;
    Ok(Arc::new(move |offset| {
        let part = len.saturating_sub(offset).min(CHUNK_BYTES);
        let mut bytes = vec![0; usize::try_from(part).unwrap_or(0)];
        file.read_exact_at(&mut bytes, offset)?;
        Ok(Bytes::from(bytes))
    }))
}
