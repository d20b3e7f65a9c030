//! Transactions that lock their keys first.

use std::time::Duration;

use bytes::Bytes;
use elastickv_fsm::{Keys, Mutations};
use elastickv_types::Timestamp;

use super::Coordinator;
use crate::limits::LimitError;
use crate::reads::ReadFailure;
use crate::steps::{Step, StepDone, StepError};
use crate::write::{WriteDone, WriteError, WriteRequest};

/// How long locks last that nobody gave a time: longer than what an election can add to the group's time.
const USUAL_TTL: Duration = Duration::from_secs(20);

impl Coordinator {
    /// Checks what a transaction is about to lock.
    pub fn check_locks(&self, mutations: &Mutations, ttl: Option<Duration>) -> Result<(), LimitError> {
        let request = WriteRequest { mutations: mutations.clone(), ..WriteRequest::default() };
        self.limits.of_locks().check_request(&request)?;
        self.limits.check_lock_ttl(ttl.unwrap_or(USUAL_TTL))
    }

    /// Checks the keys that a transaction names when it is committed.
    pub fn check_locked(&self, keys: &[Bytes]) -> Result<(), LimitError> {
        self.limits.of_locks().check_keys(keys)
    }

    /// Locks keys, with what they are about to become, for the transaction that began at a timestamp. For the
    /// same transaction it can be done again, which also lets the locks last longer.
    pub async fn prewrite(
        &self,
        start_ts: Timestamp,
        ttl: Option<Duration>,
        mutations: Mutations,
    ) -> Result<(), StepError> {
        let step = Step::PreWrite { start_ts, ttl: ttl.unwrap_or(USUAL_TTL), mutations };
        self.step(step).await.map(|_| ())
    }

    /// Lets all that a transaction has locked take effect, provided that it has locked these keys.
    pub async fn commit(&self, start_ts: Timestamp, keys: Keys) -> Result<WriteDone, StepError> {
        match self.step(Step::Commit { start_ts, keys }).await? {
            StepDone::Committed(done) => Ok(done),
            StepDone::Locked | StepDone::RolledBack => Err(WriteError::OutcomeUnknown.into()),
        }
    }

    /// Takes back what a transaction has locked. What comes of it later finds it over.
    pub async fn roll_back(&self, start_ts: Timestamp) -> Result<(), StepError> {
        self.step(Step::RollBack { start_ts }).await.map(|_| ())
    }

    async fn step(&self, step: Step) -> Result<StepDone, StepError> {
        self.admits().map_err(WriteError::from)?;
        self.reads.lead().await.map_err(|error| WriteError::from(ReadFailure::from(error)))?;
        // A step carries no ceiling, so one that comes near is renewed beside it.
        self.reads.is_covered(self.time.clock().reading()).await;
        self.proposer.step(step).await
    }
}
