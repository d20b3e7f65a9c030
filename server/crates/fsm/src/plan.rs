//! Deciding what a command does.

use bytes::Bytes;
use elastickv_types::Timestamp;

use crate::command::{Command, Mutation, Write};
use crate::state::GroupState;

/// A change to the rows, decided and not yet performed.
#[derive(Clone, PartialEq, Eq)]
pub enum Action {
    PutRow { key: Bytes, commit_ts: Timestamp, value: Bytes },
    PutTombstone { key: Bytes, commit_ts: Timestamp },
    AdvanceTimestamp { to: Timestamp },
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Action::PutRow { key, commit_ts, value } => {
                write!(f, "PutRow({} and {} bytes at {commit_ts})", key.len(), value.len())
            }
            Action::PutTombstone { key, commit_ts } => {
                write!(f, "PutTombstone({} bytes at {commit_ts})", key.len())
            }
            Action::AdvanceTimestamp { to } => write!(f, "AdvanceTimestamp({to})"),
        }
    }
}

/// A write that took effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    pub commit_ts: Timestamp,
}

/// Why a write took no effect; the same on every replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    #[error("timestamp {proposed} is not above the group's last one, {last}")]
    StaleTimestamp { proposed: Timestamp, last: Timestamp },
}

/// What becomes of a command: the changes, and an answer for each write in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Decision {
    pub actions: Vec<Action>,
    pub answers: Vec<Result<Written, Rejection>>,
}

/// Decides. Reads state, changes nothing; the same on every replica.
pub fn plan(state: &GroupState, command: Command) -> Decision {
    match command {
        Command::RegisterWriter(_) | Command::Step(_) | Command::Group(_) | Command::Operation(_) => {
            Decision::default()
        }
        Command::WriteBatch(batch) => {
            let mut last = state.last_commit_ts;
            let mut decision = Decision::default();
            for write in batch.writes {
                decision.answers.push(plan_write(&mut last, write, &mut decision.actions));
            }
            if last > state.last_commit_ts {
                decision.actions.push(Action::AdvanceTimestamp { to: last });
            }
            decision
        }
    }
}

fn plan_write(last: &mut Timestamp, write: Write, actions: &mut Vec<Action>) -> Result<Written, Rejection> {
    let commit_ts = write.commit_ts;
    if commit_ts <= *last {
        return Err(Rejection::StaleTimestamp { proposed: commit_ts, last: *last });
    }
    *last = commit_ts;
    actions.extend(write.mutations.into_iter().map(|mutation| match mutation {
        Mutation::Put { key, value } => Action::PutRow { key, commit_ts, value },
        Mutation::Delete { key } => Action::PutTombstone { key, commit_ts },
    }));
    Ok(Written { commit_ts })
}

#[cfg(test)]
mod tests {
    use elastickv_types::RequestId;

    use super::*;
    use crate::command::WriteBatch;

    fn put(ts: u64, key: &'static str) -> Write {
        let mutations = vec![Mutation::Put { key: key.into(), value: Bytes::from_static(b"v") }];
        Write { commit_ts: Timestamp::from_u64(ts), request_id: RequestId::from_bytes([0; 16]), mutations }
    }

    #[test]
    fn a_write_below_the_last_timestamp_is_rejected_alone() {
        let state = GroupState { last_commit_ts: Timestamp::from_u64(5) };
        let writes = vec![put(5, "a"), put(7, "b"), put(7, "c"), put(6, "d"), put(8, "e")];
        let decision = plan(&state, Command::WriteBatch(WriteBatch { writes }));
        let taken: Vec<bool> = decision.answers.iter().map(Result::is_ok).collect();
        assert_eq!(taken, [false, true, false, false, true]);
        let rows: Vec<_> = decision.actions.iter().map(|action| format!("{action:?}")).collect();
        assert_eq!(rows, ["PutRow(1 and 1 bytes at 7)", "PutRow(1 and 1 bytes at 8)", "AdvanceTimestamp(8)"]);
    }

    #[test]
    fn deciding_twice_from_the_same_state_is_the_same() {
        let state = GroupState::default();
        let command = Command::WriteBatch(WriteBatch { writes: vec![put(1, "a"), put(1, "b")] });
        assert_eq!(plan(&state, command.clone()), plan(&state, command));
    }
}
