//! `encryption status`

use elastickv_proto::v1;
use futures_util::future::join_all;

use super::epochs;
use crate::client::{Failure, Patience, Seen, Session, Survey, encryption_rpc};
use crate::error::{CliError, Code, Warning};
use crate::model::Done;
use crate::model::encryption::{EncryptionStatusReport, MemberReply};

pub async fn run(session: &Session) -> Result<Done<EncryptionStatusReport>, CliError> {
    session.progress().say("asking every member");
    let survey = session.survey().await?;
    let replies = replies(session, &survey).await;
    let report = EncryptionStatusReport::of(&survey, &replies, session.unix_ms());
    report.warnings().into_iter().for_each(|warning| session.warn(warning));
    let needed = report.previous_kek.as_ref().is_some_and(|previous| !previous.may_go);
    if needed {
        session.warn(Warning::new(Code::PreviousKekNeeded, "the previous KEK is still needed"));
    }
    let problem = report.problem();
    Ok(Done::read(report).with_problem(problem))
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
