//! What became of operations.
//!
//! One record an operation. The last 10,000 are kept, and those of the last 90 days as long as there
//! are not absurdly many. Ages are judged by the times in the entries, so every replica forgets the
//! same records at the same entry.
//!
//! An operation acts once although its record may be forgotten: an id tells when it was drawn, and one
//! that is not younger than every forgotten one could be one of those. It has expired.

use std::collections::BTreeMap;
use std::sync::Arc;

use elastickv_types::{LogIndex, OperationId};

use super::Done;
use crate::command::{Actor, OperationKind, Reason, UnixMillis, drawn_at};
use crate::plan::Rejection;

const KEPT: usize = 10_000;
const KEPT_MS: u64 = 90 * 24 * 3600 * 1000;
/// However young they are: a snapshot carries all of them in one section, and none takes more than 1325 bytes.
const MOST: usize = 20_000;

/// What an operation came to. Whoever asks for it again is told the same.
pub type Outcome = Result<Done, Rejection>;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    pub operation: OperationId,
    pub kind: OperationKind,
    pub at: UnixMillis,
    pub actor: Actor,
    pub reason: Reason,
    pub outcome: Outcome,
}

/// The youngest operation id that is forgotten; `None` while nothing is.
pub type Forgotten = Option<UnixMillis>;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    records: BTreeMap<LogIndex, Arc<Record>>,
    by_operation: BTreeMap<OperationId, LogIndex>,
    newest: UnixMillis,
    forgotten: Forgotten,
}

impl History {
    pub fn record(&self, operation: OperationId) -> Option<&Record> {
        self.find(operation).map(|(_, record)| record)
    }

    /// The record of an operation, and the entry that wrote it.
    pub fn find(&self, operation: OperationId) -> Option<(LogIndex, &Record)> {
        let index = *self.by_operation.get(&operation)?;
        Some((index, self.at(index)?))
    }

    pub fn at(&self, index: LogIndex) -> Option<&Record> {
        self.records.get(&index).map(|record| &**record)
    }

    /// All that is kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (LogIndex, &Record)> {
        self.records.iter().map(|(index, record)| (*index, &**record))
    }

    pub fn newest(&self) -> UnixMillis {
        self.newest
    }

    pub fn forgotten(&self) -> Forgotten {
        self.forgotten
    }

    /// Whether a record of an operation whose id was drawn then may have been forgotten.
    pub fn may_have_forgotten(&self, drawn: UnixMillis) -> bool {
        self.forgotten.is_some_and(|forgotten| drawn <= forgotten)
    }

    /// What is forgotten when a record of this time is added.
    pub fn outlived(&self, at: UnixMillis) -> Vec<LogIndex> {
        let horizon = self.newest.max(at).saturating_sub(KEPT_MS);
        let surplus = (self.records.len() + 1).saturating_sub(KEPT);
        let absurd = (self.records.len() + 1).saturating_sub(MOST);
        let oldest = self.records.iter().take(surplus).enumerate();
        let outlived = oldest.take_while(|(place, (_, record))| *place < absurd || record.at < horizon);
        outlived.map(|(_, (index, _))| *index).collect()
    }

    pub(super) fn put(&mut self, index: LogIndex, record: Record) {
        self.newest = self.newest.max(record.at);
        self.by_operation.insert(record.operation, index);
        self.records.insert(index, Arc::new(record));
    }

    pub(super) fn forget(&mut self, index: LogIndex) {
        let Some(record) = self.records.remove(&index) else { return };
        self.by_operation.remove(&record.operation);
        self.forgotten = self.forgotten.max(drawn_at(&record.operation));
    }

    /// Takes up what is not in the records themselves.
    pub(super) fn restore(&mut self, newest: UnixMillis, forgotten: Forgotten) {
        self.newest = newest;
        self.forgotten = forgotten;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(ms: u64) -> Record {
        let mut id = [0; 16];
        id[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        (id[6], id[8]) = (0x70, 0x80);
        Record {
            operation: OperationId::from_bytes(id),
            kind: OperationKind::Rewrap,
            at: UnixMillis::new(ms),
            actor: Actor::cut("ops"),
            reason: Reason::cut("because"),
            outcome: Ok(Done { changed: true, first: LogIndex::new(1), key: None }),
        }
    }

    fn add(history: &mut History, index: u64, ms: u64) -> usize {
        let outlived = history.outlived(UnixMillis::new(ms));
        outlived.iter().for_each(|index| history.forget(*index));
        history.put(LogIndex::new(index), record(ms));
        outlived.len()
    }

    #[test]
    fn the_last_ones_are_kept_however_old() {
        let mut history = History::default();
        let year = 365 * 24 * 3600 * 1000;
        let forgotten =
            (0..KEPT as u64 + 5).map(|place| add(&mut history, place, place * year)).sum::<usize>();
        assert_eq!((forgotten, history.iter().count()), (5, KEPT));
        assert_eq!(history.forgotten(), Some(UnixMillis::new(4 * year)));
        assert!(history.may_have_forgotten(UnixMillis::new(4 * year)));
        assert!(!history.may_have_forgotten(UnixMillis::new(4 * year + 1)));
    }

    #[test]
    fn young_ones_are_kept_up_to_an_absurd_number() {
        let mut history = History::default();
        let forgotten: Vec<_> =
            (0..MOST as u64 + 3).map(|place| add(&mut history, place, 1000 + place)).collect();
        assert!(forgotten.iter().take(MOST).all(|count| *count == 0));
        assert_eq!(forgotten.iter().skip(MOST).copied().collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(history.iter().count(), MOST);
        assert!(history.record(record(1002).operation).is_none());
        assert!(history.record(record(1003).operation).is_some());
    }
}
