//! Rotation, second half: the installed key takes over.

use elastickv_types::{KeyId, LogIndex};

use super::action::keyring_change;
use super::answer::Change;
use super::step::row;
use super::{Action, Rejection, Wanted};
use crate::state::{Control, KeyRow, KeyState};

pub fn plan(control: &Control, at: LogIndex, key: KeyId, replaces: KeyId) -> Result<Change, Rejection> {
    let replaced = must_be_active(control, replaces)?;
    let new = row(control, key)?;
    if new.state != KeyState::Installed {
        return Err(Rejection::KeyStateWrong { key, found: new.state, wanted: Wanted::Installed });
    }
    if new.purpose != replaced.purpose {
        return Err(Rejection::KeyPurposeWrong { key, found: new.purpose });
    }
    let changes = [(replaces, replaced, KeyState::Retiring), (key, new, KeyState::Active)];
    let changes =
        changes.map(|(key, row, state)| Action::PutKey { key, row: KeyRow { state, ..row.clone() } });
    Ok(Change::made(at, keyring_change(at, changes)).naming(key))
}

/// A rotation is of the key that is active now, or it was overtaken.
pub(super) fn must_be_active(control: &Control, key: KeyId) -> Result<&KeyRow, Rejection> {
    let found = row(control, key)?;
    match found.state {
        KeyState::Active => Ok(found),
        KeyState::Installed | KeyState::Retiring | KeyState::Closed { .. } | KeyState::Retired { .. } => {
            Err(Rejection::KeyStateWrong { key, found: found.state, wanted: Wanted::Active })
        }
    }
}
