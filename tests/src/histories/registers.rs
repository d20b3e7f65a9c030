//! Single keys.

use std::sync::atomic::Ordering;
use std::time::Instant;

use bytes::Bytes;
use elastickv_check::registers::{Action, Operation, Value};
use rand::RngExt;

use super::actor::Actor;
use super::caller::Failed;
use crate::client::{Client, Consistency, request_id};

/// So few that calls of one key overlap.
const KEYS: u64 = 8;

fn key_of(register: u64) -> Bytes {
    format!("register/{register:04}").into()
}

fn decode(value: Option<Bytes>) -> Option<Value> {
    // What is no number of ours is one that nobody wrote.
    value.map(|value| Value(value.as_ref().try_into().map_or(0, u64::from_be_bytes)))
}

impl Actor {
    pub(super) async fn use_register(&mut self) {
        let register = self.caller.random.random_range(0..KEYS);
        match self.caller.random.random_range(0..20) {
            0 => self.change(register, Action::Delete).await,
            1..9 => {
                let value = Value(self.shared.numbers.fetch_add(1, Ordering::Relaxed));
                self.change(register, Action::Put(value)).await;
            }
            _ => {
                // Without an answer it tells nothing.
                let _ = self.get(register).await;
            }
        }
    }

    async fn change(&mut self, register: u64, action: Action) {
        let (key, id) = (key_of(register), request_id());
        let begun = Instant::now();
        let result = match action {
            Action::Put(Value(value)) => {
                let value = Bytes::copy_from_slice(&value.to_be_bytes());
                let put = |node: Client| {
                    let (key, value, id) = (key.clone(), value.clone(), id.clone());
                    async move { node.put(key, value, id).await }
                };
                self.caller.write(put).await.map(|answer| (answer.commit_ts, answer.already_applied))
            }
            Action::Delete | Action::Get(_) => {
                let delete = |node: Client| {
                    let (key, id) = (key.clone(), id.clone());
                    async move { node.delete(key, id).await }
                };
                self.caller.write(delete).await.map(|answer| (answer.commit_ts, answer.already_applied))
            }
        };
        let call = self.ended(begun, &result);
        if let Ok((commit_ts, already_applied)) = result {
            self.stamped(call, commit_ts, already_applied);
        }
        self.record.registers.push(Operation { call, key: register, action });
    }

    async fn get(&mut self, register: u64) -> Result<(), Failed> {
        let key = key_of(register);
        let begun = Instant::now();
        let get = |node: Client| {
            let key = key.clone();
            async move { node.get(key, Consistency::Linearizable).await }
        };
        let result = self.caller.ask(get).await;
        let call = self.ended(begun, &result);
        let found = decode(result?);
        self.record.registers.push(Operation { call, key: register, action: Action::Get(found) });
        Ok(())
    }

    /// Reads every register.
    pub(super) async fn read_registers(&mut self) -> Result<(), Failed> {
        for register in 0..KEYS {
            self.get(register).await?;
        }
        Ok(())
    }
}
