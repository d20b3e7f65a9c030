//! The marker: this group's entries are sealed above it.
//!
//! Each group has its own, decided from its own state. Whether there are keys, and whether the operation is
//! still under way, only the control group can tell; there it could not have begun without keys, and a marker
//! that comes after its end is rejected.

use elastickv_types::{LogId, LogIndex, OperationId};

use super::action::stage_change;
use super::answer::Change;
use super::step::membership_in_effect;
use super::{Action, Rejection};
use crate::command::OperationKind;
use crate::state::{Control, GroupState, Milestone, Reached};

pub fn plan(
    state: &GroupState,
    at: LogIndex,
    operation: OperationId,
    membership: LogId,
) -> Result<Change, Rejection> {
    if let Some(first) = state.raft.cutover {
        return Ok(Change::known(first));
    }
    let stage = match &state.control {
        None => None,
        Some(control) => match control.stage.reach(Milestone::SealRaft, at)? {
            Reached::Before(first) => return Ok(Change::known(first)),
            Reached::Now(stage) => {
                must_be_under_way(control, operation)?;
                Some(stage)
            }
        },
    };
    membership_in_effect(state, membership)?;
    let mut actions = vec![Action::CutOver { at }];
    actions.extend(stage.into_iter().flat_map(|stage| stage_change(at, stage)));
    Ok(Change::made(at, actions))
}

fn must_be_under_way(control: &Control, operation: OperationId) -> Result<(), Rejection> {
    let running = control.running.as_ref().filter(|running| running.origin.operation == operation);
    match running {
        None => Err(Rejection::OperationNotRunning { operation }),
        Some(running) if running.kind == OperationKind::EnableRaft => Ok(()),
        Some(running) => Err(Rejection::StepNotOfOperation { kind: running.kind }),
    }
}
