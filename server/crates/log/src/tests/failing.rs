//! Calls to the file system that fail: the log stops, tells everybody, and never takes it back.

use elastickv_sys::failing::{Call, EIO, ENOSPC, FailingFiles, Failures, Rule};
use elastickv_sys::losing::{LosingFiles, Syncs};

use super::model::Model;
use super::*;

/// Files that fail when told to and lose what was not synced.
fn files() -> (SharedFiles, Failures) {
    FailingFiles::over(LosingFiles::over(SystemFiles::shared(), Syncs::Honoured).unwrap())
}

fn is_io(error: &LogError) -> bool {
    matches!(error, LogError::Io { .. })
}

/// Each call of the log that reaches the disk, failing once in each way.
#[test]
fn one_failed_write_or_sync_stops_the_log_for_good() {
    for rule in [
        Rule::once(Call::Sync, EIO),
        Rule::once(Call::Write, EIO),
        // There is room: it was reserved. So this is a fault and not a full disk.
        Rule::once(Call::Write, ENOSPC),
        Rule::once(Call::Sync, ENOSPC),
    ] {
        let dir = scratch();
        let (files, failures) = files();
        let log = open_on(files, dir.path(), small()).unwrap();
        log.vote_now(vote(1)).unwrap();
        log.append_now(vec![entry(1, 0, b"kept")]).unwrap();
        let holds = Model::of(&log);
        failures.add(rule.clone());
        let fault = log.append_now(vec![entry(1, 1, b"lost")]).unwrap_err();
        assert!(is_io(&fault), "{fault}");
        assert_eq!((failures.struck(), log.fault()), (1, Some(fault.clone())));
        // The disk works again; the log does not.
        assert_eq!(log.append_now(vec![entry(1, 2, b"more")]), Err(fault.clone()));
        assert_eq!(log.vote_now(vote(2)), Err(fault.clone()));
        assert_eq!(log.truncate_now(None), Err(fault.clone()));
        assert_eq!(log.purge_now(id(1, 0)), Err(fault.clone()));
        assert_eq!(log.roll_now(), Err(fault.clone()));
        assert_eq!(log.read(at(0), at(1), 100), Err(fault.clone()));
        assert_eq!(log.close(), Err(fault));
        let log = open(dir.path(), small()).unwrap();
        assert_eq!(Model::of(&log), holds, "{rule:?}");
    }
}

#[test]
fn everybody_who_waits_is_told_of_a_failure_in_order() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), small()).unwrap();
    let (sender, receiver) = channel();
    let go = keep_busy(&log);
    log.append(vec![entry(1, 0, b"a")], Box::new(|_| ())).unwrap();
    for number in 1..=4_u64 {
        let sender = sender.clone();
        let done: Done = Box::new(move |outcome| sender.send((number, outcome.is_ok())).unwrap());
        match number {
            1 => log.save_vote(vote(1), done),
            2 => log.append(vec![entry(1, 1, b"b")], done).unwrap(),
            3 => log.truncate_after(Some(at(0)), done),
            _ => log.purge(id(1, 0), done),
        }
    }
    failures.add(Rule::every(Call::Sync, EIO));
    go.send(()).unwrap();
    let told: Vec<_> = (0..4).map(|_| receiver.recv_timeout(FOREVER).unwrap()).collect();
    assert_eq!(told, [(1, false), (2, false), (3, false), (4, false)]);
}

#[test]
fn a_purge_whose_files_do_not_go_is_a_failure() {
    for call in [Call::Remove, Call::SyncDir] {
        let dir = scratch();
        let (files, failures) = files();
        let log = open_on(files, dir.path(), small()).unwrap();
        log.append_now(vec![entry(1, 0, b"a")]).unwrap();
        log.roll_now().unwrap();
        failures.add(Rule::once(call, EIO));
        assert!(is_io(&log.purge_now(id(1, 0)).unwrap_err()));
        assert!(log.fault().is_some());
        drop(log);
        // The purge itself is a fact. Opening finishes it.
        let log = open(dir.path(), small()).unwrap();
        assert_eq!(log.purged(), Some(id(1, 0)));
        let left = segment_files(dir.path());
        assert!(!left.contains(&dir.path().join("log").join("0000000001.log")), "{left:?}");
    }
}

/// The next segment is made beside the log's work; that this failed comes out all the same.
#[test]
fn a_segment_that_can_not_be_made_for_another_reason_than_room_is_a_failure() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), small()).unwrap();
    failures.add(Rule::every(Call::Rename, EIO));
    let fault = (0..).find_map(|index| log.append_now(vec![entry(1, index, &[1; 100])]).err()).unwrap();
    assert!(is_io(&fault), "{fault}");
    let kept = log.fault();
    drop(log);
    assert_eq!(kept, Some(fault));
    open(dir.path(), small()).unwrap();
}

/// A sync that failed leaves bytes that only the operating system remembers, and it takes them for written.
/// They may be read again, but not be relied on before they are written once more.
#[test]
fn opening_writes_what_was_never_known_to_be_on_the_disk_once_more() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    log.append_now(vec![entry(1, 0, b"synced")]).unwrap();
    log.append_now(vec![entry(1, 1, b"who knows")]).unwrap();
    let copy = copy_of(dir.path());
    let losing = LosingFiles::over(SystemFiles::shared(), Syncs::Honoured).unwrap();
    let (files, failures) = FailingFiles::over(losing.clone());
    failures.add(Rule::every(Call::Sync, EIO));
    assert!(open_on(files, copy.path(), small()).is_err());
    let rewritten: Vec<u8> = losing.unsynced().into_iter().flat_map(|lost| lost.bytes).collect();
    let holds = |text: &[u8]| rewritten.windows(text.len()).any(|window| window == text);
    assert!(holds(b"who knows") && !holds(b"synced"), "{rewritten:?}");
}

#[test]
fn reading_what_can_not_be_read_fails_and_says_so() {
    let dir = scratch();
    let (files, failures) = files();
    let log = open_on(files, dir.path(), Options { cache_bytes: 0, ..small() }).unwrap();
    log.append_now(vec![entry(1, 0, b"a")]).unwrap();
    failures.add(Rule::once(Call::Read, EIO));
    assert!(is_io(&log.read(at(0), at(1), 10).unwrap_err()));
    assert_eq!(log.read(at(0), at(1), 10), Ok(vec![entry(1, 0, b"a")]));
}
