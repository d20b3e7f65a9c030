//! `elastickv-admin kv …`

mod bulk;
mod txn;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

pub use bulk::{DeleteRangeArgs, ExportArgs, ImportArgs};
pub use txn::TxnArgs;

use super::{ChangeArgs, Safety, duration};
use crate::notation::Notation;

const LEGEND: &str = "\
Notations of keys and values (--keys, --values):
  text     the letters as they are; when printed, bytes that are no printable text become \\xNN
  escaped  like text, and \\xNN, \\n, \\t, \\\\ are understood on the way in as well
  hex      00ff10
  base64   AP8Q

A timestamp names a moment. Every write has one, which `kv put` and `kv history` print; --at and --if-version take one.
Reads can go back as far as versions are kept.

Examples:
  elastickv-admin kv put greeting hello
  elastickv-admin kv get greeting
  elastickv-admin kv scan --prefix user/ --limit 20
  elastickv-admin kv get --keys hex 00ff --raw > value.bin";

/// What can be done with keys.
#[derive(Subcommand, Debug, Clone)]
#[command(after_help = LEGEND)]
pub enum KvCommand {
    /// Print the value of a key
    #[command(after_help = "\
Examples:
  elastickv-admin kv get greeting
  elastickv-admin kv get photo/1 --raw > photo.jpg     exactly the bytes, no newline
  elastickv-admin kv get greeting --at 117540181968000000
  elastickv-admin kv get greeting --stale --endpoint n3:50051
  elastickv-admin kv get greeting -o json | jq -r .data.value.text")]
    Get(GetArgs),

    /// Write a value
    #[command(after_help = "\
Examples:
  elastickv-admin kv put greeting hello
  elastickv-admin kv put photo/1 --value-file photo.jpg
  date | elastickv-admin kv put last-seen --value-file -
  elastickv-admin kv put session/7 token --ttl 10m
  elastickv-admin kv put config/limit 20 --if-version 117540181968000000
  elastickv-admin kv put locks/nightly n1 --if-version absent --ttl 1h
  elastickv-admin kv put --keys hex --values base64 00ff AP8Q")]
    Put(PutArgs),

    /// Delete a key; deleting one that does not exist is no error
    #[command(after_help = "\
Examples:
  elastickv-admin kv delete greeting
  elastickv-admin kv delete greeting --if-version 117540181968000000
  elastickv-admin kv delete --keys hex 00ff")]
    Delete(DeleteArgs),

    /// List keys and values in order
    #[command(after_help = "\
All pages are fetched and show one moment. `-o ndjson` writes each pair as it arrives and needs no memory for the rest.

Examples:
  elastickv-admin kv scan --prefix user/
  elastickv-admin kv scan --start a --end b --limit 100 --keys-only
  elastickv-admin kv scan --prefix log/ --reverse --limit 10
  elastickv-admin kv scan --limit 0 -o ndjson > everything.ndjson")]
    Scan(ScanArgs),

    /// Show the versions of a key, newest first, as far back as they are kept
    #[command(after_help = "\
Examples:
  elastickv-admin kv history greeting
  elastickv-admin kv history greeting --limit 1 -o short
  elastickv-admin kv history greeting --from 117540181968000000")]
    History(HistoryArgs),

    /// Do several things as one transaction: all of it takes effect, or nothing
    #[command(after_help = txn::HELP)]
    Txn(TxnArgs),

    /// Write all keys of one moment to a file, to be read by `kv import`
    #[command(after_help = bulk::EXPORT_HELP)]
    Export(ExportArgs),

    /// Write the keys of an exported file
    #[command(after_help = bulk::IMPORT_HELP)]
    Import(ImportArgs),

    /// Delete every key in a range
    #[command(after_help = bulk::DELETE_RANGE_HELP)]
    DeleteRange(DeleteRangeArgs),
}

impl KvCommand {
    pub fn path(&self) -> &'static str {
        match self {
            KvCommand::Get(_) => "kv get",
            KvCommand::Put(_) => "kv put",
            KvCommand::Delete(_) => "kv delete",
            KvCommand::Scan(_) => "kv scan",
            KvCommand::History(_) => "kv history",
            KvCommand::Txn(_) => "kv txn",
            KvCommand::Export(_) => "kv export",
            KvCommand::Import(_) => "kv import",
            KvCommand::DeleteRange(_) => "kv delete-range",
        }
    }

    /// What it was told for safety, where it changes something.
    pub fn safety(&self) -> Option<Safety<'_>> {
        match self {
            KvCommand::Put(args) => Some(Safety::of_change(&args.change)),
            KvCommand::Delete(args) => Some(Safety::of_change(&args.change)),
            KvCommand::Txn(args) => Some(Safety::of_change(&args.change)),
            KvCommand::Import(args) => Some(Safety::of_many(&args.expect)),
            KvCommand::DeleteRange(args) => Some(Safety::of_many(&args.expect).asking()),
            KvCommand::Get(_) | KvCommand::Scan(_) | KvCommand::History(_) | KvCommand::Export(_) => None,
        }
    }
}

/// How keys and values are written.
#[derive(Args, Debug, Clone)]
pub struct NotationArgs {
    /// How keys are written
    #[arg(long, value_enum, default_value_t = Notation::Text, help_heading = "Notation")]
    pub keys: Notation,
    /// How values are written
    #[arg(long, value_enum, default_value_t = Notation::Text, help_heading = "Notation")]
    pub values: Notation,
}

/// How fresh a read must be, and of which moment.
#[derive(Args, Debug, Clone)]
pub struct ReadArgs {
    /// Take what the asked node has, without making sure it is the newest
    #[arg(long)]
    pub stale: bool,
    /// Read as of this moment
    #[arg(long, value_name = "TIMESTAMP")]
    pub at: Option<u64>,
}

/// What a key has to be for a write to take effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    Absent,
    At(u64),
}

impl FromStr for Version {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("absent", _) => Ok(Version::Absent),
            (_, Ok(at)) if at > 0 => Ok(Version::At(at)),
            _ => Err("it is a commit timestamp, as kv history shows it, or the word absent"),
        }
    }
}

/// Makes a write depend on what is there.
#[derive(Args, Debug, Clone)]
pub struct IfArgs {
    /// Write only if the key's value is the one committed at this timestamp, or if there is none: absent
    #[arg(long, value_name = "TIMESTAMP|absent")]
    pub if_version: Option<Version>,
}

/// A key on the command line; never shown by `Debug`.
#[derive(Clone)]
pub struct Secret(pub OsString);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

impl From<OsString> for Secret {
    fn from(text: OsString) -> Self {
        Self(text)
    }
}

#[derive(Args, Debug, Clone)]
pub struct KeyArgs {
    /// The key
    #[arg(required_unless_present = "key_file")]
    pub key: Option<Secret>,
    /// Take the key from a file, byte for byte; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "key")]
    pub key_file: Option<PathBuf>,
}

#[derive(Args, Debug, Clone)]
pub struct GetArgs {
    #[command(flatten)]
    pub key: KeyArgs,
    /// Write exactly the value's bytes to standard output and nothing else
    #[arg(long)]
    pub raw: bool,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub notation: NotationArgs,
}

#[derive(Args, Debug, Clone)]
pub struct PutArgs {
    /// The key
    pub key: Secret,
    /// The value
    #[arg(required_unless_present = "value_file")]
    pub value: Option<Secret>,
    /// Take the value from a file, byte for byte; - is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "value")]
    pub value_file: Option<PathBuf>,
    /// The value is gone after this time
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub ttl: Option<Duration>,
    #[command(flatten)]
    pub condition: IfArgs,
    #[command(flatten)]
    pub notation: NotationArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct DeleteArgs {
    #[command(flatten)]
    pub key: KeyArgs,
    /// How the key is written
    #[arg(long, value_enum, default_value_t = Notation::Text, help_heading = "Notation")]
    pub keys: Notation,
    #[command(flatten)]
    pub condition: IfArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Which keys are meant; without any of these, all.
#[derive(Args, Debug, Clone)]
pub struct RangeArgs {
    /// Only keys that begin with this
    #[arg(long, conflicts_with_all = ["start", "end"])]
    pub prefix: Option<Secret>,
    /// Only keys from here on
    #[arg(long, value_name = "KEY")]
    pub start: Option<Secret>,
    /// Only keys before this one
    #[arg(long, value_name = "KEY")]
    pub end: Option<Secret>,
}

#[derive(Args, Debug, Clone)]
pub struct HistoryArgs {
    #[command(flatten)]
    pub key: KeyArgs,
    /// Only versions committed at this moment or before
    #[arg(long, value_name = "TIMESTAMP")]
    pub from: Option<u64>,
    /// At most this many versions; 0 means all
    #[arg(long, value_name = "VERSIONS", default_value_t = 100)]
    pub limit: u64,
    #[command(flatten)]
    pub notation: NotationArgs,
}

#[derive(Args, Debug, Clone)]
pub struct ScanArgs {
    #[command(flatten)]
    pub range: RangeArgs,
    /// At most this many pairs; 0 means all; without it 1000, and a warning when there are more
    #[arg(long, value_name = "PAIRS")]
    pub limit: Option<u64>,
    /// Pairs fetched by one call
    #[arg(long, value_name = "PAIRS", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub page_size: u32,
    /// From the last key to the first
    #[arg(long)]
    pub reverse: bool,
    /// Without the values
    #[arg(long)]
    pub keys_only: bool,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub notation: NotationArgs,
}
