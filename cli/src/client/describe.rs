//! From the wire's description of a node to ours.

use elastickv_proto::v1;
use elastickv_types::{ClusterId, StoreId};

use super::survey::GroupRole;
use super::{GroupFacts, MembershipEntry, NodeFacts};
use crate::model::{BuildView, Decimal, DiskView, LogView, ReasonView};

impl From<v1::DescribeResponse> for NodeFacts {
    fn from(told: v1::DescribeResponse) -> Self {
        Self {
            name: told.node_name,
            store_id: store_id(&told.store_id),
            cluster_id: ClusterId::from_slice(&told.cluster_id).map(|id| id.to_string()).unwrap_or_default(),
            cluster_name: told.cluster_name,
            address: told.address,
            build: told.build.map(build).unwrap_or_default(),
            ready: told.ready,
            reasons: told.reasons.into_iter().map(reason).collect(),
            draining: told.draining,
            uptime_ms: told.uptime_ms,
            disk: told.disk.map(disk),
            unix_ms: told.unix_ms,
            certificate_ends_ms: Some(told.certificate_ends_ms).filter(|at| *at > 0),
            log: told.log.map(LogView::from).unwrap_or_default(),
            groups: told.groups.into_iter().map(group).collect(),
        }
    }
}

fn store_id(bytes: &[u8]) -> String {
    StoreId::from_slice(bytes).map(|id| id.to_string()).unwrap_or_default()
}

fn build(told: v1::Build) -> BuildView {
    BuildView { version: told.version, sha: told.sha, formats: told.formats.into_iter().collect() }
}

fn reason(told: v1::Reason) -> ReasonView {
    ReasonView { name: told.name, message: told.message }
}

fn disk(told: v1::Disk) -> DiskView {
    DiskView {
        used_bytes: Decimal(told.used_bytes),
        free_bytes: Decimal(told.free_bytes),
        total_bytes: Decimal(told.total_bytes),
        reserve_bytes: Decimal(told.reserve_bytes),
        full: told.full,
    }
}

fn group(told: v1::Group) -> GroupFacts {
    GroupFacts {
        group: told.group_id,
        role: role(told.role()),
        leader: told.leader,
        term: told.term,
        committed: told.committed_index,
        applied: told.applied_index,
        last_log: told.last_log_index,
        first_log: told.first_log_index,
        snapshot: told.snapshot_index,
        has_quorum: told.has_quorum,
        membership_index: told.membership_index,
        membership_pending: told.membership_pending,
        members: told.members.into_iter().map(member).collect(),
        log_fsyncs: told.log_fsyncs,
        log_bytes: told.log_bytes,
        last_commit_ts: told.last_commit_ts,
        fault: told.fault,
    }
}

fn role(told: v1::Role) -> GroupRole {
    match told {
        v1::Role::Unspecified => GroupRole::Unknown,
        v1::Role::Leader => GroupRole::Leader,
        v1::Role::Follower => GroupRole::Follower,
        v1::Role::Candidate => GroupRole::Candidate,
        v1::Role::Learner => GroupRole::Learner,
        v1::Role::Stopped => GroupRole::Stopped,
    }
}

fn member(told: v1::Member) -> MembershipEntry {
    MembershipEntry {
        name: told.name,
        address: told.address,
        store_id: store_id(&told.store_id),
        voter: told.voter,
        matched: told.matched_index,
        last_contact_ms: told.last_contact_ms,
    }
}
