//! A group that begins with a snapshot instead of an empty log.
//!
//! ```text
//! snapshots/<index>-<id>.snap    what it begins with
//! log/                           empty, goes on behind the snapshot; a vote of the snapshot's term
//! ```
//!
//! The first start installs the snapshot, as it would after the loss of a store, and the first entry comes above it: no
//! index of the old log is ever used again.

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use elastickv_fsm::{MembershipRecord, SnapshotHead};
use elastickv_log::{Log, LogError, Options, Vote};
use elastickv_sys::files::SharedFiles;
use elastickv_sys::random::SharedRandom;
use elastickv_types::{GroupId, LogId};

use crate::entry;
use crate::member::{Member, Membership};
use crate::snapshots;

/// It holds a vote and where it begins; what is appended later goes to segments of the usual sizes, each twice as large as
/// the one before.
const FIRST_SEGMENT: u64 = 16 << 10;

/// The record of a membership of one voter alone, which this entry is said to have made.
pub fn only_member(member: &Member, id: LogId) -> MembershipRecord {
    let node = member.id();
    let membership = Membership { voters: vec![[node].into()], members: [(node, member.clone())].into() };
    MembershipRecord { id: Some(id), body: entry::encode_membership(&membership), admitted: [node].into() }
}

/// Where a snapshot of this head is to be written, in the directory of its group.
pub fn seed_path(group_dir: &Path, head: &SnapshotHead, random: &SharedRandom) -> PathBuf {
    snapshots::finished_path_in(&snapshots::dir(group_dir), head, random.bytes16())
}

/// Makes an empty log that goes on behind an entry, and takes part in no earlier term than that entry's.
pub fn seed_log(
    files: &SharedFiles,
    log_dir: &Path,
    group: GroupId,
    member: &Member,
    last: LogId,
) -> Result<(), LogError> {
    let options = Options { first_segment_bytes: FIRST_SEGMENT, ..Options::default() };
    let log = Log::open(files.clone(), log_dir, group, options)?;
    let (done, answers) = mpsc::channel();
    let answer = || {
        let done = done.clone();
        Box::new(move |result| drop(done.send(result)))
    };
    log.save_vote(Vote { term: last.term, voted_for: Some(member.id()), committed: false }, answer());
    log.purge(last, answer());
    answers.iter().take(2).collect::<Result<(), LogError>>()?;
    log.close()
}
