//! Linearizable reads by read index, many to a round.
//!
//! A read may be answered once the leader has confirmed, after the read began, that it still leads, and
//! the replica has applied what was committed by then. One confirmation serves every read that began
//! before it: reads that arrive while one is under way wait for the next.

use std::time::Duration;

use elastickv_types::LogId;
use openraft::errors::LinearizableReadError;
use openraft::{LinearizerOption, ReadPolicy};
use tokio::sync::{mpsc, oneshot};

use crate::convert;
use crate::group::RaftHandle;
use elastickv_types::FullNodeId;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("this node does not lead the group")]
    NotLeader { leader: Option<FullNodeId> },
    #[error("no majority of the group's voters answers")]
    NoQuorum,
    #[error("the group is stopped: {0}")]
    Stopped(String),
}

type Waiter = oneshot::Sender<Result<LogId, ReadError>>;

/// Reads that wait for a round at most; more are answered that the queue is full.
const QUEUE: usize = 65_536;

#[derive(Clone, Debug)]
pub struct ReadIndex {
    queue: mpsc::Sender<Waiter>,
}

impl ReadIndex {
    pub fn start(raft: RaftHandle, patience: Duration) -> Self {
        let (queue, mut waiting) = mpsc::channel::<Waiter>(QUEUE);
        elastickv_sys::task::spawn(async move {
            let mut round = Vec::new();
            while waiting.recv_many(&mut round, QUEUE).await > 0 {
                let answer = confirm(&raft, patience).await;
                for waiter in round.drain(..) {
                    drop(waiter.send(answer.clone()));
                }
            }
        });
        Self { queue }
    }

    /// The entry that must be applied before a read that began now may be answered. Its term is that of the
    /// leader that was confirmed.
    pub async fn confirm(&self) -> Result<LogId, ReadError> {
        let stopped = || ReadError::Stopped("it takes no more reads".to_owned());
        let (tx, rx) = oneshot::channel();
        self.queue.send(tx).await.map_err(|_| stopped())?;
        rx.await.map_err(|_| stopped())?
    }
}

async fn confirm(raft: &RaftHandle, patience: Duration) -> Result<LogId, ReadError> {
    let option = LinearizerOption::from(ReadPolicy::ReadIndex).with_wait_timeout(patience);
    let asked = tokio::time::timeout(patience, raft.get_read_linearizer(option));
    let linearizer = asked.await.map_err(|_| ReadError::NoQuorum)?.map_err(|error| match error {
        openraft::errors::RaftError::APIError(LinearizableReadError::ForwardToLeader(forward)) => {
            crate::group::not_leader_read(&forward)
        }
        openraft::errors::RaftError::APIError(LinearizableReadError::QuorumNotEnough(_)) => {
            ReadError::NoQuorum
        }
        openraft::errors::RaftError::Fatal(fatal) => ReadError::Stopped(fatal.to_string()),
    })?;
    Ok(convert::log_id(linearizer.read_log_id().log_id()))
}
