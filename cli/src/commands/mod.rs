//! One file a command: arguments in, a report out. What they have in common is here.

pub mod backup;
pub mod certs;
pub mod cluster;
pub mod completions;
mod confirm;
pub mod context;
mod data_dir;
pub mod demo;
pub mod doctor;
pub mod encryption;
pub mod explain;
pub mod kms;
pub mod kv;
pub mod man;
mod protection;
pub mod scan;
pub mod schema;
mod striding;
pub mod support_bundle;
pub mod version;
mod watching;

use crate::args::rewrite::Rate;
use crate::args::{Cli, Command, Format};
use crate::client::Session;
use crate::contexts::Settings;
use crate::error::{CliError, Code, Exit};
use crate::model::{Done, Finished, Report, Strictness};
use crate::run::attend;
use crate::ui::Ui;
use protection::Guard;

/// What a command works with.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    pub session: &'a Session,
    pub ui: &'a Ui,
    settings: &'a Settings,
    guard: Option<Guard<'a>>,
    path: &'static str,
    strictness: Strictness,
}

impl Desk<'_> {
    /// Does the work and shows what came of it.
    pub async fn show<R: Report>(self, work: impl Future<Output = Result<Done<R>, CliError>>) -> Exit {
        let guarded = async {
            if let Some(guard) = &self.guard {
                guard.agreed(self.session, self.ui).await?;
            }
            work.await
        };
        let result = attend(self.session, self.ui, guarded).await;
        self.ui.finish(&Finished::new(self.path, result, self.session.facts(), self.strictness))
    }

    /// Options that exclude each other depending on the output's form, which clap can not express.
    fn refuse_for_machines(&self, flag: &str) -> Result<(), CliError> {
        if self.ui.format().is_for_machines() {
            let text = format!("{flag} and the output formats json, yaml and ndjson exclude each other");
            return Err(CliError::new(Code::Usage, text).hint(format!("leave {flag} out")));
        }
        Ok(())
    }

    /// How fast a rewrite goes when nobody says otherwise.
    fn usual_rate(&self) -> Rate {
        self.settings.rewrite_rate.value.unwrap_or(Rate(None))
    }

    fn streams(&self) -> bool {
        self.ui.format() == Format::Ndjson
    }
}

/// Runs the command that was typed.
pub async fn run(cli: &Cli, settings: &Settings, session: &Session, ui: &Ui) -> Exit {
    let safety = cli.command.safety();
    let strictness = Strictness {
        detailed_exit_code: safety.is_some_and(|safety| safety.expect.detailed_exit_code),
        fail_on_warnings: cli.global.fail_on.is_some(),
    };
    let guard = Guard::of(settings, safety);
    let desk = Desk { session, ui, settings, guard, path: cli.command.path(), strictness };
    match &cli.command {
        Command::Cluster(command) => cluster::run(desk, command).await,
        Command::Kv(command) => kv::run(desk, command).await,
        Command::Encryption(command) => encryption::run(desk, command).await,
        Command::Kms(command) => kms::run(desk, command).await,
        Command::Certs(command) => certs::run(desk, command).await,
        Command::Backup(command) => backup::run(desk, command).await,
        Command::Scan(command) => scan::run(desk, command).await,
        Command::Context(command) => context::run(desk, &cli.global, command).await,
        Command::Doctor(args) => doctor::run(desk, args).await,
        Command::SupportBundle(args) => desk.show(support_bundle::run(session, args, ui.cli())).await,
        Command::Demo(command) => demo::run(desk, command).await,
        Command::Version => desk.show(async { Ok(version::run()) }).await,
        Command::Explain(args) => desk.show(async { explain::run(args, ui.cli()) }).await,
        Command::Schema(args) => match schema::asked(args) {
            Some(kind) => desk.show(async { schema::one(kind) }).await,
            None => desk.show(async { Ok(schema::all()) }).await,
        },
        Command::Completions(args) => desk.show(async { Ok(completions::run(args)) }).await,
        Command::Man(args) => desk.show(async { man::run(args) }).await,
    }
}
