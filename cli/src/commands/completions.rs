//! `completions`

use crate::args::CompletionsArgs;
use crate::completing;
use crate::model::{CompletionsReport, Done};

pub fn run(args: &CompletionsArgs) -> Done<CompletionsReport> {
    let script = String::from_utf8_lossy(&completing::script(args.shell)).into_owned();
    Done::read(CompletionsReport { shell: args.shell.to_string(), script })
}
