//! The groups of the cluster, as operations see them.

use std::sync::Arc;

use elastickv_consensus::{GroupHandle, LeaderState, ProposalAnswer, ProposeError};
use elastickv_fsm::Command;
use elastickv_lifecycle::{Cluster, GroupStanding, Standing};
use elastickv_types::{GroupId, LogIndex};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::node::Node;

#[derive(Debug)]
pub struct Groups {
    pub node: Arc<Node>,
}

impl Groups {
    async fn stand(&self) -> Result<Standing, ProposeError> {
        let group = self.node.group();
        match group.settled_leader().await {
            LeaderState::Settled(_) if group.has_quorum() => {}
            LeaderState::Settled(_) | LeaderState::NoQuorum => return Err(ProposeError::NoQuorum),
            LeaderState::Elsewhere(leader) => return Err(ProposeError::NotLeader { leader }),
            LeaderState::Stopped(text) => return Err(ProposeError::Stopped(text)),
        }
        let (status, applied) = (group.status(), group.applied());
        // It leads a group, so it belongs to a cluster.
        let cluster = self.node.identity.cluster().ok_or(ProposeError::NoQuorum)?;
        let raft = applied.state.raft.clone();
        Ok(Standing {
            me: self.node.me(),
            cluster: cluster.id,
            control: applied.state.control.clone().unwrap_or_default(),
            applied: applied.last.map_or(LogIndex::default(), |id| id.index),
            membership_id: applied.state.membership,
            changing: status.membership_pending || status.membership_id != applied.state.membership,
            membership: status.membership,
            admitted: group.admitted(),
            groups: vec![GroupStanding {
                group: group.group(),
                cutover: raft.cutover,
                floor: raft.floor.clone(),
                membership: applied.state.membership,
            }],
        })
    }
}

async fn propose(group: &GroupHandle, command: &Command) -> Result<ProposalAnswer, ProposeError> {
    let term = match group.settled_leader().await {
        LeaderState::Settled(term) => term,
        LeaderState::NoQuorum => return Err(ProposeError::NoQuorum),
        LeaderState::Elsewhere(leader) => return Err(ProposeError::NotLeader { leader }),
        LeaderState::Stopped(text) => return Err(ProposeError::Stopped(text)),
    };
    let (answer, answered) = oneshot::channel();
    let done = move |result| drop(answer.send(result));
    group.propose(term, command, Box::new(done)).await;
    // It is dropped without an answer where the group stops.
    answered.await.unwrap_or(Err(ProposeError::OutcomeUnknown))
}

impl Cluster for Groups {
    fn standing(&self) -> BoxFuture<'_, Result<Standing, ProposeError>> {
        Box::pin(self.stand())
    }

    fn propose(&self, command: Command) -> BoxFuture<'_, Result<ProposalAnswer, ProposeError>> {
        Box::pin(async move { propose(self.node.group(), &command).await })
    }

    fn propose_to(
        &self,
        group: GroupId,
        command: Command,
    ) -> BoxFuture<'_, Result<ProposalAnswer, ProposeError>> {
        Box::pin(async move {
            let Some(group) = self.node.group_named(group.get()) else { return Err(ProposeError::NoQuorum) };
            propose(group, &command).await
        })
    }
}
