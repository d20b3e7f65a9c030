use bytes::Bytes;
use elastickv_types::{RequestId, Timestamp};

use super::*;
use crate::command::{Mutation, Write, WriteBatch};

fn put(ts: u64, key: &'static str) -> Write {
    let mutations = vec![Mutation::Put { key: key.into(), value: Bytes::from_static(b"v") }];
    Write { commit_ts: Timestamp::from_u64(ts), request_id: RequestId::from_bytes([0; 16]), mutations }
}

fn clear() -> Place {
    Place { index: LogIndex::new(9), form: Form::Clear }
}

#[test]
fn a_write_below_the_last_timestamp_is_rejected_alone() {
    let state = GroupState { last_commit_ts: Timestamp::from_u64(5), ..GroupState::default() };
    let writes = vec![put(5, "a"), put(7, "b"), put(7, "c"), put(6, "d"), put(8, "e")];
    let decision = plan(&state, clear(), Command::WriteBatch(WriteBatch { writes }));
    let Answer::Writes(answers) = decision.answer else { panic!("{:?}", decision.answer) };
    let taken: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(taken, [false, true, false, false, true]);
    let rows: Vec<_> = decision.actions.iter().map(|action| format!("{action:?}")).collect();
    assert_eq!(rows, ["PutRow(1 and 1 bytes at 7)", "PutRow(1 and 1 bytes at 8)", "AdvanceTimestamp(8)"]);
}

#[test]
fn deciding_twice_from_the_same_state_is_the_same() {
    let state = GroupState::default();
    let command = Command::WriteBatch(WriteBatch { writes: vec![put(1, "a"), put(1, "b")] });
    assert_eq!(plan(&state, clear(), command.clone()), plan(&state, clear(), command));
}
