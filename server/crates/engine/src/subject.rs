//! Engines for tests that hold for every engine, each with its way of being closed and opened again.

use std::path::Path;
use std::time::Duration;

use elastickv_sys::clock::SystemClock;
use elastickv_sys::files::{Files, SystemFiles};

use crate::model::ModelEngine;
use crate::{BlockCache, Engine, EngineError, FjallEngine, FjallOptions};

/// How long a store that was closed may hold its lock.
const CLOSING: Duration = Duration::from_secs(60);

pub trait Subject {
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

/// The real engine, in a directory that goes with it.
#[derive(Debug)]
pub struct Fjall {
    engine: Option<FjallEngine>,
    pub options: FjallOptions,
    pub dir: tempfile::TempDir,
}

impl Fjall {
    pub fn with(options: FjallOptions) -> Self {
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
        self.engine.as_ref().expect("it is closed only while it is opened again")
    }

    fn reopen(&mut self) {
        self.engine = None;
        self.engine = Some(opened(self.dir.path(), self.options.clone()));
    }
}

/// Opens a store. The threads of the one that was open here before may hold its lock for a moment longer.
pub fn opened(dir: &Path, options: FjallOptions) -> FjallEngine {
    let clock = SystemClock::shared();
    let begun = clock.now();
    loop {
        match FjallEngine::open(dir, options.clone()) {
            Err(EngineError::Locked { .. }) if clock.now().since(begun) < CLOSING => std::thread::yield_now(),
            opened => return opened.expect("a store that was closed opens"),
        }
    }
}

/// A directory for a store that is opened and flushed very often: in memory if there is much of it,
/// because syncing is what takes the time then.
pub fn scratch() -> tempfile::TempDir {
    const MEMORY: &str = "/dev/shm";
    const PLENTY: u64 = 1 << 30;
    let dir = match SystemFiles.space(MEMORY.as_ref()) {
        Ok(space) if space.free > PLENTY => tempfile::tempdir_in(MEMORY),
        _ => tempfile::tempdir(),
    };
    dir.expect("a directory can be made")
}

/// So small that a few batches are flushed and merged.
pub fn small_options() -> FjallOptions {
    FjallOptions {
        memtable_bytes: 4 * 1024,
        cache: BlockCache::new(256 * 1024),
        open_files: 10,
        reserve_bytes: 0,
        erase_deadline: Duration::from_millis(500),
        ..FjallOptions::default()
    }
}
