//! Close: from here on nobody seals under a key that was replaced.

use elastickv_types::{KeyId, LogIndex};

use super::action::keyring_change;
use super::answer::Change;
use super::step::row;
use super::{Action, Rejection, Wanted};
use crate::state::{Control, KeyRow, KeyState};

pub fn plan(control: &Control, at: LogIndex, key: KeyId) -> Result<Change, Rejection> {
    let found = row(control, key)?;
    match found.state {
        KeyState::Retiring => {
            let row = KeyRow { state: KeyState::Closed { at }, ..found.clone() };
            Ok(Change::made(at, keyring_change(at, [Action::PutKey { key, row }])))
        }
        KeyState::Closed { at: closed } | KeyState::Retired { closed, .. } => Ok(Change::known(closed)),
        KeyState::Installed | KeyState::Active => {
            Err(Rejection::KeyStateWrong { key, found: found.state, wanted: Wanted::Retiring })
        }
    }
}
