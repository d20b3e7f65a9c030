//! Between the library's types and ours.

use std::io;

use elastickv_types::{FullNodeId, LogId, LogIndex, Term};
use openraft::EntryPayload;
use openraft::impls::leader_id_std::LeaderId;

use crate::member::{Member, MemberId, Membership};
use crate::runtime::Runtime;

/// What is proposed: a payload framed as the log stores it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal(pub bytes::Bytes);

impl std::fmt::Debug for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proposal({} bytes)", self.0.len())
    }
}

impl std::fmt::Display for Proposal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

/// What applying an entry answers to whoever proposed it.
pub type Answers = elastickv_fsm::Answer;

/// Hands a result to a closure, so that one entry can answer many callers without a task of its own.
pub struct Callback<T>(pub Box<dyn FnOnce(T) + Send>);

impl<T: Send + 'static> openraft::raft::responder::Responder<Types, T> for Callback<T> {
    fn on_complete(self, result: T) {
        (self.0)(result);
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Types;

impl openraft::RaftTypeConfig for Types {
    type D = Proposal;
    type R = Answers;
    type NodeId = MemberId;
    type Node = Member;
    type Term = u64;
    type LeaderId = LeaderId<u64, MemberId>;
    type Vote = openraft::Vote<Self::LeaderId>;
    type Payload = EntryPayload<Proposal, MemberId, Member>;
    type Entry = openraft::alias::DefaultEntryOf<Self>;
    type AsyncRuntime = Runtime;
    type Responder<T>
        = Callback<T>
    where
        T: Send + 'static;
    type Batch<T>
        = openraft::impls::InlineBatch<T>
    where
        T: Send + 'static;
    type ErrorSource = openraft::AnyError;
}

pub type RaftLogId = openraft::alias::LogIdOf<Types>;
pub type RaftVote = openraft::alias::VoteOf<Types>;
pub type RaftEntry = openraft::alias::EntryOf<Types>;
pub type RaftMembership = openraft::Membership<MemberId, Member>;
pub type StoredMembership = openraft::alias::StoredMembershipOf<Types>;
pub type SnapshotMeta = openraft::alias::SnapshotMetaOf<Types>;

pub fn log_id(id: &RaftLogId) -> LogId {
    LogId::new(Term::new(id.leader_id.term), LogIndex::new(id.index))
}

pub fn raft_log_id(id: LogId) -> RaftLogId {
    openraft::LogId::new_term_index(id.term.get(), id.index.get())
}

/// Who leads in a term: at most one.
pub fn leader_of(term: Term) -> openraft::alias::CommittedLeaderIdOf<Types> {
    raft_log_id(LogId::new(term, LogIndex::default())).leader_id
}

pub fn vote(vote: &RaftVote) -> elastickv_log::Vote {
    elastickv_log::Vote {
        term: Term::new(vote.leader_id.term),
        voted_for: FullNodeId::from_u64(vote.leader_id.voted_for),
        committed: vote.committed,
    }
}

pub fn raft_vote(vote: elastickv_log::Vote) -> RaftVote {
    // The library counts a vote for nobody as one for id 0, which no node has.
    let voted_for = vote.voted_for.map_or(0, FullNodeId::get);
    openraft::Vote { leader_id: LeaderId { term: vote.term.get(), voted_for }, committed: vote.committed }
}

pub fn membership(from: &RaftMembership) -> Membership {
    let id = |raw: &MemberId| FullNodeId::from_u64(*raw);
    Membership {
        voters: from.get_joint_config().iter().map(|set| set.iter().filter_map(id).collect()).collect(),
        members: from.nodes().filter_map(|(raw, member)| Some((id(raw)?, member.clone()))).collect(),
    }
}

pub fn raft_membership(from: &Membership) -> io::Result<RaftMembership> {
    let voters = from.voters.iter().map(|set| set.iter().map(|id| id.get()).collect()).collect();
    let members: std::collections::BTreeMap<_, _> =
        from.members.iter().map(|(id, member)| (id.get(), member.clone())).collect();
    openraft::Membership::new(voters, members).map_err(io::Error::other)
}
