//! A disk without room: refused whole, remembered by nobody, over as soon as there is room again.

use elastickv_sys::failing::{Call, ENOSPC, FailingFiles, Failures, Rule};
use proptest::prelude::*;

use super::model::{Caller, Model, Request, step};
use super::*;
use crate::Room;

fn files() -> (SharedFiles, Failures) {
    FailingFiles::over(SystemFiles::shared())
}

fn no_room() -> Rule {
    Rule::every(Call::Allocate, ENOSPC)
}

/// Appends until there is no room; returns how many there were.
fn fill_up(log: &Log) -> u64 {
    let next = log.last_id().map_or(0, |last| last.index.get() + 1);
    let refused = (next..).find_map(|index| {
        let refusal = log.append_now(vec![entry(1, index, &[3; 90])]).err()?;
        assert!(refusal.is_full(), "{refusal}");
        Some(index)
    });
    refused.unwrap()
}

#[test]
fn a_full_disk_is_announced_early_refuses_whole_calls_and_ends_without_a_restart() {
    let dir = scratch();
    let (files, failures) = files();
    let options = || Options { retry_room_after: Duration::from_millis(1), ..small() };
    let log = open_on(files, dir.path(), options()).unwrap();
    assert_eq!(log.room(), Room::Ample);
    failures.add(no_room());
    // Half of the first segment is not used yet when the disk turns out to be full.
    let entries = (0..6).map(|index| entry(1, index, &[3; 90]));
    entries.for_each(|entry| log.append_now(vec![entry]).unwrap());
    wait_until(|| matches!(log.room(), Room::Full { .. }));
    let Room::Full { left } = log.room() else { panic!("the disk is full") };
    assert!(left > 100 && left < 1000, "{left}");

    let held = fill_up(&log);
    assert!(held > 6);
    let before = Model::of(&log);
    let several = (held..held + 3).map(|index| entry(1, index, &[4; 70])).collect();
    assert!(log.append_now(several).unwrap_err().is_full());
    assert_eq!((log.fault(), Model::of(&log)), (None, before.clone()));
    let gap = LogError::Gap { expected: at(held), found: at(held + 1) };
    assert_eq!(log.append_now(vec![entry(1, held + 1, b"")]), Err(gap));

    // What is no entry still has room.
    log.vote_now(vote(9)).unwrap();
    log.truncate_now(Some(at(held - 2))).unwrap();
    log.purge_now(id(1, 1)).unwrap();

    failures.clear();
    wait_until(|| log.room() == Room::Ample);
    log.append_now(vec![entry(2, held - 1, b"again"), entry(2, held, &[5; 900])]).unwrap();
    let holds = Model::of(&log);
    log.close().unwrap();
    let log = open(dir.path(), small()).unwrap();
    assert_eq!(Model::of(&log), holds);
    assert_eq!(log.vote(), Some(vote(9)));
}

/// While the disk is full the log asks it once in a while, and not with all that it does.
#[test]
fn a_full_disk_is_not_asked_again_and_again() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), small()).unwrap();
    failures.add(no_room());
    (0..6).for_each(|index| log.append_now(vec![entry(1, index, &[3; 90])]).unwrap());
    wait_until(|| matches!(log.room(), Room::Full { .. }));
    (1..4).for_each(|term| log.vote_now(vote(term)).unwrap());
    assert_eq!(failures.struck(), 1);
    // Only an entry that can not do without asks at once.
    fill_up(&log);
    assert_eq!(failures.struck(), 2);
}

/// Calls behind one that is refused: entries go with it, the rest still happens.
#[test]
fn what_was_appended_behind_a_refused_call_goes_with_it_and_nothing_else_does() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), small()).unwrap();
    failures.add(no_room());
    let held = fill_up(&log);
    let go = keep_busy(&log);
    let outcomes: Vec<_> = (0..6)
        .map(|number| {
            let (done, outcome) = outcome();
            match number {
                0 => log.append(vec![entry(1, held, &[0; 500]), entry(1, held + 1, b"b")], done).unwrap(),
                1 => log.append(vec![entry(1, held + 2, b"c")], done).unwrap(),
                2 => log.save_vote(vote(2), done),
                3 => log.truncate_after(Some(at(held)), done),
                4 => log.append(vec![entry(2, held + 1, b"d")], done).unwrap(),
                _ => log.purge(id(1, 0), done),
            }
            outcome
        })
        .collect();
    assert_eq!(log.last_id(), Some(id(2, held + 1)));
    go.send(()).unwrap();
    let full: Vec<bool> =
        outcomes.into_iter().map(|outcome| outcome.wait().is_err_and(|e| e.is_full())).collect();
    assert_eq!(full, [true, true, false, false, true, false]);
    assert_eq!(
        (log.last_id(), log.purged(), log.vote()),
        (Some(id(1, held - 1)), Some(id(1, 0)), Some(vote(2)))
    );
    assert_eq!((log.everything().len() as u64, log.stats().queued_bytes), (held - 1, 0));
}

#[test]
fn votes_stop_before_the_room_for_a_truncation_is_used_up() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), small()).unwrap();
    failures.add(no_room());
    let held = fill_up(&log);
    let votes = (1..).find(|term| log.vote_now(vote(*term)).is_err()).unwrap();
    assert!(votes > 3, "{votes}");
    assert_eq!(log.vote(), Some(vote(votes - 1)), "a refused vote is no vote");
    log.roll_now().unwrap_err();
    let mut purges = 0;
    while log.purge_now(id(1, purges)).is_ok() {
        purges += 1;
    }
    assert!(purges > 1, "{purges}");
    log.truncate_now(Some(at(held - 2))).unwrap();
    assert_eq!(log.fault(), None);
    drop(log);
    let log = open(dir.path(), small()).unwrap();
    assert_eq!((log.vote(), log.last_id()), (Some(vote(votes - 1)), Some(id(1, held - 2))));
}

/// A purge frees a segment, and with it comes the room that was missing.
#[test]
fn a_purge_makes_room() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), small()).unwrap();
    failures.add(no_room().after(2));
    let held = fill_up(&log);
    assert!(segment_files(dir.path()).len() >= 3);
    failures.clear();
    log.purge_now(id(1, held - 1)).unwrap();
    wait_until(|| log.room() == Room::Ample);
    log.append_now(vec![entry(1, held, b"on")]).unwrap();
}

/// A purge for which there is no room takes the entries away, and not their files; whoever wants to know that their
/// bytes are gone is told.
#[test]
fn entries_whose_purge_found_no_room_are_still_in_files() {
    let dir = scratch();
    let (files, failures) = files();
    let options = || Options { retry_room_after: Duration::from_millis(1), ..small() };
    let log = open_on(files, dir.path(), options()).unwrap();
    assert_eq!(log.first_in_files(), None);
    (0..30).for_each(|index| log.append_now(vec![entry(1, index, &[3; 90])]).unwrap());
    assert_eq!(log.first_in_files(), Some(at(0)));
    failures.add(no_room());
    let held = fill_up(&log);
    while log.vote_now(vote(9)).is_ok() {}
    let refused = (0..).find(|upto| log.purge_now(id(1, *upto)).is_err()).unwrap();
    log.purge(id(1, held - 1), outcome().0);
    assert_eq!(log.first_index(), at(held));
    let first = log.first_in_files().unwrap();
    assert!(first <= at(refused), "{first} after {refused} purges");
    failures.clear();
    wait_until(|| log.first_in_files().is_none_or(|first| first > at(refused)));
    log.append_now(vec![entry(1, held, &[3; 90])]).unwrap();
    log.roll_now().unwrap();
    log.purge_now(id(1, held)).unwrap();
    assert_eq!(log.first_in_files(), None);
    log.append_now(vec![entry(1, held + 1, b"last")]).unwrap();
    log.close().unwrap();
    let log = open(dir.path(), small()).unwrap();
    assert_eq!(log.first_in_files(), Some(at(held + 1)));
}

#[test]
fn a_new_log_needs_room_for_its_first_segment() {
    let dir = scratch();
    let (files, failures) = files();
    failures.add(no_room());
    assert!(open_on(Arc::clone(&files), dir.path(), small()).unwrap_err().is_full());
    failures.clear();
    open_on(files, dir.path(), small()).unwrap();
}

proptest! {
    #![proptest_config(cases(150))]

    /// Room comes and goes while calls are under way. Each call happened wholly or, if it was refused, not
    /// at all; what the log holds is what the others amount to.
    #[test]
    fn what_a_full_disk_refuses_never_happened(
        steps in prop::collection::vec((step(), prop::bool::weighted(0.3), prop::option::weighted(0.15, any::<bool>())), 1..50),
    ) {
        let dir = scratch();
        let (files, failures) = files();
        let log = open_on(files, dir.path(), small()).unwrap();
        let mut caller = Caller::new();
        let mut asked: Vec<(Request, Option<Outcome>)> = Vec::new();
        let mut outcomes = Vec::new();
        for (step, wait, room) in &steps {
            match room {
                Some(true) => failures.clear(),
                Some(false) => failures.add(no_room()),
                None => {}
            }
            // Drawn from what is read, which may be about to go back.
            let request = caller.request(step, &seen(&log));
            match request.ask(&log) {
                Ok(outcome) => asked.push((request, outcome)),
                Err(LogError::Gap { .. }) => {}
                Err(other) => prop_assert!(false, "{}", other),
            }
            if *wait {
                outcomes.extend(settled(&mut asked)?);
            }
        }
        outcomes.extend(settled(&mut asked)?);
        let (seen, kept) = amounts_to(&outcomes);
        prop_assert_eq!(but_for_hints(Model::of(&log)), but_for_hints(seen.clone()));
        log.close().unwrap();
        let log = open(dir.path(), small()).unwrap();
        let found = but_for_hints(Model::of(&log));
        prop_assert!(found == but_for_hints(seen) || found == but_for_hints(kept), "{:?}", found);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Happened,
    Full,
    Refused,
}

/// What these calls amount to: for callers, and at least on the disk. The two differ in purges for which
/// there was no room and that nothing came after.
fn amounts_to(outcomes: &[(Request, Fate)]) -> (Model, Model) {
    let (mut seen, mut kept) = (Model::default(), Model::default());
    let mut owed: Vec<&Request> = Vec::new();
    for (request, fate) in outcomes {
        match (request, fate) {
            (Request::Purge(_), Fate::Full) => {
                request.apply(&mut seen);
                owed.push(request);
            }
            (_, Fate::Full | Fate::Refused) => {}
            (_, Fate::Happened) => {
                let pays = match request {
                    Request::Append(entries) => !entries.is_empty(),
                    other => matches!(other, Request::Purge(_)),
                };
                if pays {
                    owed.drain(..).for_each(|purge| drop(purge.apply(&mut kept)));
                }
                request.apply(&mut seen);
                request.apply(&mut kept);
            }
        }
    }
    (seen, kept)
}

fn but_for_hints(model: Model) -> Model {
    Model { committed: None, ..model }
}

/// What is there to refer to; the payloads do not matter for that.
fn seen(log: &Log) -> Model {
    let (first, next) = (log.first_index().get(), log.last_id().map_or(0, |last| last.index.get() + 1));
    let ids = (first..next).filter_map(|index| log.id_at(at(index)));
    let entries = ids.map(|id| Entry::new(id, vec![])).collect();
    Model { entries, purged: log.purged(), last: log.last_id(), ..Model::default() }
}

/// Waits for every call and says what became of it.
fn settled(asked: &mut Vec<(Request, Option<Outcome>)>) -> Result<Vec<(Request, Fate)>, TestCaseError> {
    let fates = asked.drain(..).map(|(request, outcome)| match outcome.map_or(Ok(()), Outcome::wait) {
        Ok(()) => Ok((request, Fate::Happened)),
        Err(LogError::Full { .. }) => Ok((request, Fate::Full)),
        Err(LogError::Conflict { .. } | LogError::Purged { .. }) => Ok((request, Fate::Refused)),
        Err(other) => Err(TestCaseError::fail(other.to_string())),
    });
    fates.collect()
}
