//! The rows as the next entry finds them: those of the store, and those that wait to be written to it.
//!
//! Nothing of this is made before a write asks, and only one with a read set does.

use std::sync::Arc;

use bytes::Bytes;
use elastickv_engine::{Batch, KeyspaceName, Op, View};
use elastickv_mvcc::{RowError, RowKey, first_newer, newer};
use elastickv_types::Timestamp;

use super::PerformError;
use super::batch::Store;
use crate::command::{Mutations, Span};
use crate::plan::{Changed, Fresh, smaller};

#[derive(Debug)]
pub struct Looked {
    view: Arc<dyn View>,
    /// In the batch, and so not in the view.
    fresh: Fresh,
}

impl Looked {
    pub fn at(store: Store<'_>, rows: &KeyspaceName, batch: &Batch) -> Result<Self, PerformError> {
        let mut fresh = Fresh::default();
        for op in batch.ops() {
            if let Op::Put { keyspace, key, .. } = op
                && keyspace == rows
            {
                let key = RowKey::decode(key)
                    .map_err(|reason| RowError::RowKey { keyspace: keyspace.to_string(), reason })?;
                fresh.note(key.user_key, key.commit_ts);
            }
        }
        Ok(Self { view: store.engine.view()?, fresh })
    }

    pub fn view(&self) -> &dyn View {
        &*self.view
    }

    pub fn note(&mut self, key: Bytes, commit_ts: Timestamp) {
        self.fresh.note(key, commit_ts);
    }

    pub fn note_all(&mut self, mutations: &Mutations, commit_ts: Timestamp) {
        self.fresh.note_all(mutations, commit_ts);
    }

    pub fn newer(
        &self,
        rows: &KeyspaceName,
        key: &[u8],
        than: Timestamp,
    ) -> Result<Option<Timestamp>, PerformError> {
        match self.fresh.newer(key, than) {
            Some(fresh) => Ok(Some(fresh)),
            None => Ok(newer(&*self.view, rows, key, than)?),
        }
    }

    pub fn first_newer(
        &self,
        rows: &KeyspaceName,
        span: Span<'_>,
        than: Timestamp,
    ) -> Result<Option<Changed>, PerformError> {
        let stored = first_newer(&*self.view, rows, (span.start, span.end), than)?;
        Ok(smaller(self.fresh.first_newer(span, than), stored))
    }
}
