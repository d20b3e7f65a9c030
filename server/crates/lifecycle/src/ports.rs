//! What this crate needs of the rest: the groups as their leader sees them, and the members.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use elastickv_consensus::{Member, Membership, ProposalAnswer, ProposeError};
use elastickv_fsm::{Command, Control};
use elastickv_kek::Wrapped;
use elastickv_types::{ClusterId, Commitment, FullNodeId, GroupId, KeyId, LogId, LogIndex, Purpose};
use futures_util::future::BoxFuture;

use crate::capability::{Check, Facts};

/// Where a group stands, by what its leader has applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupStanding {
    pub group: GroupId,
    pub cutover: Option<LogIndex>,
    /// Raft keys under which it accepts no entry any more, and since when.
    pub floor: BTreeMap<KeyId, LogIndex>,
    pub membership: Option<LogId>,
}

/// The cluster as the control group's leader knows it, once it knows everything that its predecessors left.
#[derive(Clone, Debug)]
pub struct Standing {
    pub me: FullNodeId,
    pub cluster: ClusterId,
    pub control: Arc<Control>,
    pub applied: LogIndex,
    /// Of the control group; every node is a member of it.
    pub membership: Membership,
    pub membership_id: Option<LogId>,
    /// It is not committed, or has two sets of voters.
    pub changing: bool,
    /// Every node that was ever a member.
    pub admitted: BTreeSet<FullNodeId>,
    pub groups: Vec<GroupStanding>,
}

/// The groups of the cluster.
pub trait Cluster: Send + Sync + std::fmt::Debug + 'static {
    /// Where everything stands, when this node leads the control group, a majority answers, and it has applied an
    /// entry of its own term.
    fn standing(&self) -> BoxFuture<'_, Result<Standing, ProposeError>>;

    /// Proposes to the control group and returns once the entry is applied here.
    fn propose(&self, command: Command) -> BoxFuture<'_, Result<ProposalAnswer, ProposeError>>;

    /// Proposes to one group what each decides for itself. Behind a marker its leader seals everything.
    fn propose_to(
        &self,
        group: GroupId,
        command: Command,
    ) -> BoxFuture<'_, Result<ProposalAnswer, ProposeError>>;
}

/// Whoever counts what happens.
pub trait Watcher: Send + Sync + std::fmt::Debug + 'static {
    /// A gate was refused for this, once for each check that somebody failed.
    fn gate_refused(&self, check: Check);
}

/// A wrapped key that is sent along to be unwrapped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProbeKey {
    pub key: KeyId,
    pub purpose: Purpose,
    pub commitment: Commitment,
    pub wrapped: Wrapped,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    pub probe: Option<ProbeKey>,
}

/// Why a member told nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Silence(pub String);

/// The members, this node itself among them.
pub trait Fleet: Send + Sync + std::fmt::Debug + 'static {
    fn ask<'a>(&'a self, member: &'a Member, question: &'a Question)
    -> BoxFuture<'a, Result<Facts, Silence>>;
}
