//! `elastickv-admin encryption …`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;
use elastickv_types::NodeName;

use super::rewrite::{RewriteArgs, RewriteCommand};
use super::{ChangeArgs, Safety, WatchArgs};
use crate::completing;

const LEGEND: &str = "\
Words:
  DEK       a data key: seals values (storage) or entries of the log (raft)
  KEK       the wrapping key, kept outside; see: elastickv-admin kms --help
  rotate    a new key for what is written from now on
  rewrap    the same key in a new wrapping
  rewrite   old data sealed again under the new key
  retire    a key that nothing refers to any more is unloaded
  gate      the checks before a step that can not be undone; every member has to pass
  epoch     how often a node has started under a key
  short id  the two bytes of a node's name in the nonces it makes

The way:
  encryption check storage-envelope     would every member pass?
  encryption enable-storage-envelope    new values are sealed; makes the keys on the way
  encryption enable-raft-envelope       new entries of the log are sealed
  encryption status                     what is sealed under which key, and what comes next

Examples:
  elastickv-admin encryption status
  elastickv-admin encryption check storage-envelope && elastickv-admin encryption enable-storage-envelope
  elastickv-admin encryption rotate-dek --purpose storage
  elastickv-admin encryption probe-node-id n1 n2 n3";

/// What can be asked about encryption.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum EncryptionCommand {
    /// Every member and data key at a glance: stage, keys, nonces, sidecars, what is under way
    #[command(after_help = "\
Examples:
  elastickv-admin encryption status
  elastickv-admin encryption status -o wide
  elastickv-admin encryption status -o short         one line, for prompts and logs
  elastickv-admin encryption status --fail-on warn   for monitoring: exit 4 when anything is odd
  elastickv-admin encryption status --watch          until Ctrl-C
  elastickv-admin encryption status --verify         looks at every row; exit 9 when one is not as it should be
  elastickv-admin encryption status -o json | jq -r '.data.stage'")]
    Status(StatusArgs),

    /// Make the cluster's data keys; nothing is sealed by that
    #[command(after_help = "\
One key for storage and one for the raft log are drawn by the leader and wrapped with the KEK. Need not be run by
itself: enable-storage-envelope does it on its way. There is no way back.

Examples:
  elastickv-admin encryption bootstrap --dry-run
  elastickv-admin encryption bootstrap
  elastickv-admin encryption bootstrap --yes --expect-cluster prod-tokyo --reason TICKET-17")]
    Bootstrap(StepArgs),

    /// Seal every value that is written from now on
    #[command(after_help = "\
What was written before stays as it is until it is rewritten. Answers once every member has applied it; exit 8 when
that takes longer than --deadline. There is no way back.

Examples:
  elastickv-admin encryption enable-storage-envelope --dry-run
  elastickv-admin encryption enable-storage-envelope
  elastickv-admin encryption enable-storage-envelope --yes --expect-cluster prod-tokyo")]
    EnableStorageEnvelope(StepArgs),

    /// Seal every entry of the log that is written from now on
    #[command(after_help = "\
Writes wait for a moment, seconds at most, and are not failed. With several groups, repeating the command finishes
those that are left. There is no way back.

Examples:
  elastickv-admin encryption enable-raft-envelope --dry-run
  elastickv-admin encryption enable-raft-envelope
  elastickv-admin encryption enable-raft-envelope --yes --expect-cluster prod-tokyo")]
    EnableRaftEnvelope(StepArgs),

    /// Put a new data key in place of the active one
    #[command(after_help = "\
Works with a member down: it opens the new key when it comes back. The old key stays loaded, for reading.

Examples:
  elastickv-admin encryption rotate-dek --purpose storage
  elastickv-admin encryption rotate-dek --purpose raft --reason 'every quarter'
  elastickv-admin encryption rotate-dek --purpose storage -o json | jq .data.key_id")]
    RotateDek(RotateArgs),

    /// Wrap every data key anew, with the KEK that the leader was started with
    #[command(after_help = "\
To change the KEK: restart every node with the new one as --kek and the old one as --kek-previous, run this, and
leave --kek-previous out once `encryption status` says that the previous KEK may go. After a KEK became known to
others that is not enough: rotate, rewrite and retire.

Examples:
  elastickv-admin encryption rewrap-deks --dry-run
  elastickv-admin encryption rewrap-deks")]
    RewrapDeks(StepArgs),

    /// Seal old values anew: those that are clear, and those under a key that was replaced
    #[command(after_help = "\
Every member does it for itself, over all versions, deletions included, and then removes what they were from its files:
from the store, the log and old snapshots. It goes on by itself, after restarts too, gives way to clients, and says what
it waits for. Ctrl-C only looks away (exit 8). As long as the log is not sealed it ends with a warning: the log is still
clear.

Examples:
  elastickv-admin encryption rewrite --rate 20MiB/s
  elastickv-admin encryption rewrite --no-wait
  elastickv-admin encryption rewrite status --watch
  elastickv-admin encryption rewrite set-rate 5MiB/s")]
    Rewrite(RewriteArgs),

    /// Close a data key that was replaced, and unload it once nothing refers to it any more
    #[command(after_help = "\
Refuses, naming everything on every member that still refers to the key; there is no way around that. The key stays
closed then: nothing is sealed under it any more. --prepare brings the members there: it rewrites what is under the key,
drops old logs and snapshots, counts every value, and retires. What is refused can be run again at any time.

Examples:
  elastickv-admin encryption retire-dek --key-id 286331153 --simulate      what is in the way?
  elastickv-admin encryption retire-dek --key-id 286331153 --simulate --backup /backup/2026-11-21
  elastickv-admin encryption retire-dek --key-id 0x11111111 --prepare
  elastickv-admin encryption retire-dek --key-id 2863 --yes --expect-cluster prod-tokyo --prepare")]
    RetireDek(RetireArgs),

    /// Repeat the registration of nodes as writers, when their own did not get through
    #[command(after_help = "\
Nodes register by themselves at each start. Only what the named node itself answers is registered.

Examples:
  elastickv-admin encryption register-writer n3
  elastickv-admin encryption register-writer n3 n4 --key-id 0x12345678")]
    RegisterWriter(RegisterArgs),

    /// Make the judgement of a step's gate, and change nothing; exit 3 when the step would be refused
    #[command(after_help = "\
A row a check, a column a member: n2* leads, n4(L) is a learner. All that blocks is named at once.

Examples:
  elastickv-admin encryption check storage-envelope
  elastickv-admin encryption check rotate-dek --purpose raft
  elastickv-admin encryption check raft-envelope --fail-on warn -o json | jq '.data.findings'")]
    Check(CheckArgs),

    /// The data keys: which there are, and all about one
    #[command(subcommand)]
    #[command(after_help = "\
Examples:
  elastickv-admin encryption keys list --all
  elastickv-admin encryption keys show 0x12345678")]
    Keys(KeysCommand),

    /// What became of operations on keys and stage, youngest first
    #[command(after_help = "\
Examples:
  elastickv-admin encryption history
  elastickv-admin encryption history --limit 200 -o json | jq '.data.operations[] | {kind, state, actor}'
  elastickv-admin encryption history --id 01937a5e-0000-7000-8000-000000000001")]
    History(HistoryArgs),

    /// When the budgets of the keys that seal now are used up, by date: nonces, starts, age
    #[command(after_help = "\
Rates are measured: seals of each node since its start, starts since the key was made. Where too little was measured, the
date is unknown, and --seals-per-second and --starts-per-day give what you know better. The leader rotates by itself at nine
tenths of the nonces and shortly before the starts end; a key's age is yours to judge.

Examples:
  elastickv-admin encryption forecast
  elastickv-admin encryption forecast --within 90d --fail-on warn
  elastickv-admin encryption forecast --seals-per-second 20000")]
    Forecast(ForecastArgs),

    /// Evidence as a document: members, keys, what was done by whom, searches for planted bytes
    #[command(after_help = "\
Markdown on standard output, the same facts with -o json. Every member tells of itself: build, wrapping key, stage, and a
fingerprint of keys and stage that agrees at equal indexes. Exit 7 when a member did not, 9 when two disagree or a search
found something.

Examples:
  elastickv-admin encryption report > evidence.md
  elastickv-admin scan leak --data-dir D --canary-file F -o json > n1.json
  elastickv-admin encryption report --leak-scan n1.json -o json > evidence.json")]
    Report(ReportArgs),

    /// Make the sidecar of a stopped node anew, when it is lost, damaged or behind
    #[command(after_help = "\
The sidecar (encryption/keys.json) is made of the node's own store, or of the leader's state where that can not be
read. Name the cluster with --endpoint whenever it runs: what it knows of this node's starts counts then, too. A file
that is there is kept beside the new one. Then start the node; `encryption status` shows it in sync.

Not for a directory of which parts were put back from different times: that one is refused (EK-1403).

Examples:
  elastickv-admin --endpoint 10.0.0.11:50051 encryption resync-sidecar --data-dir /var/lib/elastickv
  elastickv-admin encryption resync-sidecar --data-dir /var/lib/elastickv     when the whole cluster is down")]
    ResyncSidecar(ResyncArgs),

    /// Refuses, and tells the way out: dump and reload
    #[command(after_help = "Examples:\n  elastickv-admin encryption disable")]
    Disable,

    /// Show the ids that names of nodes have in nonces, and whether two of them clash
    #[command(after_help = "\
Two bytes of a node's name go into every nonce it makes. Two nodes with the same two bytes are never admitted
to one cluster, so a name is best checked before the node is made. With --members the names are held against
those of the cluster's members, too.

Examples:
  elastickv-admin encryption probe-node-id n1 n2 n3
  elastickv-admin encryption probe-node-id --members n4        would n4 clash with a member?
  elastickv-admin encryption probe-node-id --members           the members among themselves")]
    ProbeNodeId(ProbeNodeIdArgs),
}

/// What can be asked about data keys.
#[derive(Subcommand, Debug, Clone)]
pub enum KeysCommand {
    /// Which data keys there are
    #[command(after_help = "\
Examples:
  elastickv-admin encryption keys list
  elastickv-admin encryption keys list --all     those that are retired, too
  elastickv-admin encryption keys list -o short | while read key purpose state; do ...; done")]
    List(KeysListArgs),
    /// All about one data key: wrapping, writers, last entries
    #[command(after_help = "\
Examples:
  elastickv-admin encryption keys show 305419896
  elastickv-admin encryption keys show 0x12345678
  elastickv-admin encryption keys show 0x12        the beginning, if no other key's id begins so")]
    Show(KeysShowArgs),
}

impl EncryptionCommand {
    pub fn path(&self) -> &'static str {
        match self {
            EncryptionCommand::Status(_) => "encryption status",
            EncryptionCommand::Bootstrap(_) => "encryption bootstrap",
            EncryptionCommand::EnableStorageEnvelope(_) => "encryption enable-storage-envelope",
            EncryptionCommand::EnableRaftEnvelope(_) => "encryption enable-raft-envelope",
            EncryptionCommand::RotateDek(_) => "encryption rotate-dek",
            EncryptionCommand::RewrapDeks(_) => "encryption rewrap-deks",
            EncryptionCommand::Rewrite(rewrite) => {
                rewrite.command.as_ref().map_or("encryption rewrite", RewriteCommand::path)
            }
            EncryptionCommand::RetireDek(_) => "encryption retire-dek",
            EncryptionCommand::RegisterWriter(_) => "encryption register-writer",
            EncryptionCommand::Check(_) => "encryption check",
            EncryptionCommand::Keys(KeysCommand::List(_)) => "encryption keys list",
            EncryptionCommand::Keys(KeysCommand::Show(_)) => "encryption keys show",
            EncryptionCommand::History(_) => "encryption history",
            EncryptionCommand::Forecast(_) => "encryption forecast",
            EncryptionCommand::Report(_) => "encryption report",
            EncryptionCommand::ResyncSidecar(_) => "encryption resync-sidecar",
            EncryptionCommand::Disable => "encryption disable",
            EncryptionCommand::ProbeNodeId(_) => "encryption probe-node-id",
        }
    }

    /// What it was told for safety, where it is about to change something.
    pub fn safety(&self) -> Option<Safety<'_>> {
        match self {
            EncryptionCommand::Bootstrap(step)
            | EncryptionCommand::EnableStorageEnvelope(step)
            | EncryptionCommand::EnableRaftEnvelope(step) => step.safety().map(Safety::asking),
            EncryptionCommand::RewrapDeks(step) => step.safety(),
            EncryptionCommand::RotateDek(rotate) => rotate.step.safety(),
            EncryptionCommand::RetireDek(retire) if retire.simulate => None,
            EncryptionCommand::RetireDek(retire) => retire.step.safety().map(Safety::asking),
            EncryptionCommand::Rewrite(rewrite) => rewrite.safety(),
            EncryptionCommand::RegisterWriter(register) => Some(Safety::of_change(&register.change)),
            EncryptionCommand::Status(_)
            | EncryptionCommand::Check(_)
            | EncryptionCommand::Keys(_)
            | EncryptionCommand::History(_)
            | EncryptionCommand::Forecast(_)
            | EncryptionCommand::Report(_)
            | EncryptionCommand::ResyncSidecar(_)
            | EncryptionCommand::Disable
            | EncryptionCommand::ProbeNodeId(_) => None,
        }
    }

    /// What is waited for is work on all rows: however long that takes.
    pub fn has_no_end(&self) -> bool {
        match self {
            EncryptionCommand::Rewrite(rewrite) => match &rewrite.command {
                None => true,
                Some(RewriteCommand::Status(status)) => status.watch,
                Some(_) => false,
            },
            EncryptionCommand::Status(status) => status.verify || status.watching.watch,
            EncryptionCommand::RetireDek(retire) => retire.prepare,
            _ => false,
        }
    }

    /// The servers may work on it for a while.
    pub fn takes_long(&self) -> bool {
        match self {
            EncryptionCommand::Bootstrap(_)
            | EncryptionCommand::EnableStorageEnvelope(_)
            | EncryptionCommand::EnableRaftEnvelope(_)
            | EncryptionCommand::RotateDek(_)
            | EncryptionCommand::RetireDek(_)
            | EncryptionCommand::RewrapDeks(_) => true,
            EncryptionCommand::Rewrite(_)
            | EncryptionCommand::Status(_)
            | EncryptionCommand::RegisterWriter(_)
            | EncryptionCommand::Check(_)
            | EncryptionCommand::Keys(_)
            | EncryptionCommand::History(_)
            | EncryptionCommand::Forecast(_)
            | EncryptionCommand::Report(_)
            | EncryptionCommand::ResyncSidecar(_)
            | EncryptionCommand::Disable
            | EncryptionCommand::ProbeNodeId(_) => false,
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct ResyncArgs {
    /// The data directory of the node, which is stopped
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: PathBuf,
}

#[derive(Args, Debug, Clone, Default)]
pub struct StatusArgs {
    /// Count every row of every member by the key it is sealed under; exit 9 when one is found that should not be there
    #[arg(long, conflicts_with = "watch")]
    pub verify: bool,
    /// At most so many rows a second on each member
    #[arg(long, value_name = "ROWS", requires = "verify", value_parser = clap::value_parser!(u64).range(1..))]
    pub verify_rate: Option<u64>,
    #[command(flatten)]
    pub watching: WatchArgs,
}

/// What all operations on keys and stage have in common.
#[derive(Args, Debug, Clone, Default)]
pub struct StepArgs {
    /// Run the gate and propose nothing; the same as `encryption check`
    #[arg(long, help_heading = "Safety")]
    pub dry_run: bool,
    /// Do not ask; needs --expect-cluster, and skips no gate
    #[arg(long, help_heading = "Safety")]
    pub yes: bool,
    /// Return once it has begun, with exit status 8
    #[arg(long, conflicts_with = "wait")]
    pub no_wait: bool,
    /// Wait until it is over and every member has applied it; this is what happens unless said otherwise
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
}

impl StepArgs {
    fn safety(&self) -> Option<Safety<'_>> {
        (!self.dry_run).then(|| Safety::of_change(&self.change))
    }
}

#[derive(Args, Debug, Clone)]
pub struct RotateArgs {
    /// The key of what
    #[arg(long)]
    pub purpose: Purpose,
    #[command(flatten)]
    pub step: StepArgs,
}

#[derive(Args, Debug, Clone)]
pub struct RetireArgs {
    /// The key's id: decimal, 0x and hexadecimal digits, or the beginning of one of them
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(completing::retirable_keys))]
    pub key_id: String,
    /// Do what it takes first: rewrite, drop old logs and snapshots, count every value
    #[arg(long, conflicts_with = "simulate")]
    pub prepare: bool,
    /// Show what stands in the way and would become unreadable, and change nothing
    #[arg(long)]
    pub simulate: bool,
    /// Look into this backup as well, by its manifest: what in it needs the key; may be repeated
    #[arg(long, value_name = "DIR", requires = "simulate", value_hint = ValueHint::DirPath)]
    pub backup: Vec<PathBuf>,
    #[command(flatten)]
    pub step: StepArgs,
}

/// What a data key seals.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    // Values.
    Storage,
    // Entries of the log.
    Raft,
}

impl Purpose {
    pub fn word(self) -> &'static str {
        match self {
            Purpose::Storage => "storage",
            Purpose::Raft => "raft",
        }
    }
}

#[derive(Args, Debug, Clone)]
pub struct RegisterArgs {
    /// The nodes, members or those that are about to become one
    #[arg(value_name = "NODE", required = true)]
    pub nodes: Vec<NodeName>,
    /// Under this key; by default under every key that is not retired
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(completing::keys))]
    pub key_id: Option<String>,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct CheckArgs {
    /// The step whose gate it is
    #[arg(value_name = "GATE")]
    pub gate: Gate,
    /// The key of what, for rotate-dek
    #[arg(long, required_if_eq("gate", "rotate-dek"))]
    pub purpose: Option<Purpose>,
}

/// A step that has a gate.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    Bootstrap,
    StorageEnvelope,
    RaftEnvelope,
    RotateDek,
    RewrapDeks,
}

#[derive(Args, Debug, Clone)]
pub struct KeysListArgs {
    /// Those that are retired, too
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Debug, Clone)]
pub struct KeysShowArgs {
    /// The key's id: decimal, 0x and hexadecimal digits, or the beginning of one of them
    #[arg(value_name = "ID", add = ArgValueCompleter::new(completing::keys))]
    pub key: String,
}

#[derive(Args, Debug, Clone)]
pub struct HistoryArgs {
    /// Show so many
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Show the operation of this id alone, with all that is known of it
    #[arg(long, value_name = "UUID", conflicts_with = "limit")]
    pub id: Option<elastickv_types::OperationId>,
}

#[derive(Args, Debug, Clone)]
pub struct ForecastArgs {
    /// Seals a second on the busiest node, instead of what was measured
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    pub seals_per_second: Option<f64>,
    /// Starts of a node a day, instead of what was measured
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    pub starts_per_day: Option<f64>,
    /// Warn of what ends within this time
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = super::duration)]
    pub within: Duration,
}

#[derive(Args, Debug, Clone)]
pub struct ReportArgs {
    /// Include what `scan leak -o json` wrote here; may be repeated
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub leak_scan: Vec<PathBuf>,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate >= 0.0 => Ok(rate),
        _ => Err(format!("{text:?} is no rate")),
    }
}

#[derive(Args, Debug, Clone)]
pub struct ProbeNodeIdArgs {
    /// Names of nodes
    #[arg(value_name = "NAME", required_unless_present = "members")]
    pub names: Vec<NodeName>,
    /// Include the members of the cluster
    #[arg(long)]
    pub members: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::{Cli, Command, PROGRAM};
    use super::*;

    fn parsed(line: &str) -> Result<EncryptionCommand, clap::Error> {
        let words = format!("{PROGRAM} encryption {line}");
        match Cli::try_parse_from(words.split(' '))?.command {
            Command::Encryption(command) => Ok(command),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_rotation_and_its_gate_need_a_purpose() {
        assert!(parsed("rotate-dek").is_err());
        assert!(parsed("check rotate-dek").is_err());
        assert!(parsed("check rotate-dek --purpose raft").is_ok());
        assert!(parsed("check storage-envelope").is_ok());
        assert!(parsed("rotate-dek --purpose wal").is_err());
    }

    #[test]
    fn every_operation_has_the_arguments_of_a_change_and_takes_its_time() {
        for line in ["bootstrap", "enable-storage-envelope", "enable-raft-envelope", "rewrap-deks"] {
            let command = parsed(&format!("{line} --expect-cluster demo --reason why")).unwrap();
            let safety = command.safety().unwrap();
            assert_eq!(safety.expect.expect_cluster.as_deref(), Some("demo"));
            assert_eq!(safety.expect.reason, "why");
            assert!(command.takes_long());
        }
        for line in ["status", "bootstrap --dry-run", "retire-dek --key-id 7 --simulate", "rewrite status"] {
            assert!(parsed(line).unwrap().safety().is_none(), "{line}");
        }
    }

    #[test]
    fn waiting_and_not_waiting_exclude_each_other() {
        assert!(parsed("bootstrap --wait --no-wait").is_err());
    }
}
