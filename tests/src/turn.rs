//! Few heavy tests at a time.
//!
//! Tests of one binary run side by side, and with some runners each in a process of its own. A heavy one waits for
//! elections and disks for half of its time, so two of them get along on two cores; what counts time has the machine to
//! itself. Turns are kept by locks that end with the process.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

/// So many run beside each other.
const SEATS: usize = 2;
const PAUSE: Duration = Duration::from_millis(20);

/// Held while a heavy test runs.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "held, never read")] Vec<File>);

/// Waits until there is room for one more heavy test.
pub async fn take() -> Result<Turn> {
    loop {
        for seat in 0..SEATS {
            let file = open(seat)?;
            match file.try_lock() {
                Ok(()) => return Ok(Turn(vec![file])),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error).context("cannot wait for the turn"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until no other heavy test runs, and lets none begin.
pub async fn alone() -> Result<Turn> {
    // One seat after the other, always in the same order: those who want all never wait for each other.
    let lock = || -> Result<Turn> {
        let seats = (0..SEATS).map(|seat| {
            let file = open(seat)?;
            file.lock().context("cannot wait for the turn")?;
            Ok(file)
        });
        Ok(Turn(seats.collect::<Result<_>>()?))
    };
    tokio::task::spawn_blocking(lock).await.context("the wait for the turn was cut short")?
}

fn open(seat: usize) -> Result<File> {
    let path = path(seat);
    File::create(&path).with_context(|| format!("cannot make {}", path.display()))
}

/// One a user, so that nobody stumbles over another's files.
fn path(seat: usize) -> PathBuf {
    std::env::temp_dir().join(format!("elastickv-turn-{}-{seat}", rustix::process::getuid().as_raw()))
}
