//! The newest payloads in memory: a run of indexes that ends with the last entry.
//!
//! What is not written yet is in here as well, however much it is, because it is nowhere else.

use std::collections::VecDeque;

use bytes::Bytes;
use elastickv_types::LogIndex;

#[derive(Debug)]
pub(crate) struct Cache {
    first: u64,
    payloads: VecDeque<Bytes>,
    bytes: u64,
    limit: u64,
}

impl Cache {
    pub(crate) fn empty_before(next: LogIndex, limit: u64) -> Self {
        Self { first: next.get(), payloads: VecDeque::new(), bytes: 0, limit }
    }

    #[cfg(test)]
    pub(crate) fn first(&self) -> LogIndex {
        LogIndex::new(self.first)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn get(&self, index: LogIndex) -> Option<&Bytes> {
        let position = index.get().checked_sub(self.first)?;
        self.payloads.get(usize::try_from(position).ok()?)
    }

    pub(crate) fn push(&mut self, payload: Bytes) {
        self.bytes += payload.len() as u64;
        self.payloads.push_back(payload);
    }

    /// Ends before `next`.
    pub(crate) fn truncate(&mut self, next: LogIndex) {
        while self.first + self.payloads.len() as u64 > next.get() {
            match self.payloads.pop_back() {
                Some(payload) => self.bytes -= payload.len() as u64,
                None => self.first = next.get(),
            }
        }
    }

    /// Begins at `first` or later, also when that lies behind the last entry.
    pub(crate) fn purge(&mut self, first: LogIndex) {
        while self.first < first.get() && self.pop_front() {}
        self.first = self.first.max(first.get());
    }

    /// Lets the oldest payloads go while there are too many bytes; `may_go` says which are on the disk.
    pub(crate) fn evict(&mut self, mut may_go: impl FnMut(LogIndex) -> bool) {
        while self.bytes > self.limit && may_go(LogIndex::new(self.first)) && self.pop_front() {}
    }

    fn pop_front(&mut self) -> bool {
        let Some(payload) = self.payloads.pop_front() else { return false };
        self.bytes -= payload.len() as u64;
        self.first += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_only_if_they_may() {
        let at = LogIndex::new;
        let mut cache = Cache::empty_before(at(5), 10);
        for byte in 0..4 {
            cache.push(Bytes::from(vec![byte; 6]));
        }
        cache.evict(|index| index < at(7));
        assert_eq!((cache.first(), cache.bytes()), (at(7), 12));
        assert_eq!(cache.get(at(6)), None);
        assert_eq!(cache.get(at(8)).unwrap()[0], 3);
        cache.truncate(at(8));
        assert_eq!((cache.get(at(8)), cache.bytes()), (None, 6));
        cache.truncate(at(2));
        cache.push(Bytes::from_static(b"new"));
        assert_eq!((cache.first(), cache.bytes(), cache.get(at(2)).unwrap().len()), (at(2), 3, 3));
        cache.purge(at(40));
        cache.push(Bytes::from_static(b"x"));
        assert_eq!((cache.bytes(), cache.get(at(40)).unwrap().len()), (1, 1));
    }
}
