//! The larger part of what decides, which is not copied from batch to batch.

use super::{Locks, Sessions};

/// It belongs to a [`GroupState`](super::GroupState) and to whoever applies entries to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tables {
    pub sessions: Sessions,
    pub locks: Locks,
}
