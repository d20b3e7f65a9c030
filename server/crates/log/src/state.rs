//! What callers and the writer share: the log as it is read, and the queue of what is not written yet.
//!
//! A call changes what is read at once and joins the queue; the writer takes the whole queue, writes it and
//! syncs once. So what is read may be ahead of what is on the disk. When there is no room for the entries
//! of a call, what is read goes back to where the disk is, see [`State::give_up`].

use std::collections::BTreeMap;
use std::sync::Arc;

use elastickv_types::{LogId, LogIndex};
use parking_lot::{Condvar, Mutex};

use crate::cache::Cache;
use crate::format::Seq;
use crate::index::{Index, Place, Slot};
use crate::log::{Done, LogStats, Room};
use crate::recovery::Position;
use crate::segment::Segment;
use crate::{Entry, LogError, Vote};

pub(crate) struct Shared {
    pub state: Mutex<State>,
    pub wake: Condvar,
}

/// What the writer is asked to do.
#[derive(Debug)]
pub(crate) enum Work {
    Append(Vec<Entry>),
    Truncate(Option<LogId>),
    Purge(LogId),
    Vote(Vote),
    Leave,
    /// Only to answer in turn.
    Nothing,
}

pub(crate) struct Call {
    /// Tells entries of this call from others that took their indexes later.
    pub number: u32,
    pub work: Work,
    pub done: Done,
}

/// An entry of a call was written here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    pub index: LogIndex,
    pub call: u32,
    pub place: Place,
}

pub(crate) struct State {
    pub index: Index,
    pub cache: Cache,
    pub segments: BTreeMap<Seq, Arc<Segment>>,
    /// The lowest index that an entry in one of them has, whether it counts or not.
    pub first_written: Option<LogIndex>,
    pub vote: Option<Vote>,
    pub committed: Option<LogId>,
    /// Whether `committed` is not on its way to the disk yet.
    pub committed_anew: bool,
    pub queue: Vec<Call>,
    pub queued_bytes: u64,
    pub calls: u32,
    /// Of segments and their size only what is made ahead is counted here.
    pub stats: LogStats,
    pub room: Room,
    pub fault: Option<LogError>,
    pub closing: bool,
    /// A segment was made, or could not be made.
    pub nudged: bool,
    /// Whether the writer waits until it is woken.
    pub parked: bool,
}

impl Shared {
    pub(crate) fn nudge(&self) {
        self.state.lock().nudged = true;
        self.wake.notify_one();
    }

    /// Stops the log for good and takes what will not be done any more.
    pub(crate) fn fail(&self, fault: &LogError) -> Vec<Call> {
        let mut state = self.state.lock();
        state.fault.get_or_insert_with(|| fault.clone());
        std::mem::take(&mut state.queue)
    }
}

impl State {
    pub(crate) fn new(index: Index, position: &Position, cache_bytes: u64) -> Self {
        let standing = position.standing;
        Self {
            cache: Cache::empty_before(index.next_index(), cache_bytes),
            index,
            segments: BTreeMap::new(),
            first_written: None,
            vote: standing.vote,
            committed: standing.committed,
            committed_anew: false,
            queue: Vec::new(),
            queued_bytes: 0,
            calls: 0,
            stats: LogStats::default(),
            room: Room::Ample,
            fault: None,
            closing: false,
            nudged: false,
            parked: false,
        }
    }

    /// Why nothing can be asked of the log any more.
    pub(crate) fn refusal(&self) -> Option<LogError> {
        self.fault.clone().or_else(|| self.closing.then_some(LogError::Closed))
    }

    /// Takes entries into what is read. All of them follow, or nothing happens.
    pub(crate) fn append(&mut self, entries: &[Entry], limit: u64) -> Result<(), LogError> {
        let mut expected = self.index.next_index();
        for entry in entries {
            let found = entry.id.index;
            if found != expected || found.get() == u64::MAX {
                return Err(LogError::Gap { expected, found });
            }
            let bytes = entry.payload.len() as u64;
            if bytes > limit {
                return Err(LogError::TooLarge { id: entry.id, bytes, limit });
            }
            expected = expected.next();
        }
        let call = self.calls;
        for entry in entries {
            self.index.push(entry.id, Slot::Pending { call, payload: entry.payload.len() as u32 });
            self.cache.push(entry.payload.clone());
            self.queued_bytes += entry.payload.len() as u64;
        }
        self.stats.appends += 1;
        self.stats.entries += entries.len() as u64;
        Ok(())
    }

    /// Forgets the entries behind `last_kept`, and says what the writer has to do for that.
    pub(crate) fn truncate(&mut self, last_kept: Option<LogIndex>) -> Result<Work, LogError> {
        let next = last_kept.map_or(0, |kept| kept.get().saturating_add(1));
        if next >= self.index.next_index().get() {
            return Ok(Work::Nothing);
        }
        if let Some(purged) = self.index.purged().filter(|purged| next <= purged.index.get()) {
            return Err(LogError::Purged { asked: last_kept.unwrap_or_default(), purged });
        }
        let kept = last_kept.and_then(|kept| self.index.id_at(kept));
        self.cut(kept);
        Ok(Work::Truncate(kept))
    }

    /// Forgets the entries up to `upto`, and says what the writer has to do for that.
    pub(crate) fn purge(&mut self, upto: LogId) -> Result<Work, LogError> {
        if self.index.purged().is_some_and(|purged| upto.index <= purged.index) {
            return Ok(Work::Nothing);
        }
        match self.index.id_at(upto.index) {
            Some(held) if held != upto => return Err(LogError::Conflict { asked: upto, held }),
            _ => {}
        }
        self.index.purge(upto);
        self.cache.purge(self.index.first_index());
        Ok(Work::Purge(upto))
    }

    pub(crate) fn enqueue(&mut self, work: Work, done: Done) {
        self.queue.push(Call { number: self.calls, work, done });
        self.calls = self.calls.wrapping_add(1);
    }

    /// Takes in where entries were written; from now on they may leave the cache.
    pub(crate) fn settle(&mut self, settled: &[Settled]) {
        for entry in settled {
            self.index.settle(entry.index, entry.call, entry.place);
            self.queued_bytes = self.queued_bytes.saturating_sub(u64::from(entry.place.payload));
        }
        let index = &self.index;
        self.cache.evict(|at| matches!(index.slot(at), Some(Slot::Written(_))));
    }

    /// There was no room for the entries of a call. They go, and so do all that were appended after them,
    /// since those would not follow any more; what else was asked for meanwhile still happens, as if the
    /// entries had never been. `last` is the last entry before them. Returns whom to tell, and what is left.
    pub(crate) fn give_up(&mut self, calls: Vec<Call>, mut last: Option<LogId>) -> (Vec<Done>, Vec<Call>) {
        let (mut refused, mut left) = (Vec::new(), Vec::new());
        let after = |id: Option<LogId>| id.map_or(0, |id| id.index.next().get());
        for mut call in calls.into_iter().chain(std::mem::take(&mut self.queue)) {
            match call.work {
                Work::Append(entries) => {
                    self.queued_bytes -= entries.iter().map(|entry| entry.payload.len() as u64).sum::<u64>();
                    refused.push(call.done);
                    continue;
                }
                Work::Truncate(kept) if after(kept) >= after(last) => call.work = Work::Nothing,
                Work::Truncate(kept) => last = kept,
                Work::Purge(upto) if after(last) <= upto.index.get() => last = Some(upto),
                Work::Purge(_) | Work::Vote(_) | Work::Leave | Work::Nothing => {}
            }
            left.push(call);
        }
        self.cut(last);
        (refused, left)
    }

    fn cut(&mut self, last: Option<LogId>) {
        self.index.truncate(last);
        self.cache.truncate(self.index.next_index());
    }
}
