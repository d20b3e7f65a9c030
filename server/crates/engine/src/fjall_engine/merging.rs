//! Merging all tables of a keyspace while others write.
//!
//! ```text
//! level 0   what was flushed last, table over table  ─┐
//! level 1                                           ◀─┘─┐
//!   …       each level in order, and older than those above it
//! level 6   the oldest                                ◀─┘
//! ```
//!
//! A value is left out where it is merged with what it was overwritten by. What was on the disk at the beginning
//! only ever moves down. So level after level is merged into the next one, and at the end the last two into one
//! another: whatever was overwritten has met its successor by then, wherever the two were.
//!
//! lsm-tree has a call that merges everything at once. But until it returns, fjall's one thread waits for it with the
//! next merge of the keyspace, flushes nothing, and everybody who writes waits too. Merges of two levels go on beside
//! those of that thread, and leave it the levels above. It does not begin a new level by itself, though, while the one
//! it would merge into is at work, and what is flushed meanwhile would pile up in level 0 until fjall holds writers
//! up for that. So a level is begun for it when it comes to that.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use elastickv_sys::task;
use fjall::{AbstractTree, Keyspace, SeqNo};
use lsm_tree::compaction::{CompactionStrategy, MoveDown, PullDown};

use super::brakes::{Brakes, merges_here_erase};
use super::{FjallEngine, Wanted};
use crate::{Demand, Result};

/// Levels are numbered up to this one.
const LAST: u8 = 6;
/// Runs of tables in level 0 at which a level is begun for them; at thirty, writers are held up.
const CROWDED: usize = 8;
/// How often to see whether the merge is still wanted and whether level 0 is crowded.
const LOOK: Duration = Duration::from_millis(20);
/// How long to wait at most before a step is tried again that fjall's own thread is in the way of.
const SLOWEST: Duration = Duration::from_secs(1);

/// Numbers of tables.
pub(super) type Tables = BTreeSet<u64>;

/// The merging of one keyspace.
pub(super) struct Merging<'a> {
    pub(super) engine: &'a FjallEngine,
    pub(super) keyspace: Keyspace,
    pub(super) brakes: &'a Arc<Brakes>,
    pub(super) wanted: Wanted<'a>,
}

#[derive(Clone, Copy)]
enum Step {
    /// A level into the next one.
    Merge(u8),
    /// The next one is empty: the tables only change their level.
    Move(u8),
}

impl Step {
    /// The caller's thread does it, to the end. lsm-tree does nothing if one of the tables is being merged already.
    fn take(self, keyspace: &Keyspace, watermark: SeqNo) -> fjall::Result<()> {
        let strategy: Arc<dyn CompactionStrategy> = match self {
            Step::Merge(level) => Arc::new(PullDown(level, level + 1)),
            Step::Move(level) => Arc::new(MoveDown(level, level + 1)),
        };
        Ok(keyspace.tree.compact(strategy, watermark)?)
    }
}

impl Merging<'_> {
    /// Returns the tables that were merged into others.
    pub(super) fn run(&self) -> Result<Tables> {
        let mut merged = Tables::new();
        for level in 0..LAST - 1 {
            merged.append(&mut self.sink(level)?);
        }
        let both = || &self.on(LAST - 1) | &self.on(LAST);
        let old = both();
        self.until(|| old.is_disjoint(&both()), || Step::Merge(LAST - 1))?;
        merged.extend(old);
        Ok(merged)
    }

    /// Has what is on a level go down.
    fn sink(&self, level: u8) -> Result<Tables> {
        let old = self.on(level);
        let step = || match level > 0 && self.on(level + 1).is_empty() {
            true => Step::Move(level),
            false => Step::Merge(level),
        };
        self.until(|| old.is_disjoint(&self.on(level)), step)?;
        Ok(old)
    }

    /// Takes steps until something holds. A step does nothing while fjall's own thread has one of the tables.
    fn until(&self, holds: impl Fn() -> bool, step: impl Fn() -> Step) -> Result<()> {
        let (deadline, mut pause) = (self.engine.deadline(), LOOK);
        while !holds() {
            self.step(step())?;
            if !holds() {
                if self.is_poisoned() {
                    return Err(self.engine.gave_up());
                }
                let waits_for = || format!("tables of {} to be merged", &**self.keyspace.name());
                self.engine.pause_for(pause, deadline, waits_for)?;
                pause = SLOWEST.min(pause * 2);
            }
        }
        Ok(())
    }

    fn step(&self, step: Step) -> Result<()> {
        self.engine.go_on(self.wanted)?;
        let watermark = self.watermark()?;
        let (place, keyspace) = (self.engine.place.clone(), self.keyspace.clone());
        let (over, ended) = channel();
        let work = move || {
            merges_here_erase();
            let taken = place.guard(|| step.take(&keyspace, watermark).map_err(|error| place.using(&error)));
            // The keyspace is not held any more when whoever waits goes on.
            drop(keyspace);
            let _ = over.send(taken);
        };
        let thread = task::thread("erase", work)
            .map_err(|error| self.engine.place.system("starting a thread", &error))?;
        let taken = loop {
            match ended.recv_timeout(LOOK) {
                Ok(taken) => break taken,
                Err(RecvTimeoutError::Timeout) => self.attend(step),
                Err(RecvTimeoutError::Disconnected) => {
                    break Err(self.engine.place.fault("a merge broke off"));
                }
            }
        };
        let _ = thread.join();
        match self.brakes.is_given_up() {
            true if self.is_poisoned() => Err(self.engine.gave_up()),
            true => self.engine.go_on(&|| Demand::NotNow),
            false => taken,
        }
    }

    /// The store has failed, for want of room perhaps. It is opened again where there is some, and not while it is merged.
    fn is_poisoned(&self) -> bool {
        self.engine.reading(|store| Ok(store.is_poisoned())).unwrap_or(true)
    }

    /// What there is to see to while a step is taken.
    fn attend(&self, step: Step) {
        if self.is_poisoned() || (self.wanted)() != Demand::Wanted {
            self.brakes.give_up();
        }
        if let Err(error) = self.make_way(step) {
            tracing::warn!(%error, "what is flushed while a store is merged piles up");
        }
    }

    /// Begins a level for what is flushed, if the one it would be merged into is at work.
    fn make_way(&self, step: Step) -> Result<()> {
        let (Step::Merge(level) | Step::Move(level)) = step;
        let crowded = self.keyspace.tree.l0_run_count() >= CROWDED;
        if level < 2 || !crowded || (1..level).any(|above| !self.on(above).is_empty()) {
            return Ok(());
        }
        let (place, watermark) = (&self.engine.place, self.watermark()?);
        place.guard(|| Step::Merge(0).take(&self.keyspace, watermark).map_err(|error| place.using(&error)))
    }

    /// What was overwritten by a later batch than this one is left out.
    fn watermark(&self) -> Result<SeqNo> {
        self.engine.reading(|store| Ok(store.watermark()))
    }

    fn on(&self, level: u8) -> Tables {
        let version = self.keyspace.tree.current_version();
        version.level(level.into()).map(|level| level.list_ids().into_iter().collect()).unwrap_or_default()
    }
}
