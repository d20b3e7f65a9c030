//! One heavy test at a time.
//!
//! Tests of one binary run side by side, and with some runners each in a process of its own. Those that
//! load both cores or count time take turns, by a lock that ends with the process.

use std::fs::File;

use anyhow::{Context, Result};

/// Held while a heavy test runs.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, never read")] File);

/// Waits until no other heavy test runs.
pub async fn take() -> Result<Turn> {
    let path = std::env::temp_dir().join(format!("elastickv-turn-{}", rustix::process::getuid().as_raw()));
    let lock = move || -> Result<Turn> {
        let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        file.lock().context("cannot wait for the turn")?;
        Ok(Turn(file))
    };
    tokio::task::spawn_blocking(lock).await.context("the wait for the turn was cut short")?
}
