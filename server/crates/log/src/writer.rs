//! The thread that writes one log.
//!
//! It takes everything that waits, writes it in order, syncs once and then answers every call. While it
//! does, the next calls gather: the slower the disk, the more of them share a sync. When nothing waits for
//! a moment it writes a mark, which says how far the log is on the disk, and sleeps until it is woken. The
//! first write or sync that fails ends it, and with it the log: what the operating system did with the
//! bytes can not be known, so nothing is tried again.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use elastickv_types::LogId;

use crate::log::{Done, Room};
use crate::recovery::Home;
use crate::state::{Call, Settled, Shared, Work};
use crate::tape::Tape;
use crate::{LogError, Options, Vote};

pub(crate) struct Writer {
    shared: Arc<Shared>,
    tape: Tape,
    home: Home,
    options: Options,
    /// Taken from the queue and not looked at yet.
    calls: VecDeque<Call>,
    /// The first of them waits for room on the disk.
    held: bool,
    /// Written and waiting for the sync: who is answered then, and who once dead segments are gone.
    settled: Vec<Settled>,
    answers: Vec<Done>,
    purges: Vec<Done>,
    /// A purge for which there was no room. Callers see it as done, so it has to come before any entry.
    owed: Option<LogId>,
    /// Whether segments may be dead that are not removed yet.
    shorter: bool,
}

/// Why the writer woke up.
enum Woken {
    Work {
        committed: Option<Option<LogId>>,
    },
    /// Nothing came for a while.
    Idle {
        committed: Option<LogId>,
    },
    Closing {
        committed: Option<LogId>,
    },
}

impl Writer {
    /// Finishes what a purge before a crash had begun.
    pub(crate) fn new(
        shared: Arc<Shared>,
        tape: Tape,
        home: Home,
        options: Options,
    ) -> Result<Self, LogError> {
        let (calls, settled, answers, purges, owed) = Default::default();
        let (shorter, held) = (false, false);
        let mut writer =
            Self { shared, tape, home, options, calls, held, settled, answers, purges, owed, shorter };
        writer.publish();
        writer.remove_dead()?;
        Ok(writer)
    }

    /// Works until the log is closed or fails.
    pub(crate) fn run(mut self) {
        let watch = Watch(Arc::clone(&self.shared));
        loop {
            let (outcome, last) = match self.wait() {
                Woken::Work { committed } => (self.work(committed), false),
                Woken::Idle { committed } => (self.idle(committed), false),
                Woken::Closing { committed } => (self.release().and_then(|()| self.seal(committed)), true),
            };
            if let Err(fault) = &outcome {
                self.fail(fault);
            }
            if last || outcome.is_err() {
                break;
            }
        }
        drop(watch);
    }

    fn wait(&mut self) -> Woken {
        let mut state = self.shared.state.lock();
        loop {
            if !state.queue.is_empty() || state.nudged {
                state.nudged = false;
                self.calls.extend(state.queue.drain(..));
                let anew = std::mem::take(&mut state.committed_anew);
                return Woken::Work { committed: anew.then_some(state.committed) };
            }
            if state.closing {
                return Woken::Closing { committed: state.committed };
            }
            if !self.tape.wants_mark() && !state.committed_anew {
                state.parked = true;
                self.shared.wake.wait(&mut state);
                state.parked = false;
                continue;
            }
            let waited = self.shared.wake.wait_for(&mut state, self.options.seal_after);
            if waited.timed_out() && state.queue.is_empty() {
                state.committed_anew = false;
                return Woken::Idle { committed: state.committed };
            }
        }
    }

    fn work(&mut self, committed: Option<Option<LogId>>) -> Result<(), LogError> {
        self.tape.supply.collect()?;
        if !self.tape.supply.is_full() {
            self.pay()?;
        }
        // What waits for room is not tried again before there may be some.
        self.held &= self.tape.supply.is_full();
        while let Some(call) = self.next_call() {
            match self.write(&call) {
                Ok(()) if matches!(call.work, Work::Purge(_)) => self.purges.push(call.done),
                Ok(()) => self.answers.push(call.done),
                Err(full) if full.is_full() && self.may_hold(&call) => {
                    self.calls.push_front(call);
                    self.held = true;
                }
                Err(full) if full.is_full() => self.refuse(call, &full)?,
                Err(fault) => {
                    self.calls.push_front(call);
                    return Err(fault);
                }
            }
        }
        if let Some(committed) = committed {
            self.tape.commit(committed);
            self.tape.mark()?;
        }
        if self.tape.wants_next() {
            self.tape.supply.ahead()?;
        }
        self.settle()
    }

    fn next_call(&mut self) -> Option<Call> {
        if self.held { None } else { self.calls.pop_front() }
    }

    fn may_hold(&self, call: &Call) -> bool {
        self.options.hold_when_full && matches!(call.work, Work::Append(_))
    }

    /// Nothing is waited for any more.
    fn release(&mut self) -> Result<(), LogError> {
        (self.held, self.options.hold_when_full) = (false, false);
        self.work(None)
    }

    fn write(&mut self, call: &Call) -> Result<(), LogError> {
        match &call.work {
            Work::Append(entries) => {
                self.pay()?;
                self.tape.reserve(entries)?;
                for entry in entries {
                    let place = self.tape.entry(entry)?;
                    self.settled.push(Settled { index: entry.id.index, call: call.number, place });
                }
                Ok(())
            }
            Work::Truncate(kept) => self.tape.truncate(*kept),
            Work::Purge(upto) => {
                self.owed = Some(*upto);
                self.pay()
            }
            Work::Vote(vote) => self.tape.vote(*vote),
            Work::Leave => self.tape.leave(),
            Work::Nothing => Ok(()),
        }
    }

    fn pay(&mut self) -> Result<(), LogError> {
        if let Some(upto) = self.owed {
            self.tape.purge(upto)?;
            self.owed = None;
            self.shorter = true;
        }
        Ok(())
    }

    /// Syncs what was written and answers the calls behind it.
    fn settle(&mut self) -> Result<(), LogError> {
        self.tape.settle()?;
        self.publish();
        self.settled.clear();
        self.answers.drain(..).for_each(|done| answer(done, Ok(())));
        if self.shorter {
            self.remove_dead()?;
            self.shorter = false;
        }
        self.purges.drain(..).for_each(|done| answer(done, Ok(())));
        Ok(())
    }

    fn remove_dead(&mut self) -> Result<(), LogError> {
        let dead = self.tape.take_dead()?;
        if dead.is_empty() {
            return Ok(());
        }
        for segment in &dead {
            self.home.files.remove(&segment.path).map_err(segment.io("removing"))?;
            self.shared.state.lock().segments.remove(&segment.seq);
        }
        let dir = &self.home.dir;
        self.home.files.sync_dir(dir).map_err(|error| LogError::io("syncing", dir, &error))?;
        self.tape.supply.ask_again();
        self.publish();
        Ok(())
    }

    /// A call for which there is no room. Whatever was written before it is answered first.
    fn refuse(&mut self, call: Call, full: &LogError) -> Result<(), LogError> {
        match call.work {
            Work::Append(_) => {
                self.calls.push_front(call);
                self.settle()?;
                let calls = std::mem::take(&mut self.calls).into();
                let last = self.last();
                let (refused, left) = self.shared.state.lock().give_up(calls, last);
                self.calls = left.into();
                refused.into_iter().for_each(|done| answer(done, Err(full.clone())));
            }
            // Room is kept for the one truncation there can be, so this is not about a full disk.
            Work::Truncate(_) => {
                self.calls.push_front(call);
                let error = io::Error::other(full.to_string());
                return Err(LogError::io("truncating the log in", &self.home.dir, &error));
            }
            Work::Vote(vote) => {
                self.settle()?;
                self.take_back(vote);
                answer(call.done, Err(full.clone()));
            }
            Work::Purge(_) | Work::Leave | Work::Nothing => {
                self.settle()?;
                answer(call.done, Err(full.clone()));
            }
        }
        Ok(())
    }

    /// The last entry as callers see it, were it not for those that wait to be written.
    fn last(&self) -> Option<LogId> {
        let written = self.tape.standing().last;
        let beyond = self.owed.filter(|owed| written.is_none_or(|last| last.index < owed.index));
        beyond.or(written)
    }

    /// The vote is the one before it again, unless there was a later one.
    fn take_back(&self, vote: Vote) {
        let mut state = self.shared.state.lock();
        let votes = |call: &Call| matches!(call.work, Work::Vote(_));
        let later = self.calls.iter().any(votes) || state.queue.iter().any(votes);
        if !later && state.vote == Some(vote) {
            state.vote = self.tape.standing().vote;
        }
    }

    fn idle(&mut self, committed: Option<LogId>) -> Result<(), LogError> {
        self.tape.commit(committed);
        if self.tape.wants_mark() {
            self.tape.mark()?;
            self.tape.settle()?;
        }
        self.publish();
        Ok(())
    }

    /// The last act before closing: a mark that is synced.
    fn seal(&mut self, committed: Option<LogId>) -> Result<(), LogError> {
        self.tape.commit(committed);
        self.tape.seal()
    }

    /// Answers everybody with the failure, and everybody who comes later.
    fn fail(&mut self, fault: &LogError) {
        tracing::error!(group = %self.home.group, %fault, "the log stopped");
        let queued = self.shared.fail(fault);
        let written = self.answers.drain(..).chain(self.purges.drain(..));
        let waiting = self.calls.drain(..).chain(queued).map(|call| call.done);
        written.chain(waiting).for_each(|done| answer(done, Err(fault.clone())));
    }

    /// Shows callers what the writer knows.
    fn publish(&mut self) {
        let mut state = self.shared.state.lock();
        state.segments.extend(self.tape.take_entered().map(|segment| (segment.seq, segment)));
        state.settle(&self.settled);
        state.first_written = self.tape.first_written();
        let (counters, spares) = (self.tape.counters(), self.tape.supply.ready());
        state.stats.fsyncs = counters.fsyncs;
        state.stats.writes = counters.writes;
        state.stats.bytes_written = counters.bytes_written;
        state.stats.segments = spares.len() as u64;
        state.stats.disk_bytes = spares.iter().map(|spare| u64::from(spare.size)).sum();
        state.room = match self.tape.supply.is_full() {
            true => Room::Full { left: self.tape.room() },
            false => Room::Ample,
        };
    }
}

/// Runs a callback. One that panics is its owner's fault, not the log's.
pub(crate) fn answer(done: Done, outcome: Result<(), LogError>) {
    if catch_unwind(AssertUnwindSafe(|| done(outcome))).is_err() {
        tracing::error!("a callback of the log panicked");
    }
}

/// Stops the log if its writer ends by a panic.
struct Watch(Arc<Shared>);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let left = self.0.fail(&LogError::WriterGone);
            left.into_iter().for_each(|call| answer(call.done, Err(LogError::WriterGone)));
        }
    }
}
