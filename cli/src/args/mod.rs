//! The command line: what can be typed, its help, its completions and its manual pages.
//!
//! Parsing does no I/O and decides nothing. Everything below is data that `commands` acts on; the
//! same tree is what completions and man pages are generated from.

pub mod backup;
pub mod certs;
pub mod change;
pub mod cluster;
pub mod contexts;
pub mod demo;
pub mod doctor;
pub mod doors;
pub mod encryption;
pub mod kms;
pub mod kv;
pub mod rewrite;
pub mod scan;
pub mod support;
pub mod tools;
pub mod watch;

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::ArgValueCompleter;
use elastickv_types::PeerAddress;

use crate::completing;
use crate::contexts::Choice;
use crate::output::Query;

pub use backup::BackupCommand;
pub use certs::CertsCommand;
pub use change::{ChangeArgs, ExpectArgs, Safety};
pub use cluster::ClusterCommand;
pub use contexts::ContextCommand;
pub use demo::DemoCommand;
pub use doctor::DoctorArgs;
pub use doors::DoorArgs;
pub use encryption::EncryptionCommand;
pub use kms::KmsCommand;
pub use kv::KvCommand;
pub use scan::ScanCommand;
pub use support::SupportArgs;
pub use tools::{CompletionsArgs, ExplainArgs, ManArgs, SchemaArgs};
pub use watch::WatchArgs;

/// The program's name as it is typed.
pub const PROGRAM: &str = "elastickv-admin";
/// Where a node listens when nobody said otherwise.
pub const DEFAULT_ENDPOINT: &str = "127.0.0.1:50051";
/// The variable that stands in for `--endpoint`.
pub const ENDPOINT_VARIABLE: &str = "ELASTICKV_ENDPOINT";
/// The variable that stands in for `--context`.
pub const CONTEXT_VARIABLE: &str = "ELASTICKV_CONTEXT";

const ABOUT: &str = "Looks after an elastickv cluster";

const EXAMPLES: &str = "\
Examples:
  elastickv-admin cluster status
  elastickv-admin --endpoint 10.0.0.11:50051,10.0.0.12:50051 cluster status -o wide
  elastickv-admin cluster wait --for ready --deadline 60s && echo up
  elastickv-admin kv put greeting hello && elastickv-admin kv get greeting
  elastickv-admin cluster status -o json | jq -r '.data.leader'

Output:
  table  columns that fit the terminal      wide   all columns, however wide
  short  essentials without headings        json, yaml, ndjson  one envelope for success and failure
  --query PATH  parts of the JSON document, a line each, for shells without a reader of JSON

Exit status:
  0 done   1 unexpected   2 usage   3 refused   5 not connected   6 not permitted   7 partial
  8 wait ended   9 fault found   11 conflict   12 KMS or wrapping key   13 outcome unknown   14 declined
  130/143 interrupted
  Every error has a code; `elastickv-admin explain CODE` tells more about it.";

/// The whole command line.
#[derive(Parser, Debug, Clone)]
#[command(name = PROGRAM, bin_name = PROGRAM, version, about = ABOUT, after_help = EXAMPLES)]
#[command(propagate_version = true, disable_help_subcommand = true, subcommand_required = true)]
#[command(arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug, Clone)]
pub enum Command {
    /// Members, leadership, health, snapshots
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Read and write keys
    #[command(subcommand)]
    Kv(KvCommand),
    /// Keys, envelopes and the ids they depend on
    #[command(subcommand)]
    Encryption(EncryptionCommand),
    /// Keys that wrap the data keys: make one, try one
    #[command(subcommand)]
    Kms(KmsCommand),
    /// Certificates and tokens to get in with
    #[command(subcommand)]
    Certs(CertsCommand),
    /// Copies of a cluster: make, look through, restore
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Look for what should not be in files
    #[command(subcommand)]
    Scan(ScanCommand),
    /// Clusters by name: where they are, how to get in, and how careful to be there
    #[command(subcommand)]
    Context(ContextCommand),
    /// Tell what is wrong with a cluster or a stopped node, what that means and what to type; exit 9 when something is
    Doctor(DoctorArgs),
    /// Gather what somebody needs who helps from afar, without secrets, into one file
    SupportBundle(SupportArgs),
    /// Show what this is about, with real nodes on this machine
    #[command(subcommand)]
    Demo(DemoCommand),
    /// Print the version of this program, its build and the formats it knows
    #[command(after_help = "Examples:\n  elastickv-admin version\n  elastickv-admin version -o json")]
    Version,
    /// Tell what an error code means and what to do about it; works without a cluster
    Explain(ExplainArgs),
    /// Print the JSON Schema of a kind of document that -o json writes; works without a cluster
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Write the manual pages into a directory
    Man(ManArgs),
}

impl Command {
    /// The words that name this command, as they are typed.
    pub fn path(&self) -> &'static str {
        match self {
            Command::Cluster(command) => command.path(),
            Command::Kv(command) => command.path(),
            Command::Encryption(command) => command.path(),
            Command::Kms(command) => command.path(),
            Command::Certs(command) => command.path(),
            Command::Backup(command) => command.path(),
            Command::Scan(command) => command.path(),
            Command::Context(command) => command.path(),
            Command::Doctor(_) => "doctor",
            Command::SupportBundle(_) => "support-bundle",
            Command::Demo(command) => command.path(),
            Command::Version => "version",
            Command::Explain(_) => "explain",
            Command::Schema(_) => "schema",
            Command::Completions(_) => "completions",
            Command::Man(_) => "man",
        }
    }

    /// What it was told for safety, where it is about to change something in a cluster.
    pub fn safety(&self) -> Option<Safety<'_>> {
        match self {
            Command::Cluster(command) => command.safety(),
            Command::Kv(command) => command.safety(),
            Command::Encryption(command) => command.safety(),
            Command::Kms(_)
            | Command::Certs(_)
            | Command::Backup(_)
            | Command::Scan(_)
            | Command::Context(_)
            | Command::Doctor(_)
            | Command::SupportBundle(_)
            | Command::Demo(_)
            | Command::Version
            | Command::Explain(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_) => None,
        }
    }

    /// Why, in the operator's words.
    pub fn reason(&self) -> &str {
        match self {
            Command::Backup(BackupCommand::Create(args)) => &args.reason,
            command => command.safety().map_or("", |safety| &safety.expect.reason),
        }
    }

    /// Whether it has to know where a cluster is.
    pub fn reaches_a_cluster(&self) -> bool {
        match self {
            Command::Cluster(_) | Command::Kv(_) => true,
            Command::Encryption(command) => !matches!(command, EncryptionCommand::Disable),
            Command::Backup(command) => matches!(command, BackupCommand::Create(_)),
            Command::Context(command) => command.reaches_a_cluster(),
            Command::Doctor(args) => args.data_dir.is_none(),
            Command::SupportBundle(_) => true,
            Command::Kms(_)
            | Command::Certs(_)
            | Command::Scan(_)
            | Command::Demo(_)
            | Command::Version
            | Command::Explain(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_) => false,
        }
    }
}

/// What every command understands.
#[derive(Args, Debug, Clone)]
pub struct GlobalArgs {
    /// The cluster by its name in the file of contexts; none for no context. Without it ELASTICKV_CONTEXT
    /// counts, and without that what `context use` chose
    #[arg(long, global = true, value_name = "NAME", help_heading = "Connection")]
    #[arg(add = ArgValueCompleter::new(completing::contexts))]
    pub context: Option<Choice>,

    /// A node to begin with, any member will do; repeat it or separate with commas. Without it
    /// ELASTICKV_ENDPOINT counts, without that the context, and without that 127.0.0.1:50051
    #[arg(long, global = true, value_name = "HOST:PORT", value_delimiter = ',', value_parser = endpoint)]
    #[arg(value_hint = ValueHint::Hostname, help_heading = "Connection")]
    pub endpoint: Vec<PeerAddress>,

    #[command(flatten)]
    pub doors: DoorArgs,

    /// Longest time for one call; by default 2s for questions about state, 5s for reads, 10s for writes
    #[arg(long, global = true, value_name = "TIME", value_parser = duration, help_heading = "Connection")]
    pub timeout: Option<Duration>,

    /// Longest time for the whole command, repetitions included; by default 10s, 5m where work takes long
    #[arg(long, global = true, value_name = "TIME", value_parser = duration, help_heading = "Connection")]
    pub deadline: Option<Duration>,

    /// How the result is written
    #[arg(short, long, global = true, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    pub output: Format,

    /// Print only these parts of the JSON document, a line each, for scripts: /data/leader, /data/members/*/{name,part}
    #[arg(long, global = true, value_name = "PATH", conflicts_with = "output", help_heading = "Output")]
    pub query: Option<Query>,

    /// When to use colours; auto means on a terminal, unless NO_COLOR is set or TERM is dumb
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, help_heading = "Output")]
    pub color: Colour,

    /// How to tell on standard error what a long command waits for
    #[arg(long, global = true, value_enum, default_value_t = ProgressStyle::Auto, help_heading = "Output")]
    pub progress: ProgressStyle,

    /// Exit with 4 when there is anything to warn about
    #[arg(long, global = true, value_name = "WHAT", help_heading = "Output")]
    pub fail_on: Option<FailOn>,

    /// Use ASCII letters only
    #[arg(long, global = true, help_heading = "Output")]
    pub ascii: bool,
}

/// What a command fails on although it worked.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailOn {
    Warn,
}

/// How a result is written to standard output.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    // Columns that fit the terminal.
    Table,
    // All columns, however wide.
    Wide,
    // The essentials without headings, for scripts and `while read`.
    Short,
    Json,
    Yaml,
    // The document in one line, after the items of a long result in a line each.
    Ndjson,
}

impl Format {
    /// The output is read by a program: failures are written in the same form as results.
    pub fn is_for_machines(self) -> bool {
        matches!(self, Format::Json | Format::Yaml | Format::Ndjson)
    }
}

/// When to use colours.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    // On a terminal, unless NO_COLOR is set or TERM is dumb.
    Auto,
    Always,
    Never,
}

/// How progress is told.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProgressStyle {
    // A moving line on a terminal, plain lines elsewhere.
    Auto,
    Plain,
    Json,
    Off,
}

/// Reads an address as people write it.
pub fn endpoint(text: &str) -> Result<PeerAddress, String> {
    let bare = text.trim().trim_start_matches("http://").trim_end_matches('/');
    bare.parse().map_err(|_| format!("{text:?} is not of the form HOST:PORT, such as {DEFAULT_ENDPOINT}"))
}

fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err(format!("{text:?} is not a time such as 500ms, 30s or 5m")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn endpoints(line: &[&str]) -> Result<Vec<String>, clap::Error> {
        let cli = Cli::try_parse_from([&[PROGRAM], line].concat())?;
        Ok(cli.global.endpoint.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn endpoints_come_one_by_one_or_with_commas_before_or_after_the_verb() {
        let wanted = ["a:1", "b:2"];
        assert_eq!(endpoints(&["--endpoint", "a:1,b:2", "cluster", "status"]).unwrap(), wanted);
        assert_eq!(
            endpoints(&["cluster", "status", "--endpoint", "a:1", "--endpoint", "http://b:2/"]).unwrap(),
            wanted
        );
        assert!(endpoints(&["version"]).unwrap().is_empty());
        assert!(endpoints(&["--endpoint", "a", "version"]).is_err());
    }

    #[test]
    fn a_time_has_a_unit_and_is_not_nothing() {
        assert_eq!(duration("1500ms"), Ok(Duration::from_millis(1500)));
        for bad in ["", "0s", "5", "soon", "-1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    /// Every command a user can see says what it is for and shows how it is used.
    #[test]
    fn every_command_has_examples() {
        fn visit(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path}");
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:") && help.contains(path.trim()), "{path} has no examples");
            command.get_subcommands().filter(|sub| !sub.is_hide_set()).for_each(|sub| visit(sub, &path));
        }
        visit(&Cli::command(), "");
    }
}
