//! Measures a cluster of ours beside a cluster of etcd.
//!
//! Absolute figures of a small shared machine drift with its neighbours; the ratio of two stores measured
//! in turn, in one run, does not. So both get the same load from the same generator ([`load`]), a fresh
//! cluster for each leg, legs in the order A B B A ([`compare`]), and before each leg a look at how idle
//! the machine is and how fast its disk syncs ([`probe`]). Syncs are counted on both sides from what each
//! store says of itself; `fsyncs` checks these counts against the system calls as strace sees them.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark owns the clock, the files and the terminal"
)]

mod account;
mod answers;
mod collect;
mod compare;
mod etcd;
mod fsyncs;
mod gaps;
mod leg;
mod load;
mod machine;
mod metrics;
mod operator;
mod ours;
mod overhead;
mod place;
mod probe;
mod report;
mod rewrite;
mod store;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measures this store beside etcd
#[derive(Parser, Debug)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Throughput and latency of both stores in one run
    Compare(compare::Options),
    /// The longest time without an answer while a cluster is sealed and its keys are rotated
    Gaps(gaps::Options),
    /// Bytes that sealing adds to each value and each entry of the log
    Overhead(overhead::Options),
    /// Disk use and reads under overwriting, with and without collecting
    Collect(collect::Options),
    /// Sealing old rows anew and erasing what they were: how fast, at what cost, and what clients notice
    Rewrite(rewrite::Options),
    /// What an operator waits for: status, help, the tab key
    Operator(operator::Options),
    /// Checks the stores' own counts of syncs against the system calls made
    Fsyncs(fsyncs::Options),
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        match arguments.what {
            What::Compare(options) => compare::run(options).await,
            What::Gaps(options) => gaps::run(options).await,
            What::Overhead(options) => overhead::run(options).await,
            What::Collect(options) => collect::run(options).await,
            What::Rewrite(options) => rewrite::run(options).await,
            What::Operator(options) => operator::run(options).await,
            What::Fsyncs(options) => fsyncs::run(options).await,
        }
    })
}
