//! A group's rows, sealed anew and counted on this node. These block.

use std::num::NonZeroUsize;

use elastickv_mvcc::rewrite::{Amount, Budget};
use elastickv_types::{KeyId, OperationId};

use super::GroupHandle;
use crate::rewriting::{Census, RewriteError, Rewriting, Rewritten};

impl GroupHandle {
    /// How far this node is with a job, in the rows that there are now.
    pub fn rewriting(&self, job: OperationId) -> Option<Rewriting> {
        self.replica().rewriting(job)
    }

    /// Begins a job, of which so much was found to be done.
    pub fn begin_rewriting(&self, job: OperationId, scan: &Census) -> Result<(), RewriteError> {
        let total: Amount = scan.tally.of(|key| self.replica().is_replaced(key));
        self.replica().begin_rewriting(job, scan, total)
    }

    pub fn rewrite(&self, from: Rewriting, budget: Budget) -> Result<Rewritten, RewriteError> {
        self.replica().rewrite(from, budget)
    }

    pub fn end_rewriting(&self, from: Rewriting, log_sealed: bool) -> Result<(), RewriteError> {
        self.replica().end_rewriting(from, log_sealed)
    }

    /// Whether the rows are to be gone over once more, since another key is active by now.
    pub fn was_overtaken(&self, at: &Rewriting) -> bool {
        self.replica().was_overtaken(at)
    }

    /// The key that rows are sealed anew under; `None` while this node has not followed to the active one.
    pub fn rewrites_under(&self) -> Option<KeyId> {
        self.replica().rewrites_under()
    }

    pub fn begin_scan(&self) -> Census {
        self.replica().begin_scan()
    }

    /// A count is over: reads from now on are not older than it.
    pub fn cut_reads(&self) {
        self.replica().open_reads.cut();
    }

    /// Reads that are open and began before the last count was over.
    pub fn older_reads(&self) -> usize {
        self.replica().open_reads.older()
    }

    pub fn scan(&self, scan: &mut Census, rows: NonZeroUsize) -> Result<(), RewriteError> {
        self.replica().scan(scan, rows)
    }
}
