//! One client, and what all clients share.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use anyhow::Result;
use bytes::Bytes;
use elastickv_check::stamps::Batch;
use elastickv_check::{self as check, Call, Moment};
use elastickv_proto::v1;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::caller::{Caller, Failed};
use super::lists::SLOTS;
use super::{Entry, Mix, Plan, Record};
use crate::client::Client;
use crate::workload::{Outcome, Progress};

#[derive(Debug)]
pub(super) struct Shared {
    pub progress: Progress,
    pub began: Instant,
    /// How many elements, and values, there have been: the next one's number.
    pub numbers: AtomicU64,
    /// A list that is long enough gives way to another; how often each did.
    pub generations: [AtomicU64; SLOTS],
}

impl Default for Shared {
    fn default() -> Self {
        let generations = std::array::from_fn(|_| AtomicU64::new(0));
        Self { progress: Progress::default(), began: Instant::now(), numbers: AtomicU64::new(1), generations }
    }
}

#[derive(Debug)]
pub(super) struct Actor {
    id: u32,
    mix: Mix,
    pub caller: Caller,
    pub shared: Arc<Shared>,
    pub record: Record,
}

impl Actor {
    pub fn new(id: u32, nodes: &[Client], plan: Plan, shared: Arc<Shared>) -> Self {
        let random = StdRng::seed_from_u64(plan.seed ^ (u64::from(id) << 32));
        let caller = Caller::new(nodes, id as usize, plan, random);
        Self { id, mix: plan.mix, caller, shared, record: Record::default() }
    }

    pub async fn run(mut self) -> Record {
        while !self.shared.progress.is_over() {
            if self.mix == Mix::Locking {
                self.run_locking().await;
                continue;
            }
            match self.caller.random.random_range(0..100) {
                0..50 => self.transact_on_lists().await,
                50..65 => self.transfer().await,
                65..75 => self.add_up().await,
                _ => self.use_register().await,
            }
        }
        self.into_record()
    }

    /// Opens the accounts, before anybody else runs.
    pub async fn open_accounts(mut self) -> Result<Record> {
        self.deposit().await?;
        Ok(self.into_record())
    }

    /// Reads everything, after all others have ended.
    pub async fn read_all(mut self) -> Record {
        let lists = self.read_lists().await;
        let registers = self.read_registers().await;
        self.add_up().await;
        let unread = lists.and(registers).err().map(|failed| format!("{failed:?}"));
        Record { unread, ..self.into_record() }
    }

    fn into_record(self) -> Record {
        Record { sent_again: self.caller.sent_again, ..self.record }
    }

    pub async fn begin(&mut self) -> Result<u64, Failed> {
        self.caller.ask(|node| async move { node.begin().await }).await
    }

    pub async fn read(&mut self, ts: u64, keys: Vec<Bytes>) -> Result<v1::ReadResponse, Failed> {
        let read = |node: Client| {
            let keys = keys.clone();
            async move { node.read(ts, keys).await }
        };
        self.caller.ask(read).await
    }

    pub async fn scan(&mut self, request: &v1::ScanRequest) -> Result<v1::ScanResponse, Failed> {
        let scan = |node: Client| {
            let request = request.clone();
            async move { node.scan(request).await }
        };
        self.caller.ask(scan).await
    }

    pub async fn commit(&mut self, request: v1::CommitRequest) -> Result<v1::CommitResponse, Failed> {
        let commit = |node: Client| {
            let request = request.clone();
            async move { node.commit(request).await }
        };
        self.caller.write(commit).await
    }

    pub fn moment(&self, at: Instant) -> Moment {
        Moment(at.duration_since(self.shared.began).as_nanos() as u64)
    }

    /// Notes how an operation that began then has ended now.
    pub fn ended<T>(&mut self, begun: Instant, result: &Result<T, Failed>) -> Call {
        let ended = Instant::now();
        let (outcome, judged) = match result {
            Ok(_) => (Outcome::Acknowledged, check::Outcome::Committed),
            Err(Failed::Outdated(why) | Failed::Refused(why)) => {
                (Outcome::Refused(why.clone()), check::Outcome::Aborted)
            }
            Err(Failed::Unknown(why)) => (Outcome::Unknown(why.clone()), check::Outcome::Unknown),
        };
        self.shared.progress.count(&outcome);
        self.record.entries.push(Entry { begun, ended, outcome });
        Call { client: self.id, begun: self.moment(begun), ended: self.moment(ended), outcome: judged }
    }

    /// Notes the timestamp of a commit that was acknowledged.
    pub fn stamped(&mut self, call: Call, commit_ts: u64, already_applied: bool) {
        self.record.stamps.push(Batch { call, first: commit_ts, count: 1 });
        self.record.found_applied += usize::from(already_applied);
    }
}
