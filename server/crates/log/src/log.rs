//! The log's handle: what callers see.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use elastickv_sys::files::SharedFiles;
use elastickv_sys::task;
use elastickv_types::{GroupId, LogId, LogIndex};
use parking_lot::{Condvar, Mutex};

use crate::index::Slot;
use crate::read::Run;
use crate::recovery::{Home, Recovered, recover};
use crate::state::{Shared, State, Work};
use crate::supply::{Nudge, Supply};
use crate::tape::Tape;
use crate::writer::{Writer, answer};
use crate::{Entry, LogError, Options, Vote};

/// Called once with the outcome, on the log's writer thread; it may not block. Calls are answered in the
/// order in which they were made, but a purge only once its files are gone, and what is refused at once is
/// answered at once, on the caller's thread.
pub type Done = Box<dyn FnOnce(Result<(), LogError>) + Send>;

/// Whether the log has reserved the room it needs to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// The next segment is there, or the current one is far from its end.
    Ample,
    /// The disk refused room for the next segment. There still is room for entries of about `left` bytes,
    /// and proposers should stop. The log asks the disk again every now and then.
    Full { left: u64 },
}

/// Counters since the log was opened, and sizes now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogStats {
    /// Syncs of records; those that prepare a segment are not counted, nor are their zeroes below.
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

/// A handle on the log of one group; clones share it. When the last one is dropped everything asked for is
/// finished first.
#[derive(Clone)]
pub struct Log {
    open: Arc<OpenLog>,
}

struct OpenLog {
    shared: Arc<Shared>,
    largest_payload: u64,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        let (first, last) = (state.index.first_index(), state.index.last());
        f.debug_struct("Log").field("first", &first).field("last", &last).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log in `dir`, making it if there is none. The directory belongs to the log alone; the caller
    /// sees to it that no other process has it open.
    pub fn open(files: SharedFiles, dir: &Path, group: GroupId, options: Options) -> Result<Self, LogError> {
        let options = options.within_bounds();
        let home = Home { files, dir: dir.to_owned(), group };
        let Recovered { index, position, spares } = recover(&home, &options)?;
        let state = State::new(index, &position, options.cache_bytes);
        let shared = Arc::new(Shared { state: Mutex::new(state), wake: Condvar::new() });
        let nudge: Nudge = {
            let shared = Arc::downgrade(&shared);
            Arc::new(move || shared.upgrade().iter().for_each(|shared| shared.nudge()))
        };
        let newest = Arc::clone(spares.back().unwrap_or(&position.current.segment));
        let supply = Supply::behind(&newest, spares, home.clone(), options.clone(), nudge);
        let largest_payload = options.largest_payload_bytes;
        let writer = Writer::new(Arc::clone(&shared), Tape::at(position, supply), home, options)?;
        let writer = task::thread(&format!("log-{group}"), move || writer.run());
        let writer = writer.map_err(|error| LogError::io("starting a thread for", dir, &error))?;
        Ok(Self { open: Arc::new(OpenLog { shared, largest_payload, writer: Mutex::new(Some(writer)) }) })
    }

    /// Appends entries that follow the last one. They can be read as soon as this returns; `done` runs when
    /// they are on the disk. When this returns an error nothing was taken and `done` does not run.
    ///
    /// If the disk turns out to have no room, `done` gets [`LogError::Full`] and none of the entries is in
    /// the log any more, nor is any that was appended behind them. With [`Options::hold_when_full`] they wait
    /// for room instead, and so does whatever is asked after them; only closing the log refuses them.
    pub fn append(&self, entries: Vec<Entry>, done: Done) -> Result<(), LogError> {
        let mut state = self.state();
        if let Some(refusal) = state.refusal() {
            return Err(refusal);
        }
        state.append(&entries, self.open.largest_payload)?;
        let work = if entries.is_empty() { Work::Nothing } else { Work::Append(entries) };
        state.enqueue(work, done);
        drop(state);
        self.open.shared.wake.notify_one();
        Ok(())
    }

    /// Removes every entry after `last_kept`; all of them when it is `None`.
    pub fn truncate_after(&self, last_kept: Option<LogIndex>, done: Done) {
        self.ask(done, |state| state.truncate(last_kept));
    }

    /// Removes every entry up to `upto`. If that lies beyond the last entry the log becomes empty and goes on
    /// behind it.
    ///
    /// If there is no room even for this, `done` gets [`LogError::Full`]; the entries are gone all the same, but
    /// their files stay, and after opening the log anew they may be back. The log catches up with it by itself
    /// when there is room.
    pub fn purge(&self, upto: LogId, done: Done) {
        self.ask(done, |state| state.purge(upto));
    }

    pub fn save_vote(&self, vote: Vote, done: Done) {
        self.ask(done, |state| {
            state.vote = Some(vote);
            Ok(Work::Vote(vote))
        });
    }

    /// The vote saved last.
    pub fn vote(&self) -> Option<Vote> {
        self.state().vote
    }

    /// Notes how far the log is committed. This is written behind the entries it covers, sometime soon, and
    /// is not synced on its own.
    pub fn save_committed(&self, id: Option<LogId>) {
        let mut state = self.state();
        if state.committed == id {
            return;
        }
        state.committed = id;
        state.committed_anew = true;
        // A writer that is at work or about to mark the log sees it anyway.
        if state.parked {
            self.open.shared.wake.notify_one();
        }
    }

    /// The committed id noted last, if the log holds exactly that one.
    pub fn committed(&self) -> Option<LogId> {
        let state = self.state();
        state.committed.filter(|id| state.index.holds(*id))
    }

    /// Entries from `from` up to but not including `to`: a run without gaps, cut where `max_bytes` of payload
    /// are exceeded but never before the first. Behind the last entry there is nothing, which is no error.
    pub fn read(&self, from: LogIndex, to: LogIndex, max_bytes: usize) -> Result<Vec<Entry>, LogError> {
        let (runs, cached) = self.plan(from, to, max_bytes)?;
        let mut entries = Vec::new();
        for run in runs {
            run.read(&mut entries)?;
        }
        entries.extend(cached);
        Ok(entries)
    }

    /// The id of an entry the log holds, or of the last one purged.
    pub fn id_at(&self, index: LogIndex) -> Option<LogId> {
        self.state().index.id_at(index)
    }

    /// Bytes of the payloads of the entries behind one index and up to another.
    pub fn bytes_between(&self, after: LogIndex, upto: LogIndex) -> u64 {
        self.state().index.bytes_between(after, upto)
    }

    /// The first of the last entries that together have no more than so many bytes of payload.
    pub fn first_within(&self, bytes: u64) -> LogIndex {
        self.state().index.first_within(bytes)
    }

    /// The index of the first entry held, or the one the next entry will have.
    pub fn first_index(&self) -> LogIndex {
        self.state().index.first_index()
    }

    /// The lowest index that an entry in a file has, held or not: a purge for which there was no room leaves the
    /// files of what it took away.
    pub fn first_in_files(&self) -> Option<LogIndex> {
        self.state().first_written
    }

    /// The last entry held, or else the last one purged.
    pub fn last_id(&self) -> Option<LogId> {
        self.state().index.last()
    }

    /// The file that the last entry is in, or that the next one will be written to.
    pub fn current_file(&self) -> Option<PathBuf> {
        self.state().segments.values().next_back().map(|segment| segment.path.clone())
    }

    pub fn purged(&self) -> Option<LogId> {
        self.state().index.purged()
    }

    pub fn stats(&self) -> LogStats {
        let state = self.state();
        LogStats {
            segments: state.segments.len() as u64 + state.stats.segments,
            disk_bytes: state.segments.values().map(|one| u64::from(one.size)).sum::<u64>()
                + state.stats.disk_bytes,
            cached_bytes: state.cache.bytes(),
            queued_bytes: state.queued_bytes,
            ..state.stats
        }
    }

    /// Starts a new segment if the current one holds entries, so that a purge can remove the file of every
    /// entry there is now.
    pub fn roll(&self, done: Done) {
        self.ask(done, |_| Ok(Work::Leave));
    }

    /// The failure that stopped the log. Once there is one, it stays.
    pub fn fault(&self) -> Option<LogError> {
        self.state().fault.clone()
    }

    pub fn room(&self) -> Room {
        self.state().room
    }

    /// Finishes everything asked for, marks the log as wholly on the disk and closes it. Other handles are
    /// refused from then on. It fails if the log had failed or fails now.
    pub fn close(self) -> Result<(), LogError> {
        self.open.shut();
        self.fault().map_or(Ok(()), Err)
    }

    fn state(&self) -> parking_lot::MutexGuard<'_, State> {
        self.open.shared.state.lock()
    }

    /// Changes what is read and queues what the writer has to do for it.
    fn ask(&self, done: Done, change: impl FnOnce(&mut State) -> Result<Work, LogError>) {
        let mut state = self.state();
        let work = state.refusal().map_or(Ok(()), Err).and_then(|()| change(&mut state));
        match work {
            Ok(work) => {
                state.enqueue(work, done);
                drop(state);
                self.open.shared.wake.notify_one();
            }
            Err(refusal) => {
                drop(state);
                answer(done, Err(refusal));
            }
        }
    }

    /// Which entries to read from segments, and those behind them that are in memory.
    fn plan(
        &self,
        from: LogIndex,
        to: LogIndex,
        max_bytes: usize,
    ) -> Result<(Vec<Run>, Vec<Entry>), LogError> {
        let state = self.state();
        if let Some(fault) = &state.fault {
            return Err(fault.clone());
        }
        if let Some(purged) = state.index.purged().filter(|purged| from < to && from <= purged.index) {
            return Err(LogError::Purged { asked: from, purged });
        }
        let (mut runs, mut cached): (Vec<Run>, Vec<Entry>) = (Vec::new(), Vec::new());
        let mut bytes = 0_usize;
        for index in (from.get()..to.get()).map(LogIndex::new) {
            let (Some(id), Some(slot)) = (state.index.id_at(index), state.index.slot(index)) else { break };
            bytes = bytes.saturating_add(slot.payload() as usize);
            if bytes > max_bytes && index > from {
                break;
            }
            match (state.cache.get(index), slot) {
                (Some(payload), _) => cached.push(Entry { id, payload: payload.clone() }),
                (None, Slot::Written(place)) => {
                    if !runs.last_mut().is_some_and(|run| run.extend(id, place)) {
                        let segment = state.segments.get(&place.seq).ok_or(LogError::Lost { index })?;
                        runs.push(Run::new(Arc::clone(segment), id, place));
                    }
                }
                (None, Slot::Pending { .. }) => return Err(LogError::Lost { index }),
            }
        }
        Ok((runs, cached))
    }
}

impl OpenLog {
    fn shut(&self) {
        let writer = {
            let mut state = self.shared.state.lock();
            state.closing = true;
            self.shared.wake.notify_one();
            self.writer.lock().take()
        };
        // The last handle may go in a callback, on the very thread to wait for.
        let elsewhere = writer.filter(|writer| writer.thread().id() != std::thread::current().id());
        if elsewhere.is_some_and(|writer| writer.join().is_err()) {
            self.shared.fail(&LogError::WriterGone);
        }
    }
}

impl Drop for OpenLog {
    fn drop(&mut self) {
        self.shut();
    }
}
