//! Raise the key floor: this group accepts no entry under these raft keys any more.
//!
//! A floor that held the key under which entries are sealed would reject every entry after it. The control
//! group knows the keys, and lets in only such as nobody seals under. Another group knows its own entries:
//!
//! - Before its cutover none was ever sealed, so there is nothing to refuse, and a floor could only hold the
//!   key under which the first sealed one will come: it is rejected.
//! - Above its cutover the entry itself is sealed, under a key that is in use here and so may not be in the
//!   floor. That no *other* node seals under one of these keys any more (a key that is retiring still does, for
//!   those without a row under the newer one), only the gate can know: it asks the control group, whose table
//!   has them closed, before it proposes the entry.

use elastickv_types::{KeyId, Purpose};

use super::answer::Change;
use super::step::row;
use super::{Action, Form, Place, Rejection, Wanted};
use crate::command::KeySet;
use crate::state::{Control, GroupState, KeyState};

pub fn plan(state: &GroupState, place: Place, keys: &KeySet) -> Result<Change, Rejection> {
    if let Form::Sealed(own) = place.form
        && keys.contains(own)
    {
        return Err(Rejection::FloorHoldsOwnKey { key: own });
    }
    match (&state.control, place.form) {
        (Some(control), _) => keys.iter().try_for_each(|key| nobody_seals_under(control, key))?,
        (None, Form::Clear) => return Err(Rejection::FloorBeforeCutover),
        (None, Form::Sealed(_)) => {}
    }
    let at = place.index;
    let (held, new): (Vec<_>, Vec<_>) = keys.iter().partition(|key| state.raft.floor.contains_key(key));
    if new.is_empty() {
        let since = held.iter().filter_map(|key| state.raft.floor.get(key)).max();
        return Ok(Change::known(since.copied().unwrap_or(at)));
    }
    let actions = new.into_iter().map(|key| Action::RaiseFloor { key, at });
    Ok(Change::made(at, actions.collect()))
}

fn nobody_seals_under(control: &Control, key: KeyId) -> Result<(), Rejection> {
    let found = row(control, key)?;
    if found.purpose != Purpose::Raft {
        return Err(Rejection::KeyPurposeWrong { key, found: found.purpose });
    }
    match found.state {
        KeyState::Closed { .. } | KeyState::Retired { .. } => Ok(()),
        KeyState::Installed | KeyState::Active | KeyState::Retiring => {
            Err(Rejection::KeyStateWrong { key, found: found.state, wanted: Wanted::Closed })
        }
    }
}
