//! `demo attached`: what stands between the demonstration and a node.
//!
//! A process can only ask for itself to be killed when its parent ends. So each child begins as this program, asks for
//! that, and then becomes what it is to be.

use std::os::unix::process::CommandExt;
use std::process::Command;

use elastickv_sys::process;

use crate::args::demo::AttachedArgs;
use crate::error::{CliError, Code};

/// Returns only when it could not be done.
pub fn run(args: &AttachedArgs) -> CliError {
    let failed = |error: std::io::Error| CliError::new(Code::Unexpected, error.to_string());
    let Some((program, arguments)) = args.line.split_first() else {
        return CliError::new(Code::Usage, "no program was named");
    };
    match process::end_with_parent(args.parent) {
        Ok(()) => failed(Command::new(program).args(arguments).exec()),
        Err(error) => failed(error),
    }
}
