//! The end of this node's part: what rows and entries were is removed from its files.
//!
//! The store comes first, which takes the longest, and then the log, which others may hold for a while: a member that
//! is being sent it, or a disk without room. So that the store is erased is remembered until all rows are gone over
//! once more: for another job, in another generation, or because another key became active.

use std::future::Future;
use std::time::Duration;

use elastickv_consensus::{EraseError, GroupHandle, Rewriting};
use elastickv_fsm::{Generation, Job};
use elastickv_types::{KeyId, OperationId};

use super::local::{LOOK, Local, goes_on};

/// What there is to erase. Nothing of it is erased any more once the job does not go on.
pub(super) trait Ground {
    fn erase_store(&self, job: OperationId) -> impl Future<Output = Result<(), EraseError>> + Send;
    /// Tells whether no user's entry is left in clear.
    fn erase_log(&self) -> impl Future<Output = Result<bool, EraseError>> + Send;
    fn erase_leftovers(&self) -> impl Future<Output = Result<Vec<String>, EraseError>> + Send;
    fn is_cut_over(&self) -> bool;
    fn goes_on(&self, job: OperationId) -> bool;
}

impl Ground for GroupHandle {
    async fn erase_store(&self, job: OperationId) -> Result<(), EraseError> {
        let group = self.clone();
        GroupHandle::erase_store(self, move || goes_on(&group, job)).await
    }

    async fn erase_log(&self) -> Result<bool, EraseError> {
        GroupHandle::erase_log(self).await
    }

    async fn erase_leftovers(&self) -> Result<Vec<String>, EraseError> {
        GroupHandle::erase_leftovers(self).await
    }

    fn is_cut_over(&self) -> bool {
        self.applied().state.raft.cutover.is_some()
    }

    fn goes_on(&self, job: OperationId) -> bool {
        goes_on(self, job)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Erased {
    Everything {
        /// The log holds no user's entry in clear.
        log_sealed: bool,
    },
    /// The job was paused or given up meanwhile: what is left to erase is erased when it goes on.
    NotYet,
}

/// One going over all rows, after which there is something to erase.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pass {
    job: OperationId,
    generation: Generation,
    under: KeyId,
}

impl From<&Rewriting> for Pass {
    fn from(at: &Rewriting) -> Self {
        Self { job: at.job, generation: at.generation, under: at.under }
    }
}

/// What is erased already.
#[derive(Default)]
pub(super) struct Erasing {
    store: Option<Pass>,
}

impl Erasing {
    /// Whether no user's entry is left in the log in clear. Behind the cutover that is going to be so; before it the
    /// next entry would be clear again.
    pub(super) async fn erase(
        &mut self,
        ground: &impl Ground,
        pass: Pass,
        at: impl Fn(&'static str),
    ) -> Result<Erased, EraseError> {
        let job = pass.job;
        if self.store != Some(pass) {
            at("erasing the store");
            match ground.erase_store(job).await {
                Err(unwanted) if unwanted.is_unwanted() => return Ok(Erased::NotYet),
                erased => erased?,
            }
            self.store = Some(pass);
        }
        at("erasing the log");
        let log_sealed = loop {
            if !ground.goes_on(job) {
                return Ok(Erased::NotYet);
            }
            let log_sealed = ground.erase_log().await?;
            if log_sealed || !ground.is_cut_over() {
                break log_sealed;
            }
        };
        if !ground.goes_on(job) {
            return Ok(Erased::NotYet);
        }
        at("erasing leftovers");
        let removed = ground.erase_leftovers().await?;
        if !removed.is_empty() {
            tracing::info!(removed = removed.join(", "), "what was set aside is removed");
        }
        Ok(Erased::Everything { log_sealed })
    }
}

impl Local {
    pub(super) async fn erase(&self, job: &Job, at: Rewriting, erasing: &mut Erasing) -> Duration {
        match self.erased(job, &at, erasing).await {
            Ok(Erased::Everything { log_sealed }) => match self.group.end_rewriting(at, log_sealed) {
                Ok(()) => {
                    tracing::info!(job = %job.id(), log_sealed, "the part of this node in the rewrite is done");
                    Duration::ZERO
                }
                Err(error) => self.wait(job, "Fault", error),
            },
            Ok(Erased::NotYet) => LOOK,
            Err(error) if error.is_full() => self.wait(job, "StorageFull", error),
            Err(error) => {
                tracing::warn!(%error, "what was sealed anew is not erased yet");
                self.wait(job, name(&error), error)
            }
        }
    }

    async fn erased(&self, job: &Job, at: &Rewriting, erasing: &mut Erasing) -> Result<Erased, EraseError> {
        #[cfg(feature = "testing")]
        if !self.erases {
            return Ok(Erased::Everything { log_sealed: true });
        }
        erasing.erase(&self.group, at.into(), |activity| self.at(job, activity)).await
    }
}

fn name(error: &EraseError) -> &'static str {
    match error {
        EraseError::Engine(elastickv_engine::EngineError::Waiting { .. }) => "OpenReads",
        EraseError::NotPurged { .. } => "LogHeld",
        EraseError::Engine(_)
        | EraseError::Snapshot(_)
        | EraseError::Log(_)
        | EraseError::Aside { .. }
        | EraseError::Sidecars(_)
        | EraseError::Entry(_)
        | EraseError::Stopped(_) => "Fault",
    }
}

#[cfg(test)]
mod tests {
    use elastickv_types::LogIndex;
    use parking_lot::Mutex;

    use super::*;

    /// Answers as it is told to, and writes down what it is asked.
    struct Told {
        asked: Mutex<Vec<&'static str>>,
        /// What erasing the log comes to, the last one first.
        logs: Mutex<Vec<Result<bool, EraseError>>>,
        /// After so many questions the job is paused.
        pauses_after: usize,
        cut_over: bool,
    }

    impl Told {
        fn with(logs: Vec<Result<bool, EraseError>>) -> Self {
            let (asked, logs) = (Mutex::default(), Mutex::new(logs));
            Self { asked, logs, pauses_after: usize::MAX, cut_over: true }
        }

        fn is_asked(&self, what: &'static str) {
            self.asked.lock().push(what);
        }
    }

    impl Ground for Told {
        async fn erase_store(&self, job: OperationId) -> Result<(), EraseError> {
            self.is_asked("store");
            let dir = "here".to_owned();
            match self.goes_on(job) {
                true => Ok(()),
                false => Err(EraseError::Engine(elastickv_engine::EngineError::Unwanted { dir })),
            }
        }

        async fn erase_log(&self) -> Result<bool, EraseError> {
            self.is_asked("log");
            self.logs.lock().pop().unwrap()
        }

        async fn erase_leftovers(&self) -> Result<Vec<String>, EraseError> {
            self.is_asked("leftovers");
            Ok(Vec::new())
        }

        fn is_cut_over(&self) -> bool {
            self.cut_over
        }

        fn goes_on(&self, _: OperationId) -> bool {
            self.asked.lock().len() < self.pauses_after
        }
    }

    fn job(number: u8) -> OperationId {
        OperationId::from_bytes([1, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, number])
    }

    fn held() -> Result<bool, EraseError> {
        Err(EraseError::NotPurged { first: LogIndex::new(1), end: LogIndex::new(9) })
    }

    fn pass(number: u8, generation: u64, under: u32) -> Pass {
        let under = KeyId::from_u32(under).unwrap();
        Pass { job: job(number), generation: Generation::from_u64(generation), under }
    }

    async fn erase(erasing: &mut Erasing, told: &Told, pass: Pass) -> Option<Erased> {
        erasing.erase(told, pass, |_| {}).await.ok()
    }

    #[tokio::test]
    async fn a_log_that_is_held_does_not_have_the_store_erased_again() {
        let (mut erasing, done) = (Erasing::default(), Some(Erased::Everything { log_sealed: true }));
        let told = Told::with(vec![Ok(true), held(), held()]);
        assert_eq!(erase(&mut erasing, &told, pass(1, 4, 9)).await, None);
        assert_eq!(erase(&mut erasing, &told, pass(1, 4, 9)).await, None);
        assert_eq!(erase(&mut erasing, &told, pass(1, 4, 9)).await, done);
        assert_eq!(told.asked.into_inner(), ["store", "log", "log", "log", "leftovers"]);
        // Other rows, the same once more under another key, or another job are another matter.
        for other in [pass(1, 5, 9), pass(1, 5, 10), pass(2, 5, 10)] {
            let told = Told::with(vec![Ok(true)]);
            assert_eq!(erase(&mut erasing, &told, other).await, done);
            assert_eq!(told.asked.into_inner(), ["store", "log", "leftovers"]);
        }
    }

    /// Wherever the job is paused: it is not said to be done, and goes on from there.
    #[tokio::test]
    async fn what_is_paused_is_not_done() {
        for pauses_after in 0..=3 {
            let mut erasing = Erasing::default();
            let told = Told { pauses_after, ..Told::with(vec![Ok(true), Ok(false)]) };
            assert_eq!(
                erase(&mut erasing, &told, pass(1, 4, 9)).await,
                Some(Erased::NotYet),
                "after {pauses_after}"
            );
            assert!(told.asked.into_inner().len() <= pauses_after.max(1), "it goes on after {pauses_after}");
            let told = Told::with(vec![Ok(true)]);
            let done = Some(Erased::Everything { log_sealed: true });
            assert_eq!(erase(&mut erasing, &told, pass(1, 4, 9)).await, done);
            assert_eq!(told.asked.into_inner().contains(&"store"), pauses_after <= 1);
        }
    }

    #[tokio::test]
    async fn before_the_cutover_a_clear_log_is_no_reason_to_go_on() {
        let told = Told { cut_over: false, ..Told::with(vec![Ok(false)]) };
        let ended = erase(&mut Erasing::default(), &told, pass(1, 4, 9)).await;
        assert_eq!(ended, Some(Erased::Everything { log_sealed: false }));
    }
}
