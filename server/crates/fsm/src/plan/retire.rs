//! Retire: a closed key leaves every keyring.
//!
//! That nothing refers to the key any more was found out by the gate, on the members of one membership
//! and since one closing; both are named, and either being another now voids what was found.

use elastickv_types::{LogIndex, Purpose};

use super::action::keyring_change;
use super::answer::Change;
use super::step::{membership_in_effect, row};
use super::{Action, Rejection, Wanted};
use crate::command::Retire;
use crate::state::{Control, GroupState, KeyRow, KeyState};

pub fn plan(
    state: &GroupState,
    control: &Control,
    at: LogIndex,
    retire: Retire,
) -> Result<Change, Rejection> {
    let Retire { key, closed: named, membership } = retire;
    let found = row(control, key)?;
    let closed = match found.state {
        KeyState::Closed { at } => at,
        KeyState::Retired { at, .. } => return Ok(Change::known(at)),
        KeyState::Installed | KeyState::Active | KeyState::Retiring => {
            return Err(Rejection::KeyStateWrong { key, found: found.state, wanted: Wanted::Closed });
        }
    };
    if closed != named {
        return Err(Rejection::CloseIndexWrong { key, closed, named });
    }
    membership_in_effect(state, membership)?;
    // Of other groups' floors the gate knows; this one is in the control group's own state.
    if found.purpose == Purpose::Raft && !state.raft.floor.contains_key(&key) {
        return Err(Rejection::NotInKeyFloor { key });
    }
    let row = KeyRow { state: KeyState::Retired { closed, at }, wrapping: None, ..found.clone() };
    Ok(Change::made(at, keyring_change(at, [Action::PutKey { key, row }, Action::DropWriters { key }])))
}
