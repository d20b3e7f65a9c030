//! Money moved by transactions that lock the accounts first, among others that do not.
//!
//! Some are rolled back, and some given up: their locks stand until they end. Whoever meets a lock tries again, with a
//! new moment to read at. A step whose answer is lost is asked for again, as often as it takes: it finds what the
//! first one did.

use std::time::Instant;

use elastickv_proto as pb;
use rand::RngExt;

use super::actor::Actor;
use super::bank;
use super::caller::Failed;
use crate::client::Client;

/// Short enough for locks to end while their owner is still at it, when a leader is lost.
const LOCK_TTL_MS: u64 = 1_500;
const ATTEMPTS: u64 = 12;

/// What transactions that lock met with.
#[derive(Clone, Copy, Default, Debug)]
pub struct Met {
    pub committed: usize,
    pub locked: usize,
    pub changed: usize,
    /// Taken back by others before they were committed.
    pub ended: usize,
    pub rolled_back: usize,
    pub given_up: usize,
    /// Steps that a correct store can not refuse: it said that all was locked before.
    pub out_of_turn: usize,
}

impl Met {
    pub(super) fn add(&mut self, other: Met) {
        self.committed += other.committed;
        self.locked += other.locked;
        self.changed += other.changed;
        self.ended += other.ended;
        self.rolled_back += other.rolled_back;
        self.given_up += other.given_up;
        self.out_of_turn += other.out_of_turn;
    }
}

/// What becomes of a transaction that has locked its keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Commit,
    RollBack,
    GiveUp,
}

fn outdated(why: &str) -> Failed {
    Failed::Outdated(why.to_owned())
}

impl Actor {
    pub(super) async fn run_locking(&mut self) {
        match self.caller.random.random_range(0..100) {
            0..50 => self.transfer_locked(End::Commit).await,
            50..55 => self.transfer_locked(End::RollBack).await,
            55..58 => self.transfer_locked(End::GiveUp).await,
            58..80 => self.transfer().await,
            _ => self.add_up().await,
        }
    }

    async fn transfer_locked(&mut self, end: End) {
        let (from, to, amount) = self.draw_transfer();
        let begun = Instant::now();
        let mut attempt = 1;
        let result = loop {
            match self.try_locked(from, to, amount, end).await {
                Err(Failed::Outdated(_)) if attempt < ATTEMPTS => self.caller.back_off(attempt).await,
                result => break result,
            }
            attempt += 1;
        };
        let call = self.ended(begun, &result);
        if let Ok(Some(commit)) = result {
            self.record.met.committed += 1;
            self.stamped(call, commit.commit_ts, commit.already_applied);
        }
    }

    async fn try_locked(
        &mut self,
        from: u64,
        to: u64,
        amount: i64,
        end: End,
    ) -> Result<Option<pb::CommitResponse>, Failed> {
        let (start_ts, _) = self.caller.ask(|node| async move { node.timestamps(1).await }).await?;
        let [has, gets] = self.balances_of(start_ts, [from, to]).await?;
        let mutations = vec![bank::kv(from, has - amount), bank::kv(to, gets + amount)];
        self.lock(start_ts, mutations).await?;
        match end {
            End::Commit => self.commit_locked(start_ts, from, to).await.map(Some),
            End::RollBack => {
                self.caller.write(move |node| async move { node.roll_back(start_ts).await }).await?;
                self.record.met.rolled_back += 1;
                Ok(None)
            }
            End::GiveUp => {
                self.record.met.given_up += 1;
                Ok(None)
            }
        }
    }

    async fn lock(&mut self, start_ts: u64, mutations: Vec<pb::Kv>) -> Result<(), Failed> {
        let lock = |node: Client| {
            let mutations = mutations.clone();
            async move { node.lock(start_ts, LOCK_TTL_MS, mutations).await }
        };
        let errors = self.caller.write(lock).await?;
        let Some(error) = errors.first() else { return Ok(()) };
        match error.reason.as_str() {
            "KeyLocked" => self.record.met.locked += 1,
            "Conflict" => self.record.met.changed += 1,
            "TransactionRolledBack" => self.record.met.ended += 1,
            other => return Err(Failed::Refused(other.to_owned())),
        }
        // One that was sent before may arrive yet, and must not stand in anybody's way for long.
        if let Some(node) = self.caller.any_node() {
            drop(node.roll_back(start_ts).await);
        }
        Err(outdated(&error.reason))
    }

    async fn commit_locked(
        &mut self,
        start_ts: u64,
        from: u64,
        to: u64,
    ) -> Result<pb::CommitResponse, Failed> {
        let commit = move |node: Client| async move {
            node.commit_locked(start_ts, vec![bank::key_of(from), bank::key_of(to)]).await
        };
        let answer = self.caller.write(commit).await?;
        let Some(error) = answer.errors.first() else { return Ok(answer) };
        match error.reason.as_str() {
            "TransactionRolledBack" => {
                self.record.met.ended += 1;
                Err(outdated(&error.reason))
            }
            "TransactionExpired" => Err(Failed::Unknown(error.reason.clone())),
            other => {
                self.record.met.out_of_turn += 1;
                Err(Failed::Refused(other.to_owned()))
            }
        }
    }
}
