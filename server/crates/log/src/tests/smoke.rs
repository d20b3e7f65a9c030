//! The calls, one at a time.

use super::*;

#[test]
fn what_was_answered_is_there_after_opening_again() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    assert_eq!((log.last_id(), log.vote(), log.committed(), log.first_index()), (None, None, None, at(0)));
    log.vote_now(vote(3)).unwrap();
    log.append_now(vec![entry(3, 0, b"a"), entry(3, 1, b"bb"), entry(4, 2, b"")]).unwrap();
    log.truncate_now(Some(at(1))).unwrap();
    log.append_now(vec![entry(5, 2, b"new")]).unwrap();
    log.save_committed(Some(id(3, 1)));
    log.close().unwrap();

    let log = open(dir.path(), small()).unwrap();
    assert_eq!(log.vote(), Some(vote(3)));
    assert_eq!(log.last_id(), Some(id(5, 2)));
    assert_eq!(log.committed(), Some(id(3, 1)));
    assert_eq!(log.everything(), [entry(3, 0, b"a"), entry(3, 1, b"bb"), entry(5, 2, b"new")]);
    log.purge_now(id(3, 1)).unwrap();
    assert_eq!(log.read(at(1), at(2), 9), Err(LogError::Purged { asked: at(1), purged: id(3, 1) }));
    assert_eq!(log.everything(), [entry(5, 2, b"new")]);
    log.purge_now(id(9, 40)).unwrap();
    assert_eq!((log.last_id(), log.first_index(), log.everything()), (Some(id(9, 40)), at(41), vec![]));
    log.append_now(vec![entry(9, 41, b"on")]).unwrap();
    drop(log);

    let log = open(dir.path(), small()).unwrap();
    assert_eq!(log.everything(), [entry(9, 41, b"on")]);
    assert_eq!((log.purged(), log.vote()), (Some(id(9, 40)), Some(vote(3))));
}

#[test]
fn a_long_log_spans_segments_and_a_purge_removes_them() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    log.vote_now(vote(2)).unwrap();
    let entries: Vec<_> = (0..200).map(|index| entry(1, index, &[index as u8; 100])).collect();
    for some in entries.chunks(7) {
        log.append_now(some.to_vec()).unwrap();
    }
    assert_eq!(log.everything(), entries);
    assert_eq!(log.read(at(10), at(20), 350).unwrap(), entries[10..13]);
    assert_eq!(log.read(at(10), at(20), 0).unwrap(), entries[10..11]);
    let before = segment_files(dir.path()).len();
    assert!(before > 8, "{before} segments");
    log.purge_now(id(1, 150)).unwrap();
    let after = segment_files(dir.path()).len();
    assert!(after < before / 2, "{after} of {before} segments are left");
    log.roll_now().unwrap();
    log.purge_now(id(1, 199)).unwrap();
    assert!(segment_files(dir.path()).len() <= 2);
    drop(log);

    let log = open(dir.path(), small()).unwrap();
    assert_eq!((log.last_id(), log.vote()), (Some(id(1, 199)), Some(vote(2))));
    log.append_now(vec![entry(1, 200, b"x")]).unwrap();
    assert_eq!(log.everything(), [entry(1, 200, b"x")]);
}

/// What only the removed segment told is told again before it goes.
#[test]
fn a_purge_leaves_the_vote_even_if_the_next_segment_is_blank() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    log.vote_now(vote(8)).unwrap();
    log.append_now(vec![entry(1, 0, b"a")]).unwrap();
    let (purged, _) = outcome();
    log.purge(id(2, 5), purged);
    log.roll_now().unwrap();
    log.purge_now(id(2, 6)).unwrap();
    assert_eq!(segment_files(dir.path()).first().unwrap().file_name().unwrap(), "0000000002.log");
    let copy = copy_of(dir.path());
    drop(log);
    for dir in [dir, copy] {
        let log = open(dir.path(), small()).unwrap();
        assert_eq!(
            (log.vote(), log.last_id(), log.purged()),
            (Some(vote(8)), Some(id(2, 6)), Some(id(2, 6)))
        );
    }
}

#[test]
fn calls_that_do_not_fit_are_refused_and_change_nothing() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    log.append_now(vec![entry(1, 0, b"a"), entry(1, 1, b"b")]).unwrap();
    let gap = LogError::Gap { expected: at(2), found: at(3) };
    assert_eq!(log.append_now(vec![entry(1, 3, b"c")]), Err(gap));
    let large = entry(1, 2, &[0; 16 * 1024 + 1]);
    let refused = LogError::TooLarge { id: id(1, 2), bytes: 16 * 1024 + 1, limit: 16 * 1024 };
    assert_eq!(log.append_now(vec![large]), Err(refused));
    assert_eq!(log.purge_now(id(2, 1)), Err(LogError::Conflict { asked: id(2, 1), held: id(1, 1) }));
    log.purge_now(id(1, 0)).unwrap();
    assert_eq!(log.truncate_now(None), Err(LogError::Purged { asked: at(0), purged: id(1, 0) }));
    log.truncate_now(Some(at(5))).unwrap();
    log.purge_now(id(1, 0)).unwrap();
    assert_eq!(log.everything(), [entry(1, 1, b"b")]);
    let other = log.clone();
    log.close().unwrap();
    assert_eq!(other.append_now(vec![entry(1, 2, b"c")]), Err(LogError::Closed));
    assert_eq!(other.vote_now(vote(1)), Err(LogError::Closed));
}

#[test]
fn a_committed_id_is_only_told_if_the_log_holds_it() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    log.append_now(vec![entry(1, 0, b"a"), entry(1, 1, b"b")]).unwrap();
    log.save_committed(Some(id(1, 1)));
    assert_eq!(log.committed(), Some(id(1, 1)));
    log.truncate_now(Some(at(0))).unwrap();
    assert_eq!(log.committed(), None);
    log.append_now(vec![entry(2, 1, b"c")]).unwrap();
    assert_eq!(log.committed(), None);
    log.save_committed(Some(id(2, 7)));
    drop(log);
    let log = open(dir.path(), small()).unwrap();
    assert_eq!(log.committed(), None);
    log.append_now((2..8).map(|index| entry(2, index, b"d")).collect()).unwrap();
    assert_eq!(log.committed(), Some(id(2, 7)));
}

#[test]
fn an_entry_longer_than_a_segment_gets_one_of_its_own() {
    let dir = scratch();
    let log = open(dir.path(), Options { largest_payload_bytes: 1 << 20, ..small() }).unwrap();
    let entries: Vec<_> = [10, 5000, 300_000, 20, 70_000]
        .iter()
        .zip(0..)
        .map(|(len, at)| entry(1, at, &vec![at as u8; *len]))
        .collect();
    log.append_now(entries.clone()).unwrap();
    assert_eq!(log.everything(), entries);
    drop(log);
    let log = open(dir.path(), small()).unwrap();
    assert_eq!(log.everything(), entries);
}

#[test]
fn the_last_handle_may_go_in_a_callback() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    let (sender, receiver) = channel();
    let held = log.clone();
    let done = move |outcome: Result<(), LogError>| {
        drop(held);
        sender.send(outcome).unwrap();
    };
    log.append(vec![entry(1, 0, b"a")], Box::new(done)).unwrap();
    drop(log);
    assert_eq!(receiver.recv_timeout(FOREVER).unwrap(), Ok(()));
}

#[test]
fn a_callback_that_panics_does_not_stop_the_log() {
    let dir = scratch();
    let log = open(dir.path(), small()).unwrap();
    log.append(vec![entry(1, 0, b"a")], Box::new(|_| panic!("on purpose"))).unwrap();
    log.append_now(vec![entry(1, 1, b"b")]).unwrap();
    assert_eq!(log.fault(), None);
}

#[test]
fn another_groups_log_is_refused() {
    let dir = scratch();
    drop(open(dir.path(), small()).unwrap());
    let path = dir.path().join("log");
    let refused = Log::open(SystemFiles::shared(), &path, GroupId::CONTROL, small()).unwrap_err();
    assert!(matches!(refused, LogError::ForeignGroup { found: 7, .. }), "{refused}");
    std::fs::remove_file(path.join("identity")).unwrap();
    let refused = Log::open(SystemFiles::shared(), &path, GroupId::CONTROL, small()).unwrap_err();
    assert!(matches!(refused, LogError::ForeignGroup { found: 7, .. }), "{refused}");
}

#[test]
fn debug_output_shows_no_payload() {
    let text = format!("{:?}", entry(1, 2, b"secret"));
    assert_eq!(text, "Entry(1.2, 6 bytes)");
}
