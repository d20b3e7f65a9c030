//! Clients that run transactions while trouble is made, and write down what they saw.
//!
//! Each does one thing after the other, drawn from a seed: it appends to lists and reads them in one
//! transaction ([`lists`]), moves money between accounts or adds up all of them ([`bank`]), puts, deletes and
//! gets single keys ([`registers`]). All share the same few keys, so they are always in each other's way.
//!
//! Or all of them move money, some by locking the accounts first ([`locking`]).
//!
//! A call whose answer is lost is sent again under the same request id, to another node ([`caller`]). Now
//! and then a client does not even wait for its answer, so that this happens without any failure too. What a
//! client could not find out stays unknown in the record, and whether the record can be that of a correct
//! store is for `elastickv-check` to say ([`Record::judge`]).

mod actor;
mod bank;
mod caller;
mod lists;
mod locking;
mod record;
mod registers;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::workload::Progress;
use actor::{Actor, Shared};
pub use locking::Met;
pub use record::{Entry, Record};

/// What the clients do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mix {
    Everything,
    /// They move money, and mostly lock the accounts first.
    Locking,
}

/// How the clients behave.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub mix: Mix,
    pub clients: usize,
    pub seed: u64,
    /// How long one attempt waits for its answer.
    pub attempt: Duration,
    /// How long an operation is tried in all.
    pub patience: Duration,
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let (attempt, patience) = (Duration::from_secs(1), Duration::from_secs(10));
        Self { mix: Mix::Everything, clients: 32, seed, attempt, patience }
    }

    pub fn locking(self) -> Self {
        Self { mix: Mix::Locking, ..self }
    }
}

/// Running clients.
#[derive(Debug)]
pub struct Clients {
    shared: Arc<Shared>,
    plan: Plan,
    nodes: Vec<Client>,
    running: JoinSet<Record>,
}

impl Clients {
    /// Opens the accounts and starts the clients; each calls one node and turns to the next when it fails.
    pub async fn start(nodes: Vec<Client>, plan: Plan) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let mut record = Actor::new(0, &nodes, plan, Arc::clone(&shared)).open_accounts().await?;
        let mut running = JoinSet::new();
        running.spawn(async move { std::mem::take(&mut record) });
        for id in 1..=plan.clients as u32 {
            running.spawn(Actor::new(id, &nodes, plan, Arc::clone(&shared)).run());
        }
        Ok(Self { shared, plan, nodes, running })
    }

    pub fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// Lets every client end what it does, reads everything once more, and gives the record of it all.
    pub async fn finish(self) -> Record {
        self.shared.progress.end();
        let mut record = Record::default();
        for part in self.running.join_all().await {
            record.append(part);
        }
        let last = Actor::new(u32::MAX, &self.nodes, self.plan, Arc::clone(&self.shared));
        record.append(last.read_all().await);
        record
    }
}
