//! This node's part of the job that there is.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Census, GroupHandle, Part, RewriteError, Rewriting};
use elastickv_fsm::{Job, JobPhase};
use elastickv_sys::clock::{Moment, SharedClock};
use elastickv_types::OperationId;
use parking_lot::Mutex;

use super::erasing::Erasing;
use super::over::MemberPart;
use super::pace::{Pace, Pressure};
use crate::operations::Waiting;

/// Rows looked at in one step, and counted in one.
const ROWS: NonZeroUsize = NonZeroUsize::new(2_000).unwrap();
const COUNTED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();
/// How often to see whether there is something to do.
pub(super) const LOOK: Duration = Duration::from_millis(200);
/// What stands in the way may have passed after this long.
const LATER: Duration = Duration::from_secs(1);
/// Over this long the speed is told.
const SPEED: Duration = Duration::from_secs(5);

/// What the work is at, as far as its record does not tell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    pub job: Option<OperationId>,
    /// "counting", "rows", "locks", "erasing the store", "erasing the log", "erasing leftovers", "done", "paused".
    pub activity: &'static str,
    /// Rows that are counted so far.
    pub counted: u64,
    /// Bytes a second, lately.
    pub speed: u64,
    pub waiting: Option<Waiting>,
}

#[derive(Debug)]
pub struct Local {
    pub(super) group: GroupHandle,
    clock: SharedClock,
    pressure: Arc<dyn Pressure>,
    shown: Mutex<Shown>,
    #[cfg(feature = "testing")]
    pub(super) erases: bool,
}

/// What goes from turn to turn.
struct Memory {
    pace: Pace,
    counting: Option<(OperationId, Census)>,
    measured: (Moment, u64),
    erasing: Erasing,
}

impl Local {
    pub fn new(group: GroupHandle, clock: SharedClock, pressure: Arc<dyn Pressure>) -> Self {
        Self {
            group,
            clock,
            pressure,
            shown: Mutex::default(),
            #[cfg(feature = "testing")]
            erases: true,
        }
    }

    /// As if nothing were left in old files.
    #[cfg(feature = "testing")]
    pub fn without_erasing(self) -> Self {
        Self { erases: false, ..self }
    }

    /// Does what there is to do for as long as the node runs.
    pub async fn run(self: Arc<Self>) {
        let now = self.clock.now();
        let mut memory =
            Memory { pace: Pace::new(now), counting: None, measured: (now, 0), erasing: Erasing::default() };
        loop {
            let pause = self.turn(&mut memory).await;
            tokio::time::sleep(pause).await;
        }
    }

    fn job(&self) -> Option<Job> {
        job_of(&self.group)
    }

    /// How far this node is, for whoever asks.
    pub fn part(&self) -> Option<MemberPart> {
        let job = self.job()?;
        let at = self.rewriting(&job);
        let shown = self.shown.lock().clone();
        let shown = Some(shown).filter(|shown| shown.job == Some(job.id()));
        Some(MemberPart::of(&job, at, shown.unwrap_or_default()))
    }

    /// How far this node is, in the rows that there are now. Where another key became active on the way, there are rows
    /// under the one before behind it, and all of it begins anew at its end, unless the job is over.
    fn rewriting(&self, job: &Job) -> Option<Rewriting> {
        let at = self.group.rewriting(job.id())?;
        let again = match at.part {
            Part::Rows | Part::Locks => false,
            Part::Erasing => true,
            Part::Done { .. } => !job.phase.is_over(),
        };
        Some(at).filter(|at| !(again && self.group.was_overtaken(at)))
    }

    async fn turn(&self, memory: &mut Memory) -> Duration {
        let Some(job) = self.job() else { return LOOK };
        match job.phase {
            JobPhase::Running | JobPhase::Finished { .. } => {}
            JobPhase::Paused => return self.rest(&job, "paused"),
            JobPhase::Cancelled => return self.rest(&job, "cancelled"),
        }
        memory.pace.set_rate(job.rate);
        match self.rewriting(&job) {
            None => self.count(&job, memory).await,
            Some(at) => match at.part {
                Part::Rows => self.seal(&job, at, "rows", memory).await,
                Part::Locks => self.seal(&job, at, "locks", memory).await,
                Part::Erasing => self.erase(&job, at, &mut memory.erasing).await,
                Part::Done { .. } => self.rest(&job, "done"),
            },
        }
    }

    fn rest(&self, job: &Job, activity: &'static str) -> Duration {
        self.show(job, |shown| {
            (shown.activity, shown.waiting, shown.speed) = (activity, None, 0);
        });
        LOOK
    }

    /// What there is to do is counted first: then it can be told how long it is going to take.
    async fn count(&self, job: &Job, memory: &mut Memory) -> Duration {
        if self.group.rewrites_under().is_none() {
            let text = "this node does not seal under the cluster's active storage key yet";
            return self.wait(job, "NoSealKey", text);
        }
        let counting = memory.counting.take().filter(|(of, _)| *of == job.id());
        let (group, began) = (self.group.clone(), self.clock.now());
        let counted = elastickv_sys::task::blocking(move || {
            let mut scan = counting.map_or_else(|| group.begin_scan(), |(_, scan)| scan);
            let result = group.scan(&mut scan, COUNTED);
            (scan, result)
        });
        let (scan, result) = match counted.await {
            Ok(counted) => counted,
            Err(error) => return self.wait(job, "Fault", error),
        };
        let counted = scan.visited;
        self.show(job, |shown| {
            (shown.activity, shown.counted, shown.waiting) = ("counting", counted, None);
        });
        let result = result.and_then(|()| match scan.is_over() {
            true => self.group.begin_rewriting(job.id(), &scan).map(|()| None),
            false => Ok(Some((job.id(), scan))),
        });
        match result {
            Ok(counting) => {
                memory.counting = counting;
                self.look(job, memory);
                memory.pace.pause_after(0, began, self.clock.now())
            }
            Err(error) => self.stumble(job, &error),
        }
    }

    async fn seal(&self, job: &Job, at: Rewriting, activity: &'static str, memory: &mut Memory) -> Duration {
        if self.group.rewrites_under().is_none() {
            let text = "this node does not seal under the cluster's active storage key yet";
            return self.wait(job, "NoSealKey", text);
        }
        let budget = elastickv_mvcc::rewrite::Budget { rows: ROWS, bytes: memory.pace.step_bytes() };
        let (group, began) = (self.group.clone(), self.clock.now());
        let done = elastickv_sys::task::blocking(move || group.rewrite(at, budget));
        match done.await {
            Err(error) => self.wait(job, "Fault", error),
            Ok(Err(error)) => self.stumble(job, &error),
            Ok(Ok(step)) => {
                let now = self.clock.now();
                let speed = memory.measure(step.done.bytes, now);
                self.show(job, |shown| {
                    shown.activity = activity;
                    shown.speed = speed.unwrap_or(shown.speed);
                    shown.waiting = None;
                });
                self.look(job, memory);
                memory.pace.pause_after(step.done.bytes, began, now)
            }
        }
    }

    /// Says so when clients have to wait and the work is slowed down for them.
    fn look(&self, job: &Job, memory: &mut Memory) {
        let slowest = memory.pace.look(&*self.pressure, self.clock.now());
        if let (Some(slowest), true) = (slowest, memory.pace.gives_way()) {
            let text = format!("backing off: clients wait up to {} ms", slowest.as_millis());
            self.note_waiting(job, "Foreground", text);
        }
    }

    fn stumble(&self, job: &Job, error: &RewriteError) -> Duration {
        match error {
            // The next turn begins with the rows that there are now.
            RewriteError::OtherGeneration | RewriteError::OtherKey => Duration::ZERO,
            error if error.is_full() => self.wait(job, "StorageFull", "there is no room on the disk"),
            error if error.waits_for().is_some() => self.wait(job, "KeyNotOpen", error),
            error => {
                tracing::warn!(%error, "rows can not be sealed anew for now");
                self.wait(job, "Fault", error)
            }
        }
    }

    pub(super) fn wait(&self, job: &Job, name: &'static str, text: impl ToString) -> Duration {
        self.note_waiting(job, name, text);
        LATER
    }

    fn note_waiting(&self, job: &Job, name: &'static str, text: impl ToString) {
        let now = self.clock.unix_ms();
        self.show(job, |shown| {
            let since = shown.waiting.as_ref().filter(|before| before.name == name);
            let since = since.map_or(now, |before| before.since_ms);
            shown.waiting = Some(Waiting::alone(name, text, since));
        });
    }

    pub(super) fn at(&self, job: &Job, activity: &'static str) {
        self.show(job, |shown| (shown.activity, shown.waiting, shown.speed) = (activity, None, 0));
    }

    fn show(&self, job: &Job, change: impl FnOnce(&mut Shown)) {
        let mut shown = self.shown.lock();
        if shown.job != Some(job.id()) {
            *shown = Shown { job: Some(job.id()), ..Shown::default() };
        }
        change(&mut shown);
    }
}

fn job_of(group: &GroupHandle) -> Option<Job> {
    group.applied().state.control?.job.clone()
}

/// Whether a job is still the one to work at.
pub(super) fn goes_on(group: &GroupHandle, job: OperationId) -> bool {
    let goes_on = |job: &Job| match job.phase {
        JobPhase::Running | JobPhase::Finished { .. } => true,
        JobPhase::Paused | JobPhase::Cancelled => false,
    };
    job_of(group).is_some_and(|found| found.id() == job && goes_on(&found))
}

impl Memory {
    /// The speed, each time it was measured for long enough.
    fn measure(&mut self, bytes: u64, now: Moment) -> Option<u64> {
        self.measured.1 += bytes;
        let (since, bytes) = self.measured;
        let took = now.since(since);
        if took < SPEED {
            return None;
        }
        self.measured = (now, 0);
        Some((bytes as f64 / took.as_secs_f64()) as u64)
    }
}
