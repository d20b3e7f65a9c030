//! A sealer that notices every change.

use std::num::NonZeroUsize;

use bytes::Bytes;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::{Engine, KeyspaceName};
use elastickv_types::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{OpenedRow, PageLimit, Result, RowDraft, RowError, RowHeader, RowKey, RowState, Sealer};

/// Seals with a tag over key, header and body, as an envelope does; hides nothing.
#[derive(Debug)]
pub(super) struct Tagged;

const TAG: usize = 8;

fn tag(row_key: &[u8], header: RowHeader, body: &[u8]) -> [u8; TAG] {
    let mut hash = Sha256::new();
    hash.update((row_key.len() as u64).to_be_bytes());
    hash.update(row_key);
    hash.update(header.encode());
    hash.update(body);
    hash.finalize()[..TAG].try_into().unwrap()
}

impl Sealer for Tagged {
    fn seal(&self, row_key: &[u8], draft: RowDraft<'_>) -> Result<Bytes> {
        let header =
            RowHeader { tombstone: draft.tombstone, state: RowState::Sealed, expire_at: draft.expire_at };
        Ok(header.join(&[&tag(row_key, header, draft.body)[..], draft.body].concat()))
    }

    fn open(&self, row_key: &[u8], value: Bytes) -> Result<OpenedRow> {
        let (header, sealed) = RowHeader::split(value)?;
        if header.state != RowState::Sealed || sealed.len() < TAG {
            return Err(RowError::Sealed);
        }
        let body = sealed.slice(TAG..);
        match tag(row_key, header, &body) == sealed[..TAG] {
            true => Ok(OpenedRow { tombstone: header.tombstone, expire_at: header.expire_at, body }),
            false => Err(RowError::Sealed),
        }
    }
}

pub(super) fn ts(raw: u64) -> Timestamp {
    Timestamp::from_u64(raw)
}

pub(super) fn name(text: &str) -> KeyspaceName {
    KeyspaceName::new(text).unwrap()
}

/// A page so large that nothing ends it.
pub(super) const WHOLE: PageLimit =
    PageLimit { pairs: NonZeroUsize::MAX, bytes: usize::MAX, visited: usize::MAX };

pub(super) fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

/// Writes a version, or a deletion.
pub(super) fn put(engine: &dyn Engine, key: &[u8], at: Timestamp, value: Option<&[u8]>, expire_at: u64) {
    let raw_key = RowKey::encode(key, at);
    let draft = RowDraft { tombstone: value.is_none(), expire_at, body: value.unwrap_or_default() };
    let mut batch = elastickv_engine::Batch::default();
    batch.put(&name("rows"), raw_key.clone(), Tagged.seal(&raw_key, draft).unwrap());
    engine.write(batch).unwrap();
}

/// An engine in memory with a keyspace for rows.
pub(super) fn engine() -> ModelEngine {
    let engine = ModelEngine::new();
    engine.create_keyspace(&name("rows")).unwrap();
    engine
}
