//! `elastickv-admin kv …`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::ChangeArgs;
use crate::notation::Notation;

const LEGEND: &str = "\
Notations of keys and values (--keys, --values):
  text     the letters as they are; when printed, bytes that are no printable text become \\xNN
  escaped  like text, and \\xNN, \\n, \\t, \\\\ are understood on the way in as well
  hex      00ff10
  base64   AP8Q

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
  elastickv-admin kv get greeting --stale --endpoint n3:50051
  elastickv-admin kv get greeting -o json | jq -r .data.value.text")]
    Get(GetArgs),

    /// Write a value
    #[command(after_help = "\
Examples:
  elastickv-admin kv put greeting hello
  elastickv-admin kv put photo/1 --value-file photo.jpg
  date | elastickv-admin kv put last-seen --value-file -
  elastickv-admin kv put --keys hex --values base64 00ff AP8Q")]
    Put(PutArgs),

    /// Delete a key; deleting one that does not exist is no error
    #[command(after_help = "\
Examples:
  elastickv-admin kv delete greeting
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
}

impl KvCommand {
    pub fn path(&self) -> &'static str {
        match self {
            KvCommand::Get(_) => "kv get",
            KvCommand::Put(_) => "kv put",
            KvCommand::Delete(_) => "kv delete",
            KvCommand::Scan(_) => "kv scan",
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
    /// Read as of this commit timestamp
    #[arg(long, value_name = "TIMESTAMP")]
    pub ts: Option<u64>,
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
    pub change: ChangeArgs,
}

#[derive(Args, Debug, Clone)]
pub struct ScanArgs {
    /// Only keys that begin with this
    #[arg(long, conflicts_with_all = ["start", "end"])]
    pub prefix: Option<Secret>,
    /// Only keys from here on
    #[arg(long, value_name = "KEY")]
    pub start: Option<Secret>,
    /// Only keys before this one
    #[arg(long, value_name = "KEY")]
    pub end: Option<Secret>,
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
