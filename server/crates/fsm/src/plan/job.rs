//! Jobs: there is one at a time, and another begins only once it is over.
//!
//! What is replicated of a job is what every member has to know to do its part. Nothing waits for it: operations
//! begin and end meanwhile, and a key that is replaced on the way is one more that rows are sealed anew from.

use elastickv_types::{KeyId, LogIndex, OperationId, Purpose};

use super::activate::must_be_active;
use super::answer::Change;
use super::step::membership_in_effect;
use super::{Action, Answer, Decision, Rejection};
use crate::command::{JobChange, JobCommand, Origin, drawn_at};
use crate::state::{Control, GroupState, Job, JobPhase};

pub fn plan(state: &GroupState, at: LogIndex, command: &JobCommand) -> Decision {
    let Some(control) = state.control.as_deref() else {
        return Decision::told(Err(Rejection::NotControlGroup));
    };
    match decide(state, control, at, command) {
        Ok(Change { actions, done }) => Decision { actions, answer: Answer::Done(Ok(done)) },
        Err(rejection) => Decision::told(Err(rejection)),
    }
}

fn decide(
    state: &GroupState,
    control: &Control,
    at: LogIndex,
    command: &JobCommand,
) -> Result<Change, Rejection> {
    let id = command.origin.operation;
    match command.change {
        JobChange::StartRewrite { rate } => {
            let job = Job {
                origin: command.origin.clone(),
                begun: at,
                rate,
                phase: JobPhase::Running,
                changed: at,
            };
            start(control, at, job)
        }
        JobChange::Pause => turn(control, at, id, JobPhase::Paused),
        JobChange::Resume => turn(control, at, id, JobPhase::Running),
        JobChange::Cancel => turn(control, at, id, JobPhase::Cancelled),
        JobChange::SetRate { rate } => {
            let job = at_work(control, id)?;
            match job.rate == rate {
                true => Ok(Change::known(job.changed)),
                false => Ok(put(at, Job { rate, ..job.clone() })),
            }
        }
        JobChange::Finish { log_sealed, membership, under } => {
            membership_in_effect(state, membership)?;
            seals_rows(control, under)?;
            turn(control, at, id, JobPhase::Finished { log_sealed, under })
        }
    }
}

fn start(control: &Control, at: LogIndex, job: Job) -> Result<Change, Rejection> {
    let Origin { operation, .. } = job.origin;
    match &control.job {
        Some(known) if known.id() == operation => return Ok(Change::known(known.begun)),
        Some(running) if !running.phase.is_over() => {
            return Err(Rejection::JobRunning { job: running.id(), begun: running.begun });
        }
        Some(_) | None => {}
    }
    drawn_at(&operation).ok_or(Rejection::OperationIdUntimed { operation })?;
    if control.stage.storage().is_none() {
        return Err(Rejection::RowsNotSealed);
    }
    Ok(put(at, job))
}

/// Into another phase; into the one it is in is no change.
fn turn(control: &Control, at: LogIndex, id: OperationId, phase: JobPhase) -> Result<Change, Rejection> {
    let job = known(control, id)?;
    if job.phase == phase {
        return Ok(Change::known(job.changed));
    }
    let job = at_work(control, id)?;
    Ok(put(at, Job { phase, changed: at, ..job.clone() }))
}

/// Rows that are sealed from now on are sealed under it.
fn seals_rows(control: &Control, key: KeyId) -> Result<(), Rejection> {
    match must_be_active(control, key)?.purpose {
        Purpose::Storage => Ok(()),
        found @ Purpose::Raft => Err(Rejection::KeyPurposeWrong { key, found }),
    }
}

fn known(control: &Control, id: OperationId) -> Result<&Job, Rejection> {
    let job = control.job.as_ref().filter(|job| job.id() == id);
    job.ok_or(Rejection::UnknownJob { job: id })
}

fn at_work(control: &Control, id: OperationId) -> Result<&Job, Rejection> {
    let job = known(control, id)?;
    match job.phase.is_over() {
        true => Err(Rejection::JobOver { job: id, since: job.changed }),
        false => Ok(job),
    }
}

fn put(at: LogIndex, job: Job) -> Change {
    Change::made(at, vec![Action::SetJob(Box::new(job))])
}
