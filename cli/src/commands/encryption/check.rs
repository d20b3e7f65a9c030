//! `encryption check`, and every `--dry-run`.

use elastickv_proto::v1;

use super::leader_aim;
use crate::client::{Intent, Patience, Plan, Session, Survey, encryption_rpc};
use crate::error::{CliError, Code};
use crate::model::Done;
use crate::model::encryption::{CheckReport, JudgementView};

pub async fn run(
    session: &Session,
    request: v1::CheckRequest,
    expected: Option<&str>,
) -> Result<Done<CheckReport>, CliError> {
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, expected)?;
    let judgement = judged(session, &survey, &request).await?;
    judgement.warnings().into_iter().for_each(|warning| session.warn(warning));
    let problem = judgement.refusal();
    let report = CheckReport { cluster_name: survey.cluster_name.clone(), judgement };
    Ok(Done::read(report).with_problem(problem))
}

/// Lets the leader ask everyone, and judge.
pub async fn judged(
    session: &Session,
    survey: &Survey,
    request: &v1::CheckRequest,
) -> Result<JudgementView, CliError> {
    session.progress().say("the leader asks every member");
    // A silent member takes its whole time, and its state may need a moment to catch up.
    let plan = Plan { intent: Intent::Read, aim: leader_aim(session, survey)?, patience: Patience::Write };
    let answer = session.call(plan, request, encryption_rpc::check).await?.message;
    let told =
        answer.judgement.ok_or_else(|| CliError::new(Code::Unexpected, "the leader gave no judgement"))?;
    Ok(JudgementView::from(&told))
}
