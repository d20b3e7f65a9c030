//! Rewrap: every key that is still held in a new wrapping, all at once, the keys themselves unchanged.

use std::collections::BTreeSet;

use elastickv_types::LogIndex;

use super::action::keyring_change;
use super::answer::Change;
use super::step::row;
use super::{Action, Rejection, Wanted};
use crate::command::{List, Rewrapped};
use crate::state::{Control, KeyRow};

pub fn plan<const MOST: usize>(
    control: &Control,
    at: LogIndex,
    keys: &List<Rewrapped, MOST>,
) -> Result<Change, Rejection> {
    let mut seen = BTreeSet::new();
    let changes = keys.iter().map(|rewrapped| {
        if !seen.insert(rewrapped.key) {
            return Err(Rejection::RewrapTwice { key: rewrapped.key });
        }
        rewrap(control, rewrapped)
    });
    let changes = changes.collect::<Result<Vec<_>, _>>()?;
    match control.keys.unretired().find(|(key, _)| !seen.contains(key)) {
        Some((key, _)) => Err(Rejection::RewrapIncomplete { key }),
        None => Ok(Change::made(at, keyring_change(at, changes))),
    }
}

fn rewrap(control: &Control, rewrapped: &Rewrapped) -> Result<Action, Rejection> {
    let key = rewrapped.key;
    let found = row(control, key)?;
    if found.state.is_retired() {
        return Err(Rejection::KeyStateWrong { key, found: found.state, wanted: Wanted::Held });
    }
    if found.commitment != rewrapped.commitment {
        return Err(Rejection::CommitmentWrong { key });
    }
    let row = KeyRow { wrapping: Some(rewrapped.wrapping.clone()), ..found.clone() };
    Ok(Action::PutKey { key, row })
}
