//! Calls that go to whichever node answers.
//!
//! One attempt goes to one node. Where it fails, the next one goes to the next node, with the same request id
//! if it is a write: if the first took effect after all, the second is told so. An answer that proves that
//! the write can not have taken effect ends the call, also after lost answers, because the ids make all
//! attempts one write.

use std::time::{Duration, Instant};

use rand::RngExt;
use rand::rngs::StdRng;

use super::Plan;
use crate::client::{Answer, Client, Fate, Refusal};

/// A node that refuses does so at once; without a breath the clients would only heat the machine.
const BREATH: Duration = Duration::from_millis(20);

/// One in so many writes is not waited for, and sent again.
const HASTY: u32 = 16;
const HASTY_WAIT_US: u64 = 8_000;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Failed {
    /// What was read has changed meanwhile, or can not be read any more: nothing happened, and with a new
    /// moment to read at it may go well.
    Outdated(String),
    /// Nothing happened.
    Refused(String),
    /// It may have happened, or may yet.
    Unknown(String),
}

#[derive(Debug)]
pub(super) struct Caller {
    nodes: Vec<Client>,
    turn: usize,
    patience: Duration,
    pub random: StdRng,
    pub sent_again: usize,
}

impl Caller {
    pub fn new(nodes: &[Client], first: usize, plan: Plan, random: StdRng) -> Self {
        let nodes = nodes.iter().map(|node| node.with_deadline(plan.attempt)).collect();
        Self { nodes, turn: first, patience: plan.patience, random, sent_again: 0 }
    }

    /// A call that changes nothing.
    pub async fn ask<T, F>(&mut self, call: impl Fn(Client) -> F) -> Result<T, Failed>
    where
        F: Future<Output = Answer<T>>,
    {
        self.call(None, call).await.map_err(|failed| match failed {
            Failed::Unknown(why) => Failed::Refused(why),
            other => other,
        })
    }

    /// A call that carries the same request id in every attempt.
    pub async fn write<T, F>(&mut self, call: impl Fn(Client) -> F) -> Result<T, Failed>
    where
        F: Future<Output = Answer<T>>,
    {
        let hasty = self.random.random_ratio(1, HASTY);
        let wait = Duration::from_micros(self.random.random_range(0..HASTY_WAIT_US));
        self.call(hasty.then_some(wait), call).await
    }

    async fn call<T, F>(&mut self, hasty: Option<Duration>, call: impl Fn(Client) -> F) -> Result<T, Failed>
    where
        F: Future<Output = Answer<T>>,
    {
        let begun = Instant::now();
        let mut lost = None;
        let mut wait = hasty;
        loop {
            let Some(node) = self.any_node() else {
                return Err(Failed::Refused("there is no node".to_owned()));
            };
            let answer = match wait.take() {
                Some(wait) => tokio::time::timeout(wait, call(node)).await.ok(),
                None => Some(call(node).await),
            };
            let refusal = match answer {
                Some(Ok(answer)) => return Ok(answer),
                Some(Err(refusal)) => refusal,
                None => {
                    lost.get_or_insert_with(|| "not waited for".to_owned());
                    self.next_node();
                    continue;
                }
            };
            if let Some(end) = end(&refusal, lost.is_some()) {
                return Err(end);
            }
            if refusal.fate() == Fate::Unknown {
                lost.get_or_insert_with(|| refusal.kind());
            }
            if begun.elapsed() > self.patience {
                return Err(lost.map_or_else(|| Failed::Refused(refusal.kind()), Failed::Unknown));
            }
            self.next_node();
            tokio::time::sleep(BREATH).await;
        }
    }

    /// The node whose turn it is.
    pub fn any_node(&self) -> Option<Client> {
        self.nodes.get(self.turn % self.nodes.len().max(1)).cloned()
    }

    fn next_node(&mut self) {
        self.turn += 1;
        self.sent_again += 1;
    }

    /// A short wait, longer for those who have failed more often.
    pub async fn back_off(&mut self, failures: u64) {
        let wait = self.random.random_range(0..=2_000 * failures.min(10));
        tokio::time::sleep(Duration::from_micros(wait)).await;
    }
}

/// What ends a call at once.
fn end(refusal: &Refusal, lost: bool) -> Option<Failed> {
    let kind = refusal.kind();
    match refusal.reason.as_str() {
        // Decided where request ids are looked at first: no attempt has taken effect, and none can any more,
        // since what was overwritten stays so.
        "Conflict" => Some(Failed::Outdated(kind)),
        // An earlier attempt may take effect once the lock is gone.
        "KeyLocked" if !lost => Some(Failed::Outdated(kind)),
        "ReadTimestampCompacted" | "ReadInFuture" if !lost => Some(Failed::Outdated(kind)),
        "ReadTimestampCompacted" | "ReadInFuture" | "RequestExpired" => Some(Failed::Unknown(kind)),
        _ => None,
    }
}
