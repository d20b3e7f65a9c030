//! What a cluster looks like from here: every answer, put together.
//!
//! A pure function from replies to a picture. Each node tells what it knows of itself and the members
//! it believes in; the newest membership decides which rows there are, and a row without an answer is
//! still a row.

use std::collections::BTreeSet;
use std::time::Duration;

use elastickv_types::{GroupId, PeerAddress};

use super::Failure;
use crate::model::{BuildView, DiskView, LogView, ReasonView};

/// What a node says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeFacts {
    pub name: String,
    pub store_id: String,
    /// Empty for a node that belongs nowhere yet.
    pub cluster_id: String,
    pub cluster_name: String,
    pub address: String,
    pub build: BuildView,
    pub ready: bool,
    pub reasons: Vec<ReasonView>,
    pub draining: bool,
    pub uptime_ms: u64,
    pub disk: Option<DiskView>,
    /// Its wall clock when it answered; zero of a build that does not tell.
    pub unix_ms: u64,
    /// When its certificate expires; none where it shows none.
    pub certificate_ends_ms: Option<u64>,
    pub log: LogView,
    pub groups: Vec<GroupFacts>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum GroupRole {
    #[default]
    Unknown,
    Leader,
    Follower,
    Candidate,
    Learner,
    Stopped,
}

/// A replica of a group, as its node sees it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupFacts {
    pub group: u64,
    pub role: GroupRole,
    pub leader: String,
    pub term: u64,
    pub committed: u64,
    pub applied: u64,
    pub last_log: u64,
    pub first_log: u64,
    pub snapshot: u64,
    pub has_quorum: bool,
    pub membership_index: u64,
    pub membership_pending: bool,
    pub members: Vec<MembershipEntry>,
    pub log_fsyncs: u64,
    pub log_bytes: u64,
    pub last_commit_ts: u64,
    pub fault: String,
}

/// A member as a node's membership lists it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MembershipEntry {
    pub name: String,
    pub address: String,
    pub store_id: String,
    pub voter: bool,
    pub matched: Option<u64>,
    pub last_contact_ms: Option<u64>,
}

/// One node asked, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Where it was asked.
    pub address: PeerAddress,
    /// It is one of the endpoints the operator gave.
    pub given: bool,
    pub took: Duration,
    /// By this machine's clock.
    pub received_ms: u64,
    pub answer: Result<NodeFacts, Failure>,
}

/// A member and its reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    pub entry: MembershipEntry,
    /// None when it was not asked.
    pub reply: Option<Reply>,
    /// It answers, but as somebody else: another cluster or another data directory.
    pub impostor: Option<String>,
}

/// The picture.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Survey {
    pub cluster_id: String,
    pub cluster_name: String,
    pub members: Vec<Seen>,
    /// Nodes that answered and are no members.
    pub strangers: Vec<Reply>,
    /// Endpoints that gave no answer and are no member's address.
    pub silent_endpoints: Vec<Reply>,
    /// The ids of all clusters that answered: more than one means that the endpoints do not belong together.
    pub clusters: Vec<String>,
    pub membership_index: u64,
    pub membership_pending: bool,
}

impl NodeFacts {
    pub fn group(&self, group: GroupId) -> Option<&GroupFacts> {
        self.groups.iter().find(|facts| facts.group == group.get())
    }

    pub fn control(&self) -> Option<&GroupFacts> {
        self.group(GroupId::CONTROL)
    }
}

impl Seen {
    /// What the member says, if it is the member that says it.
    pub fn facts(&self) -> Option<&NodeFacts> {
        if self.impostor.is_some() {
            return None;
        }
        self.reply.as_ref()?.answer.as_ref().ok()
    }

    pub fn control(&self) -> Option<&GroupFacts> {
        self.facts()?.control()
    }

    /// Where it can be reached from here: where it answered, else where it says it is.
    pub fn address(&self) -> Option<PeerAddress> {
        match self.reply.as_ref() {
            Some(reply) if reply.answer.is_ok() => Some(reply.address.clone()),
            _ => self.entry.address.parse().ok(),
        }
    }

    /// Why there are no facts.
    pub fn error(&self) -> Option<String> {
        if let Some(impostor) = &self.impostor {
            return Some(impostor.clone());
        }
        match &self.reply {
            None => Some("not asked".to_owned()),
            Some(reply) => reply.answer.as_ref().err().map(Failure::brief),
        }
    }
}

impl Survey {
    /// Puts the replies together.
    pub fn of(replies: Vec<Reply>) -> Self {
        let clusters = cluster_ids(&replies);
        let Some(source) = newest_membership(&replies, clusters.first()) else {
            return Self { clusters, ..Self::without_membership(replies) };
        };
        let mut survey = Self {
            cluster_id: source.cluster_id.clone(),
            cluster_name: source.cluster_name.clone(),
            clusters,
            ..Self::default()
        };
        let Some(control) = source.control().cloned() else { return survey };
        survey.membership_index = control.membership_index;
        survey.membership_pending = control.membership_pending;
        let mut replies = replies;
        for entry in control.members {
            let reply = take_reply(&mut replies, &entry);
            let impostor = reply.as_ref().and_then(|reply| impostor(&survey.cluster_id, &entry, reply));
            survey.members.push(Seen { entry, reply, impostor });
        }
        survey.sort_leftovers(replies);
        survey.members.sort_by_cached_key(|seen| natural(&seen.entry.name));
        survey.take_contacts_of_leader();
        survey
    }

    fn without_membership(replies: Vec<Reply>) -> Self {
        let mut survey = Self::default();
        survey.sort_leftovers(replies);
        survey
    }

    fn sort_leftovers(&mut self, replies: Vec<Reply>) {
        for reply in replies {
            let known = match &reply.answer {
                Ok(facts) => self.members.iter().any(|seen| seen.entry.name == facts.name),
                Err(_) => self.members.iter().any(|seen| seen.entry.address == reply.address.to_string()),
            };
            match &reply.answer {
                _ if known => {}
                Ok(_) => self.strangers.push(reply),
                Err(_) => self.silent_endpoints.push(reply),
            }
        }
    }

    /// Only the leader knows how far the others are and when they last answered it.
    fn take_contacts_of_leader(&mut self) {
        let Some(leader) = self.leader().and_then(Seen::control).cloned() else { return };
        for seen in &mut self.members {
            let by_leader = leader.members.iter().find(|entry| entry.name == seen.entry.name);
            if let Some(by_leader) = by_leader {
                seen.entry.matched = by_leader.matched;
                seen.entry.last_contact_ms = by_leader.last_contact_ms;
            }
        }
    }

    /// The member that leads, by its own word; of several the one with the highest term.
    pub fn leader(&self) -> Option<&Seen> {
        self.claimants().into_iter().max_by_key(|seen| seen.control().map(|control| control.term))
    }

    /// All members that say they lead.
    pub fn claimants(&self) -> Vec<&Seen> {
        let leads = |seen: &&Seen| seen.control().is_some_and(|control| control.role == GroupRole::Leader);
        self.members.iter().filter(leads).collect()
    }

    /// The leader, if it hears from a majority.
    pub fn working_leader(&self) -> Option<&Seen> {
        self.leader().filter(|seen| seen.control().is_some_and(|control| control.has_quorum))
    }

    /// The name of the leader by hearsay, when it did not answer itself.
    pub fn rumoured_leader(&self) -> Option<&str> {
        let told = self.members.iter().filter_map(Seen::control).filter(|control| !control.leader.is_empty());
        told.max_by_key(|control| control.term).map(|control| control.leader.as_str())
    }

    pub fn member(&self, name: &str) -> Option<&Seen> {
        self.members.iter().find(|seen| seen.entry.name == name)
    }

    pub fn voters(&self) -> usize {
        self.members.iter().filter(|seen| seen.entry.voter).count()
    }

    pub fn voters_answering(&self) -> usize {
        self.members.iter().filter(|seen| seen.entry.voter && seen.facts().is_some()).count()
    }

    /// The highest index known to be committed.
    pub fn committed(&self) -> Option<u64> {
        let controls = || self.members.iter().filter_map(Seen::control);
        let of_leader = self.leader().and_then(Seen::control).map(|control| control.committed);
        of_leader.or_else(|| controls().map(|control| control.committed).max())
    }

    /// How many committed entries a member has not applied.
    pub fn lag(&self, seen: &Seen) -> Option<u64> {
        Some(self.committed()?.saturating_sub(seen.control()?.applied))
    }
}

/// The ids of the clusters that answered, that of the first endpoint first.
fn cluster_ids(replies: &[Reply]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for reply in replies.iter().filter(|reply| reply.given) {
        if let Ok(facts) = &reply.answer
            && !facts.cluster_id.is_empty()
            && !ids.contains(&facts.cluster_id)
        {
            ids.push(facts.cluster_id.clone());
        }
    }
    ids
}

fn newest_membership<'a>(replies: &'a [Reply], cluster: Option<&String>) -> Option<&'a NodeFacts> {
    let answers = replies.iter().filter_map(|reply| reply.answer.as_ref().ok());
    let ours = answers.filter(|facts| Some(&facts.cluster_id) == cluster);
    let with_members =
        ours.filter(|facts| facts.control().is_some_and(|control| !control.members.is_empty()));
    with_members.max_by_key(|facts| {
        facts
            .control()
            .map(|control| (control.membership_index, control.role == GroupRole::Leader, control.term))
    })
}

/// The reply that belongs to a member: the one under its name, else the one from its address. An
/// answer is preferred to a failure, because a node may be asked at more than one address.
fn take_reply(replies: &mut Vec<Reply>, entry: &MembershipEntry) -> Option<Reply> {
    let named = |reply: &Reply| reply.answer.as_ref().is_ok_and(|facts| facts.name == entry.name);
    let placed = |reply: &Reply| reply.address.to_string() == entry.address;
    let at = replies.iter().position(named).or_else(|| replies.iter().position(placed))?;
    Some(replies.remove(at))
}

fn impostor(cluster_id: &str, entry: &MembershipEntry, reply: &Reply) -> Option<String> {
    let facts = reply.answer.as_ref().ok()?;
    if facts.name != entry.name {
        return Some(format!("{} answers there", facts.name));
    }
    if !facts.cluster_id.is_empty() && facts.cluster_id != cluster_id {
        return Some(format!("belongs to another cluster ({})", facts.cluster_name));
    }
    let known = !entry.store_id.is_empty() && !facts.store_id.is_empty();
    (known && facts.store_id != entry.store_id).then(|| "answers from another data directory".to_owned())
}

/// n2 before n10.
fn natural(name: &str) -> (String, u64, String) {
    let digits = name.len() - name.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let (stem, number) = name.split_at(name.len() - digits);
    (stem.to_owned(), number.parse().unwrap_or(0), name.to_owned())
}

/// Addresses of members that nobody has asked yet.
pub fn unasked(
    facts: &NodeFacts,
    answered: &BTreeSet<String>,
    asked: &BTreeSet<PeerAddress>,
) -> Vec<PeerAddress> {
    let members = facts.control().map(|control| control.members.as_slice()).unwrap_or_default();
    let open = members.iter().filter(|member| !answered.contains(&member.name));
    open.filter_map(|member| member.address.parse().ok()).filter(|address| !asked.contains(address)).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn entry(name: &str, voter: bool) -> MembershipEntry {
        let number = name.trim_start_matches('n');
        MembershipEntry {
            name: name.to_owned(),
            address: format!("10.0.0.1{number}:50051"),
            store_id: format!("store-{name}"),
            voter,
            matched: None,
            last_contact_ms: None,
        }
    }

    pub fn facts(name: &str, role: GroupRole, members: &[MembershipEntry]) -> NodeFacts {
        let control = GroupFacts {
            group: 1,
            role,
            term: 4,
            committed: 100,
            applied: 100,
            membership_index: 7,
            has_quorum: role == GroupRole::Leader,
            members: members.to_vec(),
            ..GroupFacts::default()
        };
        NodeFacts {
            name: name.to_owned(),
            store_id: format!("store-{name}"),
            cluster_id: "c7e1".to_owned(),
            cluster_name: "demo".to_owned(),
            ready: true,
            groups: vec![control],
            ..NodeFacts::default()
        }
    }

    pub fn reply(address: &str, given: bool, answer: Result<NodeFacts, &str>) -> Reply {
        let address: PeerAddress = address.parse().unwrap();
        let answer = answer
            .map_err(|cause| Failure::Unconnected { address: address.clone(), cause: cause.to_owned() });
        Reply { address, given, took: Duration::from_millis(3), received_ms: 0, answer }
    }

    fn three() -> Vec<MembershipEntry> {
        vec![entry("n10", true), entry("n2", true), entry("n3", false)]
    }

    #[test]
    fn every_member_is_a_row_in_natural_order() {
        let leader = facts("n2", GroupRole::Leader, &three());
        let survey = Survey::of(vec![
            reply("10.0.0.12:50051", true, Ok(leader)),
            reply("10.0.0.13:50051", false, Err("connection refused")),
        ]);
        let names: Vec<&str> = survey.members.iter().map(|seen| seen.entry.name.as_str()).collect();
        assert_eq!(names, ["n2", "n3", "n10"]);
        let errors: Vec<Option<String>> = survey.members.iter().map(Seen::error).collect();
        let wanted = [None, Some("connection refused"), Some("not asked")];
        assert_eq!(errors, wanted.map(|text| text.map(str::to_owned)));
        assert_eq!((survey.voters(), survey.voters_answering()), (2, 1));
    }

    #[test]
    fn a_member_asked_at_another_address_is_recognised_by_its_name() {
        let leader = facts("n2", GroupRole::Leader, &three());
        let survey = Survey::of(vec![reply("localhost:1", true, Ok(leader))]);
        let leader = survey.working_leader().unwrap();
        assert_eq!(leader.address().unwrap().to_string(), "localhost:1");
        assert!(survey.strangers.is_empty() && survey.silent_endpoints.is_empty());
    }

    #[test]
    fn the_leader_of_the_highest_term_counts() {
        let mut old = facts("n10", GroupRole::Leader, &three());
        old.groups[0].term = 3;
        let new = facts("n2", GroupRole::Leader, &three());
        let survey = Survey::of(vec![reply("a:1", true, Ok(old)), reply("b:1", false, Ok(new))]);
        assert_eq!(survey.leader().unwrap().entry.name, "n2");
        assert_eq!(survey.claimants().len(), 2);
    }

    #[test]
    fn a_replaced_disk_is_not_taken_for_the_member() {
        let leader = facts("n2", GroupRole::Leader, &three());
        let mut other = facts("n3", GroupRole::Learner, &three());
        other.store_id = "fresh".to_owned();
        let survey = Survey::of(vec![reply("b:1", true, Ok(leader)), reply("c:1", false, Ok(other))]);
        let seen = survey.member("n3").unwrap();
        assert!(seen.facts().is_none());
        assert_eq!(seen.error().unwrap(), "answers from another data directory");
    }

    #[test]
    fn endpoints_of_two_clusters_are_noticed() {
        let ours = facts("n2", GroupRole::Leader, &three());
        let mut theirs = facts("x1", GroupRole::Leader, &[entry("x1", true)]);
        theirs.cluster_id = "other".to_owned();
        let survey = Survey::of(vec![reply("a:1", true, Ok(ours)), reply("x:1", true, Ok(theirs))]);
        assert_eq!(survey.clusters, ["c7e1", "other"]);
        assert_eq!(survey.strangers.len(), 1);
    }

    #[test]
    fn a_node_that_waits_to_join_is_a_stranger() {
        let leader = facts("n2", GroupRole::Leader, &three());
        let waiting = NodeFacts { name: "n9".to_owned(), ..NodeFacts::default() };
        let survey = Survey::of(vec![reply("b:1", true, Ok(leader)), reply("c:1", true, Ok(waiting))]);
        assert_eq!(survey.clusters, ["c7e1"]);
        assert_eq!(survey.strangers.len(), 1);
    }

    #[test]
    fn a_silent_endpoint_that_is_no_member_is_kept_apart() {
        let leader = facts("n2", GroupRole::Leader, &three());
        let survey = Survey::of(vec![reply("b:1", true, Ok(leader)), reply("old:1", true, Err("refused"))]);
        assert_eq!(survey.silent_endpoints.len(), 1);
    }

    #[test]
    fn lag_counts_from_the_leader() {
        let leader = facts("n2", GroupRole::Leader, &three());
        let mut learner = facts("n3", GroupRole::Learner, &three());
        learner.groups[0].applied = 60;
        let survey = Survey::of(vec![reply("b:1", true, Ok(leader)), reply("c:1", false, Ok(learner))]);
        assert_eq!(survey.lag(survey.member("n3").unwrap()), Some(40));
        assert_eq!(survey.lag(survey.member("n10").unwrap()), None);
    }
}
