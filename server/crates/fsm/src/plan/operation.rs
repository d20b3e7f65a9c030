//! Operations: one at a time, each acts once.
//!
//! An operation begins with an entry, before its gate, and is under way until its last step, its
//! rejection, or an entry that ends it. A leader that finds one past its deadline ends it with such an
//! entry. That the deadline has passed is read from the time in the entry.

use elastickv_types::{LogIndex, OperationId};

use super::step::membership_in_effect;
use super::{Action, Answer, Decision, Rejection};
use crate::command::{Ending, OperationCommand, OperationKind, Origin, Phase, UnixMillis, drawn_at};
use crate::state::{Control, Done, GroupState, Outcome, Record, Running, Steps};

/// How far a caller's clock may be ahead of the leader's.
const AHEAD_MS: u64 = 10 * 60 * 1000;

pub fn plan(state: &GroupState, at: LogIndex, command: &OperationCommand) -> Decision {
    let Some(control) = state.control.as_deref() else {
        return Decision::told(Err(Rejection::NotControlGroup));
    };
    let origin = &command.origin;
    match &command.phase {
        Phase::Begin { kind, purpose, since, deadline, membership } => {
            match known(control, origin, *kind) {
                Ok(Some(result)) => return Decision::told(result),
                Ok(None) => {}
                Err(rejection) => return Decision::told(Err(rejection)),
            }
            let (origin, kind, purpose) = (origin.clone(), *kind, *purpose);
            let (since, deadline) = (*since, *deadline);
            let running =
                Running { origin, kind, purpose, since, deadline, begun: at, steps: Steps::default() };
            let allowed = may_begin(control, kind).and_then(|()| membership_in_effect(state, *membership));
            begin(control, at, running, allowed)
        }
        Phase::End(ending) => plan_end(control, at, origin, ending),
    }
}

/// What is known of an operation that wants to begin; `None` for a new one.
fn known(
    control: &Control,
    origin: &Origin,
    kind: OperationKind,
) -> Result<Option<Result<Done, Rejection>>, Rejection> {
    let operation = origin.operation;
    let same = |found: OperationKind| match found == kind {
        true => Ok(()),
        false => Err(Rejection::OperationIdReused { operation, kind: found }),
    };
    if let Some(record) = control.history.record(operation) {
        same(record.kind)?;
        return Ok(Some(record.outcome.clone()));
    }
    if let Some(running) = control.running.as_ref().filter(|found| found.origin.operation == operation) {
        same(running.kind)?;
        return Ok(Some(Ok(Done { changed: false, first: running.begun, key: None })));
    }
    let drawn = drawn_at(&operation).ok_or(Rejection::OperationIdUntimed { operation })?;
    if control.history.may_have_forgotten(drawn) {
        return Err(Rejection::OperationIdExpired { operation });
    }
    if drawn > origin.at.saturating_add(AHEAD_MS) {
        return Err(Rejection::OperationIdAhead { operation, drawn, at: origin.at });
    }
    Ok(None)
}

fn may_begin(control: &Control, kind: OperationKind) -> Result<(), Rejection> {
    if let Some(running) = &control.running {
        let (running, kind, begun) = (running.origin.operation, running.kind, running.begun);
        return Err(Rejection::OperationRunning { running, kind, begun });
    }
    if kind.needs_bootstrap() && control.stage.bootstrap().is_none() {
        return Err(Rejection::NotBootstrapped);
    }
    Ok(())
}

fn begin(control: &Control, at: LogIndex, running: Running, allowed: Result<(), Rejection>) -> Decision {
    match allowed {
        Ok(()) => Decision {
            actions: vec![Action::SetRunning(Some(Box::new(running)))],
            answer: Answer::Done(Ok(Done { changed: true, first: at, key: None })),
        },
        // Another one may be under way: it stays so.
        Err(rejection) => Decision {
            actions: remember(control, &running, at, running.origin.at, Err(rejection.clone())),
            answer: Answer::Done(Err(rejection)),
        },
    }
}

fn plan_end(control: &Control, at: LogIndex, origin: &Origin, ending: &Ending) -> Decision {
    let running = control.running.as_ref().filter(|found| found.origin.operation == origin.operation);
    let Some(running) = running else {
        return Decision::told(of_the_past(control, origin.operation));
    };
    let result = match ending {
        Ending::Done { changed, first } => {
            let key = running.steps.iter().rev().find_map(|(_, done)| done.key);
            Ok(Done { changed: *changed, first: *first, key })
        }
        Ending::Refused { name, text } => Err(Rejection::Refused { name: name.clone(), text: text.clone() }),
        Ending::DeadlinePassed if origin.at < running.deadline => {
            let (deadline, at) = (running.deadline, origin.at);
            return Decision::told(Err(Rejection::DeadlineNotReached { deadline, at }));
        }
        Ending::DeadlinePassed => Err(Rejection::DeadlinePassed { deadline: running.deadline }),
    };
    Decision { actions: end(control, running, at, origin.at, result.clone()), answer: Answer::Done(result) }
}

/// What became of an operation that is not under way.
pub(super) fn of_the_past(control: &Control, operation: OperationId) -> Result<Done, Rejection> {
    match control.history.record(operation) {
        Some(record) => record.outcome.clone(),
        None => match drawn_at(&operation) {
            Some(drawn) if control.history.may_have_forgotten(drawn) => {
                Err(Rejection::OperationIdExpired { operation })
            }
            _ => Err(Rejection::OperationNotRunning { operation }),
        },
    }
}

/// Ends what is under way, with its record.
pub(super) fn end(
    control: &Control,
    running: &Running,
    at: LogIndex,
    time: UnixMillis,
    outcome: Outcome,
) -> Vec<Action> {
    let mut actions = vec![Action::SetRunning(None)];
    actions.extend(remember(control, running, at, time, outcome));
    actions
}

fn remember(
    control: &Control,
    running: &Running,
    at: LogIndex,
    time: UnixMillis,
    outcome: Outcome,
) -> Vec<Action> {
    let Origin { operation, actor, reason, .. } = running.origin.clone();
    let record = Record { operation, kind: running.kind, at: time, actor, reason, outcome };
    let outlived = control.history.outlived(time).into_iter().map(|at| Action::Forget { at });
    let mut actions: Vec<Action> = outlived.collect();
    actions.push(Action::Remember { at, record: Box::new(record) });
    actions
}
