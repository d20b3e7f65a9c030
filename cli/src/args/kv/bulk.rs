//! `elastickv-admin kv export`, `import` and `delete-range`: as many keys as there are.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::RangeArgs;
use crate::args::ExpectArgs;
use crate::notation::Notation;

pub const EXPORT_HELP: &str = "\
The file has a JSON object a line: first what was exported and as of when, then a pair each, last how many there are.
All pairs are of one moment. An export that was cut short goes on with --resume at that same moment, for as long as
versions of it are kept. --deadline is the longest time for one page, not for the whole.

Examples:
  elastickv-admin kv export --file all.ndjson
  elastickv-admin kv export --prefix user/ --file users.ndjson
  elastickv-admin kv export --prefix user/ --file users.ndjson --resume
  elastickv-admin kv export --at 117540181968000000 | zstd > all.ndjson.zst";

pub const IMPORT_HELP: &str = "\
Keys that are there already are overwritten; others stay. Values that were to be gone by now are left out. How far it
has come stands in FILE.progress; an import that was cut short goes on there with --resume, and what was sent without
an answer is sent again in a way that it takes effect once. --deadline is the longest time for one write, not for the
whole.

Examples:
  elastickv-admin kv import --file all.ndjson
  elastickv-admin kv import --file all.ndjson --resume
  zstd -dc all.ndjson.zst | elastickv-admin kv import";

pub const DELETE_RANGE_HELP: &str = "\
Keys are deleted page by page: others see a part of them gone meanwhile. Older versions stay readable for as long as
versions are kept. --deadline is the longest time for one page, not for the whole.

Examples:
  elastickv-admin kv delete-range --prefix session/
  elastickv-admin kv delete-range --start a --end b --yes --expect-cluster prod
  elastickv-admin kv delete-range --all";

#[derive(Args, Debug, Clone)]
pub struct ExportArgs {
    #[command(flatten)]
    pub range: RangeArgs,
    /// How the range is written
    #[arg(long, value_enum, default_value_t = Notation::Text, help_heading = "Notation")]
    pub keys: Notation,
    /// Where to; without it, standard output
    #[arg(short, long, value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Go on with a file that was not finished
    #[arg(long, requires = "file", conflicts_with_all = ["at", "prefix", "start", "end"])]
    pub resume: bool,
    /// Export as of this moment instead of now
    #[arg(long, value_name = "TIMESTAMP")]
    pub at: Option<u64>,
}

#[derive(Args, Debug, Clone)]
pub struct ImportArgs {
    /// Where from; without it, or as -, standard input
    #[arg(short, long, value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Go on where an earlier import of this file ended
    #[arg(long, requires = "file")]
    pub resume: bool,
    #[command(flatten)]
    pub expect: ExpectArgs,
}

#[derive(Args, Debug, Clone)]
pub struct DeleteRangeArgs {
    #[command(flatten)]
    pub range: RangeArgs,
    /// Every key there is
    #[arg(long, conflicts_with_all = ["prefix", "start", "end"])]
    pub all: bool,
    /// How the range is written
    #[arg(long, value_enum, default_value_t = Notation::Text, help_heading = "Notation")]
    pub keys: Notation,
    /// Agree without being asked; takes --expect-cluster too
    #[arg(long, help_heading = "Safety")]
    pub yes: bool,
    #[command(flatten)]
    pub expect: ExpectArgs,
}
