//! What it costs to seal old rows anew, to make what they were disappear, and to look after them.
//!
//! In one run: how fast a node seals rows that are clear, and rows under a key that was replaced, in memory and on
//! the disk, where a plain file written at the same place is what it is held against ([`alone`]); how long erasing
//! takes at several sizes and how much more of the disk it needs meanwhile; how fast rows are counted, a backup made
//! and restored; and what clients of three nodes notice of a rewrite beside them, and how well it keeps to its rate
//! ([`beside`]).

mod alone;
mod beside;
mod stage;

use std::path::PathBuf;

use anyhow::Result;
use elastickv_tests::turn;
use serde::Serialize;

use crate::machine::Machine;
use crate::place::{Medium, Place};
use crate::report;
use alone::{Alone, Backups};
use beside::Beside;

#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// A small run, to see that it works
    #[arg(long)]
    quick: bool,
    /// Rows that are sealed anew on each medium, as one size
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    rows: u64,
    /// Sizes at which erasing is timed, on the disk
    #[arg(long, value_name = "MIB", value_delimiter = ',', default_values_t = [1024, 2048, 4096])]
    erase: Vec<u64>,
    /// Rounds of the load with a rewrite and without
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of measured load, each time
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds of load before that
    #[arg(long, default_value_t = 3)]
    warm_up: u64,
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// The rate of the rewrite beside the load
    #[arg(long, value_name = "MIB", default_value_t = 10)]
    rate: u64,
    /// Where the load is measured
    #[arg(long, value_enum, default_value_t = Medium::Disk)]
    medium: Medium,
    /// Where the result is written; by default below tests/bench/results
    #[arg(long)]
    output: Option<PathBuf>,
}

impl Options {
    fn sized(self) -> Self {
        match self.quick {
            false => self,
            true => Self { rows: 64, erase: vec![64, 128], rounds: 1, seconds: 3, warm_up: 1, ..self },
        }
    }
}

#[derive(Debug, Serialize)]
struct Rewriting {
    taken_at_unix: u64,
    machine: Machine,
    profile: &'static str,
    quick: bool,
    /// Of one node that does nothing else.
    alone: Vec<Alone>,
    backups: Backups,
    beside: Beside,
}

pub async fn run(options: Options) -> Result<()> {
    let _turn = turn::alone().await?;
    let options = options.sized();
    let (disk, memory) = (Place::on(Medium::Disk)?, Place::on(Medium::Tmpfs)?);
    let mut all = vec![alone::measure(&memory, options.rows).await?.0];
    let mut backups = None;
    for &mib in &options.erase {
        let (alone, of) = alone::measure(&disk, mib).await?;
        all.push(alone);
        // Of the largest size, which is the last one.
        backups = Some(of);
    }
    let backups = match backups {
        Some(backups) => backups,
        None => alone::measure(&disk, options.rows).await?.1,
    };
    let rewriting = Rewriting {
        taken_at_unix: report::now_unix()?,
        machine: Machine::look(),
        profile: elastickv_tests::workspace::profile(),
        quick: options.quick,
        alone: all,
        backups,
        beside: beside::measure(&Place::on(options.medium)?, &options).await?,
    };
    let name = format!("rewrite-{}", rewriting.taken_at_unix);
    let path = report::keep(&name, options.output.as_deref(), &rewriting)?;
    rewriting.print();
    println!("written to {}", path.display());
    Ok(())
}

impl Rewriting {
    fn print(&self) {
        println!(
            "{:6} {:>6} {:>9} {:>7} {:>7} {:>7} {:>7} {:>8} {:>9} {:>7} {:>11}",
            "PLACE",
            "MIB",
            "WAS",
            "MIB/S",
            "A CORE",
            "WRITE",
            "RATIO",
            "ERASE S",
            "EXTRA MIB",
            "LEFT",
            "COUNTED/S"
        );
        for alone in &self.alone {
            for job in &alone.jobs {
                println!(
                    "{:6} {:>6} {:>9} {:>7.0} {:>7.0} {:>7.0} {:>7.2} {:>8.1} {:>9.0} {:>7.0} {:>11.0}",
                    alone.medium.name(),
                    alone.mib,
                    job.rows_were,
                    job.mib_per_second,
                    job.mib_per_core_second,
                    alone.sequential_mib_per_second,
                    job.mib_per_second / alone.sequential_mib_per_second,
                    job.erasing.seconds,
                    job.erasing.peak_extra_mib,
                    job.erasing.after_mib,
                    alone.counted_per_second,
                );
            }
        }
        println!(
            "backup of {:.0} MiB: made at {:.0} MiB/s, restored at {:.0} MiB/s",
            self.backups.mib, self.backups.create_mib_per_second, self.backups.restore_mib_per_second
        );
        self.beside.print();
    }
}
