//! What deciding asks of the rows and of the requests before.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;
use elastickv_types::{RequestId, Timestamp};

use crate::command::{Mutations, Span};
use crate::perform::PerformError;
use crate::state::{First, Locks};

/// A key, and when its newest version was committed.
pub type Changed = (Bytes, Timestamp);

/// What has been done up to an entry. The same is answered on every replica, whatever of it was collected: versions
/// that were are older than any timestamp that is asked about. An error is a fault, and nothing is decided.
pub trait Facts {
    /// What a request came to, if it is remembered.
    fn first(&self, request: &RequestId) -> Option<First>;
    /// Keys that are locked, and transactions that are over.
    fn locks(&self) -> &Locks;
    /// When the newest version of a key was committed, if that was later; a deletion is a version.
    fn newer(&self, key: &[u8], than: Timestamp) -> Result<Option<Timestamp>, PerformError>;
    /// The smallest key of a span that has such a version.
    fn first_newer(&self, span: Span<'_>, than: Timestamp) -> Result<Option<Changed>, PerformError>;
}

/// Of a group in which nobody has written anything.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct NothingWritten;

#[cfg(any(test, feature = "testing"))]
impl Facts for NothingWritten {
    fn first(&self, _request: &RequestId) -> Option<First> {
        None
    }

    fn locks(&self) -> &Locks {
        const { &Locks::new() }
    }

    fn newer(&self, _key: &[u8], _than: Timestamp) -> Result<Option<Timestamp>, PerformError> {
        Ok(None)
    }

    fn first_newer(&self, _span: Span<'_>, _than: Timestamp) -> Result<Option<Changed>, PerformError> {
        Ok(None)
    }
}

/// Versions that are not in any view yet: each is newer than all before it.
#[derive(Default, Debug)]
pub struct Fresh(BTreeMap<Bytes, Timestamp>);

impl Fresh {
    pub fn note(&mut self, key: Bytes, commit_ts: Timestamp) {
        self.0.insert(key, commit_ts);
    }

    pub fn note_all(&mut self, mutations: &Mutations, commit_ts: Timestamp) {
        mutations.iter().for_each(|mutation| self.note(mutations.part(mutation.key()), commit_ts));
    }

    pub fn newer(&self, key: &[u8], than: Timestamp) -> Option<Timestamp> {
        self.0.get(key).copied().filter(|newest| *newest > than)
    }

    pub fn first_newer(&self, span: Span<'_>, than: Timestamp) -> Option<Changed> {
        let from = self.0.range::<[u8], _>((Bound::Included(span.start), Bound::Unbounded));
        let within = from.take_while(|(key, _)| span.contains(key));
        let newer = within.filter(|(_, newest)| **newest > than);
        newer.map(|(key, newest)| (key.clone(), *newest)).next()
    }
}

/// Of two, the one with the smaller key; of one key, what is newer.
pub fn smaller(one: Option<Changed>, other: Option<Changed>) -> Option<Changed> {
    match (one, other) {
        (Some(one), Some(other)) => Some(match one.0.cmp(&other.0) {
            std::cmp::Ordering::Less => one,
            std::cmp::Ordering::Greater => other,
            std::cmp::Ordering::Equal => (one.0, one.1.max(other.1)),
        }),
        (one, other) => one.or(other),
    }
}
