//! The log's handle. For now everything is in memory; the files come next, behind the same calls.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use elastickv_sys::files::SharedFiles;
use elastickv_types::{GroupId, LogId, LogIndex, Term};
use parking_lot::Mutex;

use crate::{Entry, LogError, Options, Vote};

/// Called once with the outcome, on the log's writer thread and in the order of the calls; it may not block.
/// A call that is refused at once runs it on the caller's thread.
pub type Done = Box<dyn FnOnce(Result<(), LogError>) + Send>;

/// Whether the log has reserved the room it needs to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// The next segment is there, or the current one is far from its end.
    Ample,
    /// The disk refused room for the next segment: `left` bytes are reserved, and proposers should stop.
    Full { left: u64 },
}

/// Counters since the log was opened, and sizes now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogStats {
    pub fsyncs: u64,
    pub writes: u64,
    pub bytes_written: u64,
    /// Calls of `append`, and the entries in them.
    pub appends: u64,
    pub entries: u64,
    pub segments: u64,
    pub disk_bytes: u64,
    pub cached_bytes: u64,
    /// Payload bytes that wait for the writer.
    pub queued_bytes: u64,
}

/// A handle on the log of one group; clones share it. The log closes when the last one is dropped.
#[derive(Clone)]
pub struct Log {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    entries: VecDeque<Entry>,
    purged: Option<LogId>,
    vote: Option<Vote>,
    committed: Option<LogId>,
    stats: LogStats,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log in `dir`, making it if there is none.
    pub fn open(files: SharedFiles, dir: &Path, group: GroupId, options: Options) -> Result<Self, LogError> {
        let _ = (files, dir, group, options);
        Ok(Self { state: Arc::default() })
    }

    /// Appends entries that follow the last one. They can be read as soon as this returns; `done` runs when
    /// they are on the disk. When this returns an error nothing was taken and `done` does not run.
    pub fn append(&self, entries: Vec<Entry>, done: Done) -> Result<(), LogError> {
        {
            let mut state = self.state.lock();
            let mut expected = state.next();
            for entry in &entries {
                if entry.id.index != expected {
                    return Err(LogError::Gap { expected, found: entry.id.index });
                }
                expected = expected.next();
            }
            state.stats.appends += 1;
            state.stats.entries += entries.len() as u64;
            state.entries.extend(entries);
        }
        done(Ok(()));
        Ok(())
    }

    /// Removes every entry after `last_kept`; all of them when it is `None`.
    pub fn truncate_after(&self, last_kept: Option<LogIndex>, done: Done) {
        self.state.lock().truncate(last_kept);
        done(Ok(()));
    }

    /// Removes every entry up to `upto`. If that lies beyond the last entry the log becomes empty and goes on
    /// behind it.
    pub fn purge(&self, upto: LogId, done: Done) {
        self.state.lock().purge(upto);
        done(Ok(()));
    }

    pub fn save_vote(&self, vote: Vote, done: Done) {
        self.state.lock().vote = Some(vote);
        done(Ok(()));
    }

    /// The vote saved last.
    pub fn vote(&self) -> Option<Vote> {
        self.state.lock().vote
    }

    /// Notes how far the log is committed. This is written behind the entries it covers, sometime soon, and
    /// is not synced on its own.
    pub fn save_committed(&self, id: Option<LogId>) {
        self.state.lock().committed = id;
    }

    /// The committed id noted last, if the log holds exactly that one.
    pub fn committed(&self) -> Option<LogId> {
        let state = self.state.lock();
        state.committed.filter(|id| state.holds(*id))
    }

    /// Entries from `from` up to but not including `to`: a run without gaps, cut where `max_bytes` of payload
    /// are exceeded but never before the first.
    pub fn read(&self, from: LogIndex, to: LogIndex, max_bytes: usize) -> Result<Vec<Entry>, LogError> {
        let state = self.state.lock();
        if let Some(purged) = state.purged.filter(|purged| from <= purged.index && from < to) {
            return Err(LogError::Purged { asked: from, purged });
        }
        let mut bytes = 0;
        let mut found = Vec::new();
        for entry in state.entries.iter().filter(|entry| entry.id.index >= from && entry.id.index < to) {
            bytes += entry.payload.len();
            if bytes > max_bytes && !found.is_empty() {
                break;
            }
            found.push(entry.clone());
        }
        Ok(found)
    }

    /// The term of an entry the log holds, or of the last one purged.
    pub fn term_at(&self, index: LogIndex) -> Option<Term> {
        let state = self.state.lock();
        let purged = state.purged.filter(|id| id.index == index);
        let held = state.entries.iter().map(|entry| entry.id).find(|id| id.index == index);
        held.or(purged).map(|id| id.term)
    }

    /// The index of the first entry held, or the one the next entry will have.
    pub fn first_index(&self) -> LogIndex {
        self.state.lock().purged.map_or(LogIndex::new(0), |id| id.index.next())
    }

    /// The last entry held, or else the last one purged.
    pub fn last_id(&self) -> Option<LogId> {
        let state = self.state.lock();
        state.entries.back().map(|entry| entry.id).or(state.purged)
    }

    pub fn purged(&self) -> Option<LogId> {
        self.state.lock().purged
    }

    pub fn stats(&self) -> LogStats {
        self.state.lock().stats
    }

    /// Starts a new segment, so that a purge can remove the file of every entry there is now.
    pub fn roll(&self, done: Done) {
        done(Ok(()));
    }

    /// The failure that stopped the log. Once there is one, it stays.
    pub fn fault(&self) -> Option<LogError> {
        None
    }

    pub fn room(&self) -> Room {
        Room::Ample
    }

    /// Waits until everything asked for is on the disk and closes the log; other handles are refused from
    /// then on.
    pub fn close(self) -> Result<(), LogError> {
        Ok(())
    }
}

impl State {
    fn next(&self) -> LogIndex {
        self.entries
            .back()
            .map(|entry| entry.id)
            .or(self.purged)
            .map_or(LogIndex::new(0), |id| id.index.next())
    }

    fn holds(&self, id: LogId) -> bool {
        self.purged == Some(id) || self.entries.iter().any(|entry| entry.id == id)
    }

    fn truncate(&mut self, last_kept: Option<LogIndex>) {
        self.entries.retain(|entry| last_kept.is_some_and(|last| entry.id.index <= last));
    }

    fn purge(&mut self, upto: LogId) {
        self.entries.retain(|entry| entry.id.index > upto.index);
        self.purged = self.purged.max(Some(upto));
    }
}
