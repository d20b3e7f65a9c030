//! Engines that can be closed and opened, and a sealer that notices every change.

use std::num::NonZeroUsize;

use bytes::Bytes;
use elastickv_engine::model::ModelEngine;
use elastickv_engine::{BlockCache, Engine, FjallEngine, FjallOptions, KeyspaceName};
use elastickv_types::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::{OpenedRow, PageLimit, Result, RowDraft, RowError, RowHeader, RowKey, RowState, Sealer};

pub(super) trait Subject {
    fn new() -> Self;
    fn engine(&self) -> &dyn Engine;
    /// Closes the engine and opens it again. Nothing that was written may be missing.
    fn reopen(&mut self);
}

impl Subject for ModelEngine {
    fn new() -> Self {
        Self::default()
    }

    fn engine(&self) -> &dyn Engine {
        self
    }

    fn reopen(&mut self) {
        *self = self.crash(self.unpersisted());
    }
}

pub(super) struct Fjall {
    engine: Option<FjallEngine>,
    dir: tempfile::TempDir,
}

impl Fjall {
    fn open(dir: &tempfile::TempDir) -> Option<FjallEngine> {
        // A memory so small that rows come to lie in several tables.
        let options = FjallOptions {
            memtable_bytes: 4096,
            cache: BlockCache::new(1 << 20),
            reserve_bytes: 0,
            ..FjallOptions::default()
        };
        Some(FjallEngine::open(dir.path(), options).unwrap())
    }
}

impl Subject for Fjall {
    fn new() -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory).unwrap(),
            false => tempfile::tempdir().unwrap(),
        };
        Self { engine: Self::open(&dir), dir }
    }

    fn engine(&self) -> &dyn Engine {
        self.engine.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        self.engine = None;
        self.engine = Self::open(&self.dir);
    }
}

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
