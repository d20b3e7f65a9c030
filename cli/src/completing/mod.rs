//! What a shell offers behind the cursor.
//!
//! The committed scripts know nothing but this program: at each press of the key they run it with the words so far and
//! a [`VARIABLE`] that names the shell, and it prints what fits. Commands and options come from the command line's
//! tree. Values that only a cluster knows are asked for in a moment; where that does not do, nothing is offered and
//! nothing is said, since what a shell shows there would land in the middle of the line.

mod bash;
mod live;

use std::ffi::OsString;

use clap::CommandFactory;
use clap_complete::aot::Shell;
use clap_complete::env::{CompleteEnv, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};

pub use live::{codes, contexts, keys, kinds, members, retirable_keys};

use crate::args::{Cli, PROGRAM};
use crate::error::{Code, Exit};

/// Set by the scripts, to the name of the shell.
pub const VARIABLE: &str = "ELASTICKV_ADMIN_COMPLETE";

const SHELLS: Shells<'static> = Shells(&[&bash::Bash, &Elvish, &Fish, &Powershell, &Zsh]);

/// Answers a shell, if it is a shell that asks.
pub fn answer(line: &[OsString]) -> Option<Exit> {
    if line.is_empty() {
        return None;
    }
    let dir = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(Cli::command)
        .var(VARIABLE)
        .bin(PROGRAM)
        .completer(PROGRAM)
        .shells(SHELLS)
        .try_complete(line, dir.as_deref());
    match asked {
        Ok(false) => None,
        Ok(true) => Some(Exit::Done),
        Err(_) => Some(Code::Unexpected.exit()),
    }
}

/// The script that has a shell ask this program.
pub fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let name = shell.to_string();
    if let Some(shell) = SHELLS.completer(&name) {
        write_script(shell, &mut script);
    }
    script
}

fn write_script(shell: &dyn EnvCompleter, script: &mut Vec<u8>) {
    let written = shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, script);
    written.expect("a vector takes everything");
    // As in every other file that is committed: one end of line at the end.
    let end = script.trim_ascii_end().len();
    script.truncate(end);
    script.push(b'\n');
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_has_a_script_that_asks_this_program() {
        for shell in Shell::value_variants() {
            let script = String::from_utf8(script(*shell)).unwrap();
            assert!(script.contains(VARIABLE) && script.contains(PROGRAM), "{shell}: {script}");
        }
    }

    #[test]
    fn a_line_that_no_shell_asks_about_is_left_alone() {
        assert!(answer(&[]).is_none());
        assert!(answer(&[PROGRAM.into(), "version".into()]).is_none());
    }
}
