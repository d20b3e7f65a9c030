//! Making merges stop.
//!
//! lsm-tree looks at nothing while it merges, which takes minutes where a keyspace is large, and whoever closes a
//! store waits for what is being merged. But it shows every pair to a filter, and gives a merge up when that fails:
//! the tables it read stay as they were, and those it began are removed when the store is opened.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lsm_tree::compaction::filter::{CompactionFilter, Context, Factory, ItemAccessor, Verdict};

thread_local! {
    static ERASES: Cell<bool> = const { Cell::new(false) };
}

/// What the merges of one opened store look at.
#[derive(Default)]
pub(super) struct Brakes {
    closing: AtomicBool,
    given_up: AtomicBool,
    #[cfg(test)]
    pub(super) halted: Halted,
}

impl Brakes {
    /// Stops every merge, for good.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    /// Stops the merges that erase, until they are let go again.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Release);
    }

    pub(super) fn let_go(&self) {
        self.given_up.store(false, Ordering::Release);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    fn stops(&self, erases: bool) -> bool {
        self.closing.load(Ordering::Acquire) || (erases && self.is_given_up())
    }
}

#[cfg(test)]
impl Brakes {
    fn halt(&self, erases: bool, last: bool) {
        let halted = || match erases {
            true => last && self.halted.erasing.load(Ordering::Acquire),
            false => self.halted.background.load(Ordering::Acquire),
        };
        while halted() && !self.stops(erases) {
            self.halted.one_stands.store(true, Ordering::Release);
            std::thread::sleep(super::PAUSE);
        }
    }
}

/// Merges that stand still, as if they took for ever.
#[cfg(test)]
#[derive(Default)]
pub(super) struct Halted {
    /// Those into the last level that erase.
    pub(super) erasing: AtomicBool,
    /// Those in the background.
    pub(super) background: AtomicBool,
    pub(super) one_stands: AtomicBool,
}

/// What this thread merges from now on, it merges to erase.
pub(super) fn merges_here_erase() {
    ERASES.set(true);
}

/// Gives every merge its filter.
pub(super) struct Fitting(pub(super) Arc<Brakes>);

impl Factory for Fitting {
    fn name(&self) -> &str {
        "brakes"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Fitted { brakes: Arc::clone(&self.0), erases: ERASES.get() })
    }
}

struct Fitted {
    brakes: Arc<Brakes>,
    erases: bool,
}

impl CompactionFilter for Fitted {
    fn filter_item(&mut self, _: ItemAccessor<'_>, _context: &Context) -> lsm_tree::Result<Verdict> {
        #[cfg(test)]
        self.brakes.halt(self.erases, _context.is_last_level);
        match self.brakes.stops(self.erases) {
            true => Err(lsm_tree::Error::Io(io::Error::other("the merge is stopped"))),
            false => Ok(Verdict::Keep),
        }
    }
}
