//! The result of a run, for people and for machines.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Serialize;

use crate::leg::Leg;
use crate::machine::Machine;
use crate::metrics::Timing;
use crate::place::Medium;
use crate::store::{Kind, Operation};
use crate::{etcd, ours};

/// Steps of the leader that are shown; the rest stands in the file.
const SHOWN_STEPS: usize = 8;

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Settings {
    pub rounds: usize,
    pub warm_up_seconds: u64,
    pub measured_seconds: u64,
    pub profile: &'static str,
}

/// All legs of a run and where they were taken.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub taken_at_unix: u64,
    pub machine: Machine,
    pub versions: BTreeMap<&'static str, String>,
    /// Whose figures are divided by whose.
    pub compared: (Kind, Kind),
    pub settings: Settings,
    pub cells: Vec<Cell>,
    pub legs: Vec<Leg>,
}

pub fn now_unix() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// Writes a result down; by default below tests/bench/results.
pub fn keep(name: &str, path: Option<&Path>, result: &impl Serialize) -> Result<PathBuf> {
    let results = elastickv_tests::workspace::root().join("tests/bench/results");
    let path = path.map_or_else(|| results.join(format!("{name}.json")), Path::to_owned);
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let text = serde_json::to_string_pretty(result)?;
    fs::write(&path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// One store under one load: medians over all its legs.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Side {
    pub per_second: f64,
    pub per_second_low: f64,
    pub per_second_high: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub syncs_per_operation: f64,
    pub device_flushes_per_operation: f64,
    /// Processor microseconds for each operation: all servers, and the load generator.
    pub servers_cpu_us: f64,
    pub load_cpu_us: f64,
    pub device_bytes_per_operation: f64,
    pub errors: u64,
}

/// The same load on all stores.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    pub medium: Medium,
    pub operation: Operation,
    pub clients: usize,
    pub sides: BTreeMap<Kind, Side>,
    /// The first store's over the second's.
    pub throughput_ratio: Option<f64>,
    pub p99_ratio: Option<f64>,
}

impl Report {
    pub fn new(settings: Settings, stores: &[Kind]) -> Result<Self> {
        let mut versions = BTreeMap::new();
        for kind in stores {
            let version = match kind {
                Kind::Ours | Kind::Sealed => ours::version()?,
                Kind::Etcd => etcd::version()?,
            };
            versions.insert(kind.name(), version);
        }
        let (taken_at_unix, machine) = (now_unix()?, Machine::look());
        let first = stores.first().copied().context("no store to measure")?;
        let compared = (first, stores.get(1).copied().unwrap_or(first));
        Ok(Self { taken_at_unix, machine, versions, compared, settings, cells: Vec::new(), legs: Vec::new() })
    }

    /// Draws the legs together and writes everything down.
    pub fn save(&mut self, path: Option<&Path>) -> Result<PathBuf> {
        self.cells = cells(&self.legs, self.compared);
        keep(&format!("compare-{}", self.taken_at_unix), path, self)
    }

    /// The leader's steps under the largest load, over all its legs.
    fn steps(&self, kind: Kind, medium: Medium) -> Vec<(String, Timing)> {
        let legs = || self.legs.iter().filter(|leg| leg.store == kind && leg.medium == medium);
        let clients = legs().map(|leg| leg.shape.clients).max().unwrap_or_default();
        let mut total: BTreeMap<String, Timing> = BTreeMap::new();
        for (step, timing) in legs().filter(|leg| leg.shape.clients == clients).flat_map(|leg| &leg.timings) {
            let sum = total.entry(step.clone()).or_default();
            *sum = Timing { count: sum.count + timing.count, seconds: sum.seconds + timing.seconds };
        }
        let mut steps: Vec<_> = total.into_iter().collect();
        steps.sort_by(|a, b| b.1.seconds.total_cmp(&a.1.seconds));
        steps.truncate(SHOWN_STEPS);
        steps
    }
}

fn cells(legs: &[Leg], (upper, lower): (Kind, Kind)) -> Vec<Cell> {
    let mut grouped: BTreeMap<_, Vec<&Leg>> = BTreeMap::new();
    for leg in legs {
        grouped.entry((leg.medium, leg.shape.operation, leg.shape.clients)).or_default().push(leg);
    }
    let cell = |((medium, operation, clients), legs): ((Medium, Operation, usize), Vec<&Leg>)| {
        let mut sides = BTreeMap::new();
        for &kind in Kind::value_variants() {
            let of_kind: Vec<_> = legs.iter().copied().filter(|leg| leg.store == kind).collect();
            if !of_kind.is_empty() {
                sides.insert(kind, Side::of(&of_kind));
            }
        }
        let ratio = |of: fn(&Side) -> f64| Some(of(sides.get(&upper)?) / of(sides.get(&lower)?));
        let (throughput_ratio, p99_ratio) = (ratio(|side| side.per_second), ratio(|side| side.p99_us));
        Cell { medium, operation, clients, sides, throughput_ratio, p99_ratio }
    };
    grouped.into_iter().map(cell).collect()
}

impl Side {
    fn of(legs: &[&Leg]) -> Self {
        let each = |of: fn(&Leg) -> f64| legs.iter().map(|leg| of(leg)).collect::<Vec<_>>();
        let per_operation = |value: f64, leg: &Leg| value / leg.operations.max(1) as f64;
        let medianed = |of: &dyn Fn(&Leg) -> f64| median(legs.iter().map(|leg| of(leg)).collect());
        let rates = each(|leg| leg.per_second);
        Self {
            per_second_low: rates.iter().copied().fold(f64::MAX, f64::min),
            per_second_high: rates.iter().copied().fold(0.0, f64::max),
            per_second: median(rates),
            p50_us: median(each(|leg| leg.p50_us as f64)),
            p99_us: median(each(|leg| leg.p99_us as f64)),
            syncs_per_operation: median(each(|leg| leg.syncs_per_operation)),
            device_flushes_per_operation: medianed(&|leg| {
                per_operation(leg.account.device_flushes as f64, leg)
            }),
            servers_cpu_us: medianed(&|leg| {
                per_operation(leg.account.servers_cpu.iter().sum::<f64>() * 1e6, leg)
            }),
            load_cpu_us: medianed(&|leg| per_operation(leg.account.load_cpu * 1e6, leg)),
            device_bytes_per_operation: medianed(&|leg| {
                per_operation(leg.account.device_written as f64, leg)
            }),
            errors: legs.iter().map(|leg| leg.errors).sum(),
        }
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or_default();
    if values.len().is_multiple_of(2) {
        (at(middle.saturating_sub(1)) + at(middle)) / 2.0
    } else {
        at(middle)
    }
}

/// One leg on one line.
pub fn line(leg: &Leg) -> String {
    let mut line = format!(
        "{:5} {:5} {:?} {:3} clients, round {}: {:7.0}/s  p50 {:6.2} ms  p99 {:7.2} ms  {:.3} syncs/op  \
         [idle {:.0} %, probe {:.0} syncs/s, p50 {:.0} us]",
        leg.store.name(),
        leg.medium.name(),
        leg.shape.operation,
        leg.shape.clients,
        leg.round,
        leg.per_second,
        leg.p50_us as f64 / 1e3,
        leg.p99_us as f64 / 1e3,
        leg.syncs_per_operation,
        leg.probe.idle,
        leg.probe.syncs_per_second,
        leg.probe.sync_p50_us,
    );
    if leg.errors > 0 {
        line +=
            &format!("  {} ERRORS, first: {}", leg.errors, leg.first_error.as_deref().unwrap_or_default());
    }
    line
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} cores, {}; {:?}", self.machine.cores, self.machine.processor, self.versions)?;
        row(f, &HEADINGS.map(str::to_owned))?;
        for cell in &self.cells {
            for (&kind, side) in &cell.sides {
                row(f, &columns(cell, kind, side))?;
            }
            if let (Some(throughput), Some(p99)) = (cell.throughput_ratio, cell.p99_ratio) {
                let (upper, lower) = (self.compared.0.name(), self.compared.1.name());
                writeln!(f, "{:21}{upper}/{lower}: throughput {throughput:.2}, p99 {p99:.2}", "")?;
            }
        }
        for medium in [Medium::Disk, Medium::Tmpfs] {
            for &kind in Kind::value_variants() {
                self.write_steps(f, kind, medium)?;
            }
        }
        Ok(())
    }
}

const HEADINGS: [&str; 13] = [
    "MEDIUM",
    "OP",
    "CLIENTS",
    "STORE",
    "/S",
    "LOW..HIGH",
    "P50 MS",
    "P99 MS",
    "SYNCS/OP",
    "FLUSH/OP",
    "DISK B/OP",
    "SRV US/OP",
    "LOAD US/OP",
];
const WIDTHS: [usize; 13] = [6, 4, 7, 6, 8, 17, 9, 9, 9, 9, 9, 10, 10];

fn columns(cell: &Cell, kind: Kind, side: &Side) -> [String; 13] {
    [
        cell.medium.name().to_owned(),
        format!("{:?}", cell.operation).to_lowercase(),
        cell.clients.to_string(),
        kind.name().to_owned(),
        format!("{:.0}", side.per_second),
        format!("{:.0}..{:.0}", side.per_second_low, side.per_second_high),
        format!("{:.2}", side.p50_us / 1e3),
        format!("{:.2}", side.p99_us / 1e3),
        format!("{:.3}", side.syncs_per_operation),
        format!("{:.3}", side.device_flushes_per_operation),
        format!("{:.0}", side.device_bytes_per_operation),
        format!("{:.0}", side.servers_cpu_us),
        format!("{:.0}", side.load_cpu_us),
    ]
}

fn row(f: &mut fmt::Formatter<'_>, columns: &[String; 13]) -> fmt::Result {
    let padded: Vec<_> = columns.iter().zip(WIDTHS).map(|(text, width)| format!("{text:>width$}")).collect();
    writeln!(f, "{}", padded.join(" "))
}

impl Report {
    fn write_steps(&self, f: &mut fmt::Formatter<'_>, kind: Kind, medium: Medium) -> fmt::Result {
        let steps = self.steps(kind, medium);
        if !steps.is_empty() {
            writeln!(f, "where the leader's time goes: {}, {}, most clients", kind.name(), medium.name())?;
        }
        for (step, timing) in steps {
            writeln!(f, "  {step:60} {:>10.0} x {:>9.1} us", timing.count, timing.mean_us())?;
        }
        Ok(())
    }
}
