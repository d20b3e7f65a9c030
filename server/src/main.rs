//! `elastickv`, one node of the store: settings, an ordered boot, the services, an exit code.

mod access;
mod args;
mod audit;
mod boot;
mod build;
mod config;
mod doors;
mod exit;
mod http;
mod identity;
mod keys;
mod lifecycle;
mod logging;
mod metrics;
mod net;
mod node;
mod peers;
mod readiness;
mod rejudged;
mod rpc;
mod serve;
mod slow;
mod space;
mod stage;
mod supervised;

use std::process::ExitCode;

use mimalloc::MiMalloc;

use crate::args::Ask;
use crate::exit::Exit;

/// A write allocates on one thread and is freed on another, again and again; the C library's allocator
/// spends a tenth of the processor on that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => Exit::Done.into(),
        Err(stop) => {
            exit::report(&stop);
            stop.exit.into()
        }
    }
}

fn run() -> Result<(), exit::Stop> {
    match args::ask()? {
        Ask::Run(config) => {
            let logs = logging::start(&config);
            serve::run(*config, logs)
        }
        Ask::Check(settings) => {
            exit::print(&settings.to_string());
            Ok(())
        }
    }
}
