//! The engines under test, each with its way of being closed and opened again.

use std::time::Duration;

use elastickv_sys::files::{Files, SystemFiles};

use super::opened;
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

impl Fjall {
    pub(super) fn with(options: FjallOptions) -> Self {
        let dir = scratch();
        let engine = opened(dir.path(), options.clone());
        Self { engine: Some(engine), options, dir }
    }
}

impl Subject for Fjall {
    fn new() -> Self {
        Self::with(small_options())
    }

    fn engine(&self) -> &dyn Engine {
        self.engine.as_ref().unwrap()
    }

    fn reopen(&mut self) {
        self.engine = None;
        self.engine = Some(opened(self.dir.path(), self.options.clone()));
    }
}

/// A directory for a store that is opened and flushed very often: in memory if there is much of it,
/// because syncing is what takes the time then.
pub(super) fn scratch() -> tempfile::TempDir {
    const MEMORY: &str = "/dev/shm";
    const PLENTY: u64 = 1 << 30;
    match SystemFiles.space(MEMORY.as_ref()) {
        Ok(space) if space.free > PLENTY => tempfile::tempdir_in(MEMORY).unwrap(),
        _ => tempfile::tempdir().unwrap(),
    }
}

/// So small that a few batches are flushed and merged.
pub(super) fn small_options() -> FjallOptions {
    FjallOptions {
        memtable_bytes: 4 * 1024,
        cache: BlockCache::new(256 * 1024),
        open_files: 10,
        reserve_bytes: 0,
        erase_deadline: Duration::from_millis(500),
        ..FjallOptions::default()
    }
}
