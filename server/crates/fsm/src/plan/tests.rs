use elastickv_types::{Commitment, GroupId, KeyId, OperationId, Purpose, Timestamp};

use super::*;
use crate::command::{
    Actor, Mutation, Mutations, OperationKind, Origin, Reason, Step, StepCommand, StepTag, SubTag,
    UnixMillis, Write, WriteBatch, Writes,
};
use crate::state::{Done, KeyRow, KeyState, Running, Steps};

fn put(ts: u64, key: &str) -> Write {
    let put = Mutation::Put { key: key.as_bytes(), value: b"v", expire_at: 0 };
    let mutations = Mutations::of([put]).unwrap();
    Write { commit_ts: Timestamp::from_u64(ts), request_id: None, reads: None, mutations }
}

fn batch(writes: &[Write]) -> Command {
    Command::WriteBatch(WriteBatch { writes: Writes::of(writes), ..WriteBatch::default() })
}

fn decide(state: &GroupState, command: Command) -> Decision {
    let place = Place { index: LogIndex::new(9), form: Form::Clear };
    plan(state, &NothingWritten, Rules::default(), place, command).unwrap()
}

#[test]
fn a_write_below_the_last_timestamp_is_rejected_alone() {
    let state = GroupState { last_commit_ts: Timestamp::from_u64(5), ..GroupState::default() };
    let writes = [put(5, "a"), put(7, "b"), put(7, "c"), put(6, "d"), put(8, "e")];
    let decision = decide(&state, batch(&writes));
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
    assert_eq!(decide(&state, command.clone()), decide(&state, command));
}

/// It could be written and not be read again.
#[test]
fn a_step_beyond_all_that_an_operation_can_take_ends_it() {
    let key = |raw: usize| KeyId::from_u32(raw as u32).unwrap();
    let origin = Origin {
        operation: OperationId::from_bytes([7; 16]),
        actor: Actor::cut("ops"),
        reason: Reason::cut("because"),
        at: UnixMillis::new(1),
    };
    let close = |steps: usize| {
        let done = Done { changed: false, first: LogIndex::new(1), key: None };
        let tag = |id| StepTag { tag: SubTag::Close, purpose: None, key: Some(key(id)) };
        let running = Running {
            origin: origin.clone(),
            purpose: None,
            kind: OperationKind::Close,
            since: UnixMillis::new(1),
            deadline: UnixMillis::new(2),
            begun: LogIndex::new(1),
            steps: Steps::new((2..steps + 2).map(|id| (tag(id), done)).collect()).unwrap(),
        };
        let mut state = GroupState::new(GroupId::CONTROL);
        let mut touched = Default::default();
        state.perform(&Action::SetRunning(Some(Box::new(running))), &mut touched);
        let row = KeyRow {
            purpose: Purpose::Storage,
            state: KeyState::Closed { at: LogIndex::new(3) },
            commitment: Commitment::new([0; 32]),
            created: LogIndex::new(1),
            created_at: UnixMillis::new(1),
            wrapping: None,
        };
        state.perform(&Action::PutKey { key: key(1), row }, &mut touched);
        let step = StepCommand { origin: origin.clone(), last: false, step: Step::Close { key: key(1) } };
        decide(&state, Command::Step(step)).answer
    };
    let known = Done { changed: false, first: LogIndex::new(3), key: None };
    assert_eq!(close(Steps::MOST - 1), Answer::Done(Ok(known)));
    let kind = OperationKind::Close;
    assert_eq!(close(Steps::MOST), Answer::Done(Err(Rejection::StepNotOfOperation { kind })));
}
