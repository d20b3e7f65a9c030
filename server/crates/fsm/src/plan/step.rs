//! Steps: what they have in common.
//!
//! A step belongs to the operation that is under way. Taken twice, it says what it did the first time; of
//! an operation that is over, it says what became of that. The last step of an operation ends it, and so
//! does one that is rejected: there is one record of it, written in the same entry as what it tells of.

use elastickv_types::{KeyId, LogId, LogIndex};

use super::answer::Change;
use super::{
    Action, Answer, Decision, Rejection, activate, bootstrap, close, enable_storage, install, operation,
    retire, rewrap,
};
use crate::command::{Step, StepCommand};
use crate::state::{Control, Done, GroupState, KeyRow, Running};

pub fn plan(state: &GroupState, at: LogIndex, command: &StepCommand) -> Decision {
    let Some(control) = state.control.as_deref() else {
        return Decision::told(Err(Rejection::NotControlGroup));
    };
    let operation = command.origin.operation;
    let running = control.running.as_ref().filter(|running| running.origin.operation == operation);
    let Some(running) = running else {
        return Decision::told(operation::of_the_past(control, operation));
    };
    if let Some(done) = running.taken(command.step.tag()) {
        return Decision::told(Ok(done));
    }
    match decide(state, control, running, at, &command.step) {
        Ok(Change { mut actions, done }) => {
            actions.extend(match command.last {
                true => operation::end(control, running, at, command.origin.at, Ok(done)),
                false => vec![advance(running, command, done)],
            });
            Decision { actions, answer: Answer::Done(Ok(done)) }
        }
        Err(rejection) => {
            let actions = operation::end(control, running, at, command.origin.at, Err(rejection.clone()));
            Decision { actions, answer: Answer::Done(Err(rejection)) }
        }
    }
}

fn decide(
    state: &GroupState,
    control: &Control,
    running: &Running,
    at: LogIndex,
    step: &Step,
) -> Result<Change, Rejection> {
    if !running.takes(step.tag().tag) {
        return Err(Rejection::StepNotOfOperation { kind: running.kind });
    }
    match step {
        Step::Bootstrap(bootstrap) => bootstrap::plan(state, control, at, bootstrap),
        Step::Install(install) => install::plan(control, at, install),
        Step::Rewrap(keys) => rewrap::plan(control, at, keys),
        Step::Retire(retire) => retire::plan(state, control, at, *retire),
        Step::EnableStorage { membership } => enable_storage::plan(state, control, at, *membership),
        Step::Activate { key, replaces } => activate::plan(control, at, *key, *replaces),
        Step::Close { key } => close::plan(control, at, *key),
    }
}

fn advance(running: &Running, command: &StepCommand, done: Done) -> Action {
    let mut running = running.clone();
    running.steps.push((command.step.tag(), done)).expect("a step that has no room is rejected");
    Action::SetRunning(Some(Box::new(running)))
}

/// What was judged of the members is true of this membership only.
pub(super) fn membership_in_effect(state: &GroupState, named: LogId) -> Result<(), Rejection> {
    match state.membership {
        Some(effective) if effective == named => Ok(()),
        effective => Err(Rejection::MembershipChanged { named, effective }),
    }
}

pub(super) fn row(control: &Control, key: KeyId) -> Result<&KeyRow, Rejection> {
    control.keys.get(key).ok_or(Rejection::UnknownKey { key })
}
