//! What stays of a snapshot that came from another member.

#![allow(clippy::disallowed_methods, reason = "tests look at the files behind the snapshots' back")]

use std::sync::Arc;

use elastickv_engine::SharedEngine;
use elastickv_engine::model::ModelEngine;
use elastickv_fsm::Tables;
use elastickv_sys::clock::ManualClock;
use elastickv_sys::files::SystemFiles;
use elastickv_sys::random::SystemRandom;
use elastickv_types::{LogIndex, Term};

use super::*;
use crate::keys::NodeKeys;

fn snapshots(dir: &Path) -> Snapshots {
    let (files, random) = (SystemFiles::shared(), SystemRandom::shared());
    Snapshots::open(GroupId::CONTROL, dir, files, random, 0).unwrap()
}

/// One that another member built after so many entries.
fn built(elsewhere: &Snapshots, entries: u64) -> SnapshotFile {
    let engine: SharedEngine = Arc::new(ModelEngine::default());
    let replica =
        Replica::open(GroupId::CONTROL, engine, NodeKeys::none(), ManualClock::at_unix_ms(0)).unwrap();
    let mut applied = replica.applied();
    applied.last = Some(LogId::new(Term::new(1), LogIndex::new(entries)));
    replica.switch(applied, replica.membership(), Tables::default()).unwrap();
    elsewhere.build(&replica).unwrap()
}

fn received(here: &Snapshots, sent: &SnapshotFile) -> SnapshotFile {
    let bytes = std::fs::read(&sent.path).unwrap();
    here.offer(sent.id, sent.bytes).unwrap();
    here.receive(sent.id, 0, &bytes).unwrap();
    here.complete(sent.id, sent.bytes, crc32c::crc32c(&bytes)).unwrap()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn only(dir: &Path) -> PathBuf {
    let mut files = files(dir);
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn a_received_snapshot_that_is_not_installed_leaves_no_file() {
    let (there, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (elsewhere, here) = (snapshots(there.path()), snapshots(dir.path()));
    let file = received(&here, &built(&elsewhere, 10));
    assert_eq!(only(dir.path()), file.path);
    // Whoever was about to install it hands clones of it on.
    let last = file.clone();
    drop(file);
    assert_eq!(only(dir.path()), last.path);
    drop(last);
    assert!(files(dir.path()).is_empty());
}

#[test]
fn a_received_snapshot_stays_for_as_long_as_it_is_the_current_one() {
    let (there, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (elsewhere, here) = (snapshots(there.path()), snapshots(dir.path()));
    let newer = received(&here, &built(&elsewhere, 20));
    let current = here.make_current(newer).unwrap().path;
    assert_eq!(only(dir.path()), current);
    let older = received(&here, &built(&snapshots(tempfile::tempdir().unwrap().path()), 10));
    assert_eq!(here.make_current(older).unwrap().path, current);
    assert_eq!(only(dir.path()), current);
    let newest = received(&here, &built(&elsewhere, 30));
    let newest = here.make_current(newest).unwrap().path;
    assert_eq!(only(dir.path()), newest);
    drop(here);
    assert_eq!(snapshots(dir.path()).current().unwrap().path, newest);
    assert_eq!(only(dir.path()), newest);
}

/// The first time was not answered in time, so that the sender began again.
#[test]
fn a_snapshot_that_comes_twice_stays_until_nobody_needs_it_whoever_lets_go_first() {
    for first_is_installed in [true, false] {
        let (there, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (elsewhere, here) = (snapshots(there.path()), snapshots(dir.path()));
        let sent = built(&elsewhere, 10);
        let (first, second) = (received(&here, &sent), received(&here, &sent));
        let (installed, not_needed) = if first_is_installed { (first, second) } else { (second, first) };
        drop(not_needed);
        assert_eq!(only(dir.path()), installed.path, "it is about to be installed");
        let current = here.make_current(installed).unwrap().path;
        drop(received(&here, &sent));
        assert_eq!(only(dir.path()), current, "it came once more");
    }
}
