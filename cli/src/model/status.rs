//! `cluster status`: every member at a glance.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::silence::partial;
use super::{Decimal, Millis, Report, bytes_text, utc};
use crate::client::survey::GroupRole;
use crate::client::{GroupFacts, NodeFacts, Seen, Survey};
use crate::error::{Blocker, CliError};

use crate::output::{Cell, Column, Grid, Keep, Table, Tone};

/// Behind by more than this, a member is warned about.
pub const LAGGING: u64 = 10_000;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct StatusReport {
    pub cluster_name: String,
    pub taken_at: String,
    /// Null when no member that answers leads.
    pub leader: Option<String>,
    pub term: Option<Decimal>,
    /// A leader answers and hears from a majority.
    pub has_quorum: bool,
    pub voters: usize,
    pub voters_answering: usize,
    pub membership_index: Decimal,
    pub membership_pending: bool,
    pub members: Vec<MemberView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MemberView {
    pub name: String,
    pub address: String,
    pub store_id: String,
    /// "voter" or "learner".
    pub part: &'static str,
    /// "leader", "follower", "candidate", "learner", "stopped"; null without an answer.
    pub role: Option<&'static str>,
    pub answered: bool,
    pub answered_after_ms: Option<Millis>,
    /// Why there is no answer.
    pub error: Option<String>,
    pub ready: Option<bool>,
    pub reasons: Vec<ReasonView>,
    pub draining: Option<bool>,
    pub build: Option<BuildView>,
    pub uptime_ms: Option<Millis>,
    pub disk: Option<DiskView>,
    /// By the leader: how far this member's log is known to match.
    pub matched_index: Option<Decimal>,
    /// By the leader: since this member last answered it.
    pub last_contact_ms: Option<Millis>,
    pub groups: Vec<GroupView>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ReasonView {
    pub name: String,
    pub message: String,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct BuildView {
    pub version: String,
    pub sha: String,
    pub formats: BTreeMap<String, u32>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DiskView {
    pub used_bytes: Decimal,
    pub free_bytes: Decimal,
    pub total_bytes: Decimal,
    pub reserve_bytes: Decimal,
    pub full: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct GroupView {
    pub group_id: Decimal,
    pub role: &'static str,
    pub leader: Option<String>,
    pub term: Decimal,
    pub has_quorum: bool,
    pub committed_index: Decimal,
    pub applied_index: Decimal,
    /// Behind the leader's committed index; null when that is not known.
    pub lag: Option<Decimal>,
    pub first_log_index: Decimal,
    pub last_log_index: Decimal,
    pub log_bytes: Decimal,
    pub log_fsyncs: Decimal,
    pub snapshot_index: Option<Decimal>,
    pub last_commit_ts: Decimal,
    pub fault: Option<String>,
}

impl StatusReport {
    pub fn of(survey: &Survey, unix_ms: u64) -> Self {
        let leader = survey.leader();
        Self {
            cluster_name: survey.cluster_name.clone(),
            taken_at: utc(unix_ms),
            leader: leader.map(|seen| seen.entry.name.clone()),
            term: leader.and_then(Seen::control).map(|control| Decimal(control.term)),
            has_quorum: survey.working_leader().is_some(),
            voters: survey.voters(),
            voters_answering: survey.voters_answering(),
            membership_index: Decimal(survey.membership_index),
            membership_pending: survey.membership_pending,
            members: survey.members.iter().map(|seen| member_view(survey, seen)).collect(),
        }
    }

    /// Some members did not answer.
    pub fn problem(&self) -> Option<CliError> {
        let silent = self.members.iter().filter(|member| !member.answered).map(|member| Blocker {
            member: member.name.clone(),
            reason: member.error.clone().unwrap_or_default(),
        });
        partial(self.members.len(), silent)
    }
}

fn member_view(survey: &Survey, seen: &Seen) -> MemberView {
    let facts = seen.facts();
    MemberView {
        name: seen.entry.name.clone(),
        address: seen.entry.address.clone(),
        store_id: seen.entry.store_id.clone(),
        part: if seen.entry.voter { "voter" } else { "learner" },
        role: seen.control().map(|control| role_word(control.role)),
        answered: facts.is_some(),
        answered_after_ms: seen.reply.as_ref().filter(|_| facts.is_some()).map(|reply| reply.took.into()),
        error: seen.error(),
        ready: facts.map(|facts| facts.ready),
        reasons: facts.map(|facts| facts.reasons.clone()).unwrap_or_default(),
        draining: facts.map(|facts| facts.draining),
        build: facts.map(|facts| facts.build.clone()),
        uptime_ms: facts.map(|facts| Millis(facts.uptime_ms)),
        disk: facts.and_then(|facts| facts.disk.clone()),
        matched_index: seen.entry.matched.map(Decimal),
        last_contact_ms: seen.entry.last_contact_ms.map(Millis),
        groups: facts.map(|facts| group_views(survey, facts)).unwrap_or_default(),
    }
}

fn group_views(survey: &Survey, facts: &NodeFacts) -> Vec<GroupView> {
    facts.groups.iter().map(|group| group_view(committed(survey, group.group), group)).collect()
}

/// What the leader of a group has committed, else the most that anyone knows to be committed.
fn committed(survey: &Survey, group: u64) -> Option<u64> {
    let replicas = || {
        let nodes = survey.members.iter().filter_map(Seen::facts);
        nodes.flat_map(|facts| &facts.groups).filter(move |facts| facts.group == group)
    };
    let leading = replicas().filter(|facts| facts.role == GroupRole::Leader).max_by_key(|facts| facts.term);
    leading.map(|facts| facts.committed).or_else(|| replicas().map(|facts| facts.committed).max())
}

fn group_view(committed: Option<u64>, facts: &GroupFacts) -> GroupView {
    GroupView {
        group_id: Decimal(facts.group),
        role: role_word(facts.role),
        leader: Some(facts.leader.clone()).filter(|leader| !leader.is_empty()),
        term: Decimal(facts.term),
        has_quorum: facts.has_quorum,
        committed_index: Decimal(facts.committed),
        applied_index: Decimal(facts.applied),
        lag: committed.map(|committed| Decimal(committed.saturating_sub(facts.applied))),
        first_log_index: Decimal(facts.first_log),
        last_log_index: Decimal(facts.last_log),
        log_bytes: Decimal(facts.log_bytes),
        log_fsyncs: Decimal(facts.log_fsyncs),
        snapshot_index: Some(Decimal(facts.snapshot)).filter(|index| index.0 > 0),
        last_commit_ts: Decimal(facts.last_commit_ts),
        fault: Some(facts.fault.clone()).filter(|fault| !fault.is_empty()),
    }
}

fn role_word(role: GroupRole) -> &'static str {
    match role {
        GroupRole::Leader => "leader",
        GroupRole::Follower => "follower",
        GroupRole::Candidate => "candidate",
        GroupRole::Learner => "learner",
        GroupRole::Stopped => "stopped",
        GroupRole::Unknown => "unknown",
    }
}

impl Report for StatusReport {
    const KIND: &'static str = "ClusterStatus";

    fn table(&self) -> Table {
        Table::new().line(self.heading()).grid(self.grid())
    }

    fn short(&self) -> String {
        let ready = self.members.iter().filter(|member| member.ready == Some(true)).count();
        format!(
            "{} leader={} quorum={} ready={ready}/{}\n",
            self.cluster_name,
            self.leader.as_deref().unwrap_or("none"),
            if self.has_quorum { "yes" } else { "no" },
            self.members.len(),
        )
    }
}

impl StatusReport {
    fn heading(&self) -> Cell {
        let votes = format!("{}/{} voters answer", self.voters_answering, self.voters);
        let leader = match (&self.leader, self.has_quorum) {
            (Some(leader), true) => format!("leader {leader}"),
            (Some(leader), false) => format!("NO QUORUM, leader {leader}"),
            (None, _) => "NO LEADER".to_owned(),
        };
        let term = self.term.map(|term| format!("   term {term}")).unwrap_or_default();
        // The date and the milliseconds are in the other formats; here the clock is enough.
        let clock = self.taken_at.get(11..19).unwrap_or(&self.taken_at);
        let text = format!("Cluster {}   {leader}{term}   {votes}   {clock}Z", self.cluster_name);
        Cell::new(if self.has_quorum { Tone::Plain } else { Tone::Bad }, text)
    }

    fn grid(&self) -> Grid {
        let groups: BTreeSet<u64> =
            self.members.iter().flat_map(|member| &member.groups).map(|group| group.group_id.0).collect();
        let several = groups.len() > 1;
        let rows = self.members.iter().flat_map(|member| rows_of(member, several));
        Grid { columns: columns(several), rows: rows.collect() }
    }
}

fn columns(several_groups: bool) -> Vec<Column> {
    let group = Column::right("GROUP", if several_groups { Keep::Always } else { Keep::Wide });
    vec![
        Column::left("NODE", Keep::Always),
        Column::left("ADDRESS", Keep::IfRoom(7)),
        group,
        Column::left("ROLE", Keep::Always),
        Column::left("READY", Keep::Always).may_be_cut(10),
        Column::right("TERM", Keep::IfRoom(5)),
        Column::right("APPLIED", Keep::IfRoom(1)),
        Column::right("LAG", Keep::IfRoom(2)),
        Column::right("LOG", Keep::IfRoom(9)),
        Column::right("SNAPSHOT", Keep::IfRoom(8)),
        Column::left("DISK", Keep::IfRoom(6)),
        Column::left("BUILD", Keep::IfRoom(4)),
        Column::left("SEEN", Keep::IfRoom(3)).may_be_cut(12),
        Column::left("UP", Keep::Wide),
        Column::left("STORE", Keep::Wide),
    ]
}

fn rows_of(member: &MemberView, several_groups: bool) -> Vec<Vec<Cell>> {
    let shown = if several_groups { member.groups.len() } else { 1 };
    let groups = member.groups.iter().take(shown);
    let rows: Vec<Vec<Cell>> = groups.map(|group| row_of(member, Some(group))).collect();
    if rows.is_empty() { vec![row_of(member, None)] } else { rows }
}

fn row_of(member: &MemberView, group: Option<&GroupView>) -> Vec<Cell> {
    vec![
        member.name.as_str().into(),
        member.address.as_str().into(),
        Cell::maybe(group.map(|group| group.group_id)),
        role_cell(member, group),
        ready_cell(member),
        Cell::maybe(group.map(|group| group.term)),
        Cell::maybe(group.map(|group| group.applied_index)),
        lag_cell(group),
        Cell::maybe(group.map(|group| bytes_text(group.log_bytes.0))),
        Cell::maybe(group.and_then(|group| group.snapshot_index)),
        disk_cell(member.disk.as_ref()),
        Cell::maybe(member.build.as_ref().map(build_text)),
        seen_cell(member),
        Cell::maybe(member.uptime_ms),
        member.store_id.as_str().into(),
    ]
}

fn role_cell(member: &MemberView, group: Option<&GroupView>) -> Cell {
    match group.map(|group| group.role) {
        Some("leader") => Cell::new(Tone::Good, "leader"),
        Some("candidate") => Cell::new(Tone::Warn, "candidate"),
        Some("stopped") => Cell::new(Tone::Bad, "STOPPED"),
        _ => member.part.into(),
    }
}

fn ready_cell(member: &MemberView) -> Cell {
    match (member.ready, member.draining) {
        (None, _) => Cell::new(Tone::Bad, "UNKNOWN"),
        (Some(_), Some(true)) => Cell::new(Tone::Warn, "drained"),
        (Some(true), _) => "yes".into(),
        (Some(false), _) => {
            let reason = member.reasons.first().map_or("no", |reason| reason.name.as_str());
            Cell::new(Tone::Warn, reason)
        }
    }
}

fn lag_cell(group: Option<&GroupView>) -> Cell {
    match group.and_then(|group| group.lag) {
        Some(lag) if lag.0 > LAGGING => Cell::new(Tone::Warn, lag.to_string()),
        lag => Cell::maybe(lag),
    }
}

fn disk_cell(disk: Option<&DiskView>) -> Cell {
    let Some(disk) = disk else { return Cell::none() };
    let text = format!("{} free", bytes_text(disk.free_bytes.0));
    match (disk.full, is_low(disk)) {
        (true, _) => Cell::new(Tone::Bad, format!("FULL, {text}")),
        (false, true) => Cell::new(Tone::Warn, text),
        (false, false) => text.into(),
    }
}

pub(super) fn is_low(disk: &DiskView) -> bool {
    disk.full || disk.free_bytes.0 < disk.reserve_bytes.0.saturating_mul(2)
}

pub(super) fn build_text(build: &BuildView) -> String {
    let sha: String = build.sha.chars().take(7).collect();
    if sha.is_empty() { build.version.clone() } else { sha }
}

fn seen_cell(member: &MemberView) -> Cell {
    match (&member.error, member.answered_after_ms) {
        (Some(error), _) => Cell::new(Tone::Bad, error.as_str()),
        (None, Some(after)) => after.to_string().into(),
        (None, None) => Cell::none(),
    }
}
