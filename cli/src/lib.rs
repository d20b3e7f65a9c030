//! The operator's command line.
//!
//! A command goes one way: `args` says what was typed, `context` settles where and how long, a file of
//! `commands` does the work with the `client` and returns a report of `model`, `output` turns the report
//! into text, and `ui` prints it. Failures go the same way as results. What each part may not know:
//! `args` does no I/O; `client` knows no command; `model` and `output` know no terminal; nothing but
//! `ui` prints; nothing but `error` knows codes and exit statuses by number.

mod archive;
pub mod args;
pub mod client;
pub mod commands;
pub mod completing;
pub mod context;
pub mod contexts;
pub mod error;
pub mod generated;
mod local_files;
pub mod model;
pub mod notation;
pub mod output;
pub mod progress;
mod roff;
mod run;
pub mod schema;
pub mod ui;
pub mod usage;

use std::ffi::OsString;

use clap::Parser;

use args::Cli;
use client::Session;
use context::Context;
use contexts::Environment;
use error::{CliError, Code, Exit};
use progress::Progress;
use ui::Ui;

/// Runs the program and says with which status to leave.
pub fn main(line: Vec<OsString>) -> Exit {
    if let Some(exit) = completing::answer(&line) {
        return exit;
    }
    match Cli::try_parse_from(&line) {
        Ok(cli) => with_runtime(&cli),
        Err(error) => usage::show(&line, &error),
    }
}

fn with_runtime(cli: &Cli) -> Exit {
    let ui = Ui::new(&cli.global);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            ui.error(&CliError::new(Code::Unexpected, format!("no runtime: {error}")));
            return Code::Unexpected.exit();
        }
    };
    let context = match Context::of(&cli.global, &cli.command, &Environment::of_process()) {
        Ok(context) => context,
        Err(error) => return usage::refuse(&ui, cli.command.path(), error),
    };
    let Context { settings, reach, times, op_id, reason } = context;
    let session = Session::new(reach, times, op_id, Progress::default()).with_reason(reason);
    let exit = runtime.block_on(commands::run(cli, &settings, &session, &ui));
    // A prompt that nobody answered may still read from the terminal; nobody waits for it.
    runtime.shutdown_background();
    exit
}
