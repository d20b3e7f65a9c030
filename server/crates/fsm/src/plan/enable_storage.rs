//! Rows are sealed from here on. There is no barrier: each replica seals a row if its state says so when
//! it applies it.

use elastickv_types::{LogId, LogIndex};

use super::Rejection;
use super::action::stage_change;
use super::answer::Change;
use super::step::membership_in_effect;
use crate::state::{Control, GroupState, Milestone, Reached};

pub fn plan(
    state: &GroupState,
    control: &Control,
    at: LogIndex,
    membership: LogId,
) -> Result<Change, Rejection> {
    match control.stage.reach(Milestone::SealStorage, at)? {
        Reached::Before(first) => Ok(Change::known(first)),
        Reached::Now(stage) => {
            membership_in_effect(state, membership)?;
            Ok(Change::made(at, stage_change(at, stage)))
        }
    }
}
