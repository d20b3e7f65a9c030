//! `encryption status`

use elastickv_proto::v1;
use futures_util::future::join_all;

use super::{epochs, leader_aim, verify};
use crate::args::encryption::StatusArgs;
use crate::client::{Failure, Patience, Plan, Seen, Session, Survey, encryption_rpc, jobs_rpc};
use crate::error::{CliError, Code, Warning};
use crate::model::Done;
use crate::model::encryption::{EncryptionStatusReport, MemberReply, Verification};

pub async fn run(session: &Session, args: &StatusArgs) -> Result<Done<EncryptionStatusReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let mut report = of(session, &survey).await;
    if args.verify {
        let sealed_under = sealed_under(session, &survey).await?;
        let counts = verify::count(session, &survey, args.verify_rate.unwrap_or(0)).await;
        let verification = Verification::of(&report, &counts, sealed_under);
        verification.warnings().into_iter().for_each(|warning| session.warn(warning));
        report.verification = Some(verification);
    }
    report.warnings().into_iter().for_each(|warning| session.warn(warning));
    let needed = report.previous_kek.as_ref().is_some_and(|previous| !previous.may_go);
    if needed {
        session.warn(Warning::new(Code::PreviousKekNeeded, "the previous KEK is still needed"));
    }
    let problem = report.problem();
    Ok(Done::read(report).with_problem(problem))
}

/// Every member's word, put together.
pub async fn of(session: &Session, survey: &Survey) -> EncryptionStatusReport {
    let replies = replies(session, survey).await;
    EncryptionStatusReport::of(survey, &replies, session.unix_ms())
}

/// The key that was active when a rewrite had sealed every row, if one has.
async fn sealed_under(session: &Session, survey: &Survey) -> Result<Option<u32>, CliError> {
    let plan = Plan { patience: Patience::Write, ..Plan::read(leader_aim(session, survey)?) };
    let job = session.call(plan, &v1::GetJobRequest {}, jobs_rpc::get).await?.message.job;
    Ok(job.filter(|job| job.state() == v1::JobState::Finished).map(|job| job.under_key_id))
}

/// Asks each member that has described itself; a slow one delays nobody's row but its own.
async fn replies(session: &Session, survey: &Survey) -> MemberReply {
    let asked = survey.members.iter().filter(|seen| seen.facts().is_some());
    let answers = asked.filter_map(|seen| Some(of_member(session, seen, seen.address()?)));
    join_all(answers).await.into_iter().collect()
}

async fn of_member(
    session: &Session,
    seen: &Seen,
    address: elastickv_types::PeerAddress,
) -> (String, Result<v1::EncryptionStatusResponse, Failure>) {
    let request = v1::EncryptionStatusRequest {};
    let answer = session.ask(&address, Patience::Probe, &request, encryption_rpc::status).await;
    let sound = answer.and_then(|answer| match epochs::of_status(&answer.message) {
        Ok(()) => Ok(answer.message),
        Err(error) => {
            Err(Failure::Unnamed { address, status: tonic::Code::OutOfRange, message: error.to_string() })
        }
    });
    (seen.entry.name.clone(), sound)
}
