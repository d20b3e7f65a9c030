//! Where writes spend their time: a histogram for each stage, and what it took lately.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use elastickv_sys::stages::{Stage, StageSink};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Passed {
    stage: &'static str,
}

/// One histogram a stage, found without a lock.
#[derive(Debug)]
pub struct Stages {
    queue: Timing,
    commit: Timing,
    log_sync: Timing,
    apply: Timing,
    marker: Timing,
}

#[derive(Debug)]
struct Timing {
    histogram: Histogram,
    last_us: AtomicU64,
}

impl Timing {
    fn of(histogram: Histogram) -> Self {
        Self { histogram, last_us: AtomicU64::new(0) }
    }

    fn took(&self, time: Duration) {
        self.histogram.observe(time.as_secs_f64());
        self.last_us.store(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn last_ms(&self) -> f64 {
        Duration::from_micros(self.last_us.load(Ordering::Relaxed)).as_secs_f64() * 1e3
    }
}

impl Stages {
    pub fn of(family: &Family<Passed, Histogram>, marker: Histogram) -> Self {
        let stage = |stage| Timing::of(family.get_or_create_owned(&Passed { stage }));
        Self {
            queue: stage("queue"),
            commit: stage("commit"),
            log_sync: stage("log_sync"),
            apply: stage("apply"),
            marker: Timing::of(marker),
        }
    }

    /// The last time of each stage that every write passes, in milliseconds.
    pub fn lately(&self) -> String {
        let Self { queue, commit, log_sync, apply, .. } = self;
        let [queue, commit, sync, apply] = [queue, commit, log_sync, apply].map(Timing::last_ms);
        format!("queue {queue:.1} commit {commit:.1} log_sync {sync:.1} apply {apply:.1}")
    }
}

impl StageSink for Stages {
    fn took(&self, stage: Stage, time: Duration) {
        let timing = match stage {
            Stage::Queue => &self.queue,
            Stage::Commit => &self.commit,
            Stage::LogSync => &self.log_sync,
            Stage::Apply => &self.apply,
            Stage::Marker => &self.marker,
        };
        timing.took(time);
    }
}
