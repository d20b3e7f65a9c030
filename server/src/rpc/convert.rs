//! Between the messages of the peers and the types of consensus.

use elastickv_consensus::{
    AppendAnswer, AppendCall, SnapshotId, SnapshotOffer, TakeLeadershipCall, VoteAnswer, VoteCall,
};
use elastickv_log::{Entry, Vote};
use elastickv_proto::v1;
use elastickv_types::{FullNodeId, LogId, LogIndex, Term};

pub fn id_to_wire(id: LogId) -> v1::LogId {
    v1::LogId { term: id.term.get(), index: id.index.get() }
}

pub fn id_from_wire(id: v1::LogId) -> LogId {
    LogId::new(Term::new(id.term), LogIndex::new(id.index))
}

pub fn vote_to_wire(vote: Vote) -> v1::LeaderVote {
    v1::LeaderVote {
        term: vote.term.get(),
        node_id: vote.voted_for.map_or(0, FullNodeId::get),
        committed: vote.committed,
    }
}

pub fn vote_from_wire(vote: v1::LeaderVote) -> Vote {
    Vote {
        term: Term::new(vote.term),
        voted_for: FullNodeId::from_u64(vote.node_id),
        committed: vote.committed,
    }
}

pub fn append_to_wire(envelope: v1::Envelope, call: AppendCall) -> v1::AppendRequest {
    let entry = |entry: Entry| v1::LogEntry { id: Some(id_to_wire(entry.id)), payload: entry.payload };
    v1::AppendRequest {
        envelope: Some(envelope),
        vote: Some(vote_to_wire(call.vote)),
        previous: call.previous.map(id_to_wire),
        entries: call.entries.into_iter().map(entry).collect(),
        committed: call.committed.map(id_to_wire),
    }
}

pub fn append_from_wire(request: v1::AppendRequest) -> Option<AppendCall> {
    let entry = |entry: v1::LogEntry| Some(Entry { id: id_from_wire(entry.id?), payload: entry.payload });
    Some(AppendCall {
        vote: vote_from_wire(request.vote?),
        previous: request.previous.map(id_from_wire),
        entries: request.entries.into_iter().map(entry).collect::<Option<_>>()?,
        committed: request.committed.map(id_from_wire),
    })
}

/// A conflict needs no more said than that there is one; `previous` tells which entry was asked for.
pub fn append_answer_to_wire(answer: AppendAnswer) -> v1::AppendResponse {
    use v1::append_response::Result as Wire;
    let result = match answer {
        AppendAnswer::Matched => Wire::Matched(v1::Matched {}),
        AppendAnswer::Conflict => Wire::Conflict(v1::Conflict {}),
        AppendAnswer::HigherVote(vote) => Wire::HigherVote(vote_to_wire(vote)),
    };
    v1::AppendResponse { result: Some(result) }
}

pub fn append_answer_from_wire(response: v1::AppendResponse) -> Option<AppendAnswer> {
    use v1::append_response::Result as Wire;
    Some(match response.result? {
        Wire::Matched(_) => AppendAnswer::Matched,
        Wire::Conflict(_) => AppendAnswer::Conflict,
        Wire::HigherVote(vote) => AppendAnswer::HigherVote(vote_from_wire(vote)),
    })
}

pub fn vote_call_to_wire(envelope: v1::Envelope, call: VoteCall) -> v1::VoteRequest {
    v1::VoteRequest {
        envelope: Some(envelope),
        vote: Some(vote_to_wire(call.vote)),
        last_log: call.last_log.map(id_to_wire),
        leadership_transfer: call.leadership_transfer,
    }
}

pub fn vote_call_from_wire(request: &v1::VoteRequest) -> Option<VoteCall> {
    Some(VoteCall {
        vote: vote_from_wire(request.vote?),
        last_log: request.last_log.map(id_from_wire),
        leadership_transfer: request.leadership_transfer,
    })
}

pub fn vote_answer_to_wire(answer: VoteAnswer) -> v1::VoteResponse {
    v1::VoteResponse {
        vote: Some(vote_to_wire(answer.vote)),
        granted: answer.granted,
        last_log: answer.last_log.map(id_to_wire),
    }
}

pub fn vote_answer_from_wire(response: v1::VoteResponse) -> Option<VoteAnswer> {
    Some(VoteAnswer {
        vote: vote_from_wire(response.vote?),
        granted: response.granted,
        last_log: response.last_log.map(id_from_wire),
    })
}

pub fn take_to_wire(envelope: v1::Envelope, call: TakeLeadershipCall) -> v1::TakeLeadershipRequest {
    v1::TakeLeadershipRequest {
        envelope: Some(envelope),
        from_leader: Some(vote_to_wire(call.from)),
        to_node_id: call.to.get(),
        last_log: call.last_log.map(id_to_wire),
    }
}

pub fn take_from_wire(request: &v1::TakeLeadershipRequest) -> Option<TakeLeadershipCall> {
    Some(TakeLeadershipCall {
        from: vote_from_wire(request.from_leader?),
        to: FullNodeId::from_u64(request.to_node_id)?,
        last_log: request.last_log.map(id_from_wire),
    })
}

pub fn meta_to_wire(offer: &SnapshotOffer) -> v1::SnapshotMeta {
    v1::SnapshotMeta {
        last: offer.last.map(id_to_wire),
        membership_id: offer.membership_id.map(id_to_wire),
        membership: offer.membership.clone(),
        snapshot_id: bytes::Bytes::copy_from_slice(offer.id.as_bytes()),
        bytes: offer.bytes,
        crc32c: offer.crc32c,
    }
}

pub fn offer_from_wire(
    vote: Option<v1::LeaderVote>,
    meta: Option<v1::SnapshotMeta>,
) -> Option<SnapshotOffer> {
    let meta = meta?;
    Some(SnapshotOffer {
        vote: vote_from_wire(vote?),
        id: SnapshotId::from_slice(&meta.snapshot_id)?,
        bytes: meta.bytes,
        crc32c: meta.crc32c,
        last: meta.last.map(id_from_wire),
        membership_id: meta.membership_id.map(id_from_wire),
        membership: meta.membership,
    })
}
