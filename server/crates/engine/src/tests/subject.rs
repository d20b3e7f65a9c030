//! The engines under test, each with its way of being closed and opened again.

use std::sync::Arc;

use elastickv_sys::files::Files;

use crate::model::ModelEngine;
use crate::{BlockCache, Engine, FjallEngine, FjallOptions};

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
    pub(super) options: FjallOptions,
    pub(super) dir: tempfile::TempDir,
}

impl Subject for Fjall {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = small_options();
        let engine = FjallEngine::open(dir.path(), options.clone()).unwrap();
        Self { engine: Some(engine), options, dir }
    }

    fn engine(&self) -> &dyn Engine {
        self.engine.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        self.engine = None;
        self.engine = Some(FjallEngine::open(self.dir.path(), self.options.clone()).unwrap());
    }
}

/// So small that a few batches are flushed and merged.
pub(super) fn small_options() -> FjallOptions {
    FjallOptions {
        memtable_bytes: 4 * 1024,
        cache: BlockCache::new(256 * 1024),
        open_files: 10,
        reserve_bytes: 0,
        ..FjallOptions::default()
    }
}

pub(super) fn shared_files() -> Arc<dyn Files> {
    elastickv_sys::files::SystemFiles::shared()
}
