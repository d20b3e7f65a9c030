//! The record of a run.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;

use super::{Change, WriterId};

/// How a write ended, for the one who asked for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Acknowledged,
    /// Proven to have had no effect; the word says why.
    Refused(String),
    /// It may have had an effect, or may still have one.
    Unknown(String),
}

/// One write, from the call to its answer.
#[derive(Clone, Debug)]
pub struct Operation {
    pub writer: WriterId,
    pub key: Bytes,
    pub change: Change,
    pub begun: Instant,
    pub ended: Instant,
    pub outcome: Outcome,
}

/// All writes of a run. Those of one key stand in the order in which they were asked for.
#[derive(Clone, Debug)]
pub struct History {
    operations: Vec<Operation>,
    value_bytes: usize,
}

impl History {
    pub fn new(operations: Vec<Operation>, value_bytes: usize) -> Self {
        Self { operations, value_bytes }
    }

    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub fn value_bytes(&self) -> usize {
        self.value_bytes
    }

    pub fn by_key(&self) -> BTreeMap<&Bytes, Vec<&Operation>> {
        let mut keys: BTreeMap<&Bytes, Vec<&Operation>> = BTreeMap::new();
        for operation in &self.operations {
            keys.entry(&operation.key).or_default().push(operation);
        }
        keys
    }

    pub fn acknowledged(&self) -> usize {
        self.operations.iter().filter(|operation| operation.outcome == Outcome::Acknowledged).count()
    }
}
