//! `encryption …`

mod check;
mod epochs;
mod follow;
mod forecast;
mod history;
mod key_ids;
pub mod keys;
mod probe_node_id;
mod register_writer;
mod report;
mod resync_sidecar;
mod retire;
mod rewrite;
mod simulate;
mod status;
mod step;
mod verify;

use elastickv_proto::v1;

use super::Desk;
use super::watching::watch;
use crate::args::encryption::{EncryptionCommand, Gate, KeysCommand, Purpose, RetireArgs, StepArgs};
use crate::args::encryption::{KeysListArgs, StatusArgs};
use crate::args::rewrite::{JobStatusArgs, RewriteArgs, RewriteCommand};
use crate::client::{Aim, Seen, Session, Survey};
use crate::error::{CliError, Exit};
use crate::model::Done;
use crate::model::encryption::DisableReport;
use crate::model::encryption::{CheckReport, EncryptionStatusReport, HistoryReport, JobReport, KeysReport};
pub use check::judged;
pub use rewrite::get as job;
pub use status::of as status_of;
use step::Step;

pub async fn run(desk: Desk<'_>, command: &EncryptionCommand) -> Exit {
    let Desk { session, .. } = desk;
    match command {
        EncryptionCommand::Status(args) if args.watching.watch => {
            watch(desk, &args.watching, async || status::run(session, args).await).await
        }
        EncryptionCommand::Status(args) => desk.show(status::run(session, args)).await,
        EncryptionCommand::Bootstrap(args) => step(desk, Step::Bootstrap, args).await,
        EncryptionCommand::EnableStorageEnvelope(args) => step(desk, Step::EnableStorage, args).await,
        EncryptionCommand::EnableRaftEnvelope(args) => step(desk, Step::EnableRaft, args).await,
        EncryptionCommand::RotateDek(args) => step(desk, Step::Rotate(args.purpose), &args.step).await,
        EncryptionCommand::RewrapDeks(args) => step(desk, Step::Rewrap, args).await,
        EncryptionCommand::Rewrite(args) => rewriting(desk, args).await,
        EncryptionCommand::RetireDek(args) => retiring(desk, args).await,
        EncryptionCommand::RegisterWriter(args) => desk.show(register_writer::run(session, args)).await,
        EncryptionCommand::Check(args) => {
            desk.show(check::run(session, gate(args.gate, args.purpose), None)).await
        }
        EncryptionCommand::Keys(KeysCommand::List(args)) => desk.show(keys::list(session, args)).await,
        EncryptionCommand::Keys(KeysCommand::Show(args)) => desk.show(keys::show(session, args)).await,
        EncryptionCommand::History(args) => match &args.id {
            Some(id) => desk.show(history::one(session, *id)).await,
            None => desk.show(history::run(session, args.limit)).await,
        },
        EncryptionCommand::Forecast(args) => desk.show(forecast::run(session, args)).await,
        EncryptionCommand::Report(args) => desk.show(report::run(session, args)).await,
        EncryptionCommand::ResyncSidecar(args) => {
            let named = desk.settings.is_named();
            desk.show(resync_sidecar::run(session, args, named)).await
        }
        EncryptionCommand::Disable => {
            let report = DisableReport::default();
            let problem = report.problem();
            desk.show(async { Ok(Done::read(report).with_problem(Some(problem))) }).await
        }
        EncryptionCommand::ProbeNodeId(args) => desk.show(probe_node_id::run(session, args)).await,
    }
}

async fn rewriting(desk: Desk<'_>, args: &RewriteArgs) -> Exit {
    let Desk { session, .. } = desk;
    match &args.command {
        None => desk.show(rewrite::start(session, &args.start, desk.usual_rate())).await,
        Some(RewriteCommand::Status(args)) => desk.show(rewrite::status(session, args)).await,
        Some(RewriteCommand::Pause(args)) => desk.show(rewrite::pause(session, args)).await,
        Some(RewriteCommand::Resume(args)) => desk.show(rewrite::resume(session, args)).await,
        Some(RewriteCommand::SetRate(args)) => desk.show(rewrite::set_rate(session, args)).await,
        Some(RewriteCommand::Cancel(args)) => desk.show(rewrite::cancel(session, args)).await,
    }
}

async fn retiring(desk: Desk<'_>, args: &RetireArgs) -> Exit {
    let Desk { session, ui, .. } = desk;
    if args.simulate {
        return desk.show(simulate::run(session, args)).await;
    }
    if args.step.dry_run {
        let expected = args.step.change.expect.expect_cluster.as_deref();
        return desk
            .show(async {
                let (_, key) = retire::resolve(session, &args.key_id).await?;
                check::run(session, retire::simulated(key), expected).await
            })
            .await;
    }
    desk.show(retire::run(session, ui, args, desk.usual_rate())).await
}

/// A dry run is the gate and nothing else.
async fn step(desk: Desk<'_>, step: Step, args: &StepArgs) -> Exit {
    let Desk { session, ui, .. } = desk;
    if args.dry_run {
        let expected = args.change.expect.expect_cluster.as_deref();
        return desk.show(check::run(session, step.check_request(), expected)).await;
    }
    desk.show(step::run(session, ui, step, args)).await
}

fn gate(gate: Gate, purpose: Option<Purpose>) -> v1::CheckRequest {
    let step = match gate {
        Gate::Bootstrap => Step::Bootstrap,
        Gate::StorageEnvelope => Step::EnableStorage,
        Gate::RaftEnvelope => Step::EnableRaft,
        Gate::RotateDek => Step::Rotate(purpose.unwrap_or(Purpose::Storage)),
        Gate::RewrapDeks => Step::Rewrap,
    };
    step.check_request()
}

/// The commands that only look, as they are without any arguments.
pub async fn status(session: &Session) -> Result<Done<EncryptionStatusReport>, CliError> {
    status::run(session, &StatusArgs::default()).await
}

pub async fn all_keys(session: &Session) -> Result<Done<KeysReport>, CliError> {
    keys::list(session, &KeysListArgs { all: true }).await
}

pub async fn history(session: &Session) -> Result<Done<HistoryReport>, CliError> {
    history::run(session, 1000).await
}

pub async fn rewrite(session: &Session) -> Result<Done<JobReport>, CliError> {
    rewrite::status(session, &JobStatusArgs::default()).await
}

/// The gate that a rotation of the storage key would have to pass.
pub async fn check(session: &Session) -> Result<Done<CheckReport>, CliError> {
    check::run(session, Step::Rotate(Purpose::Storage).check_request(), None).await
}

/// What only the leader can do goes to it.
fn leader_aim(session: &Session, survey: &Survey) -> Result<Aim, CliError> {
    match survey.leader() {
        Some(leader) => Ok(Aim::Leader(session.address_of(leader)?)),
        None => Ok(Aim::Anyone),
    }
}

/// Any member can tell, the leader best.
fn best_aim(survey: &Survey) -> Aim {
    survey.leader().and_then(Seen::address).map_or(Aim::Anyone, Aim::Leader)
}
