//! Getting rid of overwritten bytes.
//!
//! fjall keeps an overwritten value in the journal until that is full and everything in it is
//! flushed, in a table until that is merged, and in a merged table until nothing refers to it. Its
//! journal can not be made to go by calls, short of filling it. But as long as nobody writes or
//! reads, the store can be closed, and then what is in the tables need not be in the journal.
//!
//! So: everything is flushed; all tables of each keyspace are merged into new ones without what was
//! overwritten; the store is closed, its journals emptied, and opened again, upon which fjall removes
//! the tables it merged. That is repeated until a look at the files shows that they are gone.
//!
//! Merging takes as long as the store is large, and others write and read meanwhile: what they overwrite
//! then is not what was to be erased. Before and after it writers are held up, and readers while the store
//! is opened again, each time no longer than a moment; if views stay open for longer, everybody goes on and
//! it is tried again later.
//!
//! A loss of power at any moment leaves the store whole: the journals are emptied only after
//! everything in them was synced elsewhere.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use elastickv_sys::clock::Moment;
use elastickv_sys::files::Open;
use fjall::Keyspace;

use super::{FjallEngine, KEYSPACE_BYTES, check};
use crate::{Batch, EngineError, Result};

/// Merging moves the overwritten out only below this many later batches.
const BATCHES_BEHIND: usize = 2;

/// Writers are held up for so long at a time, and left alone for as long.
const MOMENT: Duration = Duration::from_millis(500);

impl FjallEngine {
    /// Waits, up to the deadline, for open views to be closed and for the background thread; the deadline is
    /// looked at between the merging of two keyspaces.
    pub(super) fn erase_everything(&self) -> Result<()> {
        let deadline = self.options.clock.now().after(self.options.erase_deadline);
        loop {
            self.in_moments(deadline, |moment| {
                self.take_room(KEYSPACE_BYTES)?;
                self.seal_off(moment)?;
                self.flush_all(moment)
            })?;
            self.merge_all(deadline)?;
            let left = self.in_moments(deadline, |moment| {
                self.flush_all(moment)?;
                self.empty_journals(moment)?;
                self.reading(|store| store.leftovers(&*self.options.files, &self.place))
            })?;
            let Some(left) = left else { return Ok(()) };
            self.pause(deadline, || format!("{left} to be removed"))?;
        }
    }

    /// Does something while nobody writes, for a moment; where views are in the way for longer, again later.
    fn in_moments<T>(&self, deadline: Moment, work: impl Fn(Moment) -> Result<T>) -> Result<T> {
        loop {
            let turn = self.turn.lock();
            let done = work(self.options.clock.now().after(MOMENT).min(deadline));
            drop(turn);
            match done {
                Err(EngineError::Waiting { .. }) if self.options.clock.now() < deadline => {
                    std::thread::sleep(MOMENT);
                }
                done => return done,
            }
        }
    }

    /// Puts batches behind all others and makes fjall notice that nobody reads what lies below.
    fn seal_off(&self, deadline: Moment) -> Result<()> {
        drop(self.without_views(deadline)?);
        for _ in 0..BATCHES_BEHIND {
            self.changing(|store| store.commit(&Batch::default(), &self.place))?;
        }
        // Starting a flush is what makes it notice.
        let slot = self.without_views(deadline)?;
        self.place.guard(|| slot.store(&self.place)?.start_flush(&self.place))
    }

    fn flush_all(&self, deadline: Moment) -> Result<()> {
        loop {
            self.reading(|store| match store.is_poisoned() {
                true => Err(self.gave_up()),
                false => store.start_flush(&self.place),
            })?;
            if self.reading(|store| Ok(!store.is_flushing() && store.unflushed_bytes() == 0))? {
                return Ok(());
            }
            self.pause(deadline, || "what is in memory to be flushed".to_owned())?;
        }
    }

    fn merge_all(&self, deadline: Moment) -> Result<()> {
        // Nobody opens the store anew meanwhile.
        let _merging = Arc::clone(&self.views);
        let keyspaces: Vec<Keyspace> = self.reading(|store| Ok(store.all().cloned().collect()))?;
        let largest = keyspaces.iter().map(Keyspace::disk_space).max().unwrap_or_default();
        self.room.take(largest)?;
        for keyspace in keyspaces {
            if self.options.clock.now() >= deadline {
                return Err(self.place.waiting("keyspaces to be merged"));
            }
            let merged =
                self.place.guard(|| keyspace.major_compact().map_err(|error| self.place.using(&error)));
            if let Err(error) = merged
                && self.reading(|store| Ok(store.all().any(|held| held.name() == keyspace.name())))?
            {
                return Err(error);
            }
        }
        Ok(())
    }

    fn empty_journals(&self, deadline: Moment) -> Result<()> {
        let mut slot = self.without_views(deadline)?;
        let last = slot.store(&self.place)?.last();
        self.reopen(&mut slot, || {
            let found = check::inspect(&self.dir, &self.place, &self.options, last)?;
            if found.flushed != last {
                return Err(self.place.fault(format!("of {last} batches {} are in tables", found.flushed)));
            }
            self.empty().map_err(|error| self.place.system("emptying its journals", &error))
        })
    }

    /// The last journal stays, empty: without any, fjall forgets how far it has counted.
    fn empty(&self) -> io::Result<()> {
        let files = &*self.options.files;
        let mut journals = check::journals(files, &self.dir)?;
        let last = journals.pop();
        for journal in journals {
            files.remove(&journal)?;
        }
        if let Some(last) = last {
            let file = files.open(&last, Open::Write)?;
            file.set_len(0)?;
            file.sync_data()?;
        }
        files.sync_dir(&self.dir)
    }
}
