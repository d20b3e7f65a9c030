//! The marker: this group's entries are sealed above it.
//!
//! Each group has its own, decided from its own state; whether there are keys, only the control group can
//! tell, and there the operation could not begin without them.

use elastickv_types::{LogId, LogIndex};

use super::action::stage_change;
use super::answer::Change;
use super::step::membership_in_effect;
use super::{Action, Rejection};
use crate::state::{GroupState, Milestone, Reached};

pub fn plan(state: &GroupState, at: LogIndex, membership: LogId) -> Result<Change, Rejection> {
    if let Some(first) = state.raft.cutover {
        return Ok(Change::known(first));
    }
    let stage = match &state.control {
        None => None,
        Some(control) => match control.stage.reach(Milestone::SealRaft, at)? {
            Reached::Now(stage) => Some(stage),
            Reached::Before(first) => return Ok(Change::known(first)),
        },
    };
    membership_in_effect(state, membership)?;
    let mut actions = vec![Action::CutOver { at }];
    actions.extend(stage.into_iter().flat_map(|stage| stage_change(at, stage)));
    Ok(Change::made(at, actions))
}
