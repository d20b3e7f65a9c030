use elastickv_types::Timestamp;

use super::*;
use crate::command::{Mutation, Mutations, Write, WriteBatch, Writes};

fn put(ts: u64, key: &str) -> Write {
    let put = Mutation::Put { key: key.as_bytes(), value: b"v", expire_at: 0 };
    let mutations = Mutations::of([put]).unwrap();
    Write { commit_ts: Timestamp::from_u64(ts), request_id: None, reads: None, mutations }
}

fn batch(writes: &[Write]) -> Command {
    Command::WriteBatch(WriteBatch { writes: Writes::of(writes), ..WriteBatch::default() })
}

fn clear() -> Place {
    Place { index: LogIndex::new(9), form: Form::Clear }
}

#[test]
fn a_write_below_the_last_timestamp_is_rejected_alone() {
    let state = GroupState { last_commit_ts: Timestamp::from_u64(5), ..GroupState::default() };
    let writes = [put(5, "a"), put(7, "b"), put(7, "c"), put(6, "d"), put(8, "e")];
    let decision = plan(&state, &NothingWritten, Rules::default(), clear(), batch(&writes)).unwrap();
    let Answer::Writes(answers) = decision.answer else { panic!("{:?}", decision.answer) };
    let taken: Vec<bool> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(taken, [false, true, false, false, true]);
    let rows: Vec<_> = decision.actions.iter().map(|action| format!("{action:?}")).collect();
    assert_eq!(
        rows,
        ["PutRows([Put(1 and 1 bytes)] at 7)", "PutRows([Put(1 and 1 bytes)] at 8)", "AdvanceTimestamp(8)"]
    );
}

#[test]
fn deciding_twice_from_the_same_state_is_the_same() {
    let state = GroupState::default();
    let command = batch(&[put(1, "a"), put(1, "b")]);
    let decide = || plan(&state, &NothingWritten, Rules::default(), clear(), command.clone()).unwrap();
    assert_eq!(decide(), decide());
}
