//! Holds the stores' own counts of syncs against the system calls they make.
//!
//! strace stops a process only at the calls it looks for, so it can be told to look at the syncs alone;
//! even so it slows down a store that syncs a lot, so this is a check of its own, not part of a
//! measurement.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use elastickv_tests::debian;
use elastickv_tests::process::Recipe;
use elastickv_tests::wait::{self, PATIENCE};

use crate::load::{Load, Shape};
use crate::place::{Medium, Place};
use crate::store::{Kind, Operation, Store, Watch};

#[derive(clap::Args, Debug)]
pub struct Options {
    /// Clients that put
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// How long they put
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Which stores
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Ours, Kind::Etcd])]
    stores: Vec<Kind>,
}

pub async fn run(options: Options) -> Result<()> {
    debian::ensure("strace", "strace")?;
    let place = Place::on(Medium::Disk)?;
    for kind in options.stores {
        let store = Store::start(kind, &place, Watch::Strace).await?;
        let shape = Shape { operation: Operation::Put, clients: options.clients, ..Shape::default() };
        let load = Load::connect(&store, shape).await?;
        let outcome = load.run(Duration::ZERO, Duration::from_secs(options.seconds)).await?;
        let told = store.syncs().await?;
        let seen = store.end().await?.context("strace watched")?;
        println!(
            "{:5} {} puts on three nodes: {told} syncs by its own count, {seen} by strace from start to end ({:+.1} %)",
            kind.name(),
            outcome.operations,
            100.0 * (told as f64 - seen as f64) / seen as f64,
        );
    }
    Ok(())
}

/// Where strace writes what it counted.
#[derive(Debug)]
pub struct Strace {
    dir: PathBuf,
}

impl Strace {
    pub fn into(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Makes a recipe run under strace; the process is still the one that was asked for.
    pub fn wrap(&self, recipe: &mut Recipe) {
        let output = self.dir.join(format!("{}.strace", recipe.name));
        let mut arguments: Vec<_> =
            ["-D", "-f", "--seccomp-bpf", "-q", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o"]
                .map(Into::into)
                .into();
        arguments.extend([output.into(), "--".into(), recipe.binary.clone().into_os_string()]);
        arguments.append(&mut recipe.arguments);
        recipe.binary = "strace".into();
        recipe.arguments = arguments;
    }

    /// The syncs of all nodes, once all of them have ended.
    pub async fn counted(&self) -> Result<u64> {
        wait::until("strace to write its last line", PATIENCE, || async { self.count() }).await
    }

    fn count(&self) -> Result<u64> {
        let mut syncs = 0;
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "strace") {
                anyhow::ensure!(!is_being_written(&path), "{} is still written to", path.display());
                let text = fs::read_to_string(&path)?;
                syncs += text.lines().filter(|line| line.contains("sync(")).count() as u64;
            }
        }
        Ok(syncs)
    }
}

/// Whether a strace runs that was told to write there.
fn is_being_written(output: &Path) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else { return false };
    let told = output.as_os_str().as_encoded_bytes();
    processes.flatten().any(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.starts_with(b"strace") && line.windows(told.len()).any(|window| window == told)
    })
}
