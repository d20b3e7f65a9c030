//! What a group reports about itself.

use std::time::Duration;

use elastickv_log::{LogStats, Room};
use elastickv_types::{FullNodeId, LogId, LogIndex, Term, Timestamp};

use crate::member::Membership;
use crate::replica::Waiting;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    Leader,
    Candidate,
    Follower,
    /// It has no vote, or is no member yet.
    Learner,
    Stopped,
}

/// What the leader knows of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemberProgress {
    pub id: FullNodeId,
    pub matched: Option<LogIndex>,
    pub last_contact: Option<Duration>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct GroupStatus {
    pub role: Role,
    pub leader: Option<FullNodeId>,
    pub term: Term,
    pub committed: Option<LogId>,
    pub applied: Option<LogId>,
    pub last_log: Option<LogId>,
    pub first_log_index: LogIndex,
    pub snapshot: Option<LogId>,
    pub membership: Membership,
    pub membership_id: Option<LogId>,
    /// The membership in effect is not committed yet, or is one with two sets of voters.
    pub membership_pending: bool,
    /// The leader heard from a majority within an election timeout; a follower, from a leader.
    pub has_quorum: bool,
    pub progress: Vec<MemberProgress>,
    pub last_commit_ts: Timestamp,
    pub waiting: Option<Waiting>,
    pub fault: Option<String>,
    pub log: LogStats,
    pub room: Room,
}
