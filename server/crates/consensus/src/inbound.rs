//! Calls that other members make to this one.

use elastickv_keyring::Lookup;
use elastickv_log::Vote;
use elastickv_types::{LogId, LogIndex};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, TransferLeaderRequest, VoteRequest, VoteResponse,
};

use crate::convert::{self, Types};
use crate::entry;
use crate::group::GroupHandle;
use crate::network::{AppendAnswer, AppendCall, SnapshotOffer, TakeLeadershipCall, VoteAnswer, VoteCall};
use crate::room;
use crate::snapshots::{SnapshotId, SnapshotsError};
use crate::state_machine::raft_snapshot;

#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    #[error("the group is stopped: {0}")]
    Stopped(String),
    #[error("the call does not decode: {0}")]
    Invalid(String),
    #[error(transparent)]
    Snapshot(#[from] SnapshotsError),
    /// Nothing of the call happened; it may be repeated later.
    #[error("the disk has no room for the entries")]
    Full,
    /// Nothing of the call happened; it may be repeated once there is such a snapshot.
    #[error("this node joined a sealed group, and has to begin with a snapshot up to index {least} or later")]
    BeforeSnapshot { least: LogIndex },
    /// Nothing of the call happened; it may be repeated later.
    #[error("the snapshot's rows can not be sealed here yet: {0}")]
    NoKey(Lookup),
}

fn stopped(error: impl std::fmt::Display) -> InboundError {
    InboundError::Stopped(error.to_string())
}

/// How the receiver of a snapshot answers its announcement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfferAnswer {
    ContinueAt(u64),
    HigherVote(Vote),
}

impl GroupHandle {
    pub async fn handle_append(&self, call: AppendCall) -> Result<AppendAnswer, InboundError> {
        let invalid = |error: std::io::Error| InboundError::Invalid(error.to_string());
        self.check_beginning(&call)?;
        if !room::is_sure_of(self.log(), call.entries.iter().map(|entry| &*entry.payload)) {
            return Err(InboundError::Full);
        }
        let request = AppendEntriesRequest::<Types> {
            vote: convert::raft_vote(call.vote),
            prev_log_id: call.previous.map(convert::raft_log_id),
            entries: call
                .entries
                .into_iter()
                .map(entry::decode)
                .collect::<Result<_, _>>()
                .map_err(invalid)?,
            leader_commit: call.committed.map(convert::raft_log_id),
        };
        let answer = self.raft().append_entries(request).await.map_err(stopped)?;
        if !matches!(answer, AppendEntriesResponse::HigherVote(_)) {
            self.heard_from_leader();
        }
        Ok(match answer {
            AppendEntriesResponse::Success => AppendAnswer::Matched,
            // This side takes a call whole or not at all.
            AppendEntriesResponse::PartialSuccess(last) => {
                return Err(InboundError::Invalid(format!("only a part was taken, up to {last:?}")));
            }
            AppendEntriesResponse::Conflict => AppendAnswer::Conflict,
            AppendEntriesResponse::HigherVote(vote) => AppendAnswer::HigherVote(convert::vote(&vote)),
        })
    }

    pub async fn handle_vote(&self, call: VoteCall) -> Result<VoteAnswer, InboundError> {
        self.raft().vote(vote_request(call)).await.map(vote_answer).map_err(stopped)
    }

    /// Answers whether this node would vote so, from its log and its leader's lease; nothing changes.
    pub async fn handle_pre_vote(&self, call: VoteCall) -> Result<VoteAnswer, InboundError> {
        self.raft().pre_vote(vote_request(call)).await.map(vote_answer).map_err(stopped)
    }

    /// Asks for votes at once if the leader hands over to this node, and else stops waiting for that
    /// leader. A draining node declines.
    pub async fn handle_take_leadership(
        &self,
        call: TakeLeadershipCall,
    ) -> Result<Result<(), String>, InboundError> {
        if self.is_draining() && call.to == self.me() {
            return Ok(Err("the node is draining".to_owned()));
        }
        let last_log = call.last_log.map(convert::raft_log_id);
        let request = TransferLeaderRequest::new(convert::raft_vote(call.from), call.to.get(), last_log);
        let answer = self.raft().handle_transfer_leader(request).await.map_err(stopped)?;
        Ok(answer.map_err(|error| error.to_string()))
    }

    /// Says from where a snapshot is to be sent.
    pub async fn handle_offer(&self, offer: &SnapshotOffer) -> Result<OfferAnswer, InboundError> {
        let known = self.current_vote();
        if known.term > offer.vote.term {
            return Ok(OfferAnswer::HigherVote(known));
        }
        let (snapshots, id, bytes) = (self.snapshots().clone(), offer.id, offer.bytes);
        let durable =
            elastickv_sys::task::blocking(move || snapshots.offer(id, bytes)).await.map_err(stopped)??;
        Ok(OfferAnswer::ContinueAt(durable))
    }

    pub async fn handle_chunk(
        &self,
        id: SnapshotId,
        offset: u64,
        data: bytes::Bytes,
    ) -> Result<u64, InboundError> {
        let snapshots = self.snapshots().clone();
        Ok(elastickv_sys::task::blocking(move || snapshots.receive(id, offset, &data))
            .await
            .map_err(stopped)??)
    }

    /// Checks what was received and installs it.
    pub async fn handle_install(&self, offer: &SnapshotOffer) -> Result<Vote, InboundError> {
        let group = self.clone();
        let id = offer.id;
        elastickv_sys::task::blocking(move || group.adopt_keys_of(id)).await.map_err(stopped)??;
        let (snapshots, id, bytes, crc32c) = (self.snapshots().clone(), offer.id, offer.bytes, offer.crc32c);
        let complete = move || snapshots.complete(id, bytes, crc32c);
        let file = elastickv_sys::task::blocking(complete).await.map_err(stopped)??;
        let announced: (Option<LogId>, Option<LogId>) = (offer.last, offer.membership_id);
        if announced != (file.last(), file.head.membership.id) {
            return Err(InboundError::Invalid("the snapshot is not the one that was announced".to_owned()));
        }
        let snapshot = raft_snapshot(file).map_err(|error| InboundError::Invalid(error.to_string()))?;
        let vote = convert::raft_vote(offer.vote);
        let answer = self.raft().install_full_snapshot(vote, snapshot).await.map_err(stopped)?;
        Ok(convert::vote(&answer.vote))
    }
}

impl GroupHandle {
    /// Takes over the keys that a received snapshot brings, so that they can be opened before it is installed:
    /// once it is handed to the library, it can not be put off any more.
    fn adopt_keys_of(&self, id: SnapshotId) -> Result<(), InboundError> {
        let Some(head) = self.snapshots().incoming_head(id)? else { return Ok(()) };
        let replica = self.replica();
        replica.adopt_keys(&head.applied.state).map_err(SnapshotsError::from)?;
        match replica.keys.can_seal_rows() {
            Ok(()) => Ok(()),
            Err(error) => match error.waits_for() {
                Some(key) => Err(InboundError::NoKey(key)),
                None => Err(SnapshotsError::from(error).into()),
            },
        }
    }
}

fn vote_request(call: VoteCall) -> VoteRequest<Types> {
    let mut request =
        VoteRequest::new(convert::raft_vote(call.vote), call.last_log.map(convert::raft_log_id));
    request.leadership_transfer = call.leadership_transfer;
    request
}

fn vote_answer(answer: VoteResponse<Types>) -> VoteAnswer {
    VoteAnswer {
        vote: convert::vote(&answer.vote),
        granted: answer.vote_granted,
        last_log: answer.last_log_id.as_ref().map(convert::log_id),
    }
}
