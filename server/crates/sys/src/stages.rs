//! Where a write's time goes: the stages it passes, and whoever wants to know how long each took.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Moment, SharedClock, SystemClock};

/// A part of a write's way through a node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    /// Taken, and waiting to become a part of an entry.
    Queue,
    /// From the proposal of an entry to the answer: replicated, committed, applied.
    Commit,
    /// One `fdatasync` of the log.
    LogSync,
    /// Writing one batch of entries to the store.
    Apply,
    /// Handing the marker of a cutover to the log, for which other proposals wait.
    Marker,
}

pub trait StageSink: Send + Sync + std::fmt::Debug + 'static {
    fn took(&self, stage: Stage, time: Duration);
}

#[derive(Debug)]
struct Nobody;

impl StageSink for Nobody {
    fn took(&self, _: Stage, _: Duration) {}
}

/// Times stages for whoever watches them.
#[derive(Clone, Debug)]
pub struct Stopwatch {
    clock: SharedClock,
    sink: Arc<dyn StageSink>,
}

impl Stopwatch {
    pub fn new(clock: SharedClock, sink: Arc<dyn StageSink>) -> Self {
        Self { clock, sink }
    }

    /// Nobody watches.
    pub fn unwatched() -> Self {
        Self::new(SystemClock::shared(), Arc::new(Nobody))
    }

    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    pub fn took_since(&self, stage: Stage, began: Moment) {
        self.sink.took(stage, self.now().since(began));
    }

    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let began = self.now();
        let done = work();
        self.took_since(stage, began);
        done
    }
}
