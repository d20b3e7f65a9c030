//! `Admin`: the cluster as this node sees it.

use std::sync::Arc;

use elastickv_consensus::Member;
use elastickv_proto::admin_server::Admin;
use elastickv_proto::{
    GetClusterOverviewRequest, GetClusterOverviewResponse, GetRaftGroupsRequest, GetRaftGroupsResponse,
    GroupLeader, NodeIdentity, RaftGroupState,
};
use tonic::{Request, Response, Status};

use crate::node::Node;

#[derive(Debug)]
pub struct AdminService {
    pub node: Arc<Node>,
}

fn identity(member: &Member) -> NodeIdentity {
    NodeIdentity { node_id: member.name.to_string(), grpc_address: member.address.to_string() }
}

#[tonic::async_trait]
impl Admin for AdminService {
    async fn get_cluster_overview(
        &self,
        _request: Request<GetClusterOverviewRequest>,
    ) -> Result<Response<GetClusterOverviewResponse>, Status> {
        let status = self.node.group().status();
        let leader = status.leader.and_then(|id| status.membership.members.get(&id));
        let group_leaders = leader.map(|member| GroupLeader {
            raft_group_id: self.node.group().group().get(),
            leader_node_id: member.name.to_string(),
            leader_term: status.term.get(),
        });
        let own = NodeIdentity {
            node_id: self.node.config.node_name.to_string(),
            grpc_address: self.node.config.advertise.to_string(),
        };
        Ok(Response::new(GetClusterOverviewResponse {
            self_: Some(own),
            members: status.membership.members.values().map(identity).collect(),
            group_leaders: group_leaders.into_iter().collect(),
            aggregate_qps: 0,
            capabilities: [("stale_reads".to_owned(), true)].into(),
        }))
    }

    async fn get_raft_groups(
        &self,
        _request: Request<GetRaftGroupsRequest>,
    ) -> Result<Response<GetRaftGroupsResponse>, Status> {
        let status = self.node.group().status();
        let leader = status.leader.and_then(|id| status.membership.members.get(&id));
        let index = |id: Option<elastickv_types::LogId>| id.map_or(0, |id| id.index.get());
        let contact = status.progress.iter().filter_map(|progress| progress.last_contact).min();
        let contact_ms = contact.map_or(0, |age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let now = self.node.clock.unix_ms();
        let group = RaftGroupState {
            raft_group_id: self.node.group().group().get(),
            leader_node_id: leader.map(|member| member.name.to_string()).unwrap_or_default(),
            leader_term: status.term.get(),
            commit_index: index(status.committed),
            applied_index: index(status.applied),
            last_contact_unix_ms: i64::try_from(now.saturating_sub(contact_ms)).unwrap_or(i64::MAX),
        };
        Ok(Response::new(GetRaftGroupsResponse { groups: vec![group] }))
    }
}
