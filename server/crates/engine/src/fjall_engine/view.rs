//! What a store holds at one moment.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use elastickv_sys::files::SharedFiles;
use fjall::{Keyspace, Readable, Snapshot};

use super::culprit;
use super::failure::Place;
use crate::{Direction, EngineError, KeyRange, KeyspaceName, LONGEST_KEY, Pair, Pairs, Result, View};

pub(super) type Named = BTreeMap<KeyspaceName, Keyspace>;

pub(super) struct FjallView {
    pub(super) place: Place,
    pub(super) files: SharedFiles,
    pub(super) snapshot: Snapshot,
    /// The keyspaces there were: fjall keeps one's files for as long as a handle to it lives.
    pub(super) named: Arc<Named>,
    /// Counts the open views. The last field, because it is dropped last.
    pub(super) open: Arc<()>,
}

impl FjallView {
    fn keyspace(&self, name: &KeyspaceName) -> Result<&Keyspace> {
        let missing = || EngineError::NoKeyspace { dir: self.place.0.to_string(), keyspace: name.clone() };
        self.named.get(name).ok_or_else(missing)
    }

    /// What went wrong with a read, and with which file.
    fn fault(&self, keyspace: &Keyspace, error: &fjall::Error) -> EngineError {
        let mut everything = u64::MAX;
        match culprit::first_damaged(&*self.files, &keyspace.tree, &mut everything) {
            Ok(Some(damage)) => self.place.fault(format!("{error}: {damage}")),
            Ok(None) => self.place.fault(error),
            Err(unread) => self.place.fault(format!("{error}, and its tables can not be read: {unread}")),
        }
    }
}

impl fmt::Debug for FjallView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = Arc::strong_count(&self.open).saturating_sub(2);
        f.debug_struct("FjallView").field("dir", &self.place.0).field("beside", &others).finish()
    }
}

impl View for FjallView {
    fn get(&self, keyspace: &KeyspaceName, key: &[u8]) -> Result<Option<Bytes>> {
        let keyspace = self.keyspace(keyspace)?;
        if key.len() > LONGEST_KEY {
            return Ok(None);
        }
        self.place.guard(|| {
            let value = self.snapshot.get(keyspace, key).map_err(|error| self.fault(keyspace, &error))?;
            Ok(value.map(Bytes::from))
        })
    }

    fn range<'v>(&'v self, keyspace: &KeyspaceName, range: KeyRange, way: Direction) -> Result<Pairs<'v>> {
        let keyspace = self.keyspace(keyspace)?;
        if range.is_empty() {
            return Ok(Box::new(std::iter::empty()));
        }
        let bounds = (shortened_start(range.start), shortened_end(range.end));
        let pairs = self.place.guard(|| Ok(self.snapshot.range(keyspace, bounds)))?;
        Ok(Box::new(Reading { view: self, keyspace, pairs, way, over: false }))
    }
}

struct Reading<'v> {
    view: &'v FjallView,
    keyspace: &'v Keyspace,
    pairs: fjall::Iter,
    way: Direction,
    over: bool,
}

impl Iterator for Reading<'_> {
    type Item = Result<Pair>;

    fn next(&mut self) -> Option<Result<Pair>> {
        if self.over {
            return None;
        }
        let (pairs, way, view, keyspace) = (&mut self.pairs, self.way, self.view, self.keyspace);
        let next = view.place.guard(|| {
            let next = match way {
                Direction::Forward => pairs.next(),
                Direction::Backward => pairs.next_back(),
            };
            let Some(next) = next else { return Ok(None) };
            let (key, value) = next.into_inner().map_err(|error| view.fault(keyspace, &error))?;
            Ok(Some((Bytes::from(key), Bytes::from(value))))
        });
        self.over = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

// fjall panics on a bound that is longer than a key can be. Its beginning that is as long as a key
// can be comes before it, and every other key is on the same side of both.

fn shortened_start(start: Bound<Bytes>) -> Bound<Bytes> {
    match start {
        Bound::Included(key) | Bound::Excluded(key) if key.len() > LONGEST_KEY => {
            Bound::Excluded(key.slice(..LONGEST_KEY))
        }
        start => start,
    }
}

fn shortened_end(end: Bound<Bytes>) -> Bound<Bytes> {
    match end {
        Bound::Included(key) | Bound::Excluded(key) if key.len() > LONGEST_KEY => {
            Bound::Included(key.slice(..LONGEST_KEY))
        }
        end => end,
    }
}
