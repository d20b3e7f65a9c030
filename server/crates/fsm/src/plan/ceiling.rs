//! The timestamps between which the group is at work: they only rise.

use elastickv_types::Timestamp;

use super::{Action, Answer, Decision};
use crate::command::Bounds;
use crate::state::GroupState;

pub fn plan(state: &GroupState, bounds: Bounds) -> Decision {
    let after =
        Bounds { ceiling: state.ceiling.max(bounds.ceiling), oldest: state.oldest.max(bounds.oldest) };
    Decision { actions: raised(state, bounds), answer: Answer::Ceiling(after) }
}

pub(super) fn raised(state: &GroupState, bounds: Bounds) -> Vec<Action> {
    let above = |asked: Timestamp, is: Timestamp| (asked > is).then_some(asked);
    let ceiling = above(bounds.ceiling, state.ceiling).map(|to| Action::RaiseCeiling { to });
    let oldest = above(bounds.oldest, state.oldest).map(|to| Action::RaiseOldest { to });
    ceiling.into_iter().chain(oldest).collect()
}
