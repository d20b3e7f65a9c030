//! `RaftAdmin`: status and membership. Changes are made by the leader; another node says who that is.

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{ChangeError, GroupStatus, LeaderState, Member, PeerError, ReadError, Role};
use elastickv_fsm::{GroupState, OperationKind, Rejection};
use elastickv_lifecycle::{AdmitError, Operations};
use elastickv_proto::raft_admin_server::RaftAdmin;
use elastickv_proto::*;
use elastickv_txn::ReadFailure;
use elastickv_types::{LogId, LogIndex, NodeName, PeerAddress, StoreId};
use futures_util::future::join_all;
use tokio::time::Instant;
use tonic::{Code, Request, Response, Status};

use super::status::Refusal;
use crate::identity::Beginning;
use crate::node::Node;

/// A learner this far behind the leader would not help a majority along.
const PROMOTION_LAG: u64 = 10_000;
const CATCH_UP: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);
/// A leader that has yet to apply the membership it decides on gets this long.
const SETTLE: Duration = Duration::from_secs(2);

type Changed = Response<RaftAdminConfigurationChangeResponse>;

#[derive(Debug)]
pub struct RaftAdminService {
    pub node: Arc<Node>,
    pub operations: Arc<Operations>,
}

fn index(id: Option<LogId>) -> u64 {
    id.map_or(0, |id| id.index.get())
}

fn expected(previous_index: u64) -> Option<LogIndex> {
    (previous_index != 0).then(|| LogIndex::new(previous_index))
}

fn state(role: Role) -> RaftAdminState {
    match role {
        Role::Leader => RaftAdminState::Leader,
        Role::Candidate => RaftAdminState::Candidate,
        Role::Follower | Role::Learner => RaftAdminState::Follower,
        Role::Stopped => RaftAdminState::Shutdown,
    }
}

fn known_group(node: &Node, raw: u64) -> Result<(), Refusal> {
    let known = node.group_named(raw).map(|_| ());
    known.ok_or_else(|| {
        Refusal::bad_request("UnknownGroup", format!("there is no group {raw}")).with("value", raw)
    })
}

/// A node that says who it is, and that it belongs elsewhere, will say so again; one that was not heard, or
/// is still starting, may be asked again.
fn not_invited(member: &Member, error: &PeerError) -> Refusal {
    let refused = |reason: &str| !reason.starts_with("NotReady");
    if matches!(error, PeerError::Refused { reason, .. } if refused(reason)) {
        let text = format!("{} does not take the invitation: {error}", member.name);
        return Refusal::new(Code::FailedPrecondition, "InvitationRefused", text)
            .with("member", &member.name);
    }
    Refusal::new(Code::Unavailable, "Unreachable", error)
        .with("member", &member.name)
        .with("address", &member.address)
}

/// From which index on users' data is sealed in a group, in its rows and, where that is so, in its entries.
fn sealed_since(state: &GroupState) -> Option<LogIndex> {
    let rows = state.control.as_deref().and_then(|control| control.stage.storage());
    rows.max(state.raft.cutover)
}

impl RaftAdminService {
    fn name(text: &str) -> Result<NodeName, Refusal> {
        text.parse().map_err(|error| Refusal::bad_request("BadNodeName", error))
    }

    /// Refuses unless this node leads and a majority answers it.
    fn leads(&self) -> Result<GroupStatus, Refusal> {
        let status = self.node.group().status();
        if status.role != Role::Leader {
            return Err(Refusal::not_leader(&self.node, status.leader));
        }
        if !status.has_quorum {
            return Err(Refusal::new(
                Code::Unavailable,
                "NoQuorum",
                "no majority of the group's voters answers",
            ));
        }
        Ok(status)
    }

    fn changed(index: LogIndex) -> Changed {
        Response::new(RaftAdminConfigurationChangeResponse { index: index.get(), unchanged: false })
    }

    fn unchanged(status: &GroupStatus) -> Changed {
        let index = index(status.membership_id);
        Response::new(RaftAdminConfigurationChangeResponse { index, unchanged: true })
    }

    /// Refuses what the change itself would refuse later on. An invitation can not be taken back, so nobody
    /// hears of a change that has no prospect.
    fn has_prospect(&self, status: &GroupStatus, previous_index: u64) -> Result<(), Refusal> {
        self.no_cutover()?;
        Self::fits(status, previous_index).map_err(|error| Refusal::change(&self.node, error))
    }

    /// While a group's log is cut over, everybody who was asked is everybody there is.
    fn no_cutover(&self) -> Result<(), Refusal> {
        let state = self.node.group().applied().state;
        let running = state.control.as_deref().and_then(|control| control.running.as_ref());
        match running.filter(|running| running.kind == OperationKind::EnableRaft) {
            None => Ok(()),
            Some(running) => Err(Refusal::rejected(&Rejection::OperationRunning {
                running: running.origin.operation,
                kind: running.kind,
                begun: running.begun,
            })),
        }
    }

    fn fits(status: &GroupStatus, previous_index: u64) -> Result<(), ChangeError> {
        let found = LogIndex::new(index(status.membership_id));
        match expected(previous_index) {
            Some(expected) if expected != found => Err(ChangeError::Conflict { expected, found }),
            _ if status.membership_pending => Err(ChangeError::InProgress),
            _ => Ok(()),
        }
    }

    /// Waits until the names that were used up before the membership in effect are known here: they are
    /// applied state, and a new leader's may lag behind the log that names the members.
    async fn knows_used_names(&self, status: &GroupStatus) -> Result<(), Refusal> {
        let group = self.node.group();
        let stopped = |text| Refusal::read(&self.node, ReadFailure::Read(ReadError::Stopped(text)));
        if let Some(in_effect) = status.membership_id {
            match tokio::time::timeout(SETTLE, group.wait_applied(in_effect.index)).await {
                Ok(applied) => applied.map_err(|error| stopped(error.to_string()))?,
                Err(_) => {
                    let text = "this leader has yet to apply the membership in effect";
                    return Err(Refusal::new(Code::Aborted, "ChangeInProgress", text));
                }
            }
        }
        match group.settled_leader().await {
            LeaderState::Settled(_) => Ok(()),
            LeaderState::NoQuorum => Err(Refusal::change(&self.node, ChangeError::NoQuorum)),
            LeaderState::Elsewhere(leader) => Err(Refusal::not_leader(&self.node, leader)),
            LeaderState::Stopped(text) => Err(stopped(text)),
        }
    }

    /// Finds out who is at an address, and makes sure that it may become a member under this name.
    async fn candidate(
        &self,
        name: NodeName,
        address: PeerAddress,
        status: &GroupStatus,
    ) -> Result<Member, Refusal> {
        let short = name.full_id().short();
        if self.node.group().was_removed(name.full_id()) {
            let text = format!("{name} was a member and was removed; its name is not admitted again");
            return Err(Refusal::new(Code::FailedPrecondition, "NodeNameUsed", text).with("member", name));
        }
        let twin = status.membership.members.values().find(|m| m.name != name && m.id().short() == short);
        if let Some(twin) = twin {
            let text = format!("{name} has the same short id as {}; choose another name", twin.name);
            return Err(
                Refusal::new(Code::FailedPrecondition, "NodeIdCollision", text).with("member", &twin.name)
            );
        }
        let found = self.node.peers.identify(&name, &address).await.map_err(|error| {
            Refusal::new(Code::Unavailable, "Unreachable", error)
                .with("member", &name)
                .with("address", &address)
        })?;
        if found.node_name != name.as_str() {
            let text = format!("the node at {address} is {}, not {name}", found.node_name);
            return Err(
                Refusal::new(Code::FailedPrecondition, "WrongNode", text).with("found", found.node_name)
            );
        }
        let store_id = StoreId::from_slice(&found.store_id)
            .ok_or_else(|| Refusal::new(Code::FailedPrecondition, "WrongNode", "it has no store id"))?;
        if !found.encryption_enabled && self.has_keys() {
            let text = format!("{name} was started without encryption, and this cluster has keys");
            return Err(Self::not_capable(&name, text));
        }
        Ok(Member { name, address, store_id })
    }

    /// In a cluster that is sealed, a newcomer begins with a snapshot that has its registration: entries from before
    /// that it could neither seal nor may it store as they are. So nobody who may lead keeps older ones.
    async fn start_newcomers_from_now(&self, status: &GroupStatus) -> Result<(), Refusal> {
        let group = self.node.group();
        let state = group.applied().state;
        #[cfg(feature = "testing")]
        if self.node.config.without == Some(crate::config::Without::SnapshotForNewcomers) {
            return Ok(());
        }
        if sealed_since(&state).is_none() {
            return Ok(());
        }
        let taken = group.take_snapshot().await.map_err(Refusal::snapshot)?;
        group.purge(taken.last, 0).await.map_err(Refusal::snapshot)?;
        let others = status.membership.members.values();
        let others = others.filter(|member| {
            member.name != self.node.config.node_name && status.membership.is_voter(member.id())
        });
        join_all(others.map(|member| self.ask_for_snapshot(member))).await;
        Ok(())
    }

    /// Whoever does not answer does not hold up the others; as a leader it would send its own snapshot later.
    async fn ask_for_snapshot(&self, member: &Member) {
        let asked = self.node.peers.snapshot_now(member, self.node.group().group(), CATCH_UP).await;
        if let Err(error) = asked {
            tracing::warn!(member = %member.name, %error, "a member keeps its log from before the newcomer");
        }
    }

    fn has_keys(&self) -> bool {
        let state = self.node.group().applied().state;
        state.control.is_some_and(|control| control.stage.bootstrap().is_some())
    }

    fn not_capable(name: &NodeName, text: String) -> Refusal {
        Refusal::new(Code::FailedPrecondition, "PeerNotEncryptionCapable", text).with("member", name)
    }

    /// In a cluster with keys, makes sure that a node can take part and is registered before it does.
    async fn admit(&self, member: &Member) -> Result<(), Refusal> {
        let name = &member.name;
        self.operations.admit(member).await.map_err(|error| match error {
            AdmitError::Away(error) => Refusal::proposal(&self.node, error),
            AdmitError::Key(trouble) => Refusal::new(Code::Unavailable, trouble.name(), trouble),
            AdmitError::NotCapable(_) => {
                Self::not_capable(name, format!("{name} can not take part in a cluster with keys: {error}"))
            }
            AdmitError::NotRegistered(_) | AdmitError::NoEpoch(_) => {
                let text = format!("{name} is not let in as a writer: {error}");
                Refusal::new(Code::FailedPrecondition, "PeerNotEncryptionRegistered", text)
                    .with("member", name)
            }
        })
    }

    async fn invite(&self, member: &Member) -> Result<(), Refusal> {
        let cluster = self.node.identity.cluster().ok_or_else(|| {
            Refusal::new(Code::Unavailable, "NotReady", "this node belongs to no cluster yet")
        })?;
        let group = self.node.group();
        let sealed = sealed_since(&group.applied().state);
        let beginning: Beginning = sealed.map(|least| (group.group(), least)).into_iter().collect();
        let invited = self.node.peers.invite(member, &cluster, &beginning).await;
        invited.map_err(|error| not_invited(member, &error))
    }

    async fn add(&self, id: &str, address: &str, previous_index: u64) -> Result<Changed, Refusal> {
        let status = self.leads()?;
        let name = Self::name(id)?;
        let address: PeerAddress =
            address.parse().map_err(|error| Refusal::bad_request("BadAddress", error))?;
        if let Some(known) = status.membership.by_name(&name) {
            if known.address == address {
                return Ok(Self::unchanged(&status));
            }
            let text = format!("{name} is a member already, at {}", known.address);
            return Err(Refusal::new(Code::FailedPrecondition, "AlreadyAMember", text)
                .with("member", name)
                .with("address", &known.address));
        }
        self.has_prospect(&status, previous_index)?;
        self.knows_used_names(&status).await?;
        let member = self.candidate(name, address, &status).await?;
        self.invite(&member).await?;
        self.admit(&member).await?;
        self.start_newcomers_from_now(&status).await?;
        // It may have been sealed meanwhile.
        self.invite(&member).await?;
        let changed = self.node.group().add_learner(member, expected(previous_index)).await;
        changed.map(Self::changed).map_err(|error| Refusal::change(&self.node, error))
    }

    fn matched(&self, name: &NodeName) -> Option<u64> {
        let status = self.node.group().status();
        let progress = status.progress.iter().find(|progress| progress.id == name.full_id())?;
        Some(progress.matched?.get())
    }

    fn check_caught_up(&self, name: &NodeName, status: &GroupStatus, least: u64) -> Result<(), Refusal> {
        let needed = least.max(index(status.committed).saturating_sub(PROMOTION_LAG));
        let matched = self.matched(name).unwrap_or(0);
        if matched >= needed {
            return Ok(());
        }
        let text = format!("{name} has the log up to {matched} and would need {needed}");
        Err(Refusal::new(Code::FailedPrecondition, "LaggingLearner", text)
            .with("member", name)
            .with("matched", matched)
            .with("needed", needed))
    }

    async fn promote(&self, name: &NodeName, previous_index: u64) -> Result<Changed, Refusal> {
        self.no_cutover()?;
        if let Some(member) = self.node.group().member(name.full_id()) {
            self.admit(&member).await?;
        }
        let promoted = self.node.group().promote(name.full_id(), expected(previous_index)).await;
        promoted.map(Self::changed).map_err(|error| Refusal::change(&self.node, error))
    }

    fn unknown(name: &NodeName) -> Refusal {
        Refusal::new(Code::NotFound, "UnknownMember", format!("{name} is not a member")).with("member", name)
    }
}

impl Refusal {
    pub fn not_leader(node: &Node, leader: Option<elastickv_types::FullNodeId>) -> Self {
        Self::write(node, elastickv_txn::WriteError::NotLeader { leader })
    }
}

#[tonic::async_trait]
impl RaftAdmin for RaftAdminService {
    async fn status(
        &self,
        request: Request<RaftAdminStatusRequest>,
    ) -> Result<Response<RaftAdminStatusResponse>, Status> {
        known_group(&self.node, request.into_inner().group_id)?;
        let status = self.node.group().status();
        let leader = status.leader.and_then(|id| status.membership.members.get(&id));
        let contacts = status.progress.iter().filter_map(|progress| progress.last_contact);
        let last_contact = contacts.min().map_or(0, |age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX));
        Ok(Response::new(RaftAdminStatusResponse {
            state: state(status.role).into(),
            leader_id: leader.map(|member| member.name.to_string()).unwrap_or_default(),
            leader_address: leader.map(|member| member.address.to_string()).unwrap_or_default(),
            term: status.term.get(),
            commit_index: index(status.committed),
            applied_index: index(status.applied),
            last_log_index: index(status.last_log),
            last_snapshot_index: index(status.snapshot),
            fsm_pending: index(status.committed).saturating_sub(index(status.applied)),
            num_peers: status.membership.members.len().saturating_sub(1) as u64,
            last_contact_nanos: last_contact,
            configuration_index: index(status.membership_id),
            pending_conf_change: status.membership_pending,
            has_quorum: status.has_quorum,
        }))
    }

    async fn configuration(
        &self,
        request: Request<RaftAdminConfigurationRequest>,
    ) -> Result<Response<RaftAdminConfigurationResponse>, Status> {
        known_group(&self.node, request.into_inner().group_id)?;
        let status = self.node.group().status();
        let member = |member: &Member| RaftAdminMember {
            id: member.name.to_string(),
            address: member.address.to_string(),
            suffrage: if status.membership.is_voter(member.id()) { "voter" } else { "learner" }.to_owned(),
            store_id: bytes::Bytes::copy_from_slice(member.store_id.as_bytes()),
        };
        Ok(Response::new(RaftAdminConfigurationResponse {
            members: status.membership.members.values().map(member).collect(),
            configuration_index: index(status.membership_id),
        }))
    }

    async fn add_voter(&self, request: Request<RaftAdminAddVoterRequest>) -> Result<Changed, Status> {
        let request = request.into_inner();
        let name = Self::name(&request.id)?;
        let status = self.leads()?;
        if status.membership.is_voter(name.full_id()) {
            return Ok(Self::unchanged(&status));
        }
        self.add(&request.id, &request.address, request.previous_index).await?;
        let deadline = Instant::now() + CATCH_UP;
        loop {
            match self.check_caught_up(&name, &self.leads()?, 0) {
                Ok(()) => break,
                Err(refusal) if Instant::now() >= deadline => return Err(refusal.into()),
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
        Ok(self.promote(&name, 0).await?)
    }

    async fn add_learner(&self, request: Request<RaftAdminAddLearnerRequest>) -> Result<Changed, Status> {
        let request = request.into_inner();
        Ok(self.add(&request.id, &request.address, request.previous_index).await?)
    }

    async fn promote_learner(
        &self,
        request: Request<RaftAdminPromoteLearnerRequest>,
    ) -> Result<Changed, Status> {
        let request = request.into_inner();
        let status = self.leads()?;
        let name = Self::name(&request.id)?;
        if status.membership.by_name(&name).is_none() {
            return Err(Self::unknown(&name).into());
        }
        if status.membership.is_voter(name.full_id()) && !status.membership_pending {
            return Ok(Self::unchanged(&status));
        }
        if !request.skip_min_applied_check {
            self.check_caught_up(&name, &status, request.min_applied_index)?;
        }
        Ok(self.promote(&name, request.previous_index).await?)
    }

    async fn remove_server(&self, request: Request<RaftAdminRemoveServerRequest>) -> Result<Changed, Status> {
        let request = request.into_inner();
        let status = self.leads()?;
        let name = Self::name(&request.id)?;
        if status.membership.by_name(&name).is_none() {
            if self.node.group().was_removed(name.full_id()) {
                return Ok(Self::unchanged(&status));
            }
            return Err(Self::unknown(&name).into());
        }
        self.no_cutover()?;
        let removed = self.node.group().remove(name.full_id(), expected(request.previous_index)).await;
        Ok(removed.map(Self::changed).map_err(|error| Refusal::change(&self.node, error))?)
    }

    async fn transfer_leadership(
        &self,
        request: Request<RaftAdminTransferLeadershipRequest>,
    ) -> Result<Response<RaftAdminTransferLeadershipResponse>, Status> {
        let request = request.into_inner();
        let status = self.leads()?;
        let named = std::iter::once(request.target_id.as_str())
            .chain(request.target_candidates.iter().map(|target| target.target_id.as_str()))
            .find(|id| !id.is_empty());
        let refuse = |error| Refusal::transfer(&self.node, error);
        let leader = match named {
            None => self.node.group().transfer_away().await.map_err(refuse)?,
            Some(id) => {
                let name = Self::name(id)?;
                if status.membership.by_name(&name).is_none() {
                    return Err(Self::unknown(&name).into());
                }
                if request.gated {
                    let least = index(status.committed).saturating_sub(request.max_lag);
                    self.check_caught_up(&name, &status, least)?;
                }
                if name != self.node.config.node_name {
                    self.node.group().transfer_to(name.full_id()).await.map_err(refuse)?;
                }
                name.full_id()
            }
        };
        let name = status.membership.members.get(&leader).map(|member| member.name.to_string());
        Ok(Response::new(RaftAdminTransferLeadershipResponse { leader_id: name.unwrap_or_default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_not_heard_may_be_invited_again_and_who_said_no_may_not() {
        let member = Member {
            name: "n4".parse().unwrap(),
            address: "127.0.0.1:50054".parse().unwrap(),
            store_id: StoreId::from_bytes([1; 16]),
        };
        let told = |error: PeerError| {
            let refusal = not_invited(&member, &error);
            (refusal.code, refusal.reason)
        };
        let refused = |reason: &str| PeerError::Refused { member: "n4".into(), reason: reason.into() };
        let (to, address) = ("n4".to_owned(), "127.0.0.1:50054".to_owned());
        let lost = PeerError::Unreachable { member: to.clone(), address, reason: "canceled".into() };
        let late = PeerError::Timeout { member: to, after: Duration::from_secs(1) };
        for passing in [lost, late, refused("NotReady: it is still starting")] {
            assert_eq!(told(passing), (Code::Unavailable, "Unreachable".into()));
        }
        let elsewhere = refused("ForeignCluster: it belongs to another cluster");
        assert_eq!(told(elsewhere), (Code::FailedPrecondition, "InvitationRefused".into()));
    }
}
