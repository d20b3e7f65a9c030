//! `elastickv-admin kv txn`

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::NotationArgs;
use crate::args::ChangeArgs;

pub const HELP: &str = "\
A line of the script is one of:
  get KEY                     print the key's value, as of the transaction's moment
  check KEY absent            go on only if the key has no value,
  check KEY exists            only if it has one,
  check KEY TIMESTAMP         only if its value was committed then
  put KEY VALUE [ttl=TIME]    write
  delete KEY                  delete
Empty lines and lines that begin with # count for nothing. Words stand between blanks. A word in double quotes may hold
blanks and \\xNN, \\n, \\t, \\\\ and \\\"; a word without quotes is read as --keys and --values say. A get sees what the
lines before it have written. Nothing is written unless every check holds and nobody has changed a key of a get or a
check meanwhile; in that case all of it is done again, --retries times.

Examples:
  elastickv-admin kv txn move.txt
  printf 'check seat/12 absent\\nput seat/12 ada\\nput guest/ada seat/12\\n' | elastickv-admin kv txn -
  printf 'get balance/a\\nget balance/b\\n' | elastickv-admin kv txn - -o json";

#[derive(Args, Debug, Clone)]
pub struct TxnArgs {
    /// The script; - is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub script: PathBuf,
    /// How often it is done again when others have changed what it read
    #[arg(long, value_name = "TIMES", default_value_t = 10)]
    pub retries: u32,
    #[command(flatten)]
    pub notation: NotationArgs,
    #[command(flatten)]
    pub change: ChangeArgs,
}
