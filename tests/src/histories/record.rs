//! What the clients saw, in the terms of the judges.

use std::time::Instant;

use elastickv_check::bank::{Bank, Snapshot};
use elastickv_check::{Findings, lists, registers, stamps};

use super::Met;
use super::bank::{ACCOUNTS, TOTAL};
use crate::summary::Timed;
use crate::workload::Outcome;

/// One operation, for the figures.
#[derive(Clone, Debug)]
pub struct Entry {
    pub begun: Instant,
    pub ended: Instant,
    pub outcome: Outcome,
}

impl Timed for Entry {
    fn begun(&self) -> Instant {
        self.begun
    }

    fn ended(&self) -> Instant {
        self.ended
    }

    fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

/// All that was done in a run, and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Record {
    pub entries: Vec<Entry>,
    pub lists: Vec<lists::Transaction>,
    pub snapshots: Vec<Snapshot>,
    pub registers: Vec<registers::Operation>,
    /// The timestamps of commits.
    pub stamps: Vec<stamps::Batch>,
    /// What transactions that lock met with.
    pub met: Met,
    /// Why not everything could be read once more when all was over.
    pub unread: Option<String>,
    /// Calls that were sent again under the same request id.
    pub sent_again: usize,
    /// Of these, the ones whose first sending had taken effect.
    pub found_applied: usize,
}

impl Record {
    pub(super) fn append(&mut self, other: Record) {
        self.entries.extend(other.entries);
        self.lists.extend(other.lists);
        self.snapshots.extend(other.snapshots);
        self.registers.extend(other.registers);
        self.stamps.extend(other.stamps);
        self.met.add(other.met);
        self.unread = self.unread.take().or(other.unread);
        self.sent_again += other.sent_again;
        self.found_applied += other.found_applied;
    }

    /// What no correct store could have answered.
    pub fn judge(&self) -> Findings {
        lists::check(&self.lists)
            .join(registers::check(&self.registers))
            .join(Bank { accounts: ACCOUNTS, total: TOTAL }.check(&self.snapshots))
            .join(stamps::check(&self.stamps))
    }

    /// How much of what there is to judge.
    pub fn contents(&self) -> String {
        format!(
            "{} list transactions, {} snapshots of the bank, {} single calls, {} commit timestamps; {} writes \
             sent again, {} of them had taken effect",
            self.lists.len(),
            self.snapshots.len(),
            self.registers.len(),
            self.stamps.len(),
            self.sent_again,
            self.found_applied
        )
    }
}
