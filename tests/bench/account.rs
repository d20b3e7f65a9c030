//! What processes used: processor time, memory, bytes; and what the device was asked for.
//!
//! What a process wrote is not asked of the process: the kernel counts a whole folio when its first byte
//! is dirtied, which for one kilobyte in the middle of a large file can be a quarter of a megabyte. The
//! device knows what was really written, of both stores alike, and of anybody else who wrote meanwhile.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

const TICKS_PER_SECOND: f64 = 100.0;
const SECTOR: u64 = 512;

/// Readings at one moment. All but the resident memory only ever grow.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Account {
    /// Processor seconds of each server.
    pub servers_cpu: Vec<f64>,
    /// Processor seconds of the load generator.
    pub load_cpu: f64,
    /// Bytes over the loopback interface.
    pub loopback: u64,
    /// Flushes that the device under the data completed; none on a tmpfs.
    pub device_flushes: u64,
    /// Bytes that the device under the data wrote.
    pub device_written: u64,
    /// The largest server's resident memory.
    pub resident: u64,
}

impl Account {
    pub fn read(servers: &[u32], data: &Path) -> Result<Self> {
        let mut account = Self { load_cpu: cpu_seconds("self")?, ..Self::default() };
        for id in servers {
            account.servers_cpu.push(cpu_seconds(&id.to_string())?);
            account.resident = account.resident.max(1024 * field(&format!("/proc/{id}/status"), "VmRSS:")?);
        }
        account.loopback = loopback_bytes()?;
        if let Some((written, flushes)) = device(data) {
            (account.device_written, account.device_flushes) = (written, flushes);
        }
        Ok(account)
    }

    pub fn since(&self, before: &Account) -> Account {
        let cpu = self.servers_cpu.iter().zip(&before.servers_cpu).map(|(now, then)| now - then);
        Account {
            servers_cpu: cpu.collect(),
            load_cpu: self.load_cpu - before.load_cpu,
            loopback: self.loopback - before.loopback,
            device_flushes: self.device_flushes - before.device_flushes,
            device_written: self.device_written - before.device_written,
            resident: self.resident,
        }
    }
}

fn cpu_seconds(process: &str) -> Result<f64> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    // The name of the process stands in brackets and may hold spaces; the fields follow behind it.
    let fields = text.rsplit_once(')').context("no process name")?.1;
    let ticks: f64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|tick| tick.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_SECOND)
}

fn field(path: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|line| line.split_whitespace().next()).and_then(|value| value.parse().ok());
    value.with_context(|| format!("{path} has no {name}"))
}

fn loopback_bytes() -> Result<u64> {
    let text = fs::read_to_string("/proc/net/dev").context("cannot read /proc/net/dev")?;
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("lo:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).context("no loopback interface")
}

/// Bytes written and flushes completed: the seventh and sixteenth figure of a block device's statistics.
fn device(data: &Path) -> Option<(u64, u64)> {
    let device = fs::metadata(data).ok()?.dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let text = fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).ok()?;
    let figure = |at: usize| text.split_whitespace().nth(at)?.parse::<u64>().ok();
    Some((figure(6)? * SECTOR, figure(15)?))
}
