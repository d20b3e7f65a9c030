//! A disk without room, for a log that waits instead of refusing.

use elastickv_sys::failing::{Call, ENOSPC, FailingFiles, Rule};

use super::model::Model;
use super::*;
use crate::Room;

fn waiting() -> Options {
    Options { hold_when_full: true, retry_room_after: Duration::from_millis(1), ..small() }
}

/// Six small entries, in a log whose disk has turned out to be full, and one that waits.
fn held_up(log: &Log) -> Outcome {
    (0..6).for_each(|index| log.append_now(vec![entry(1, index, &[3; 90])]).unwrap());
    wait_until(|| matches!(log.room(), Room::Full { .. }));
    let (done, outcome) = outcome();
    log.append(vec![entry(1, 6, &[4; 2000])], done).unwrap();
    outcome
}

#[test]
fn entries_without_room_can_be_read_and_are_answered_when_there_is_some() {
    let dir = scratch();
    let (files, failures) = FailingFiles::over(SystemFiles::shared());
    let log = open_on(files, dir.path(), waiting()).unwrap();
    failures.add(Rule::every(Call::Allocate, ENOSPC));
    let held = held_up(&log);
    let ((voted, vote_saved), (appended, behind)) = (outcome(), outcome());
    log.save_vote(vote(5), voted);
    log.append(vec![entry(1, 7, b"behind")], appended).unwrap();
    let asked = failures.struck();
    wait_until(|| failures.struck() > asked);
    assert_eq!(log.everything().len(), 8);

    failures.clear();
    for outcome in [held, vote_saved, behind] {
        outcome.wait().unwrap();
    }
    let holds = Model::of(&log);
    log.close().unwrap();
    let log = open(dir.path(), small()).unwrap();
    assert_eq!((Model::of(&log), log.vote(), log.everything().len()), (holds, Some(vote(5)), 8));
}

#[test]
fn closing_refuses_entries_that_wait_and_nothing_else() {
    let dir = scratch();
    let (files, failures) = FailingFiles::over(SystemFiles::shared());
    let log = open_on(files, dir.path(), waiting()).unwrap();
    failures.add(Rule::every(Call::Allocate, ENOSPC));
    let held = held_up(&log);
    let (voted, vote_saved) = outcome();
    log.save_vote(vote(5), voted);
    log.close().unwrap();
    assert!(held.wait().unwrap_err().is_full());
    vote_saved.wait().unwrap();
    let log = open(dir.path(), small()).unwrap();
    assert_eq!((log.everything().len(), log.vote()), (6, Some(vote(5))));
}
