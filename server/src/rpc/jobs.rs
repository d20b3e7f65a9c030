//! `elastickv.v1.Jobs`: work on all rows, and counts of them.

use std::num::NonZeroU64;
use std::pin::Pin;
use std::time::Duration;

use elastickv_fsm::{Actor, Job, JobChange, Reason};
use elastickv_lifecycle::{JobError, draw_operation};
use elastickv_proto::v1;
use elastickv_proto::v1::change_job_request::Change;
use elastickv_proto::v1::jobs_server::Jobs;
use elastickv_types::{ByteRate, OperationId};
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::watch;
use tonic::{Code, Request, Response, Status};

use super::operations::{Desk, operation_id};
use super::status::Refusal;
use crate::access::Caller;
use crate::lifecycle::wire;

/// How often members are asked for whoever watches.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct JobsService {
    pub desk: Desk,
}

type Stream_<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

fn asker<T>(request: &Request<T>) -> Actor {
    Caller::of(request).for_history()
}

fn reason(text: String) -> Result<Reason, Refusal> {
    let long = || Refusal::bad_request("Malformed", "the reason is too long, or not one line");
    Reason::new(text).ok_or_else(long)
}

impl JobsService {
    async fn change(
        &self,
        job: OperationId,
        (actor, text): (Actor, String),
        change: JobChange,
    ) -> Result<(v1::Job, bool), Refusal> {
        let origin = (actor, reason(text)?);
        let done =
            self.desk.operations.change_job(job, origin, change).await.map_err(|error| match error {
                JobError::Away(error) => Refusal::proposal(&self.desk.node, error),
                JobError::Rejected(rejection) => Refusal::rejected(&rejection),
            })?;
        let told = look(&self.desk).await?.ok_or_else(|| unknown(job))?;
        Ok((told, done.changed))
    }
}

fn unknown(job: OperationId) -> Refusal {
    Refusal::new(Code::NotFound, "UnknownJob", format!("there is no job {job}"))
}

/// The job that there is, as its members tell of it.
async fn look(desk: &Desk) -> Result<Option<v1::Job>, Refusal> {
    let asked = desk.operations.ask_everybody().await;
    let (standing, reports) = asked.map_err(|error| Refusal::proposal(&desk.node, error))?;
    Ok(standing.control.job.as_ref().map(|job: &Job| wire::job(job, &reports)))
}

#[tonic::async_trait]
impl Jobs for JobsService {
    async fn start_rewrite(
        &self,
        request: Request<v1::StartRewriteRequest>,
    ) -> Result<Response<v1::StartRewriteResponse>, Status> {
        let actor = asker(&request);
        let request = request.into_inner();
        self.desk.expect(&request.expected_cluster_id)?;
        let node = &self.desk.node;
        let job = match request.job_id.is_empty() {
            true => draw_operation(node.clock.unix_ms(), &*node.random),
            false => operation_id(&request.job_id)?,
        };
        let change = JobChange::StartRewrite { rate: ByteRate::from_u64(request.rate) };
        let (job, changed) = self.change(job, (actor, request.reason), change).await?;
        Ok(Response::new(v1::StartRewriteResponse { job: Some(job), was_running: !changed }))
    }

    async fn get(
        &self,
        _request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        Ok(Response::new(v1::GetJobResponse { job: look(&self.desk).await? }))
    }

    type WatchStream = Stream_<v1::WatchJobResponse>;

    async fn watch(
        &self,
        request: Request<v1::WatchJobRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let job = operation_id(&request.into_inner().job_id)?;
        let first = look(&self.desk).await?.filter(|found| found.job_id[..] == job.as_bytes()[..]);
        let first = first.ok_or_else(|| unknown(job))?;
        let watcher = Watcher { desk: self.desk.clone(), job, shown: None, next: Some(first) };
        Ok(Response::new(stream::unfold(Some(watcher), Watcher::turn).boxed()))
    }

    async fn change(
        &self,
        request: Request<v1::ChangeJobRequest>,
    ) -> Result<Response<v1::ChangeJobResponse>, Status> {
        let actor = asker(&request);
        let request = request.into_inner();
        let job = operation_id(&request.job_id)?;
        let missing = || Refusal::bad_request("Malformed", "it does not say what is to be changed");
        let change = match request.change.ok_or_else(missing)? {
            Change::Pause(_) => JobChange::Pause,
            Change::Resume(_) => JobChange::Resume,
            Change::SetRate(set) => JobChange::SetRate { rate: ByteRate::from_u64(set.rate) },
            Change::Cancel(_) => JobChange::Cancel,
        };
        let (job, changed) = JobsService::change(self, job, (actor, request.reason), change).await?;
        Ok(Response::new(v1::ChangeJobResponse { job: Some(job), changed }))
    }

    type VerifyStream = Stream_<v1::VerifyResponse>;

    async fn verify(
        &self,
        request: Request<v1::VerifyRequest>,
    ) -> Result<Response<Self::VerifyStream>, Status> {
        let rate = NonZeroU64::new(request.into_inner().rate);
        let (counted, counts) = watch::channel(0);
        let verifier = self.desk.node.verifier.clone();
        let counting = async move {
            let verified = verifier.run(rate, |rows| counted.send_modify(|shown| *shown = rows)).await;
            verified.map_err(|error| Status::from(Refusal::new(Code::Aborted, "CountBroken", error)))
        };
        let told = |counted_rows, count| v1::VerifyResponse { counted_rows, count };
        let last = stream::once(counting)
            .map(move |verified| verified.map(|verified| told(verified.rows, Some(wire::count(&verified)))));
        let progress = stream::unfold(counts, move |mut counts| async move {
            tokio::time::sleep(LOOK).await;
            counts.changed().await.ok()?;
            let rows = *counts.borrow_and_update();
            Some((Ok(told(rows, None)), counts))
        });
        // Counting ends the progress, by letting go of its end of the channel.
        Ok(Response::new(stream::select(progress, last).boxed()))
    }
}

/// One watcher of the job.
struct Watcher {
    desk: Desk,
    job: OperationId,
    shown: Option<v1::Job>,
    next: Option<v1::Job>,
}

impl Watcher {
    /// The next news; nothing after the last.
    async fn turn(watcher: Option<Self>) -> Option<(Result<v1::WatchJobResponse, Status>, Option<Self>)> {
        let mut watcher = watcher?;
        loop {
            let seen = match watcher.next.take() {
                Some(first) => Ok(Some(first)),
                None => look(&watcher.desk).await,
            };
            match seen {
                Err(refusal) => return Some((Err(refusal.into()), None)),
                Ok(Some(job)) if watcher.shown.as_ref() != Some(&job) => {
                    let same = job.job_id[..] == watcher.job.as_bytes()[..];
                    let over = matches!(job.state(), v1::JobState::Finished | v1::JobState::Cancelled);
                    let told = v1::WatchJobResponse { job: Some(job.clone()) };
                    watcher.shown = Some(job);
                    return Some((Ok(told), (same && !over).then_some(watcher)));
                }
                Ok(_) => {}
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
