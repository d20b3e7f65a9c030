//! `cluster …`

mod add_learner;
mod digest;
mod drain;
mod log_level;
mod members;
mod promote;
mod remove;
mod snapshot;
mod status;
mod transfer_leader;
mod wait;

use elastickv_proto::RaftAdminConfigurationChangeResponse;

use super::Desk;
use super::watching::watch;
use crate::args::ChangeArgs;
use crate::args::cluster::{ClusterCommand, PreviousIndexArgs};
use crate::client::{Aim, Seen, Session, Survey};
use crate::error::{CliError, Exit};
use crate::model::{Decimal, Done, MembershipChange, Step};

pub use members::run as members;
pub use status::run as status;
pub use wait::missing;

pub async fn run(desk: Desk<'_>, command: &ClusterCommand) -> Exit {
    let Desk { session, ui, .. } = desk;
    match command {
        ClusterCommand::Status(args) if args.watching.watch => {
            watch(desk, &args.watching, async || status::run(session).await).await
        }
        ClusterCommand::Status(_) => desk.show(status::run(session)).await,
        ClusterCommand::Members => desk.show(members::run(session)).await,
        ClusterCommand::AddLearner(args) => desk.show(add_learner::run(session, args)).await,
        ClusterCommand::Promote(args) => desk.show(promote::run(session, args)).await,
        ClusterCommand::Remove(args) => desk.show(remove::run(session, ui, args)).await,
        ClusterCommand::TransferLeader(args) => desk.show(transfer_leader::run(session, args)).await,
        ClusterCommand::Snapshot(args) => desk.show(snapshot::run(session, args)).await,
        ClusterCommand::Digest(args) => desk.show(digest::run(session, args)).await,
        ClusterCommand::Drain(args) => desk.show(drain::drain(session, args)).await,
        ClusterCommand::Undrain(args) => desk.show(drain::undrain(session, args)).await,
        ClusterCommand::Wait(args) => desk.show(wait::run(session, args)).await,
        ClusterCommand::LogLevel(args) => desk.show(log_level::run(session, args)).await,
    }
}

/// Finds the leader and makes sure it is the cluster that the operator means.
async fn survey_for_change(session: &Session, change: &ChangeArgs) -> Result<Survey, CliError> {
    session.begin_change();
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, change.expect.expect_cluster.as_deref())?;
    Ok(survey)
}

/// Membership changes go to the leader.
fn leader_aim(session: &Session, survey: &Survey) -> Result<Aim, CliError> {
    match survey.leader() {
        Some(leader) => Ok(Aim::Leader(session.address_of(leader)?)),
        None => Ok(Aim::Anyone),
    }
}

/// The membership that a change is decided on: the one the operator names, else the one just seen.
fn previous_index(given: &PreviousIndexArgs, survey: &Survey) -> u64 {
    given.previous_index.map_or(survey.membership_index, |index| index.get())
}

fn changed(
    step: Step,
    survey: &Survey,
    member: (&str, &str),
    answer: &RaftAdminConfigurationChangeResponse,
) -> Done<MembershipChange> {
    let (name, address) = member;
    let report = MembershipChange {
        cluster_name: survey.cluster_name.clone(),
        step,
        member: name.to_owned(),
        address: address.to_owned(),
        membership_index: Decimal(answer.index),
        unchanged: answer.unchanged,
    };
    Done::changed(report, !answer.unchanged)
}

/// Nothing has to be asked of the leader: it is so already.
fn unchanged(step: Step, survey: &Survey, seen: &Seen) -> Done<MembershipChange> {
    let answer = RaftAdminConfigurationChangeResponse { index: survey.membership_index, unchanged: true };
    changed(step, survey, (&seen.entry.name, &seen.entry.address), &answer)
}
