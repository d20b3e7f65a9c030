//! What clients notice of a rewrite at a given rate, and how well it keeps to that rate.
//!
//! One sealed cluster, with rows under a key that was replaced beside those that the clients write. The rewrite is
//! paused and resumed, so that loads with it and without take turns: without, with, with, without.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use elastickv_proto::{DekPurpose, v1};
use elastickv_tests::wait::PATIENCE;
use serde::Serialize;
use v1::change_job_request::Change;

use super::Options;
use super::stage::{self, Job};
use crate::load::{Load, Outcome, Shape};
use crate::ours::Ours;
use crate::place::{Medium, Place};
use crate::report;
use crate::store::{Operation, Store, Watch};

const ORDER: [bool; 4] = [false, true, true, false];

#[derive(Clone, Debug, Serialize)]
pub struct Beside {
    medium: Medium,
    clients: usize,
    rate_mib: u64,
    legs: Vec<Leg>,
    /// Medians: with the rewrite over without.
    throughput_ratio: f64,
    p99_ratio: f64,
    /// By how much of it the members missed the rate, in the worst leg.
    rate_error: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Leg {
    rewriting: bool,
    per_second: f64,
    p99_us: u64,
    errors: u64,
    /// Of the member that is furthest from the rate.
    rate_mib: f64,
}

pub async fn measure(place: &Place, options: &Options) -> Result<Beside> {
    let store = Store::Ours(Ours::start_sealed(place, Watch::Plain).await?);
    let Store::Ours(ours) = &store else { anyhow::bail!("it is another store") };
    let leader = ours.cluster().leader(PATIENCE).await?;
    let client = ours.cluster().node(leader).client();
    // Enough to go on until the last leg is over.
    let busy = 2 * options.rounds as u64 * (options.warm_up + options.seconds + 2);
    stage::fill(&client, busy * options.rate * 12 / 10).await?;
    client.rotate(DekPurpose::Storage).await?;
    let mut job = Job::of(&client);
    job.start(options.rate << 20).await?;
    until_begun(&mut job).await?;
    job.change(Change::Pause(v1::PauseJob {})).await?;
    let mut legs = Vec::new();
    for round in 0..options.rounds {
        for rewriting in ORDER {
            let leg = leg(&store, &mut job, options, rewriting).await?;
            eprintln!("round {round}: {leg:?}");
            legs.push(leg);
        }
    }
    job.change(Change::Cancel(v1::CancelJob {})).await?;
    store.end().await?;
    Ok(Beside::of(place.medium, options, legs))
}

/// Counting is no part of the rate.
async fn until_begun(job: &mut Job) -> Result<()> {
    while job.parts().await?.iter().any(|part| part.total_rows == 0) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn leg(store: &Store, job: &mut Job, options: &Options, rewriting: bool) -> Result<Leg> {
    let shape = Shape { operation: Operation::Put, clients: options.clients, ..Shape::default() };
    let load = Load::connect(store, shape).await?;
    if rewriting {
        job.change(Change::Resume(v1::ResumeJob {})).await?;
    }
    let (mut first, mut last) = (job.clone(), job.clone());
    let (warm_up, measured) = (Duration::from_secs(options.warm_up), Duration::from_secs(options.seconds));
    let (outcome, before, after) = load
        .run_around(warm_up, measured, async || reading(&mut first).await, async || reading(&mut last).await)
        .await?;
    if rewriting {
        job.change(Change::Pause(v1::PauseJob {})).await?;
    }
    let took = after.0.duration_since(before.0).as_secs_f64();
    let rates = before.1.iter().zip(&after.1).map(|(before, after)| stage::mib(after - before) / took);
    let missed = |rate: &f64| (rate - options.rate as f64).abs();
    let rate_mib =
        rates.max_by(|a, b| missed(a).total_cmp(&missed(b))).context("nobody tells of its rate")?;
    Ok(Leg::of(rewriting, &outcome, rate_mib))
}

async fn reading(job: &mut Job) -> Result<(Instant, Vec<u64>)> {
    let parts = job.parts().await?;
    Ok((Instant::now(), parts.iter().map(|part| part.bytes).collect()))
}

impl Leg {
    fn of(rewriting: bool, outcome: &Outcome, rate_mib: f64) -> Self {
        Self {
            rewriting,
            per_second: outcome.operations as f64 / outcome.elapsed.as_secs_f64(),
            p99_us: outcome.latency_us.value_at_quantile(0.99),
            errors: outcome.errors,
            rate_mib,
        }
    }
}

impl Beside {
    fn of(medium: Medium, options: &Options, legs: Vec<Leg>) -> Self {
        let median = |rewriting: bool, of: fn(&Leg) -> f64| {
            report::median(legs.iter().filter(|leg| leg.rewriting == rewriting).map(of).collect())
        };
        let ratio = |of: fn(&Leg) -> f64| median(true, of) / median(false, of).max(1.0);
        let errors = legs.iter().filter(|leg| leg.rewriting);
        let errors = errors.map(|leg| (leg.rate_mib / options.rate as f64 - 1.0).abs());
        Self {
            medium,
            clients: options.clients,
            rate_mib: options.rate,
            throughput_ratio: ratio(|leg| leg.per_second),
            p99_ratio: ratio(|leg| leg.p99_us as f64),
            rate_error: errors.fold(0.0, f64::max),
            legs,
        }
    }

    pub fn print(&self) {
        println!(
            "{} clients on {} beside a rewrite at {} MiB/s: throughput {:.3}, p99 {:.2} of what it is without; rate missed by {:.1} %",
            self.clients,
            self.medium.name(),
            self.rate_mib,
            self.throughput_ratio,
            self.p99_ratio,
            self.rate_error * 100.0
        );
    }
}
