//! A look at the machine just before a leg: is it idle, and how fast does its disk sync?

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;

const BLOCK: [u8; 4096] = [0x5a; 4096];
const IDLE_ENOUGH: f64 = 95.0;

/// What the look showed.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Probe {
    /// Per cent of all cores, over one second.
    pub idle: f64,
    pub syncs_per_second: f64,
    pub sync_p50_us: f64,
    pub sync_p99_us: f64,
}

/// Waits a while for the machine to be idle, then syncs one block after another for `seconds`.
pub async fn look(dir: &Path, seconds: f64, patience: Duration) -> Result<Probe> {
    let begun = Instant::now();
    let mut idle = idle_share().await?;
    while idle < IDLE_ENOUGH && begun.elapsed() < patience {
        idle = idle_share().await?;
    }
    let path = dir.join(format!("probe-{}", std::process::id()));
    let timed = {
        let path = path.clone();
        tokio::task::spawn_blocking(move || sync_for(&path, seconds)).await?
    };
    fs::remove_file(&path).context("cannot remove the probe's file")?;
    let mut timed = timed?;
    timed.sort_unstable();
    let at = |share: f64| {
        timed.get((timed.len() as f64 * share) as usize).map_or(0.0, |took| took.as_secs_f64() * 1e6)
    };
    Ok(Probe {
        idle,
        syncs_per_second: timed.len() as f64 / seconds,
        sync_p50_us: at(0.5),
        sync_p99_us: at(0.99),
    })
}

fn sync_for(path: &Path, seconds: f64) -> Result<Vec<Duration>> {
    let file = File::create(path).context("cannot make the probe's file")?;
    let mut timed = Vec::new();
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < seconds {
        let one = Instant::now();
        // Over the same blocks again, as a preallocated log does.
        file.write_all_at(&BLOCK, (timed.len() as u64 % 256) * BLOCK.len() as u64)?;
        file.sync_data()?;
        timed.push(one.elapsed());
    }
    Ok(timed)
}

async fn idle_share() -> Result<f64> {
    let (idle_before, all_before) = cpu_ticks()?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (idle, all) = cpu_ticks()?;
    Ok(100.0 * (idle - idle_before) as f64 / (all - all_before).max(1) as f64)
}

/// Ticks of all cores: idle ones (waiting for a disk included), and all.
fn cpu_ticks() -> Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/stat").context("cannot read /proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|tick| tick.parse().ok()).collect();
    Ok((ticks.iter().skip(3).take(2).sum(), ticks.iter().take(8).sum()))
}
