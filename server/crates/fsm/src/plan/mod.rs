//! Deciding what a command does.
//!
//! Deciding reads a state and an entry, and of the group's rows what a write names: no clock, no other
//! group's state, nothing that only one replica has. So it is the same on every replica. It fails only where
//! the rows can not be read, which is a fault of this node; what is not to be done is rejected. There are two ways:
//!
//! - [`Misfit`]: the entry has a form (clear, sealed, under which key) that is not legal at its index.
//!   Its proposer did not know the cutover or the floor yet, and proposes it again in the legal form.
//!   That leaves no trace: nothing is recorded, and no request or operation counts as refused. (That an
//!   entry had to be opened to be judged is noted all the same: whoever reads it again needs its key.)
//! - [`Rejection`]: what is asked for can not be done. An operation that is rejected is over, and its
//!   record says why.
//!
//! What is to be done comes as [`Action`]s in the order in which they have to be performed.

mod action;
mod activate;
mod answer;
mod bootstrap;
mod ceiling;
mod close;
mod enable_raft;
mod enable_storage;
mod facts;
mod fit;
mod install;
mod job;
mod lock;
mod lock_rejection;
mod operation;
mod raise_floor;
mod register_writer;
mod rejection;
mod retire;
mod rewrap;
mod rules;
mod step;
mod write_batch;

use elastickv_types::{KeyId, LogIndex};

use crate::command::{Command, GroupChange, GroupCommand};
use crate::perform::PerformError;
use crate::state::GroupState;
use answer::Change;

pub use action::Action;
pub use answer::{Answer, Decision, Registered, Resolution, Written};
#[cfg(any(test, feature = "testing"))]
pub use facts::NothingWritten;
pub use facts::{Changed, Facts};
pub(crate) use facts::{Fresh, smaller};
pub use fit::{Misfit, admit, travels_clear};
pub use lock_rejection::LockRejection;
pub use rejection::{Rejection, Wanted, WriteRejection};
pub use rules::{Rule, Rules};
pub use write_batch::judge_drawn;

/// How an entry came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Clear,
    /// In an envelope, under this raft key.
    Sealed(KeyId),
}

/// Where in its group's log a command stands, and how it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub index: LogIndex,
    pub form: Form,
}

/// Decides. Reads state, changes nothing; the same on every replica.
pub fn plan(
    state: &GroupState,
    facts: &dyn Facts,
    rules: Rules,
    place: Place,
    command: Command,
) -> Result<Decision, PerformError> {
    if let Err(misfit) = fit::check(&state.raft, rules, place, &command) {
        return Ok(Decision { actions: fit::trace(misfit, place), answer: Answer::Misfit(misfit) });
    }
    let mut decision = match command {
        Command::WriteBatch(batch) => write_batch::plan(state, facts, rules, place.index, &batch)?,
        Command::Ceiling(bounds) => ceiling::plan(state, bounds),
        Command::PreWrite(command) => lock::plan_prewrite(state, facts, rules, command)?,
        Command::Resolve(command) => lock::plan_resolve(state, facts, rules, place.index, &command),
        Command::RegisterWriter(registration) => register_writer::plan(state, registration),
        Command::Step(command) => step::plan(state, place.index, &command),
        Command::Group(command) => plan_group(state, place, &command),
        Command::Operation(command) => operation::plan(state, place.index, &command),
        Command::Job(command) => job::plan(state, place.index, &command),
    };
    decision.actions.extend(fit::opened(place));
    Ok(Decision { actions: action::framed(decision.actions), answer: decision.answer })
}

fn plan_group(state: &GroupState, place: Place, command: &GroupCommand) -> Decision {
    let decided = match &command.change {
        GroupChange::EnableRaft { membership } => {
            enable_raft::plan(state, place.index, command.origin.operation, *membership)
        }
        GroupChange::RaiseFloor { keys } => raise_floor::plan(state, place, keys),
    };
    match decided {
        Ok(Change { actions, done }) => Decision { actions, answer: Answer::Done(Ok(done)) },
        Err(rejection) => Decision::told(Err(rejection)),
    }
}

#[cfg(test)]
mod tests;
