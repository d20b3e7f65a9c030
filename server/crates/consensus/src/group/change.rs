//! Changes of the membership and of the leader.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use elastickv_types::{FullNodeId, LogId, LogIndex};
use openraft::async_runtime::WatchReceiver;
use openraft::errors::{ChangeMembershipError, ClientWriteError, RaftError};
use openraft::{ChangeMembers, Precondition};

use super::{GroupHandle, known_leader};
use crate::convert::{self, Types};
use crate::member::{Member, MemberId};

/// How often a leader looks whether a change was left half done.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    #[error("this node does not lead the group")]
    NotLeader { leader: Option<FullNodeId> },
    #[error("no majority of the group's voters answers")]
    NoQuorum,
    #[error("the membership in effect has index {found}, not {expected}")]
    Conflict { expected: LogIndex, found: LogIndex },
    #[error("another change of the membership is under way")]
    InProgress,
    #[error("{0} is not a member")]
    UnknownMember(String),
    #[error("{0} is the last voter")]
    LastVoter(String),
    #[error("the change was proposed, and its outcome is not known")]
    OutcomeUnknown,
    #[error("the group refused the change: {0}")]
    Refused(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    #[error("this node does not lead the group")]
    NotLeader { leader: Option<FullNodeId> },
    #[error("{0} is not a voter")]
    NotAVoter(FullNodeId),
    #[error("there is no other voter that answers and is caught up")]
    NoCandidate,
    #[error("{to} did not take over in time; this node leads on")]
    TookTooLong { to: FullNodeId },
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

impl GroupHandle {
    /// Adds a member without a vote. Adding one that is there, with the same store, changes nothing.
    pub async fn add_learner(
        &self,
        member: Member,
        expected: Option<LogIndex>,
    ) -> Result<LogIndex, ChangeError> {
        let nodes = BTreeMap::from([(member.id().get(), member)]);
        self.change(ChangeMembers::AddNodes(nodes), true, expected).await
    }

    pub async fn promote(&self, id: FullNodeId, expected: Option<LogIndex>) -> Result<LogIndex, ChangeError> {
        self.change(ChangeMembers::AddVoterIds(BTreeSet::from([id.get()])), true, expected).await
    }

    pub async fn remove(&self, id: FullNodeId, expected: Option<LogIndex>) -> Result<LogIndex, ChangeError> {
        let membership = self.status().membership;
        let member = membership.members.get(&id).ok_or_else(|| ChangeError::UnknownMember(id.to_string()))?;
        let only = BTreeSet::from([id.get()]);
        if !membership.is_voter(id) {
            return self.change(ChangeMembers::RemoveNodes(only), false, expected).await;
        }
        if membership.voters.iter().any(|set| set.len() == 1 && set.contains(&id)) {
            return Err(ChangeError::LastVoter(member.name.to_string()));
        }
        self.change(ChangeMembers::RemoveVoters(only), false, expected).await
    }

    /// A change goes to its end in a task of its own: whoever asked may stop waiting between its two entries.
    async fn change(
        &self,
        change: ChangeMembers<MemberId, Member>,
        keep_as_learner: bool,
        expected: Option<LogIndex>,
    ) -> Result<LogIndex, ChangeError> {
        let group = self.clone();
        let done = elastickv_sys::task::spawn(async move {
            let Ok(_turn) = group.inner.changing.try_lock() else { return Err(ChangeError::InProgress) };
            group.change_to_the_end(change, keep_as_learner, expected).await
        });
        done.await.unwrap_or(Err(ChangeError::OutcomeUnknown))
    }

    async fn change_to_the_end(
        &self,
        change: ChangeMembers<MemberId, Member>,
        keep_as_learner: bool,
        expected: Option<LogIndex>,
    ) -> Result<LogIndex, ChangeError> {
        let status = self.status();
        let in_effect = status.membership_id;
        let found = in_effect.map_or(LogIndex::default(), |id: LogId| id.index);
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            return Err(ChangeError::Conflict { expected, found });
        }
        if status.membership_pending {
            return Err(ChangeError::InProgress);
        }
        // Whatever was decided on, was decided against this membership.
        let unchanged =
            Precondition::LastMembershipLogId { last_membership_log_id: in_effect.map(convert::raft_log_id) };
        let changed = self.raft().change_membership_if(change, keep_as_learner, [unchanged]).await;
        match changed {
            Ok(response) => Ok(LogIndex::new(response.log_id.index)),
            Err(error) => Err(self.change_error(error, expected)),
        }
    }

    /// A change of voters is two entries. When the leader is lost between them, whoever leads next writes the
    /// second one, or no other change could ever be made.
    pub(super) fn finish_changes(&self) {
        let (group, mut faults) = (self.clone(), self.faults());
        elastickv_sys::task::spawn(async move {
            let mut looks = tokio::time::interval(LOOK);
            loop {
                tokio::select! {
                    _ = looks.tick() => {}
                    _ = faults.changed() => return,
                }
                group.finish_change().await;
            }
        });
    }

    async fn finish_change(&self) {
        let unfinished = || self.is_leader() && self.status().membership.changing();
        if !unfinished() {
            return;
        }
        // A change that is carried out here finishes itself.
        let Ok(_turn) = self.inner.changing.try_lock() else { return };
        let status = self.status();
        if !unfinished() {
            return;
        }
        let unchanged = Precondition::LastMembershipLogId {
            last_membership_log_id: status.membership_id.map(convert::raft_log_id),
        };
        // Nobody is added: only the second of the two entries is left. It keeps nobody who has lost a vote,
        // as no change of ours does.
        let nobody = ChangeMembers::AddVoterIds(BTreeSet::new());
        let finished = self.raft().change_membership_if(nobody, false, [unchanged]);
        match tokio::time::timeout(self.config().longest_election_timeout(), finished).await {
            Ok(Ok(done)) => {
                tracing::info!(
                    group = self.group().get(),
                    index = done.log_id.index,
                    "finished a change of members"
                )
            }
            Ok(Err(error)) => {
                tracing::info!(group = self.group().get(), %error, "a change of members is finished later")
            }
            Err(_) => {}
        }
    }

    fn change_error(
        &self,
        error: RaftError<Types, ClientWriteError<Types>>,
        expected: Option<LogIndex>,
    ) -> ChangeError {
        let found = || self.status().membership_id.map_or(LogIndex::default(), |id| id.index);
        match error {
            RaftError::APIError(ClientWriteError::ForwardToLeader(forward)) => match forward.reason {
                openraft::errors::ForwardReason::LeaseExpired => ChangeError::NoQuorum,
                _ => ChangeError::NotLeader { leader: known_leader(&forward) },
            },
            RaftError::APIError(ClientWriteError::LogEntryDiscarded(_)) => ChangeError::OutcomeUnknown,
            RaftError::APIError(ClientWriteError::PreconditionFailed(_)) => {
                ChangeError::Conflict { expected: expected.unwrap_or_else(found), found: found() }
            }
            RaftError::APIError(ClientWriteError::ChangeMembershipError(error)) => match error {
                ChangeMembershipError::InProgress(_) => ChangeError::InProgress,
                ChangeMembershipError::LearnerNotFound(missing) => {
                    let id = FullNodeId::from_u64(missing.node_id).map(|id| id.to_string());
                    ChangeError::UnknownMember(id.unwrap_or_default())
                }
                other => ChangeError::Refused(other.to_string()),
            },
            RaftError::Fatal(fatal) => ChangeError::Refused(fatal.to_string()),
        }
    }

    /// The voters that could take over, best first: those that answer, by how far their log goes.
    pub fn transfer_candidates(&self) -> Vec<FullNodeId> {
        let status = self.status();
        let fresh = self.config().longest_election_timeout();
        let mut fit: Vec<_> = status
            .progress
            .iter()
            .filter(|member| member.id != self.inner.me && status.membership.is_voter(member.id))
            .filter(|member| member.last_contact.is_some_and(|age| age <= fresh))
            .collect();
        fit.sort_by_key(|member| std::cmp::Reverse(member.matched));
        fit.iter().map(|member| member.id).collect()
    }

    /// Hands leadership to a voter and waits until it leads. When it does not, this node asks for votes
    /// itself: the library never takes a hand-over back on its own. That too is seen to its end when nobody
    /// waits for it any more.
    pub async fn transfer_to(&self, to: FullNodeId) -> Result<(), TransferError> {
        let group = self.clone();
        let done = elastickv_sys::task::spawn(async move { group.transfer_to_the_end(to).await });
        done.await.unwrap_or_else(|error| Err(TransferError::Stopped(error.to_string())))
    }

    async fn transfer_to_the_end(&self, to: FullNodeId) -> Result<(), TransferError> {
        let status = self.status();
        if !self.is_leader() {
            return Err(TransferError::NotLeader { leader: status.leader });
        }
        if !status.membership.is_voter(to) {
            return Err(TransferError::NotAVoter(to));
        }
        let stopped = |error: String| TransferError::Stopped(error);
        self.raft().trigger().transfer_leader(to.get()).await.map_err(|error| stopped(error.to_string()))?;
        let mut metrics = self.raft().metrics();
        let taken = async {
            while metrics.borrow_watched().current_leader != Some(to.get()) {
                if metrics.changed().await.is_err() {
                    return Err(stopped("it is closed".to_owned()));
                }
            }
            Ok(())
        };
        match tokio::time::timeout(self.config().longest_election_timeout(), taken).await {
            Ok(result) => result,
            Err(_) => {
                self.raft().trigger().elect(false).await.map_err(|error| stopped(error.to_string()))?;
                Err(TransferError::TookTooLong { to })
            }
        }
    }

    /// Hands leadership to the best other voter.
    pub async fn transfer_away(&self) -> Result<FullNodeId, TransferError> {
        let mut last = TransferError::NoCandidate;
        for to in self.transfer_candidates() {
            match self.transfer_to(to).await {
                Ok(()) => return Ok(to),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}
