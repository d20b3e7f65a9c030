//! `encryption rewrite …`: the job that seals old rows anew.
//!
//! The job's id is drawn here, so that a request whose answer was lost is sent again; from then on the members go on
//! by themselves, and what follows is only watching.

use std::time::Duration;

use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_proto::v1::change_job_request::Change;
use elastickv_types::ClusterId;
use tonic::Streaming;

use super::{best_aim, leader_aim};
use crate::args::rewrite::{JobArgs, JobStatusArgs, Rate, SetRateArgs, StartArgs};
use crate::client::{Intent, Patience, Plan, Session, Survey, jobs_rpc};
use crate::error::{CliError, Code, Warning};
use crate::model::Done;
use crate::model::encryption::{JobReport, JobView};

/// A stream that says nothing for so long may have lost its node; a member that is silent takes three seconds.
const SILENCE: Duration = Duration::from_secs(10);
/// Before another look.
const PAUSE: Duration = Duration::from_millis(500);

pub async fn start(session: &Session, args: &StartArgs, usual: Rate) -> Result<Done<JobReport>, CliError> {
    let id = session.begin_change();
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, args.change.expect.expect_cluster.as_deref())?;
    let request = v1::StartRewriteRequest {
        job_id: Bytes::copy_from_slice(id.as_bytes()),
        reason: args.change.expect.reason.clone(),
        expected_cluster_id: cluster_id(&survey),
        rate: args.rate.unwrap_or(usual).on_the_wire(),
    };
    let plan = Plan::repeatable(leader_aim(session, &survey)?);
    let begun = session.call(plan, &request, jobs_rpc::start_rewrite).await?.message;
    let changed = !begun.was_running;
    let job = begun.job.ok_or_else(|| CliError::new(Code::Unexpected, "the leader told of no job"))?;
    let again = "{cli} encryption rewrite status --watch   # comes back to it".to_owned();
    session.leave_behind(Code::JobGoesOn, &again);
    let last = if args.no_wait { job } else { follow(session, job).await };
    Ok(report(session, &survey, Some(&last), changed, Some(&again)))
}

pub async fn status(session: &Session, args: &JobStatusArgs) -> Result<Done<JobReport>, CliError> {
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    let found = get(session, &survey).await?;
    let again = "{cli} encryption rewrite status --watch";
    if args.watch
        && let Some(job) = found
    {
        session.leave_behind(Code::JobGoesOn, again);
        let last = follow(session, job).await;
        return Ok(report(session, &survey, Some(&last), false, Some(again)));
    }
    Ok(report(session, &survey, found.as_ref(), false, None))
}

pub async fn pause(session: &Session, args: &JobArgs) -> Result<Done<JobReport>, CliError> {
    change(session, args.expect.expect_cluster.as_deref(), Change::Pause(v1::PauseJob {})).await
}

pub async fn resume(session: &Session, args: &JobArgs) -> Result<Done<JobReport>, CliError> {
    change(session, args.expect.expect_cluster.as_deref(), Change::Resume(v1::ResumeJob {})).await
}

pub async fn cancel(session: &Session, args: &JobArgs) -> Result<Done<JobReport>, CliError> {
    change(session, args.expect.expect_cluster.as_deref(), Change::Cancel(v1::CancelJob {})).await
}

pub async fn set_rate(session: &Session, args: &SetRateArgs) -> Result<Done<JobReport>, CliError> {
    let rate = v1::SetJobRate { rate: args.rate.on_the_wire() };
    change(session, args.expect.expect_cluster.as_deref(), Change::SetRate(rate)).await
}

async fn change(
    session: &Session,
    expected: Option<&str>,
    change: Change,
) -> Result<Done<JobReport>, CliError> {
    session.progress().say("looking for the leader");
    let survey = session.survey_with_leader().await?;
    session.expect_cluster(&survey, expected)?;
    let found = get(session, &survey).await?;
    let job = found.ok_or_else(|| CliError::new(Code::NoSuchJob, "there never was a rewrite"))?;
    let reason = session.reason().to_owned();
    let request = v1::ChangeJobRequest { job_id: job.job_id, reason, change: Some(change) };
    let plan = Plan::repeatable(leader_aim(session, &survey)?);
    let answer = session.call(plan, &request, jobs_rpc::change).await?.message;
    Ok(report(session, &survey, answer.job.as_ref(), answer.changed, None))
}

/// The job that there is, or was last.
pub async fn get(session: &Session, survey: &Survey) -> Result<Option<v1::Job>, CliError> {
    let plan = Plan { patience: Patience::Write, ..Plan::read(leader_aim(session, survey)?) };
    Ok(session.call(plan, &v1::GetJobRequest {}, jobs_rpc::get).await?.message.job)
}

/// Watches until it is over or the time is. What was seen last is the result: that watching failed does not change
/// what the members do.
pub async fn follow(session: &Session, begun: v1::Job) -> v1::Job {
    let mut last = begun;
    while !show(session, &last).is_over() {
        if let Err(error) = watch(session, &mut last).await {
            session.warn(Warning::new(error.code(), error.message()));
            return last;
        }
        if show(session, &last).is_over() || !session.sleep(PAUSE).await {
            break;
        }
    }
    last
}

/// One stream of one leader, as long as it lasts.
async fn watch(session: &Session, last: &mut v1::Job) -> Result<(), CliError> {
    let survey = session.survey_with_leader().await?;
    let plan = Plan { intent: Intent::Read, aim: best_aim(&survey), patience: Patience::Work };
    let request = v1::WatchJobRequest { job_id: last.job_id.clone() };
    let mut stream = session.call(plan, &request, jobs_rpc::watch).await?.message;
    while let Some(news) = next(session, &mut stream).await {
        *last = news;
        if show(session, last).is_over() {
            break;
        }
    }
    Ok(())
}

/// News, or nothing at the end of the stream, of its silence, or of the time.
async fn next(session: &Session, stream: &mut Streaming<v1::WatchJobResponse>) -> Option<v1::Job> {
    let patience = session.remaining().min(SILENCE);
    tokio::time::timeout(patience, stream.message()).await.ok()?.ok()??.job
}

fn show(session: &Session, job: &v1::Job) -> JobView {
    let view = JobView::from(job);
    session.progress().show(view.title(), view.bars());
    view
}

fn report(
    session: &Session,
    survey: &Survey,
    job: Option<&v1::Job>,
    changed: bool,
    again: Option<&str>,
) -> Done<JobReport> {
    let job = job.map(JobView::from);
    job.iter().flat_map(JobView::warnings).for_each(|warning| session.warn(warning));
    // Who only asked how it is was answered.
    let problem = again.and_then(|again| job.as_ref()?.problem(again));
    let report = JobReport { cluster_name: survey.cluster_name.clone(), job };
    Done::changed(report, changed).with_problem(problem)
}

/// Nothing for a cluster that has no id yet, which servers take for any.
pub(super) fn cluster_id(survey: &Survey) -> Bytes {
    let id: Option<ClusterId> = survey.cluster_id.parse().ok();
    id.map(|id| Bytes::copy_from_slice(id.as_bytes())).unwrap_or_default()
}
