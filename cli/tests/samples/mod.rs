//! Clusters in known states, as the members would describe them.

use std::collections::BTreeMap;
use std::time::Duration;

use elastickv_admin::client::survey::GroupRole;
use elastickv_admin::client::{Failure, GroupFacts, MembershipEntry, NodeFacts, Reply, Survey};
use elastickv_admin::model::{BuildView, Decimal, DiskView, LogView, ReasonView};
use elastickv_types::PeerAddress;

/// 2026-11-01T08:14:03.007Z.
pub const NOW: u64 = 1_793_520_843_007;

const CLUSTER: &str = "c7e1f0aa-3c52-4f1e-9d0b-6a1f2e3d4c5b";

fn address(number: u8) -> String {
    format!("10.0.0.1{number}:50051")
}

fn store(number: u8) -> String {
    format!("00000000-0000-4000-8000-00000000000{number}")
}

fn entry(number: u8, voter: bool) -> MembershipEntry {
    MembershipEntry {
        name: format!("n{number}"),
        address: address(number),
        store_id: store(number),
        voter,
        matched: None,
        last_contact_ms: None,
    }
}

fn disk(free: u64) -> DiskView {
    DiskView {
        used_bytes: Decimal(41 << 30),
        free_bytes: Decimal(free),
        total_bytes: Decimal(500 << 30),
        reserve_bytes: Decimal(256 << 20),
        full: free < 256 << 20,
    }
}

fn group(role: GroupRole, leader: &str, applied: u64, members: &[MembershipEntry]) -> GroupFacts {
    GroupFacts {
        group: 1,
        role,
        leader: leader.to_owned(),
        term: 4,
        committed: 184_302,
        applied,
        last_log: 184_302,
        first_log: 180_001,
        snapshot: 180_000,
        has_quorum: role == GroupRole::Leader,
        membership_index: 17,
        membership_pending: false,
        members: members.to_vec(),
        log_fsyncs: 2_211,
        log_bytes: 12 << 20,
        last_commit_ts: 117_540_181_968_000_000,
        fault: String::new(),
    }
}

fn node(number: u8, role: GroupRole, leader: &str, applied: u64, members: &[MembershipEntry]) -> NodeFacts {
    NodeFacts {
        name: format!("n{number}"),
        store_id: store(number),
        cluster_id: CLUSTER.to_owned(),
        cluster_name: "prod-tokyo".to_owned(),
        address: address(number),
        build: BuildView {
            version: "0.1.0".to_owned(),
            sha: "9f2c1e0b77aa".to_owned(),
            formats: BTreeMap::from([("log".to_owned(), 1), ("snapshot".to_owned(), 1)]),
        },
        ready: true,
        reasons: Vec::new(),
        draining: false,
        uptime_ms: 5_400_000,
        disk: Some(disk(420 << 30)),
        unix_ms: NOW,
        certificate_ends_ms: None,
        log: LogView { level: "info".to_owned(), configured: "info".to_owned(), until: None },
        groups: vec![group(role, leader, applied, members)],
    }
}

fn reply(number: u8, given: bool, took_ms: u64, answer: Option<NodeFacts>) -> Reply {
    let address: PeerAddress = address(number).parse().unwrap();
    let took = Duration::from_millis(took_ms);
    let answer = answer.ok_or_else(|| Failure::TimedOut { address: address.clone(), after: took });
    Reply { address, given, took, received_ms: NOW, answer }
}

/// Three voters, all well.
pub fn healthy() -> Survey {
    let members = [entry(1, true), entry(2, true), entry(3, true)];
    let mut told = members.clone();
    told[0].matched = Some(184_302);
    told[0].last_contact_ms = Some(40);
    told[2].matched = Some(184_300);
    told[2].last_contact_ms = Some(90);
    Survey::of(vec![
        reply(1, true, 2, Some(node(1, GroupRole::Follower, "n2", 184_302, &members))),
        reply(2, false, 1, Some(node(2, GroupRole::Leader, "n2", 184_302, &told))),
        reply(3, false, 3, Some(node(3, GroupRole::Follower, "n2", 184_299, &members))),
    ])
}

/// A silent voter, a learner far behind with another build, a drained voter with little disk left.
pub fn troubled() -> Survey {
    let members = [entry(1, true), entry(2, true), entry(3, true), entry(4, false), entry(5, true)];
    let mut told = members.clone();
    told[2].last_contact_ms = Some(372_000);
    told[2].matched = Some(150_000);
    told[4].last_contact_ms = Some(120);
    let mut learner = node(4, GroupRole::Learner, "n2", 100_000, &members);
    learner.build.sha = "71ab03ffffff".to_owned();
    learner.ready = false;
    learner.reasons =
        vec![ReasonView { name: "CatchingUp".to_owned(), message: "84302 entries to go".to_owned() }];
    let mut drained = node(5, GroupRole::Follower, "n2", 184_302, &members);
    drained.draining = true;
    drained.ready = false;
    drained.disk = Some(disk(300 << 20));
    Survey::of(vec![
        reply(1, true, 2, Some(node(1, GroupRole::Follower, "n2", 184_302, &members))),
        reply(2, false, 1, Some(node(2, GroupRole::Leader, "n2", 184_302, &told))),
        reply(3, false, 2_000, None),
        reply(4, false, 14, Some(learner)),
        reply(5, false, 4, Some(drained)),
    ])
}

/// One of three voters is left.
pub fn without_quorum() -> Survey {
    let members = [entry(1, true), entry(2, true), entry(3, true)];
    let mut last = node(1, GroupRole::Candidate, "", 184_302, &members);
    last.ready = false;
    last.reasons = vec![ReasonView { name: "NoQuorum".to_owned(), message: String::new() }];
    Survey::of(vec![
        reply(1, true, 2, Some(last)),
        reply(2, false, 2_000, None),
        reply(3, false, 2_000, None),
    ])
}
