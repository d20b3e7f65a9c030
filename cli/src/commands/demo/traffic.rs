//! Somebody who writes all the time, and remembers what was acknowledged.
//!
//! Each key is written once, so a value that is not as it was written is a write that was lost. Every value has a canary in
//! it: wherever one of them can be read off a file, a search for canaries finds it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use elastickv_proto::{RawGetRequest, v1};
use elastickv_sys::clock::{Moment, SharedClock, SystemClock};
use elastickv_sys::random::SystemRandom;
use futures_util::future::join_all;

use super::failure::{ensure, failed};
use crate::client::{Aim, Plan, Reach, Session, Times, rpc};
use crate::error::{CliError, Exit};
use crate::model::{Decimal, WritesView};
use crate::progress::Progress;

/// Below it stands all that is written.
pub const PREFIX: &str = "live/";
const WRITERS: usize = 3;
const PAUSE: Duration = Duration::from_millis(4);
/// So many writes, and the last of them is read again.
const READ_EACH: u64 = 8;
const CANARIES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);
const TIMES: Times = Times { call: None, command: Duration::from_secs(10) };

#[derive(Debug)]
pub struct Traffic {
    canaries: Vec<String>,
    clock: SharedClock,
    endpoints: RefCell<Vec<SocketAddr>>,
    next: Cell<u64>,
    acknowledged: RefCell<BTreeSet<u64>>,
    read: Cell<u64>,
    refused: Cell<u64>,
    unknown: Cell<u64>,
    last: Cell<Option<Moment>>,
    longest_gap: Cell<Duration>,
    wrong: RefCell<Option<String>>,
    stopping: Cell<bool>,
    busy: Cell<usize>,
}

impl Traffic {
    pub fn new() -> Self {
        Self {
            canaries: (0..CANARIES).map(|_| canary()).collect(),
            clock: SystemClock::shared(),
            endpoints: RefCell::default(),
            next: Cell::new(0),
            acknowledged: RefCell::default(),
            read: Cell::new(0),
            refused: Cell::new(0),
            unknown: Cell::new(0),
            last: Cell::new(None),
            longest_gap: Cell::new(Duration::ZERO),
            wrong: RefCell::new(None),
            stopping: Cell::new(false),
            busy: Cell::new(0),
        }
    }

    /// The file that names the canaries.
    pub fn canary_file(&self) -> String {
        self.canaries.iter().map(|canary| format!("text:{canary}\n")).collect()
    }

    /// Begins to write there.
    pub fn begin(&self, endpoints: Vec<SocketAddr>) {
        *self.endpoints.borrow_mut() = endpoints;
    }

    /// Writes for ever; to be run beside the stages.
    pub async fn run(&self) {
        join_all((0..WRITERS).map(|_| self.write_all())).await;
        std::future::pending().await
    }

    async fn write_all(&self) {
        while self.endpoints.borrow().is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
        let endpoints =
            self.endpoints.borrow().iter().filter_map(|one| one.to_string().parse().ok()).collect();
        let reach = Reach { endpoints, ..Reach::default() };
        let session = Session::new(reach, TIMES, None, Progress::silent());
        self.busy.set(self.busy.get() + 1);
        while !self.stopping.get() {
            let number = self.next.replace(self.next.get() + 1);
            session.begin_again();
            self.write(&session, number).await;
            if number.is_multiple_of(READ_EACH) {
                self.read_again(&session).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.busy.set(self.busy.get() - 1);
    }

    async fn write(&self, session: &Session, number: u64) {
        let put = v1::mutation::Change::Put(self.value(number).into());
        let mutation = v1::Mutation { key: key(number).into(), change: Some(put), ttl_ms: 0, expire_at: 0 };
        let request = v1::CommitRequest {
            mutations: vec![mutation],
            request_id: session.new_request_id().as_bytes().to_vec().into(),
            ..v1::CommitRequest::default()
        };
        match session.call(Plan::repeatable(Aim::Anyone), &request, rpc::commit).await {
            Ok(_) => self.acknowledge(number),
            Err(error) if error.exit() == Exit::OutcomeUnknown => self.unknown.set(self.unknown.get() + 1),
            Err(_) => self.refused.set(self.refused.get() + 1),
        }
    }

    fn acknowledge(&self, number: u64) {
        self.acknowledged.borrow_mut().insert(number);
        let now = self.clock.now();
        if let Some(last) = self.last.replace(Some(now)) {
            self.longest_gap.set(self.longest_gap.get().max(now.since(last)));
        }
    }

    /// Whoever reads after an acknowledgement has to see the write.
    async fn read_again(&self, session: &Session) {
        let Some(number) = self.acknowledged.borrow().last().copied() else { return };
        let request = RawGetRequest { key: key(number).into(), ..RawGetRequest::default() };
        // Reads that fail tell nothing.
        let Ok(told) = session.call(Plan::read(Aim::Anyone), &request, rpc::raw_get).await else { return };
        self.read.set(self.read.get() + 1);
        if !told.message.exists || told.message.value[..] != *self.value(number).as_bytes() {
            *self.wrong.borrow_mut() = Some(format!("{} was acknowledged and is not read", key(number)));
        }
    }

    fn value(&self, number: u64) -> String {
        let place = usize::try_from(number).unwrap_or_default() % CANARIES;
        format!("{number} {}", self.canaries.get(place).map_or("", String::as_str))
    }

    /// Waits until so many more writes are acknowledged.
    pub async fn more(&self, writes: usize) -> Result<(), CliError> {
        let (begun, wanted) = (self.clock.now(), self.acknowledged.borrow().len() + writes);
        while self.acknowledged.borrow().len() < wanted {
            ensure(self.clock.now().since(begun) < PATIENCE, || "no writes are acknowledged".to_owned())?;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Lets what is under way come to its end.
    pub async fn stop(&self) {
        self.stopping.set(true);
        while self.busy.get() > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// All that were acknowledged so far.
    pub fn acknowledged(&self) -> BTreeSet<u64> {
        self.acknowledged.borrow().clone()
    }

    /// What a reader saw that can not be.
    pub fn judge(&self) -> Result<(), CliError> {
        self.wrong.borrow().as_ref().map_or(Ok(()), |wrong| Err(failed(wrong.clone())))
    }

    /// Fails when one of these is not among the pairs as it was written.
    pub fn all_in(&self, wanted: &BTreeSet<u64>, pairs: &BTreeMap<String, String>) -> Result<(), CliError> {
        let lost = wanted.iter().find(|number| pairs.get(&key(**number)) != Some(&self.value(**number)));
        lost.map_or(Ok(()), |lost| Err(failed(format!("{} was acknowledged and is lost", key(*lost)))))
    }

    pub fn longest_gap(&self) -> Duration {
        self.longest_gap.get()
    }

    pub fn view(&self) -> WritesView {
        WritesView {
            acknowledged: Decimal(self.acknowledged.borrow().len() as u64),
            read: Decimal(self.read.get()),
            refused: Decimal(self.refused.get()),
            unknown: Decimal(self.unknown.get()),
            longest_gap_ms: self.longest_gap.get().into(),
        }
    }
}

fn key(number: u64) -> String {
    format!("{PREFIX}{number:06}")
}

fn canary() -> String {
    let mut bytes = [0; 20];
    SystemRandom::shared().fill(&mut bytes);
    hex::encode(bytes)
}
