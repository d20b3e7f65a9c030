//! The steps of transactions that lock their keys first.
//!
//! Each step is an entry of its own and is stamped like a write: of a commit the stamp is the commit timestamp.
//! That is why readers need not look at locks. What a transaction wrote lies above every timestamp that was
//! promised to a reader before, and all of it becomes visible with one entry.
//!
//! A step that is asked for again finds what the first one did, so nothing is lost by asking once more.

use std::time::Duration;

use elastickv_consensus::{ProposalAnswer, ProposeError};
use elastickv_fsm::{
    Answer as Applied, Command, Keys, LockRejection, Mutations, PreWrite, Resolution, Resolve, UnixMillis,
    WriteRejection,
};
use elastickv_types::{FullNodeId, Timestamp};
use tokio::sync::{mpsc, oneshot};

use crate::backlog::Place;
use crate::write::{WriteDone, WriteError};

/// A timestamp is rejected only around a change of leaders; more often than this means something else.
const ATTEMPTS: u8 = 5;

#[derive(Clone, Debug)]
pub enum Step {
    PreWrite { start_ts: Timestamp, ttl: Duration, mutations: Mutations },
    Commit { start_ts: Timestamp, keys: Keys },
    RollBack { start_ts: Timestamp },
}

/// What a step came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepDone {
    Locked,
    Committed(WriteDone),
    RolledBack,
}

/// Why a step took no effect.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StepError {
    /// The same that keeps any write from it.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What the replicas found against it: one reason, or one for each key.
    #[error("{} keys are in the way", .0.len())]
    Rejected(Vec<LockRejection>),
}

type StepResult = Result<StepDone, StepError>;

/// A step, and who waits for it.
pub struct WaitingStep {
    pub step: Step,
    pub answer: oneshot::Sender<StepResult>,
    pub attempts: u8,
    pub _place: Place,
}

/// Where a step goes that had no effect and may have one yet.
pub struct Again {
    pub queue: mpsc::WeakUnboundedSender<WaitingStep>,
    pub me: FullNodeId,
}

impl Step {
    /// What it lists, as it is encoded.
    pub fn bytes(&self) -> usize {
        match self {
            Step::PreWrite { mutations, .. } => mutations.encoded_len(),
            Step::Commit { keys, .. } => keys.iter().map(<[u8]>::len).sum(),
            Step::RollBack { .. } => 0,
        }
    }

    pub fn command(&self, at: Timestamp) -> Command {
        match self {
            Step::PreWrite { start_ts, ttl, mutations } => {
                let ttl = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
                let expires_at = UnixMillis::new(at.unix_ms()).saturating_add(ttl);
                Command::PreWrite(PreWrite {
                    at,
                    start_ts: *start_ts,
                    expires_at,
                    mutations: mutations.clone(),
                })
            }
            Step::Commit { start_ts, keys } => {
                Command::Resolve(Resolve { at, start_ts: *start_ts, commit: true, keys: keys.clone() })
            }
            Step::RollBack { start_ts } => {
                Command::Resolve(Resolve { at, start_ts: *start_ts, commit: false, keys: Keys::default() })
            }
        }
    }
}

impl WaitingStep {
    pub fn is_given_up(&self) -> bool {
        self.answer.is_closed()
    }

    fn answer(self, result: StepResult) {
        // A caller that gave up does not listen any more.
        drop(self.answer.send(result));
    }

    pub fn fail(self, error: WriteError) {
        self.answer(Err(error.into()));
    }

    /// Answers what became of it.
    pub fn decided(self, result: Result<ProposalAnswer, ProposeError>, again: &Again) {
        let applied = match result.map(|answer| answer.answers) {
            Ok(applied) => applied,
            // This node leads in another term by now, and nothing was proposed.
            Err(ProposeError::NotLeader { leader }) if leader == Some(again.me) => return again.send(self),
            Err(error) => return self.fail(error.into()),
        };
        match applied {
            Applied::PreWritten(Ok(())) => self.answer(Ok(StepDone::Locked)),
            Applied::PreWritten(Err(rejections)) => self.answer(Err(StepError::Rejected(rejections))),
            Applied::Resolved(Ok(Resolution::RolledBack { .. })) => self.answer(Ok(StepDone::RolledBack)),
            Applied::Resolved(Ok(Resolution::Committed(written))) => {
                let elastickv_fsm::Written { commit_ts, index, repeated } = written;
                self.answer(Ok(StepDone::Committed(WriteDone { index, commit_ts, repeated })));
            }
            // Another leader's stamps came between, or its group was cut over: it had no effect.
            Applied::Resolved(Err(LockRejection::Write(WriteRejection::StaleTimestamp { .. })))
            | Applied::Misfit(_) => again.send(self),
            Applied::Resolved(Err(rejection)) => self.answer(Err(StepError::Rejected(vec![rejection]))),
            // No step is answered so; to drop the caller tells him that the outcome is unknown.
            Applied::Nothing
            | Applied::Ceiling(_)
            | Applied::Writes(_)
            | Applied::Registered(_)
            | Applied::Done(_) => {}
        }
    }
}

impl Again {
    pub fn send(&self, mut waiting: WaitingStep) {
        waiting.attempts += 1;
        match self.queue.upgrade().filter(|_| waiting.attempts < ATTEMPTS) {
            None => waiting.fail(WriteError::Busy),
            Some(queue) => {
                if let Err(closed) = queue.send(waiting) {
                    closed.0.fail(WriteError::Busy);
                }
            }
        }
    }
}
