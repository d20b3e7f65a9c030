//! One writer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::value::{fresh_key, hot_key, value};
use super::{Change, Load, Operation, Outcome, Progress, WriterId};
use crate::client::{Client, Fate, Refusal, request_id};

/// A node that refuses does so at once; without a breath the writers would only heat the machine.
const BREATH: Duration = Duration::from_millis(20);

/// One in so many writes to an overwritten key deletes it.
const DELETES: u64 = 8;

pub(super) struct Writer {
    id: WriterId,
    clients: Vec<Client>,
    load: Load,
    progress: Arc<Progress>,
    number: u64,
    turn: usize,
}

impl Writer {
    pub fn new(id: WriterId, clients: Vec<Client>, load: Load, progress: Arc<Progress>) -> Self {
        let number = load.first;
        Self { id, clients, load, progress, number, turn: 0 }
    }

    pub async fn run(mut self) -> Vec<Operation> {
        let mut operations = Vec::new();
        while !self.progress.is_over() {
            let Some(client) = self.clients.get(self.turn % self.clients.len().max(1)).cloned() else {
                break;
            };
            let (key, change) = self.next();
            let begun = Instant::now();
            let outcome = self.write(&client, key.clone(), change).await;
            self.progress.count(&outcome);
            let failed = outcome != Outcome::Acknowledged;
            operations.push(Operation {
                writer: self.id,
                key,
                change,
                begun,
                ended: Instant::now(),
                outcome,
            });
            if failed {
                self.turn += 1;
                tokio::time::sleep(BREATH).await;
            }
        }
        operations
    }

    fn next(&mut self) -> (Bytes, Change) {
        let number = self.number;
        self.number += 1;
        let half = number / 2;
        if number.is_multiple_of(2) || self.load.hot_keys == 0 {
            (fresh_key(self.id, number), Change::Put(number))
        } else if half % DELETES == DELETES - 1 {
            (hot_key(self.id, half % self.load.hot_keys), Change::Delete(number))
        } else {
            (hot_key(self.id, half % self.load.hot_keys), Change::Put(number))
        }
    }

    async fn write(&self, client: &Client, key: Bytes, change: Change) -> Outcome {
        let answer = match change {
            Change::Put(number) => {
                let value = value(self.id, number, self.load.value_bytes);
                client.put(key, value, request_id()).await.map(|answer| answer.success)
            }
            Change::Delete(_) => client.delete(key, request_id()).await.map(|answer| answer.success),
        };
        match answer {
            Ok(true) => Outcome::Acknowledged,
            Ok(false) => Outcome::Unknown("answered without success".to_owned()),
            Err(refusal) => outcome_of(&refusal),
        }
    }
}

fn outcome_of(refusal: &Refusal) -> Outcome {
    match refusal.fate() {
        Fate::NotProposed => Outcome::Refused(refusal.kind()),
        Fate::Unknown => Outcome::Unknown(refusal.kind()),
    }
}
