//! Builds both programs and has the delivered one show itself: what the README runs.
//!
//! Arguments go to `elastickv-admin demo`; without any it is the whole walk.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "it stands outside the server and shows something on a terminal"
)]

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};
use elastickv_tests::workspace;

fn main() -> Result<()> {
    eprintln!("Building the server and the command line …");
    let (server, admin) = (workspace::plain_server()?, workspace::admin()?);
    let mut given: Vec<_> = std::env::args_os().skip(1).collect();
    if given.is_empty() {
        given.push("walk".into());
    }
    let failed = Command::new(admin).arg("demo").args(given).arg("--server").arg(server).exec();
    Err(failed).context("the command line can not be run")
}
