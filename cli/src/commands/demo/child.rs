//! Children that do not outlive this process.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::args::CONTEXT_VARIABLE;
use crate::contexts::NO_CONTEXT;

/// A program that is killed when this process ends, whatever ends it. Signals of the terminal do not reach it: it is ended
/// in order by whoever started it. Settings of whoever calls are not its settings.
pub fn attached(program: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    let parent = std::process::id().to_string();
    command.args(["demo", "attached", "--parent", &parent, "--"]).arg(program);
    command.process_group(0).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_a_setting(name)) {
        command.env_remove(name);
    }
    // A context of the operator's is about another cluster.
    command.env(CONTEXT_VARIABLE, NO_CONTEXT);
    Ok(command)
}

fn is_a_setting(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"ELASTICKV_")
}
