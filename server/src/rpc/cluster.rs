//! `elastickv.v1.Cluster`: what the operator's tools ask of one node.

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{GroupStatus, Member, Role};
use elastickv_proto::v1;
use elastickv_proto::v1::cluster_server::Cluster;
use elastickv_txn::DigestAt;
use elastickv_types::{LogId, LogIndex, Timestamp};
use tonic::{Request, Response, Status};

use super::status::Refusal;
use crate::build;
use crate::logging::Logs;
use crate::node::Node;

#[derive(Debug)]
pub struct ClusterService {
    pub node: Arc<Node>,
    pub logs: Arc<Logs>,
}

fn index(id: Option<LogId>) -> u64 {
    id.map_or(0, |id| id.index.get())
}

fn role(role: Role) -> v1::Role {
    match role {
        Role::Leader => v1::Role::Leader,
        Role::Candidate => v1::Role::Candidate,
        Role::Follower => v1::Role::Follower,
        Role::Learner => v1::Role::Learner,
        Role::Stopped => v1::Role::Stopped,
    }
}

pub fn member(status: &GroupStatus, member: &Member) -> v1::Member {
    let progress = status.progress.iter().find(|progress| progress.id == member.id());
    let contact = progress.and_then(|progress| progress.last_contact);
    v1::Member {
        name: member.name.to_string(),
        address: member.address.to_string(),
        store_id: bytes::Bytes::copy_from_slice(member.store_id.as_bytes()),
        voter: status.membership.is_voter(member.id()),
        matched_index: progress.and_then(|progress| progress.matched).map(LogIndex::get),
        last_contact_ms: contact.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
    }
}

impl ClusterService {
    fn group(&self) -> v1::Group {
        let status = self.node.group().status();
        let leader = status.leader.and_then(|id| status.membership.members.get(&id));
        v1::Group {
            group_id: self.node.group().group().get(),
            role: role(status.role).into(),
            leader: leader.map(|member| member.name.to_string()).unwrap_or_default(),
            term: status.term.get(),
            committed_index: index(status.committed),
            applied_index: index(status.applied),
            last_log_index: index(status.last_log),
            first_log_index: status.first_log_index.get(),
            snapshot_index: index(status.snapshot),
            has_quorum: status.has_quorum,
            membership_index: index(status.membership_id),
            membership_pending: status.membership_pending,
            members: status.membership.members.values().map(|of| member(&status, of)).collect(),
            log_fsyncs: status.log.fsyncs,
            log_bytes: status.log.disk_bytes,
            last_commit_ts: status.last_commit_ts.get(),
            fault: status.fault.clone().unwrap_or_default(),
        }
    }

    fn known_group(&self, raw: u64) -> Result<(), Refusal> {
        let known = self.node.group_named(raw).map(|_| ());
        known.ok_or_else(|| {
            Refusal::bad_request("UnknownGroup", format!("there is no group {raw}")).with("value", raw)
        })
    }
}

async fn drain(node: Arc<Node>) -> Result<v1::DrainResponse, Refusal> {
    let unchanged = node.switches.set_draining(true);
    let group = node.group();
    group.set_draining(true);
    let mut transferred = 0;
    if group.is_leader() {
        if let Err(error) = group.transfer_away().await {
            // A node that still leads is not drained.
            group.set_draining(false);
            node.switches.set_draining(false);
            return Err(Refusal::transfer(&node, error));
        }
        transferred = 1;
    }
    Ok(v1::DrainResponse { transferred, unchanged })
}

#[tonic::async_trait]
impl Cluster for ClusterService {
    async fn describe(
        &self,
        _request: Request<v1::DescribeRequest>,
    ) -> Result<Response<v1::DescribeResponse>, Status> {
        let node = &self.node;
        let cluster = node.identity.cluster();
        let reasons = node.reasons();
        let reason = |reason: &crate::readiness::Reason| v1::Reason {
            name: reason.name.to_owned(),
            message: reason.message.clone(),
        };
        let id = cluster.as_ref().map(|cluster| bytes::Bytes::copy_from_slice(cluster.id.as_bytes()));
        Ok(Response::new(v1::DescribeResponse {
            node_name: node.config.node_name.to_string(),
            full_node_id: node.me().get(),
            store_id: bytes::Bytes::copy_from_slice(node.identity.store_id().as_bytes()),
            cluster_id: id.unwrap_or_default(),
            cluster_name: cluster.map(|cluster| cluster.name.to_string()).unwrap_or_default(),
            address: node.config.advertise.to_string(),
            build: Some(build::own()),
            ready: reasons.is_empty(),
            reasons: reasons.iter().map(reason).collect(),
            draining: node.switches.is_draining(),
            uptime_ms: u64::try_from(node.uptime().as_millis()).unwrap_or(u64::MAX),
            disk: Some(node.disk()),
            groups: vec![self.group()],
            unix_ms: node.clock.unix_ms(),
            certificate_ends_ms: node.certificate_ends_ms(),
            log: Some(self.logs.told()),
        }))
    }

    async fn digest(
        &self,
        request: Request<v1::DigestRequest>,
    ) -> Result<Response<v1::DigestResponse>, Status> {
        let request = request.into_inner();
        self.known_group(request.group_id)?;
        let at = match (request.at_index, request.at_ts) {
            (0, 0) => None,
            (index, ts) => Some(DigestAt {
                index: LogIndex::new(index),
                ts: Timestamp::from_u64(ts),
                oldest: Some(Timestamp::from_u64(request.at_oldest)).filter(|at| *at > Timestamp::ZERO),
            }),
        };
        let digested = self.node.coordinator.digest(at).await;
        let told = digested.map_err(|error| Refusal::read(&self.node, error))?;
        Ok(Response::new(v1::DigestResponse {
            index: told.index.get(),
            ts: told.ts.get(),
            digest: bytes::Bytes::copy_from_slice(&told.digest.hash),
            rows: told.digest.rows,
            keys: told.digest.keys,
            oldest: told.oldest.get(),
        }))
    }

    async fn snapshot(
        &self,
        request: Request<v1::SnapshotRequest>,
    ) -> Result<Response<v1::SnapshotResponse>, Status> {
        let request = request.into_inner();
        self.known_group(request.group_id)?;
        let group = self.node.group();
        let taken = group.take_snapshot().await.map_err(Refusal::snapshot)?;
        let first = match request.purge {
            true => group.purge(taken.last, 0).await.map_err(Refusal::snapshot)?,
            false => group.status().first_log_index,
        };
        Ok(Response::new(v1::SnapshotResponse {
            index: taken.last.index.get(),
            bytes: taken.bytes,
            first_log_index: first.get(),
        }))
    }

    async fn drain(
        &self,
        _request: Request<v1::DrainRequest>,
    ) -> Result<Response<v1::DrainResponse>, Status> {
        // In a task of its own: a caller that gives up must not leave a leader that is half drained.
        let drained = elastickv_sys::task::spawn(drain(self.node.clone())).await;
        let drained = drained.map_err(|error| Status::internal(error.to_string()))?;
        Ok(drained.map(Response::new)?)
    }

    async fn undrain(
        &self,
        _request: Request<v1::UndrainRequest>,
    ) -> Result<Response<v1::UndrainResponse>, Status> {
        let was = self.node.switches.set_draining(false);
        self.node.group().set_draining(false);
        Ok(Response::new(v1::UndrainResponse { unchanged: !was }))
    }

    async fn set_log_level(
        &self,
        request: Request<v1::SetLogLevelRequest>,
    ) -> Result<Response<v1::SetLogLevelResponse>, Status> {
        let request = request.into_inner();
        let before = self.logs.told();
        let lasting = Some(Duration::from_millis(request.for_ms)).filter(|lasting| !lasting.is_zero());
        let set = self.logs.set(&request.level, lasting);
        set.map_err(|error| Refusal::bad_request("BadLogLevel", error.to_string()))?;
        Ok(Response::new(v1::SetLogLevelResponse { before: Some(before), now: Some(self.logs.told()) }))
    }

    async fn inspect(
        &self,
        _request: Request<v1::InspectRequest>,
    ) -> Result<Response<v1::InspectResponse>, Status> {
        let metrics = self.node.metrics.render(&self.node);
        let metrics = metrics.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(v1::InspectResponse { settings: self.node.config.settings.told(), metrics }))
    }
}
