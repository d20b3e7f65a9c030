//! Rotation, first half: a new key becomes known, and seals nothing yet.
//!
//! It names the key it will replace, so an entry that was overtaken by another rotation is rejected. A
//! second one that was not overtaken finds a key installed and goes on with that.

use elastickv_types::LogIndex;

use super::Rejection;
use super::action::keyring_change;
use super::activate::must_be_active;
use super::answer::Change;
use super::bootstrap::new_key;
use crate::command::Install;
use crate::state::{Control, KeyState};

pub fn plan(control: &Control, at: LogIndex, install: &Install) -> Result<Change, Rejection> {
    let purpose = install.purpose;
    let replaced = must_be_active(control, install.replaces)?;
    if replaced.purpose != purpose {
        return Err(Rejection::KeyPurposeWrong { key: install.replaces, found: replaced.purpose });
    }
    if let Some((key, row)) =
        control.keys.installed(purpose).and_then(|key| Some((key, control.keys.get(key)?)))
    {
        return Ok(Change::known(row.created).naming(key));
    }
    let changes = new_key(control, at, purpose, &install.key, KeyState::Installed)?;
    Ok(Change::made(at, keyring_change(at, changes)).naming(install.key.id))
}
