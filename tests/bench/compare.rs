//! Both stores in one run.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use elastickv_tests::{turn, workspace};

use crate::leg::{self, Leg, Times};
use crate::load::Shape;
use crate::place::{Medium, Place};
use crate::report::{Report, Settings};
use crate::store::{Kind, Operation};

/// A round whose probes differ by more than this is done again.
const DRIFT: f64 = 1.15;
const REPEATS: usize = 2;

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Seconds measured in each leg
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Seconds of load before the measurement
    #[arg(long, default_value_t = 3)]
    warm_up: u64,
    /// Rounds of four legs each
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// One round of short legs: an impression in a few minutes
    #[arg(long)]
    quick: bool,
    /// Numbers of clients
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256])]
    clients: Vec<usize>,
    /// Clients that share a connection
    #[arg(long, default_value_t = 16)]
    clients_per_connection: usize,
    /// Where the data lies
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Medium::Disk, Medium::Tmpfs])]
    media: Vec<Medium>,
    /// What the clients do
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Operation::Put])]
    operations: Vec<Operation>,
    /// Which stores
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Ours, Kind::Etcd])]
    stores: Vec<Kind>,
    #[arg(long, default_value_t = 100_000)]
    keys: u64,
    #[arg(long, default_value_t = 1024)]
    value_bytes: usize,
    /// Does not wait until no heavy test runs on this machine
    #[arg(long)]
    crowded: bool,
    /// Where the result is written; by default below tests/bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

impl Options {
    fn quickened(mut self) -> Self {
        if self.quick {
            (self.seconds, self.warm_up, self.rounds) = (self.seconds.min(5), self.warm_up.min(2), 1);
        }
        self
    }

    fn times(&self) -> Times {
        Times {
            warm_up: Duration::from_secs(self.warm_up),
            measured: Duration::from_secs(self.seconds),
            probe_seconds: if self.quick { 1.0 } else { 2.0 },
            idle_patience: Duration::from_secs(if self.quick { 5 } else { 60 }),
        }
    }

    fn shapes(&self) -> Vec<Shape> {
        let mut shapes = Vec::new();
        for &operation in &self.operations {
            for &clients in &self.clients {
                let connections = clients.div_ceil(self.clients_per_connection.max(1));
                let (keys, value_bytes) = (self.keys, self.value_bytes);
                shapes.push(Shape { operation, clients, connections, keys, value_bytes });
            }
        }
        shapes
    }

    /// A B B A, so that a steady drift of the machine falls on both alike.
    fn order(&self) -> Vec<Kind> {
        self.stores.iter().chain(self.stores.iter().rev()).copied().collect()
    }
}

pub async fn run(options: Options) -> Result<()> {
    if workspace::profile() != "release" && !options.quick {
        bail!(
            "figures are taken from a release build: cargo run --release -p elastickv-tests --bin bench -- compare"
        );
    }
    let _turn = if options.crowded { None } else { Some(turn::alone().await?) };
    let options = options.quickened();
    let times = options.times();
    let mut report = Report::new(
        Settings {
            rounds: options.rounds,
            warm_up_seconds: options.warm_up,
            measured_seconds: options.seconds,
            profile: workspace::profile(),
        },
        &options.stores,
    )?;
    for &medium in &options.media {
        let place = Place::on(medium)?;
        for shape in options.shapes() {
            for round in 0..options.rounds {
                report.legs.extend(steady_round(&options, &place, shape, round, times).await?);
            }
        }
    }
    let path = report.save(options.output.as_deref())?;
    println!("{report}\nwritten to {}", path.display());
    Ok(())
}

/// One round of legs, done again when the disk changed its speed in between.
async fn steady_round(
    options: &Options,
    place: &Place,
    shape: Shape,
    round: usize,
    times: Times,
) -> Result<Vec<Leg>> {
    let mut legs = one_round(options, place, shape, round, times).await?;
    for _ in 0..REPEATS {
        if options.quick || drift(&legs) <= DRIFT {
            break;
        }
        eprintln!("the disk changed its speed by {:.2} within the round; once more", drift(&legs));
        legs = one_round(options, place, shape, round, times).await?;
    }
    Ok(legs)
}

async fn one_round(
    options: &Options,
    place: &Place,
    shape: Shape,
    round: usize,
    times: Times,
) -> Result<Vec<Leg>> {
    let mut legs = Vec::new();
    for kind in options.order() {
        let leg = leg::run(kind, place, shape, round, times).await?;
        eprintln!("{}", crate::report::line(&leg));
        legs.push(leg);
    }
    Ok(legs)
}

/// The fastest probe over the slowest.
fn drift(legs: &[Leg]) -> f64 {
    let rates = || legs.iter().map(|leg| leg.probe.syncs_per_second);
    let (slowest, fastest) = (rates().fold(f64::MAX, f64::min), rates().fold(0.0, f64::max));
    if slowest > 0.0 { fastest / slowest } else { 1.0 }
}
