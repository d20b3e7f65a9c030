//! The job as a whole: what its members told of their parts, and that it is over.

use elastickv_consensus::{Part, ProposeError, Rewriting};
use elastickv_fsm::{
    Actor, Answer, Command, Done, Job, JobChange, JobCommand, JobPhase, Origin, Reason, Rejection, UnixMillis,
};
use elastickv_mvcc::rewrite::Amount;
use elastickv_types::{KeyId, OperationId, Purpose};

use super::local::Shown;
use crate::capability::Report;
use crate::operations::Operations;
use crate::ports::{Question, Standing};

/// An entry that was proposed in a form that was not legal any more, or whose outcome is open, is looked after so often.
const ATTEMPTS: usize = 10;

/// A member's part of a job, as it tells itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberPart {
    pub job: OperationId,
    pub activity: String,
    /// It has done its part, in the rows that it has now.
    pub done: bool,
    /// Its log holds no user's entry in clear.
    pub log_sealed: bool,
    /// The key that was active when it went over its rows, once it has begun.
    pub under: Option<KeyId>,
    pub total: Amount,
    pub finished: Amount,
    /// Rows that do not open, and stay as they are.
    pub unopened: u64,
    pub counted: u64,
    pub speed: u64,
    /// A typed name, words, and since when.
    pub waiting: Option<(String, String, u64)>,
}

impl MemberPart {
    pub(super) fn of(job: &Job, at: Option<Rewriting>, shown: Shown) -> Self {
        let log_sealed = matches!(at, Some(Rewriting { part: Part::Done { log_sealed: true }, .. }));
        let done = matches!(at, Some(Rewriting { part: Part::Done { .. }, .. }));
        let under = at.as_ref().map(|at| at.under);
        let (total, finished, unopened) =
            at.map_or_else(Default::default, |at| (at.total, at.done, at.unopened));
        Self {
            job: job.id(),
            activity: shown.activity.to_owned(),
            done,
            log_sealed,
            under,
            total,
            finished,
            unopened,
            counted: shown.counted,
            speed: shown.speed,
            waiting: shown.waiting.map(|waiting| (waiting.name.to_owned(), waiting.text, waiting.since_ms)),
        }
    }
}

/// Why a job was not changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JobError {
    #[error(transparent)]
    Away(#[from] ProposeError),
    #[error(transparent)]
    Rejected(#[from] Rejection),
}

impl Operations {
    /// What every member tells of itself now.
    pub async fn ask_everybody(&self) -> Result<(Standing, Vec<Report>), ProposeError> {
        let standing = self.standing().await?;
        let reports = self.ask(&standing, &Question::default()).await;
        Ok((standing, reports))
    }

    /// Begins a job, or changes the one that there is. Acts once, however often its answer is lost.
    pub async fn change_job(
        &self,
        job: OperationId,
        (actor, reason): (Actor, Reason),
        change: JobChange,
    ) -> Result<Done, JobError> {
        for _ in 0..ATTEMPTS {
            let at = UnixMillis::new(self.now_ms());
            let origin = Origin { operation: job, actor: actor.clone(), reason: reason.clone(), at };
            let command = Command::Job(JobCommand { origin, change });
            match self.parts.cluster.propose(command).await.map(|answer| answer.answers) {
                Ok(Answer::Done(done)) => return Ok(done?),
                // What is changed to what it is already is told to be known.
                Ok(_) | Err(ProposeError::OutcomeUnknown) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ProposeError::OutcomeUnknown.into())
    }

    /// Says that the job is over once every member has done its part.
    pub(crate) async fn end_job(&self) {
        let Ok(standing) = self.parts.cluster.standing().await else { return };
        let Some(job) = standing.control.job.clone().filter(|job| job.phase == JobPhase::Running) else {
            return;
        };
        let Some(membership) = standing.membership_id.filter(|_| !standing.changing) else { return };
        let reports = self.ask(&standing, &Question::default()).await;
        let Some(under) = standing.control.keys.active(Purpose::Storage) else { return };
        let Some(log_sealed) = all_done(job.id(), under, &reports) else { return };
        let origin = (Actor::cut("elastickv"), Reason::cut("every member has done its part"));
        let change = JobChange::Finish { log_sealed, membership, under };
        if let Err(error) = self.change_job(job.id(), origin, change).await {
            tracing::warn!(%error, "the rewrite is over, which can not be recorded for now");
        }
    }
}

/// Whether all logs are sealed, once every member has done its part under the key that is active.
fn all_done(job: OperationId, active: KeyId, reports: &[Report]) -> Option<bool> {
    let parts: Option<Vec<_>> = reports
        .iter()
        .map(|report| {
            let part = report.answer.as_ref().ok()?.rewrite.as_ref()?;
            let done = part.job == job && part.done && part.under == Some(active);
            done.then_some(part.log_sealed)
        })
        .collect();
    Some(parts?.into_iter().all(|sealed| sealed))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use elastickv_consensus::Member;
    use elastickv_types::StoreId;

    use super::*;
    use crate::capability::Facts;
    use crate::tests::facts;

    fn key(raw: u32) -> KeyId {
        KeyId::from_u32(raw).unwrap()
    }

    fn job() -> OperationId {
        OperationId::from_bytes([7; 16])
    }

    fn report(part: Option<MemberPart>) -> Report {
        let member = Member {
            name: "n1".parse().unwrap(),
            address: "10.0.0.1:1".parse().unwrap(),
            store_id: StoreId::from_bytes([1; 16]),
        };
        let answer = Ok(Facts { rewrite: part, ..facts::sample() });
        Report { member, asked_ms: 0, took: Duration::ZERO, answer }
    }

    fn done(under: u32) -> MemberPart {
        let amount = Amount::default();
        MemberPart {
            job: job(),
            activity: "done".to_owned(),
            done: true,
            log_sealed: true,
            under: Some(key(under)),
            total: amount,
            finished: amount,
            unopened: 0,
            counted: 0,
            speed: 0,
            waiting: None,
        }
    }

    #[test]
    fn it_is_over_when_all_are_done_under_the_key_that_is_active() {
        let over = |parts: [Option<MemberPart>; 2]| all_done(job(), key(3), &parts.map(report));
        assert_eq!(over([Some(done(3)), Some(done(3))]), Some(true));
        let clear = MemberPart { log_sealed: false, ..done(3) };
        assert_eq!(over([Some(clear), Some(done(3))]), Some(false));
        assert_eq!(over([Some(done(3)), None]), None);
        assert_eq!(over([Some(done(3)), Some(done(1))]), None, "a rotation came after it");
        let other = MemberPart { job: OperationId::from_bytes([8; 16]), ..done(3) };
        assert_eq!(over([Some(done(3)), Some(other)]), None);
    }
}
