//! One file a command: arguments in, a report out. What they have in common is here.

pub mod backup;
pub mod certs;
pub mod cluster;
pub mod completions;
mod confirm;
mod data_dir;
pub mod encryption;
pub mod explain;
pub mod kms;
pub mod kv;
pub mod man;
pub mod scan;
mod striding;
pub mod version;

use crate::args::{Cli, Command, Format};
use crate::client::Session;
use crate::context::{self, change_args};
use crate::error::{CliError, Code, Exit};
use crate::model::{Done, Finished, Report, Strictness};
use crate::run::attend;
use crate::ui::Ui;

/// What a command works with.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    pub session: &'a Session,
    pub ui: &'a Ui,
    /// The operator said where the cluster is.
    named: bool,
    path: &'static str,
    strictness: Strictness,
}

impl Desk<'_> {
    /// Does the work and shows what came of it.
    pub async fn show<R: Report>(self, work: impl Future<Output = Result<Done<R>, CliError>>) -> Exit {
        let result = attend(self.session, self.ui, work).await;
        self.ui.finish(&Finished::new(self.path, result, self.session.facts(), self.strictness))
    }

    fn failing_on_warnings(mut self) -> Self {
        self.strictness.fail_on_warnings = true;
        self
    }

    /// Options that exclude each other depending on the output's form, which clap can not express.
    fn refuse_for_machines(&self, flag: &str) -> Result<(), CliError> {
        if self.ui.format().is_for_machines() {
            let text = format!("{flag} and the output formats json, yaml and ndjson exclude each other");
            return Err(CliError::new(Code::Usage, text).hint(format!("leave {flag} out")));
        }
        Ok(())
    }

    fn streams(&self) -> bool {
        self.ui.format() == Format::Ndjson
    }
}

/// Runs the command that was typed.
pub async fn run(cli: &Cli, session: &Session, ui: &Ui) -> Exit {
    let detailed_exit_code = change_args(&cli.command).is_some_and(|change| change.detailed_exit_code);
    let strictness = Strictness { detailed_exit_code, fail_on_warnings: false };
    let named = !cli.global.endpoint.is_empty() || context::variable().is_some();
    let desk = Desk { session, ui, named, path: cli.command.path(), strictness };
    match &cli.command {
        Command::Cluster(command) => cluster::run(desk, command).await,
        Command::Kv(command) => kv::run(desk, command).await,
        Command::Encryption(command) => encryption::run(desk, command).await,
        Command::Kms(command) => kms::run(desk, command).await,
        Command::Certs(command) => certs::run(desk, command).await,
        Command::Backup(command) => backup::run(desk, command).await,
        Command::Scan(command) => scan::run(desk, command).await,
        Command::Version => desk.show(async { Ok(version::run()) }).await,
        Command::Explain(args) => desk.show(async { explain::run(args, ui.cli()) }).await,
        Command::Completions(args) => desk.show(async { Ok(completions::run(args)) }).await,
        Command::Man(args) => desk.show(async { man::run(args) }).await,
    }
}
