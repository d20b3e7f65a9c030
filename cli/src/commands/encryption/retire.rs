//! `encryption retire-dek`: a key that was replaced is unloaded everywhere.
//!
//! The servers close the key, ask every member, and refuse with all that stands in the way. `--prepare` brings the
//! members there in between: old values are sealed anew, what they were is removed, and every value is counted.

use bytes::Bytes;
use elastickv_proto::v1;

use super::step::{Run, Step};
use super::{key_ids, leader_aim, rewrite, verify};
use crate::args::encryption::RetireArgs;
use crate::args::rewrite::Rate;
use crate::client::{Plan, Session, Survey, encryption_rpc, jobs_rpc};
use crate::commands::confirm::{Irreversible, confirm};
use crate::error::{CliError, Code};
use crate::model::Done;
use crate::model::encryption::{JobView, OperationReport, OperationView};
use crate::ui::Ui;

/// What the preparation mends; with anything else in the way it is not begun.
const MENDED: [&str; 7] = [
    // Members that are an entry behind catch up meanwhile.
    "state-in-sync",
    "no-row-under-it",
    "no-older-read",
    "no-rewrite-at-work",
    "snapshot-from-since",
    "log-from-since",
    "nothing-set-aside",
];

/// The one key that was typed, as the cluster has it.
pub async fn resolve(session: &Session, typed: &str) -> Result<(Survey, u32), CliError> {
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    let plan = Plan::read(leader_aim(session, &survey)?);
    let request = v1::ListKeysRequest { include_retired: true };
    let keys = session.call(plan, &request, encryption_rpc::list_keys).await?.message.keys;
    let key = key_ids::resolve(typed, &keys)?.key_id;
    Ok((survey, key))
}

pub async fn run(
    session: &Session,
    ui: &Ui,
    args: &RetireArgs,
    usual: Rate,
) -> Result<Done<OperationReport>, CliError> {
    let id = session.begin_change();
    let (survey, key) = resolve(session, &args.key_id).await?;
    session.expect_cluster(&survey, args.step.change.expect.expect_cluster.as_deref())?;
    let first = Run::new(session, Step::Retire(key), &args.step, id);
    let known = first.known(&survey).await?;
    if known.is_none() {
        agreed(session, ui, &survey, key, args).await?;
    }
    let ended = match known {
        Some(known) => first.follow(known).await,
        None => first.perform(&survey).await?,
    };
    if !args.prepare || !is_mended(&ended) {
        return Ok(first.report(&survey, OperationView::from(&ended)));
    }
    prepare(session, &survey, key, usual).await?;
    let second = Run::new(session, Step::Retire(key), &args.step, session.new_request_id());
    let ended = second.perform(&survey).await?;
    Ok(second.report(&survey, OperationView::from(&ended)))
}

async fn agreed(
    session: &Session,
    ui: &Ui,
    survey: &Survey,
    key: u32,
    args: &RetireArgs,
) -> Result<(), CliError> {
    let question = Irreversible {
        consequences: vec![
            format!("key {key} is closed, and unloaded on every member once nothing refers to it"),
            "backups that were taken under it need it from their own copy of the keys".to_owned(),
            "there is no way back".to_owned(),
        ],
        cluster_name: &survey.cluster_name,
        yes: args.step.yes,
        expected: args.step.change.expect.expect_cluster.as_deref(),
        command: Step::Retire(key).command(),
    };
    confirm(session, ui, &question).await
}

/// It was refused, for nothing but what the preparation mends.
fn is_mended(ended: &v1::Operation) -> bool {
    let judgement = ended.judgement.as_ref().filter(|_| ended.state() == v1::OperationState::Refused);
    let Some(judgement) = judgement else { return false };
    let mut blocking = judgement.findings.iter().filter(|one| one.verdict() == v1::Verdict::Blocks);
    blocking.all(|finding| MENDED.contains(&finding.check.as_str()))
}

/// Seals anew what is under the closed key, removes what it was, and counts.
async fn prepare(session: &Session, survey: &Survey, key: u32, rate: Rate) -> Result<(), CliError> {
    let job = running(session, survey, key, rate).await?;
    let ended = JobView::from(&rewrite::follow(session, job).await);
    if let Some(problem) = ended.problem("{cli} encryption rewrite status --watch   # then run this again") {
        return Err(problem);
    }
    let counts = verify::count(session, survey, 0).await;
    match counts.iter().find_map(|(member, count)| Some((member, count.as_ref().err()?))) {
        Some((member, error)) => {
            Err(CliError::new(Code::Partial, format!("{member} did not count its values: {error}")))
        }
        None => Ok(()),
    }
}

/// The rewrite that is under way, or a new one.
async fn running(session: &Session, survey: &Survey, key: u32, rate: Rate) -> Result<v1::Job, CliError> {
    let request = v1::StartRewriteRequest {
        job_id: Bytes::copy_from_slice(session.new_request_id().as_bytes()),
        reason: match session.reason() {
            "" => format!("key {key} retires"),
            given => given.to_owned(),
        },
        expected_cluster_id: rewrite::cluster_id(survey),
        rate: rate.on_the_wire(),
    };
    let plan = Plan::repeatable(leader_aim(session, survey)?);
    let told = match session.call(plan.clone(), &request, jobs_rpc::start_rewrite).await {
        Ok(begun) => begun.message.job,
        Err(error) if error.code() == Code::JobRunning => {
            session.call(plan, &v1::GetJobRequest {}, jobs_rpc::get).await?.message.job
        }
        Err(error) => return Err(error),
    };
    told.ok_or_else(|| CliError::new(Code::Unexpected, "the leader told of no rewrite"))
}

/// What would stand in the way, and would become unreadable.
pub fn simulated(key: u32) -> v1::CheckRequest {
    v1::CheckRequest { gate: v1::OperationKind::Retire.into(), key_id: key, ..v1::CheckRequest::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_it_mends_is_prepared_for() {
        let refused = |checks: &[&str]| {
            let finding = |check: &&str| v1::Finding {
                check: (*check).to_owned(),
                verdict: v1::Verdict::Blocks.into(),
                ..v1::Finding::default()
            };
            let judgement =
                v1::Judgement { findings: checks.iter().map(finding).collect(), ..v1::Judgement::default() };
            let state = v1::OperationState::Refused.into();
            v1::Operation { state, judgement: Some(judgement), ..v1::Operation::default() }
        };
        assert!(is_mended(&refused(&["no-row-under-it", "snapshot-from-since", "state-in-sync"])));
        assert!(!is_mended(&refused(&["no-row-under-it", "reachable"])));
        let done = v1::Operation { state: v1::OperationState::Done.into(), ..refused(&[]) };
        assert!(!is_mended(&done));
    }
}
