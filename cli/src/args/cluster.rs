//! `elastickv-admin cluster …`

use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;
use elastickv_types::{LogIndex, NodeName, PeerAddress};

use super::{ChangeArgs, ExpectArgs, Safety, WatchArgs};
use crate::completing;

const LEGEND: &str = "\
Words:
  member    a node that belongs to the cluster: voter or learner
  voter     counts for majorities and can lead
  learner   follows the log without a vote; every new member begins as one
  leader    the voter that orders the writes
  lag       entries the leader has committed and a member has not applied
  drain     take a node out of service without removing it: it gives up leadership and stays away from it
  digest    a hash over all data at one index, to compare replicas

Examples:
  elastickv-admin cluster status
  elastickv-admin cluster add-learner n4 10.0.0.14:50051
  elastickv-admin cluster wait --for learner-caught-up=n4 && elastickv-admin cluster promote n4
  elastickv-admin cluster drain n2 && elastickv-admin cluster wait --for leader";

/// What can be asked of a cluster.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum ClusterCommand {
    /// Every member at a glance: role, health, progress, disk, build
    #[command(after_help = "\
Examples:
  elastickv-admin cluster status
  elastickv-admin cluster status -o wide
  elastickv-admin cluster status -o short          one line, for prompts and logs
  elastickv-admin cluster status --fail-on warn    for monitoring: exit 4 when anything is odd
  elastickv-admin cluster status --watch           until Ctrl-C
  elastickv-admin cluster status -o json | jq '.data.members[] | {name, ready}'")]
    Status(StatusArgs),

    /// Who belongs to the cluster, as its leader has it
    #[command(after_help = "\
Examples:
  elastickv-admin cluster members
  elastickv-admin cluster members -o short | while read name address part; do ...; done")]
    Members,

    /// Add a node that waits to be invited (started with --join), without a vote
    #[command(after_help = "\
The node gets the data first and counts for no majority. Once it has caught up, give it a vote with `promote`.

Examples:
  elastickv-admin cluster add-learner n4 10.0.0.14:50051
  elastickv-admin cluster wait --for learner-caught-up=n4
  elastickv-admin cluster promote n4")]
    AddLearner(AddLearnerArgs),

    /// Give a learner a vote
    #[command(after_help = "\
Refused while the learner is far behind, because it would count for majorities at once.

Examples:
  elastickv-admin cluster wait --for learner-caught-up=n4 && elastickv-admin cluster promote n4")]
    Promote(PromoteArgs),

    /// Take a node out of the cluster for good; its name can never be used again
    #[command(after_help = "\
Asks for the cluster's name on a terminal. A script gives both --yes and --expect-cluster.

Examples:
  elastickv-admin cluster remove n3
  elastickv-admin cluster remove n3 --yes --expect-cluster prod-tokyo")]
    Remove(RemoveArgs),

    /// Hand leadership to another voter
    #[command(after_help = "\
Examples:
  elastickv-admin cluster transfer-leader         the leader picks a voter that is up to date
  elastickv-admin cluster transfer-leader n2
  elastickv-admin cluster transfer-leader n2 --max-lag 100")]
    TransferLeader(TransferLeaderArgs),

    /// Make members write a snapshot now and, if asked, drop the log it covers
    #[command(after_help = "\
Examples:
  elastickv-admin cluster snapshot                      on the leader
  elastickv-admin cluster snapshot --all --purge
  elastickv-admin cluster snapshot --member n2 --purge")]
    Snapshot(SnapshotArgs),

    /// Compare what the replicas hold; exit 9 when two differ
    #[command(after_help = "\
The leader is asked first; every other member then digests its own data at the leader's index and timestamp.

Examples:
  elastickv-admin cluster digest
  elastickv-admin cluster digest -o short | head -1")]
    Digest(DigestArgs),

    /// Take a node out of service, for maintenance: it hands leadership away and reports not ready
    #[command(after_help = "\
Examples:
  elastickv-admin cluster drain n2
  elastickv-admin cluster drain n2 && ssh n2 systemctl restart elastickv")]
    Drain(NodeArgs),

    /// Put a drained node back into service
    #[command(after_help = "\
Examples:
  elastickv-admin cluster undrain n2 && elastickv-admin cluster wait --for healthy")]
    Undrain(NodeArgs),

    /// Wait until something holds; exit 8 when the time is over
    #[command(after_help = "\
Conditions:
  ready                  every member answers and serves
  leader                 there is a leader, and it hears from a majority
  healthy                ready, and nothing to warn about
  applied=INDEX          every member has applied this entry
  member=NAME:STATE      STATE is voter, learner, leader, ready, drained or absent
  learner-caught-up=NAME the learner is at most --max-lag entries behind

Examples:
  elastickv-admin cluster wait --for ready --deadline 60s
  elastickv-admin cluster wait --for member=n4:voter
  elastickv-admin cluster wait --for leader --for member=n2:ready")]
    Wait(WaitArgs),

    /// Show what members log, or have them log more for a while
    #[command(after_help = "\
Without a level it shows what each member logs. A changed level goes back by itself to the one that the node was started
with. It counts for the server's own parts; others' are never brought below info. Each change is in the audit.

Examples:
  elastickv-admin cluster log-level
  elastickv-admin cluster log-level debug --node n2 --for 10m
  elastickv-admin cluster log-level elastickv_log=trace --node n2
  elastickv-admin cluster log-level --reset")]
    LogLevel(LogLevelArgs),
}

impl ClusterCommand {
    pub fn path(&self) -> &'static str {
        match self {
            ClusterCommand::Status(_) => "cluster status",
            ClusterCommand::Members => "cluster members",
            ClusterCommand::AddLearner(_) => "cluster add-learner",
            ClusterCommand::Promote(_) => "cluster promote",
            ClusterCommand::Remove(_) => "cluster remove",
            ClusterCommand::TransferLeader(_) => "cluster transfer-leader",
            ClusterCommand::Snapshot(_) => "cluster snapshot",
            ClusterCommand::Digest(_) => "cluster digest",
            ClusterCommand::Drain(_) => "cluster drain",
            ClusterCommand::Undrain(_) => "cluster undrain",
            ClusterCommand::Wait(_) => "cluster wait",
            ClusterCommand::LogLevel(_) => "cluster log-level",
        }
    }

    /// What it was told for safety, where it changes something.
    pub fn safety(&self) -> Option<Safety<'_>> {
        match self {
            ClusterCommand::AddLearner(args) => Some(Safety::of_change(&args.change)),
            ClusterCommand::Promote(args) => Some(Safety::of_change(&args.change)),
            ClusterCommand::Remove(args) => Some(Safety::of_change(&args.change).asking()),
            ClusterCommand::TransferLeader(args) => Some(Safety::of_change(&args.change)),
            ClusterCommand::Drain(args) | ClusterCommand::Undrain(args) => {
                Some(Safety::of_change(&args.change))
            }
            ClusterCommand::Snapshot(args) => Some(Safety::of_many(&args.expect)),
            ClusterCommand::LogLevel(args) => args.changes().then(|| Safety::of_many(&args.expect)),
            ClusterCommand::Status(_)
            | ClusterCommand::Members
            | ClusterCommand::Digest(_)
            | ClusterCommand::Wait(_) => None,
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct StatusArgs {
    #[command(flatten)]
    pub watching: WatchArgs,
}

#[derive(Args, Debug, Clone)]
pub struct AddLearnerArgs {
    /// The new node's name (its --node-name)
    pub name: NodeName,
    /// Where the members reach it (its --advertise)
    #[arg(value_name = "HOST:PORT", value_hint = ValueHint::Hostname)]
    pub address: PeerAddress,
    #[command(flatten)]
    pub previous: PreviousIndexArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Pins the membership a change was decided on.
#[derive(Args, Debug, Clone, Default)]
pub struct PreviousIndexArgs {
    /// Refuse unless the membership has this index; by default the one this command has just read
    #[arg(long, value_name = "INDEX", help_heading = "Safety", value_parser = log_index)]
    pub previous_index: Option<LogIndex>,
}

#[derive(Args, Debug, Clone)]
pub struct PromoteArgs {
    /// The learner's name or address
    #[arg(value_name = "MEMBER", add = ArgValueCompleter::new(completing::members))]
    pub member: String,
    /// Refuse unless it has applied this entry
    #[arg(long, value_name = "INDEX", value_parser = log_index)]
    pub min_applied_index: Option<LogIndex>,
    /// Promote it however far behind it is
    #[arg(long, conflicts_with = "min_applied_index")]
    pub even_if_lagging: bool,
    #[command(flatten)]
    pub previous: PreviousIndexArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct RemoveArgs {
    /// The member's name or address
    #[arg(value_name = "MEMBER", add = ArgValueCompleter::new(completing::members))]
    pub member: String,
    /// Do not ask; needs --expect-cluster
    #[arg(long, help_heading = "Safety")]
    pub yes: bool,
    #[command(flatten)]
    pub previous: PreviousIndexArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct TransferLeaderArgs {
    /// The voter that should lead: its name or address; by default the leader chooses
    #[arg(value_name = "MEMBER", add = ArgValueCompleter::new(completing::members))]
    pub member: Option<String>,
    /// Refuse when the successor is more entries behind than this
    #[arg(long, value_name = "ENTRIES")]
    pub max_lag: Option<u64>,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct SnapshotArgs {
    /// Drop the part of the log that the snapshot covers
    #[arg(long)]
    pub purge: bool,
    /// On this member, by name or address; may be repeated
    #[arg(long, value_name = "MEMBER", conflicts_with = "all")]
    #[arg(add = ArgValueCompleter::new(completing::members))]
    pub member: Vec<String>,
    /// On every member
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub group: GroupArgs,
    #[command(flatten)]
    pub expect: ExpectArgs,
}

#[derive(Args, Debug, Clone)]
pub struct DigestArgs {
    #[command(flatten)]
    pub group: GroupArgs,
}

/// One of the groups that hold the data.
#[derive(Args, Debug, Clone)]
pub struct GroupArgs {
    /// The group; 1 is the control group
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub group: u64,
}

#[derive(Args, Debug, Clone)]
pub struct NodeArgs {
    /// The member's name or address
    #[arg(value_name = "MEMBER", add = ArgValueCompleter::new(completing::members))]
    pub member: String,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct WaitArgs {
    /// What to wait for; may be repeated, then all of it
    #[arg(long = "for", value_name = "CONDITION", required = true)]
    pub conditions: Vec<Condition>,
    /// How many entries behind still counts as caught up
    #[arg(long, value_name = "ENTRIES", default_value_t = 100)]
    pub max_lag: u64,
}

#[derive(Args, Debug, Clone)]
pub struct LogLevelArgs {
    /// error, warn, info, debug or trace, or one for a part of the server, such as elastickv_log=debug
    #[arg(value_name = "LEVEL", conflicts_with = "reset")]
    pub level: Option<String>,
    /// On this member alone, by name or address
    #[arg(long, value_name = "MEMBER", add = ArgValueCompleter::new(completing::members))]
    pub node: Option<String>,
    /// For how long; a day at most
    #[arg(long = "for", value_name = "TIME", default_value = "10m", value_parser = super::duration)]
    pub lasting: Duration,
    /// Until the node is started again
    #[arg(long, requires = "level", conflicts_with = "lasting")]
    pub until_restart: bool,
    /// Go back to what the nodes were started with
    #[arg(long)]
    pub reset: bool,
    #[command(flatten)]
    pub expect: ExpectArgs,
}

impl LogLevelArgs {
    /// It does more than look.
    pub fn changes(&self) -> bool {
        self.reset || self.level.is_some()
    }
}

/// What `wait` waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    Ready,
    Leader,
    Healthy,
    Applied(LogIndex),
    Member(String, MemberState),
    CaughtUp(String),
}

/// What a member should have become.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberState {
    Voter,
    Learner,
    Leader,
    Ready,
    Drained,
    Absent,
}

impl MemberState {
    pub fn word(self) -> &'static str {
        match self {
            MemberState::Voter => "voter",
            MemberState::Learner => "learner",
            MemberState::Leader => "leader",
            MemberState::Ready => "ready",
            MemberState::Drained => "drained",
            MemberState::Absent => "absent",
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Condition::Ready => f.write_str("ready"),
            Condition::Leader => f.write_str("leader"),
            Condition::Healthy => f.write_str("healthy"),
            Condition::Applied(index) => write!(f, "applied={index}"),
            Condition::Member(name, state) => write!(f, "member={name}:{}", state.word()),
            Condition::CaughtUp(name) => write!(f, "learner-caught-up={name}"),
        }
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, value) = match text.split_once('=') {
            Some((word, value)) => (word, Some(value).filter(|value| !value.is_empty())),
            None => (text, None),
        };
        match (word, value) {
            ("ready", None) => Ok(Condition::Ready),
            ("leader", None) => Ok(Condition::Leader),
            ("healthy", None) => Ok(Condition::Healthy),
            ("applied", Some(index)) => log_index(index).map(Condition::Applied),
            ("learner-caught-up", Some(name)) => Ok(Condition::CaughtUp(name.to_owned())),
            ("member", Some(value)) => member_condition(value),
            _ => Err("one of ready, leader, healthy, applied=INDEX, member=NAME:STATE, learner-caught-up=NAME is wanted"
                .to_owned()),
        }
    }
}

fn member_condition(text: &str) -> Result<Condition, String> {
    let (name, state) = text.rsplit_once(':').ok_or("NAME:STATE is wanted, such as n4:voter")?;
    let state = MemberState::from_str(state, false)
        .map_err(|_| "the state is one of voter, learner, leader, ready, drained, absent")?;
    Ok(Condition::Member(name.to_owned(), state))
}

fn log_index(text: &str) -> Result<LogIndex, String> {
    text.parse().map(LogIndex::new).map_err(|_| format!("{text:?} is not an index"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_as_they_are_written() {
        for text in ["ready", "leader", "healthy", "applied=17", "member=n4:voter", "learner-caught-up=n4"] {
            assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
        }
        for text in
            ["", "applied", "applied=", "applied=x", "member=n4", "member=n4:boss", "ready=1", "READY"]
        {
            assert!(text.parse::<Condition>().is_err(), "{text}");
        }
    }
}
