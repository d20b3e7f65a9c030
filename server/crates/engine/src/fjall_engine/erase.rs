//! Getting rid of overwritten bytes.
//!
//! fjall keeps an overwritten value in the journal until that is full and everything in it is
//! flushed, in a table until that is merged, and in a merged table until nothing refers to it. Its
//! journal can not be made to go by calls, short of filling it. But as long as nobody writes or
//! reads, the store can be closed, and then what is in the tables need not be in the journal.
//!
//! So: everything is flushed; all tables of each keyspace are merged into new ones without what was
//! overwritten ([`super::merging`]); the store is closed, its journals emptied, and opened again, upon which fjall
//! removes the tables it merged. That is repeated until a look at the files shows that they are gone.
//!
//! Merging takes as long as the store is large, and others write and read meanwhile: what they overwrite
//! then is not what was to be erased. Before and after it writers are held up, and readers while the store
//! is opened again, each time no longer than a moment; if views stay open for longer, everybody goes on and
//! it is tried again later.
//!
//! A loss of power at any moment leaves the store whole: the journals are emptied only after
//! everything in them was synced elsewhere.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use elastickv_sys::clock::Moment;
use elastickv_sys::files::Open;
use fjall::Keyspace;

use super::brakes::Brakes;
use super::merging::{Merging, Tables};
use super::{FjallEngine, KEYSPACE_BYTES, Wanted, check};
use crate::{Batch, Demand, EngineError, Result};

/// Merging moves the overwritten out only below this many later batches.
const BATCHES_BEHIND: usize = 2;

/// Writers are held up for so long at a time, and left alone for as long.
const MOMENT: Duration = Duration::from_millis(500);
const TIDYING: Duration = Duration::from_secs(5);

/// The tables of each keyspace that were merged into others.
pub(super) type Merged = BTreeMap<String, Tables>;

impl FjallEngine {
    /// Waits, each time up to a deadline, for open views to be closed and for the background thread; merging may
    /// take as long as it takes.
    pub(super) fn erase_everything(&self, wanted: Wanted<'_>) -> Result<()> {
        self.in_moments(self.deadline(), wanted, |moment| {
            self.take_room(KEYSPACE_BYTES)?;
            self.seal_off(moment)?;
            self.flush_all(moment)
        })?;
        let merged = self.merge_all(wanted)?;
        let deadline = self.deadline();
        loop {
            let left = self.in_moments(deadline, wanted, |moment| {
                self.flush_all(moment)?;
                self.empty_journals(moment)?;
                self.reading(|store| store.left_of(&merged, &*self.options.files, &self.place))
            })?;
            let Some(left) = left else { return Ok(()) };
            self.pause(deadline, || format!("{left} to be removed"))?;
        }
    }

    /// Until then is waited for something that begins now.
    pub(super) fn deadline(&self) -> Moment {
        self.options.clock.now().after(self.options.erase_deadline)
    }

    pub(super) fn go_on(&self, wanted: Wanted<'_>) -> Result<()> {
        match wanted() {
            Demand::Wanted => Ok(()),
            Demand::NotNow | Demand::Closing => Err(EngineError::Unwanted { dir: self.place.0.to_string() }),
        }
    }

    /// Does something while nobody writes, for a moment; where views are in the way for longer, again later. What
    /// takes longer than a moment to flush is flushed before.
    fn in_moments<T>(
        &self,
        deadline: Moment,
        wanted: Wanted<'_>,
        work: impl Fn(Moment) -> Result<T>,
    ) -> Result<T> {
        loop {
            self.go_on(wanted)?;
            self.flush_ahead(deadline)?;
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

    /// Has what was written until now flushed, while others go on.
    fn flush_ahead(&self, deadline: Moment) -> Result<()> {
        {
            let _turn = self.turn.lock();
            self.reading(|store| match store.is_flushing() {
                true => Ok(()),
                false => store.start_flush(&self.place),
            })?;
        }
        while self.reading(|store| Ok(store.is_flushing() && !store.is_poisoned()))? {
            self.pause(deadline, || "what is in memory to be flushed".to_owned())?;
        }
        Ok(())
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

    fn merge_all(&self, wanted: Wanted<'_>) -> Result<Merged> {
        // Nobody opens the store anew meanwhile.
        let merging = Arc::clone(&self.views);
        let (keyspaces, brakes) = self.reading(|store| {
            let keyspaces: Vec<Keyspace> = store.all().cloned().collect();
            Ok((keyspaces, Arc::clone(store.brakes())))
        })?;
        brakes.let_go();
        let largest = keyspaces.iter().map(Keyspace::disk_space).max().unwrap_or_default();
        self.room.take(largest)?;
        let merged = self.merge_each(keyspaces, &brakes, wanted);
        drop(merging);
        if merged.is_err() && wanted() != Demand::Closing {
            self.tidy_up();
        }
        merged
    }

    fn merge_each(
        &self,
        keyspaces: Vec<Keyspace>,
        brakes: &Arc<Brakes>,
        wanted: Wanted<'_>,
    ) -> Result<Merged> {
        let mut merged = Merged::new();
        for keyspace in keyspaces {
            let name = keyspace.name().to_string();
            match (Merging { engine: self, keyspace, brakes, wanted }).run() {
                Ok(tables) => drop(merged.insert(name, tables)),
                // What is dropped is removed as a whole.
                Err(_) if !self.reading(|store| Ok(store.all().any(|held| **held.name() == *name)))? => {}
                Err(error) => return Err(error),
            }
        }
        Ok(merged)
    }

    /// What a merge that was given up has written is removed when the store is opened again.
    fn tidy_up(&self) {
        let deadline = self.options.clock.now().after(TIDYING);
        let opened = self.in_moments(deadline, &|| Demand::Wanted, |moment| {
            let mut slot = self.without_views(moment)?;
            match slot.store(&self.place)?.is_poisoned() {
                // Whoever writes next opens it again.
                true => Ok(()),
                false => self.reopen(&mut slot, || Ok(())),
            }
        });
        if let Err(error) = opened {
            tracing::warn!(%error, "what was merged in vain takes up room until the store is opened again");
        }
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
