//! Records beside the rows that belong to one generation of them.
//!
//! ```text
//! key   prefix 2 ‖ generation u64 ‖ …
//! ```
//!
//! A snapshot's are put beside those that are in force, and both change with one batch; what other generations
//! left is removed then.

use std::ops::Bound;

use bytes::Bytes;
use elastickv_engine::{Batch, Direction, Engine, KeyRange};

use super::PerformError;
use crate::keyspaces::{Generation, GroupKeyspaces};

/// Of another generation, so many are removed at once.
const REMOVED_AT_ONCE: usize = 8192;

/// What the keys of one kind begin with.
#[derive(Clone, Copy, Debug)]
pub struct Prefix(pub [u8; 2]);

impl Prefix {
    pub fn key(self, generation: Generation, rest: &[u8]) -> Bytes {
        [&self.0[..], &generation.get().to_be_bytes(), rest].concat().into()
    }

    /// What stands behind the generation.
    pub fn rest(self, key: &[u8]) -> Option<&[u8]> {
        key.strip_prefix(&self.0)?.get(8..)
    }

    pub fn range(self, generation: Generation) -> KeyRange {
        let start = Bound::Included(self.key(generation, &[]));
        KeyRange { start, end: Bound::Excluded(self.behind(generation)) }
    }

    fn behind(self, generation: Generation) -> Bytes {
        match generation.get().checked_add(1) {
            Some(next) => self.key(Generation::from_u64(next), &[]),
            None => self.end(),
        }
    }

    /// The first key behind all of this kind.
    fn end(self) -> Bytes {
        let [kind, slash] = self.0;
        Bytes::copy_from_slice(&[kind, slash + 1])
    }

    /// Removes what other generations left.
    pub fn drop_others(
        self,
        engine: &dyn Engine,
        keyspaces: &GroupKeyspaces,
        generation: Generation,
    ) -> Result<(), PerformError> {
        let before = KeyRange {
            start: Bound::Included(Bytes::copy_from_slice(&self.0)),
            end: Bound::Excluded(self.key(generation, &[])),
        };
        let behind =
            KeyRange { start: Bound::Included(self.behind(generation)), end: Bound::Excluded(self.end()) };
        let meta = keyspaces.meta();
        for range in [before, behind] {
            let view = engine.view()?;
            let mut batch = Batch::default();
            for pair in view.range(meta, range, Direction::Forward)? {
                batch.delete(meta, pair?.0);
                if batch.len() >= REMOVED_AT_ONCE {
                    engine.write(std::mem::take(&mut batch))?;
                }
            }
            if !batch.is_empty() {
                engine.write(batch)?;
            }
        }
        Ok(())
    }
}
