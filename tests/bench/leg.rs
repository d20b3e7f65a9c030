//! One leg: one store, one place, one load, from a fresh start.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::account::Account;
use crate::load::{Load, Shape};
use crate::metrics::{self, Timings};
use crate::place::{Medium, Place};
use crate::probe::{self, Probe};
use crate::store::{Kind, Operation, Store, Watch};

/// How long each part of a leg takes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Times {
    pub warm_up: Duration,
    pub measured: Duration,
    pub probe_seconds: f64,
    pub idle_patience: Duration,
}

/// What a leg showed.
#[derive(Clone, Debug, Serialize)]
pub struct Leg {
    pub store: Kind,
    pub medium: Medium,
    pub shape: Shape,
    pub round: usize,
    pub probe: Probe,
    pub per_second: f64,
    pub p50_us: u64,
    pub p99_us: u64,
    pub max_us: u64,
    pub operations: u64,
    pub errors: u64,
    pub first_error: Option<String>,
    /// Syncs of all three nodes for each operation.
    pub syncs_per_operation: f64,
    pub account: Account,
    /// Where the leader's time went, as it says itself.
    pub timings: Timings,
}

/// What is read as the measured time begins and as it ends.
struct Reading {
    account: Account,
    syncs: u64,
    timings: Timings,
}

pub async fn run(kind: Kind, place: &Place, shape: Shape, round: usize, times: Times) -> Result<Leg> {
    let probe = probe::look(&place.path, times.probe_seconds, times.idle_patience).await?;
    let store = Store::start(kind, place, Watch::Plain).await?;
    let load = Load::connect(&store, shape).await?;
    if shape.operation == Operation::Get {
        load.fill().await.context("cannot fill the store")?;
    }
    let read = async || reading(&store, place).await;
    let (outcome, before, after) = load.run_around(times.warm_up, times.measured, read, read).await?;
    store.end().await?;
    let at = |quantile| outcome.latency_us.value_at_quantile(quantile);
    Ok(Leg {
        store: kind,
        medium: place.medium,
        shape,
        round,
        probe,
        per_second: outcome.operations as f64 / outcome.elapsed.as_secs_f64(),
        p50_us: at(0.5),
        p99_us: at(0.99),
        max_us: outcome.latency_us.max(),
        operations: outcome.operations,
        errors: outcome.errors,
        first_error: outcome.first_error,
        syncs_per_operation: (after.syncs - before.syncs) as f64 / outcome.operations.max(1) as f64,
        account: after.account.since(&before.account),
        timings: metrics::since(&before.timings, &after.timings),
    })
}

async fn reading(store: &Store, place: &Place) -> Result<Reading> {
    let syncs = store.syncs().await?;
    let timings = store.timings().await.unwrap_or_default();
    Ok(Reading { account: Account::read(&store.processes(), &place.path)?, syncs, timings })
}
