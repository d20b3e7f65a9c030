//! A load registers for a key, or a new key brings a cohort of them.

use super::{Action, Answer, Decision, Registered, Rejection, Wanted};
use crate::command::{Cohort, Registration};
use crate::state::{GroupState, Registry};
use elastickv_types::KeyId;

pub fn plan(state: &GroupState, registration: Registration) -> Decision {
    match judge(state, &registration) {
        Ok(changed) => {
            let actions = if changed { vec![Action::PutWriter(registration)] } else { Vec::new() };
            Decision { actions, answer: Answer::Registered(Ok(Registered { changed })) }
        }
        Err(rejection) => Decision { actions: Vec::new(), answer: Answer::Registered(Err(rejection)) },
    }
}

fn judge(state: &GroupState, registration: &Registration) -> Result<bool, Rejection> {
    let control = state.control.as_deref().ok_or(Rejection::NotControlGroup)?;
    let key = registration.key;
    let row = control.keys.get(key).ok_or(Rejection::UnknownKey { key })?;
    if row.state.is_retired() {
        return Err(Rejection::KeyStateWrong { key, found: row.state, wanted: Wanted::Held });
    }
    control.writers.judge(registration)
}

/// The rows of a key that nobody ever wrote under; its cohort can only be at odds with itself.
pub(super) fn cohort(key: KeyId, cohort: &Cohort) -> Result<Vec<Action>, Rejection> {
    let mut rows = Registry::default();
    let mut actions = Vec::new();
    for writer in cohort.iter() {
        let registration = Registration { key, writer: *writer };
        if rows.judge(&registration)? {
            rows.put(key, *writer);
            actions.push(Action::PutWriter(registration));
        }
    }
    Ok(actions)
}
