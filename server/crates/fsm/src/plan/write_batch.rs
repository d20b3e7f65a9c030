//! Users' writes: each of a batch is decided on its own.

use elastickv_types::{LogIndex, Timestamp};

use super::{Action, Answer, Decision, WriteRejection, Written, ceiling};
use crate::command::{Write, WriteBatch};
use crate::state::GroupState;

pub fn plan(state: &GroupState, at: LogIndex, batch: &WriteBatch) -> Decision {
    let mut last = state.last_commit_ts;
    let mut actions = ceiling::raised(state, batch.bounds);
    let answers = batch.writes.iter().map(|write| plan_write(&mut last, at, write, &mut actions)).collect();
    if last > state.last_commit_ts {
        actions.push(Action::AdvanceTimestamp { to: last });
    }
    Decision { actions, answer: Answer::Writes(answers) }
}

fn plan_write(
    last: &mut Timestamp,
    at: LogIndex,
    write: Write,
    actions: &mut Vec<Action>,
) -> Result<Written, WriteRejection> {
    let commit_ts = write.commit_ts;
    if commit_ts <= *last {
        return Err(WriteRejection::StaleTimestamp { proposed: commit_ts, last: *last });
    }
    *last = commit_ts;
    if !write.mutations.is_empty() {
        actions.push(Action::PutRows { commit_ts, mutations: write.mutations });
    }
    Ok(Written { commit_ts, index: at, repeated: false })
}
