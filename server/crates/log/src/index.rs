//! Where every entry is: twelve bytes an entry, and one more item for each change of term.

use std::collections::VecDeque;

use elastickv_types::{LogId, LogIndex, Term};

use crate::format::{Seq, Standing};

/// Where the record of an entry begins, and how long its payload is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub seq: Seq,
    pub at: u32,
    pub payload: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    /// Not written yet; the call that brought it has this number.
    Pending {
        call: u32,
        payload: u32,
    },
    Written(Place),
}

const _: () = assert!(size_of::<Slot>() == 12);

impl Slot {
    pub(crate) fn payload(self) -> u32 {
        match self {
            Self::Pending { payload, .. } => payload,
            Self::Written(place) => place.payload,
        }
    }
}

/// The entries held: a run of indexes without a gap, directly behind what is purged.
#[derive(Debug, Default)]
pub(crate) struct Index {
    first: u64,
    slots: VecDeque<Slot>,
    terms: VecDeque<Run>,
    purged: Option<LogId>,
    last: Option<LogId>,
}

/// Entries from this index on have this term.
#[derive(Clone, Copy, Debug)]
struct Run {
    from: u64,
    term: Term,
}

impl Index {
    /// Begins behind the last entry of a standing: the entries before it are told by nobody, so they have to
    /// turn out purged or truncated.
    pub(crate) fn behind(standing: &Standing) -> Self {
        let first = after(standing.last);
        Self { first, purged: standing.purged, last: standing.last, ..Self::default() }
    }

    pub(crate) fn purged(&self) -> Option<LogId> {
        self.purged
    }

    /// The last entry, or the last one purged if there is none.
    pub(crate) fn last(&self) -> Option<LogId> {
        self.last
    }

    pub(crate) fn first_index(&self) -> LogIndex {
        LogIndex::new(after(self.purged))
    }

    pub(crate) fn next_index(&self) -> LogIndex {
        LogIndex::new(after(self.last))
    }

    /// Whether an entry is known for every index between what is purged and the last one.
    pub(crate) fn is_whole(&self) -> bool {
        self.first == after(self.purged)
    }

    pub(crate) fn slot(&self, index: LogIndex) -> Option<Slot> {
        self.slots.get(self.position(index)?).copied()
    }

    /// The id of an entry held, or of the last one purged.
    pub(crate) fn id_at(&self, index: LogIndex) -> Option<LogId> {
        if let Some(known) = [self.purged, self.last].into_iter().flatten().find(|id| id.index == index) {
            return Some(known);
        }
        self.slot(index)?;
        let run = self.terms.partition_point(|run| run.from <= index.get()).checked_sub(1)?;
        Some(LogId::new(self.terms.get(run)?.term, index))
    }

    pub(crate) fn holds(&self, id: LogId) -> bool {
        self.id_at(id.index) == Some(id)
    }

    /// Adds the entry that follows the last one.
    pub(crate) fn push(&mut self, id: LogId, slot: Slot) {
        if self.terms.back().is_none_or(|run| run.term != id.term) {
            self.terms.push_back(Run { from: id.index.get(), term: id.term });
        }
        self.slots.push_back(slot);
        self.last = Some(id);
    }

    /// Names the place of an entry, unless another one has taken its index meanwhile.
    pub(crate) fn settle(&mut self, index: LogIndex, of_call: u32, place: Place) {
        let Some(slot) = self.position(index).and_then(|position| self.slots.get_mut(position)) else {
            return;
        };
        if matches!(slot, Slot::Pending { call, .. } if *call == of_call) {
            *slot = Slot::Written(place);
        }
    }

    /// Forgets every entry behind `kept`, which is held, or the last one purged, or nothing at all.
    pub(crate) fn truncate(&mut self, kept: Option<LogId>) {
        let next = after(kept);
        let left = next.saturating_sub(self.first);
        self.slots.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        self.first = self.first.min(next);
        while self.terms.back().is_some_and(|run| run.from >= next) {
            self.terms.pop_back();
        }
        self.last = kept;
    }

    /// Forgets every entry up to `upto`, which may lie behind the last one.
    pub(crate) fn purge(&mut self, upto: LogId) {
        let first = upto.index.get() + 1;
        let gone = usize::try_from(first.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.slots.drain(..gone.min(self.slots.len()));
        self.first = self.first.max(first);
        while self.terms.get(1).is_some_and(|run| run.from <= first) {
            self.terms.pop_front();
        }
        self.purged = Some(upto);
        if self.slots.is_empty() && self.last.is_none_or(|last| last.index <= upto.index) {
            self.terms.clear();
            self.last = Some(upto);
        }
    }

    /// Bytes of the payloads behind one index and up to another.
    pub(crate) fn bytes_between(&self, after: LogIndex, upto: LogIndex) -> u64 {
        let position = |index: LogIndex| {
            usize::try_from((index.get() + 1).saturating_sub(self.first)).unwrap_or(usize::MAX)
        };
        let (from, to) = (position(after), position(upto));
        let slots = self.slots.iter().skip(from).take(to.saturating_sub(from));
        slots.map(|slot| u64::from(slot.payload())).sum()
    }

    /// The first of the last entries that together have no more than so many bytes.
    pub(crate) fn first_within(&self, bytes: u64) -> LogIndex {
        let mut left = bytes;
        let fits = |slot: &&Slot| {
            let rest = left.checked_sub(u64::from(slot.payload()));
            rest.inspect(|rest| left = *rest).is_some()
        };
        let entries = self.slots.iter().rev().take_while(fits).count() as u64;
        LogIndex::new(self.next_index().get() - entries)
    }

    fn position(&self, index: LogIndex) -> Option<usize> {
        usize::try_from(index.get().checked_sub(self.first)?).ok()
    }
}

fn after(id: Option<LogId>) -> u64 {
    id.map_or(0, |id| id.index.get() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(term: u64, index: u64) -> LogId {
        LogId::new(Term::new(term), LogIndex::new(index))
    }

    fn place(at: u32) -> Place {
        Place { seq: Seq::FIRST, at, payload: 0 }
    }

    fn filled() -> Index {
        let mut index = Index::default();
        for (at, term) in [1, 1, 2, 2, 5].into_iter().enumerate() {
            index.push(id(term, at as u64), Slot::Written(place(at as u32)));
        }
        index
    }

    fn ids(index: &Index) -> Vec<LogId> {
        (0..10).filter_map(|at| index.id_at(LogIndex::new(at))).collect()
    }

    #[test]
    fn bytes_are_counted_between_entries_and_back_from_the_last() {
        let mut index = Index::default();
        for at in 0..5 {
            index.push(id(1, at), Slot::Written(Place { payload: 10 + at as u32, ..place(0) }));
        }
        index.purge(id(1, 0));
        let at = LogIndex::new;
        assert_eq!(index.bytes_between(at(1), at(3)), 12 + 13);
        assert_eq!(index.bytes_between(at(0), at(9)), 11 + 12 + 13 + 14);
        assert_eq!(index.bytes_between(at(3), at(2)), 0);
        for (bytes, first) in [(0, 5), (13, 5), (14, 4), (26, 4), (27, 3), (1000, 1)] {
            assert_eq!(index.first_within(bytes), at(first), "{bytes}");
        }
    }

    #[test]
    fn terms_are_found_behind_truncations_and_purges() {
        let mut index = filled();
        assert_eq!(ids(&index), [id(1, 0), id(1, 1), id(2, 2), id(2, 3), id(5, 4)]);
        index.truncate(Some(id(2, 3)));
        index.push(id(7, 4), Slot::Written(place(9)));
        index.purge(id(1, 1));
        assert_eq!(ids(&index), [id(1, 1), id(2, 2), id(2, 3), id(7, 4)]);
        assert_eq!(index.slot(LogIndex::new(4)), Some(Slot::Written(place(9))));
        assert_eq!(index.slot(LogIndex::new(1)), None);
        assert!(index.is_whole());
        index.purge(id(8, 20));
        assert_eq!((index.last(), index.next_index().get()), (Some(id(8, 20)), 21));
        index.push(id(9, 21), Slot::Written(place(1)));
        assert_eq!(index.id_at(LogIndex::new(21)), Some(id(9, 21)));
    }

    #[test]
    fn truncating_everything_begins_anew() {
        let mut index = filled();
        index.truncate(None);
        assert_eq!((index.last(), index.next_index().get(), ids(&index)), (None, 0, vec![]));
        index.push(id(3, 0), Slot::Written(place(0)));
        assert_eq!(ids(&index), [id(3, 0)]);
    }

    #[test]
    fn a_log_whose_front_is_unknown_is_whole_once_that_is_purged_or_truncated() {
        let standing = Standing { purged: Some(id(1, 3)), last: Some(id(2, 9)), ..Standing::default() };
        let mut index = Index::behind(&standing);
        index.push(id(2, 10), Slot::Written(place(0)));
        assert!(!index.is_whole());
        index.truncate(Some(id(1, 5)));
        index.push(id(3, 6), Slot::Written(place(1)));
        assert!(!index.is_whole());
        index.purge(id(1, 5));
        assert!(index.is_whole());
        assert_eq!(index.slot(LogIndex::new(6)), Some(Slot::Written(place(1))));
    }

    #[test]
    fn a_place_is_not_given_to_an_entry_that_came_later() {
        let mut index = Index::default();
        index.push(id(1, 0), Slot::Pending { call: 1, payload: 0 });
        index.truncate(None);
        index.push(id(2, 0), Slot::Pending { call: 2, payload: 0 });
        index.settle(LogIndex::new(0), 1, place(5));
        assert_eq!(index.slot(LogIndex::new(0)), Some(Slot::Pending { call: 2, payload: 0 }));
        index.settle(LogIndex::new(0), 2, place(6));
        assert_eq!(index.slot(LogIndex::new(0)), Some(Slot::Written(place(6))));
    }
}
