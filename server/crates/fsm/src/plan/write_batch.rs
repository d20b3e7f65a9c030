//! Users' writes: each of a batch is decided on its own.

use elastickv_types::Timestamp;

use super::{Action, Answer, Decision, WriteRejection, Written};
use crate::command::{Mutation, Write, WriteBatch};
use crate::state::GroupState;

pub fn plan(state: &GroupState, batch: WriteBatch) -> Decision {
    let mut last = state.last_commit_ts;
    let mut actions = Vec::new();
    let answers = batch.writes.into_iter().map(|write| plan_write(&mut last, write, &mut actions)).collect();
    if last > state.last_commit_ts {
        actions.push(Action::AdvanceTimestamp { to: last });
    }
    Decision { actions, answer: Answer::Writes(answers) }
}

fn plan_write(
    last: &mut Timestamp,
    write: Write,
    actions: &mut Vec<Action>,
) -> Result<Written, WriteRejection> {
    let commit_ts = write.commit_ts;
    if commit_ts <= *last {
        return Err(WriteRejection::StaleTimestamp { proposed: commit_ts, last: *last });
    }
    *last = commit_ts;
    actions.extend(write.mutations.into_iter().map(|mutation| match mutation {
        Mutation::Put { key, value } => Action::PutRow { key, commit_ts, value },
        Mutation::Delete { key } => Action::PutTombstone { key, commit_ts },
    }));
    Ok(Written { commit_ts })
}
