//! Asking for operations, and for what became of them. Whoever leads carries them out ([`super::driver`]).

use std::sync::Arc;

use elastickv_consensus::ProposeError;
use elastickv_fsm::{
    Actor, Answer, Command, Control, OperationCommand, OperationKind, Origin, Phase, Reason, Record,
    Rejection,
};
use elastickv_sys::point;
use elastickv_types::{LogIndex, OperationId, Purpose};

use super::Waiting;
use super::driver::{CheckError, Operations};
use super::request::{LIMIT, LONGEST, Request, RequestError, Supplied, draw_operation};
use crate::capability::{Gate, Judgement, Report};
use crate::ports::{Question, Standing};

/// An entry that was proposed in a form that was not legal any more, or whose outcome is open, is looked after so often
/// before its asker is told.
const ATTEMPTS: usize = 10;

/// An operation that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Begun {
    /// It is under way.
    Running,
    /// It is over, now or long since; its record stands there.
    Over(LogIndex, Record),
}

impl Operations {
    /// Asks every member what a gate would ask, and judges. Nothing is proposed.
    pub async fn check(&self, gate: Gate) -> Result<Arc<Judgement>, CheckError> {
        let standing = self.parts.cluster.standing().await?;
        Ok(self.judge(gate, &standing).await?.0)
    }

    /// Begins an operation, or finds that it is under way or over. It is carried out by the task of whichever node
    /// leads.
    pub async fn begin(&self, request: Request) -> Result<Begun, RequestError> {
        for _ in 0..ATTEMPTS {
            let standing = self.parts.cluster.standing().await?;
            if let Some(begun) = known(&standing.control, request.operation, request.kind)? {
                self.begun.notify_one();
                return Ok(begun);
            }
            self.begun_here.note(request.operation, request.supplied.clone());
            match self.propose_begin(&standing, &request).await {
                Ok(Answer::Done(Err(rejection))) => return Err(rejection.into()),
                // The state tells what became of it.
                Ok(_) | Err(ProposeError::OutcomeUnknown) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ProposeError::OutcomeUnknown.into())
    }

    /// Where everything stands, when this node leads.
    pub async fn standing(&self) -> Result<Standing, ProposeError> {
        self.parts.cluster.standing().await
    }

    /// What became of an operation, by what is applied here and known to be the last word.
    pub async fn find(&self, operation: OperationId) -> Result<Option<(LogIndex, Record)>, ProposeError> {
        let standing = self.parts.cluster.standing().await?;
        Ok(recorded(&standing.control, operation))
    }

    /// Who has yet to apply what was done at this index of the control group.
    pub async fn unsettled(&self, first: LogIndex) -> Result<Vec<Waiting>, ProposeError> {
        let standing = self.parts.cluster.standing().await?;
        let reports = self.ask(&standing, &Question::default()).await;
        let now = self.parts.clock.unix_ms();
        Ok(reports.iter().filter_map(|report| unsettled(report, first, now)).collect())
    }

    /// Begins a rotation that nobody asked for.
    pub async fn rotate(&self, purpose: Purpose, because: &str) -> Result<Begun, RequestError> {
        let request = Request {
            operation: draw_operation(self.parts.clock.unix_ms(), &*self.parts.random),
            actor: Actor::cut("elastickv"),
            reason: Reason::cut(because),
            kind: OperationKind::Rotate,
            purpose: Some(purpose),
            limit: None,
            supplied: Supplied::default(),
        };
        self.begin(request).await
    }

    async fn propose_begin(&self, standing: &Standing, request: &Request) -> Result<Answer, ProposeError> {
        // Without a membership there is no cluster, and nothing leads it.
        let membership = standing.membership_id.ok_or(ProposeError::NoQuorum)?;
        let since = self.now();
        let limit = request.limit.unwrap_or(LIMIT).min(LONGEST);
        let deadline = since.saturating_add(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        let origin = Origin {
            operation: request.operation,
            actor: request.actor.clone(),
            reason: request.reason.clone(),
            at: since,
        };
        let (kind, purpose) = (request.kind, request.purpose);
        let phase = Phase::Begin { kind, purpose, since, deadline, membership };
        let begin = Command::Operation(OperationCommand { origin, phase });
        point!(BeginDue);
        let begun = self.parts.cluster.propose(begin).await?;
        point!(BeginAnswered);
        Ok(begun.answers)
    }
}

fn recorded(control: &Control, operation: OperationId) -> Option<(LogIndex, Record)> {
    let (at, record) = control.history.find(operation)?;
    Some((at, record.clone()))
}

/// An operation that was asked for before. One with this id and of another kind is not it.
fn known(control: &Control, operation: OperationId, kind: OperationKind) -> Result<Option<Begun>, Rejection> {
    let same = |found: OperationKind| match found == kind {
        true => Ok(()),
        false => Err(Rejection::OperationIdReused { operation, kind: found }),
    };
    if let Some((at, record)) = recorded(control, operation) {
        same(record.kind)?;
        return Ok(Some(Begun::Over(at, record)));
    }
    match &control.running {
        Some(running) if running.origin.operation == operation => {
            same(running.kind)?;
            Ok(Some(Begun::Running))
        }
        _ => Ok(None),
    }
}

fn unsettled(report: &Report, first: LogIndex, now_ms: u64) -> Option<Waiting> {
    let member = report.member.name.clone();
    match &report.answer {
        Err(silence) => Some(Waiting::of_member(member, "Unreachable", silence, now_ms)),
        Ok(facts) if facts.applied < first => {
            let text = format!("it has applied {} and has to reach {first}", facts.applied);
            Some(Waiting::of_member(member, "NotApplied", text, now_ms))
        }
        Ok(_) => None,
    }
}
