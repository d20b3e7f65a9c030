//! Which keys are locked, and which transactions are over.
//!
//! All of it is in memory, but for the values: whether a key is locked is asked of every write, and mostly
//! nothing is. So the number of locks is bounded, and so are the bytes of their keys.
//!
//! A transaction that is over is remembered by the timestamp at which it began, so that a step of it that comes late
//! finds it over. Of one too many the oldest goes, and its timestamp is the *horizon*: what began no later and is
//! neither remembered nor under way is refused.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use elastickv_types::Timestamp;

use super::First;
use crate::command::UnixMillis;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lock {
    pub start_ts: Timestamp,
    pub expires_at: UnixMillis,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Over {
    RolledBack,
    Committed(First),
}

/// How much is locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Locked {
    pub keys: usize,
    /// The lock that ends first.
    pub first: Option<Lock>,
}

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Locks {
    by_key: BTreeMap<Bytes, Lock>,
    by_start: BTreeMap<Timestamp, BTreeSet<Bytes>>,
    /// When locks end, of which transactions, and how many each time.
    ends: BTreeMap<(UnixMillis, Timestamp), usize>,
    key_bytes: usize,
    over: BTreeMap<Timestamp, Over>,
}

impl std::fmt::Debug for Locks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Locks({} on keys, {} transactions over)", self.by_key.len(), self.over.len())
    }
}

impl Locks {
    /// The most keys that are locked, and what these may take.
    pub const MOST: usize = 65_536;
    pub const MOST_KEY_BYTES: usize = 16 << 20;
    /// The most transactions that are remembered.
    pub const MOST_OVER: usize = 65_536;

    pub const fn new() -> Self {
        Self {
            by_key: BTreeMap::new(),
            by_start: BTreeMap::new(),
            ends: BTreeMap::new(),
            key_bytes: 0,
            over: BTreeMap::new(),
        }
    }

    /// Whether no key is locked.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    pub fn key_bytes(&self) -> usize {
        self.key_bytes
    }

    pub fn locked(&self) -> Locked {
        let first = self.ends.keys().next();
        let first = first.map(|&(expires_at, start_ts)| Lock { start_ts, expires_at });
        Locked { keys: self.by_key.len(), first }
    }

    pub fn on(&self, key: &[u8]) -> Option<Lock> {
        self.by_key.get(key).copied()
    }

    pub fn is_under_way(&self, start_ts: Timestamp) -> bool {
        self.by_start.contains_key(&start_ts)
    }

    pub fn over(&self, start_ts: Timestamp) -> Option<Over> {
        self.over.get(&start_ts).copied()
    }

    pub fn all_over(&self) -> impl Iterator<Item = (Timestamp, Over)> + '_ {
        self.over.iter().map(|(start_ts, over)| (*start_ts, *over))
    }

    /// Locks a key, and gives the lock that was on it.
    pub fn put(&mut self, key: Bytes, lock: Lock) -> Option<Lock> {
        let before = self.by_key.insert(key.clone(), lock);
        match before {
            Some(before) => self.ends_no_more(before),
            None => self.key_bytes += key.len(),
        }
        *self.ends.entry((lock.expires_at, lock.start_ts)).or_default() += 1;
        self.by_start.entry(lock.start_ts).or_default().insert(key);
        before
    }

    /// Takes away all locks of a transaction.
    pub fn take(&mut self, start_ts: Timestamp) -> Vec<(Bytes, Lock)> {
        let keys = self.by_start.remove(&start_ts).unwrap_or_default();
        let locks = keys.into_iter().filter_map(|key| self.by_key.remove_entry(&key));
        let locks: Vec<_> = locks.collect();
        self.key_bytes -= locks.iter().map(|(key, _)| key.len()).sum::<usize>();
        locks.iter().for_each(|(_, lock)| self.ends_no_more(*lock));
        locks
    }

    fn ends_no_more(&mut self, lock: Lock) {
        let end = (lock.expires_at, lock.start_ts);
        if let Some(locks) = self.ends.get_mut(&end) {
            *locks -= 1;
            if *locks == 0 {
                self.ends.remove(&end);
            }
        }
    }

    /// Remembers how a transaction ended, and tells which one is forgotten for it.
    pub fn end(&mut self, start_ts: Timestamp, over: Over) -> Option<Timestamp> {
        self.over.insert(start_ts, over);
        if self.over.len() <= Self::MOST_OVER {
            return None;
        }
        self.over.pop_first().map(|(forgotten, _)| forgotten)
    }
}
