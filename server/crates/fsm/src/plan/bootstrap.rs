//! Bootstrap: the first two keys, both active at once, with those who will write under them.

use elastickv_types::{LogIndex, Purpose};

use super::action::keyring_change;
use super::answer::Change;
use super::step::membership_in_effect;
use super::{Action, Rejection, register_writer};
use crate::command::{Bootstrap, LAST_CREATED, MOST_KEYS, NewKey};
use crate::state::{Control, GroupState, KeyRow, KeyState, Milestone, Reached};

pub fn plan(
    state: &GroupState,
    control: &Control,
    at: LogIndex,
    bootstrap: &Bootstrap,
) -> Result<Change, Rejection> {
    let stage = match control.stage.reach(Milestone::Bootstrap, at)? {
        Reached::Now(stage) => stage,
        Reached::Before(first) if same_keys(control, first, bootstrap) => return Ok(Change::known(first)),
        Reached::Before(first) => return Err(Rejection::BootstrappedOtherwise { first }),
    };
    membership_in_effect(state, bootstrap.membership)?;
    if bootstrap.storage.id == bootstrap.raft.id {
        return Err(Rejection::KeyIdUsed { key: bootstrap.raft.id });
    }
    let mut changes = vec![Action::SetStage(stage)];
    for (purpose, key) in [(Purpose::Storage, &bootstrap.storage), (Purpose::Raft, &bootstrap.raft)] {
        changes.extend(new_key(control, at, purpose, key, KeyState::Active)?);
    }
    Ok(Change::made(at, keyring_change(at, changes)))
}

/// Whether these are the keys that the bootstrap brought, whatever became of them since.
fn same_keys(control: &Control, first: LogIndex, bootstrap: &Bootstrap) -> bool {
    [(Purpose::Storage, &bootstrap.storage), (Purpose::Raft, &bootstrap.raft)].iter().all(|(purpose, key)| {
        control.keys.get(key.id).is_some_and(|row| {
            row.purpose == *purpose && row.created == first && row.commitment == key.commitment
        })
    })
}

/// A key that no one has seen before, with its cohort. What is accepted here every node has to be able to
/// keep, so whatever no node could is rejected; the bounds of a wrapping are those of its type.
pub(super) fn new_key(
    control: &Control,
    at: LogIndex,
    purpose: Purpose,
    key: &NewKey,
    state: KeyState,
) -> Result<Vec<Action>, Rejection> {
    if control.keys.get(key.id).is_some() {
        return Err(Rejection::KeyIdUsed { key: key.id });
    }
    if control.keys.unretired().count() >= MOST_KEYS {
        return Err(Rejection::TooManyKeys { key: key.id });
    }
    if key.created > LAST_CREATED {
        return Err(Rejection::CreatedTooLate { key: key.id, created: key.created });
    }
    let row = KeyRow {
        purpose,
        state,
        commitment: key.commitment,
        created: at,
        created_at: key.created,
        wrapping: Some(key.wrapping.clone()),
    };
    let mut actions = vec![Action::PutKey { key: key.id, row }];
    actions.extend(register_writer::cohort(key.id, &key.cohort)?);
    Ok(actions)
}
