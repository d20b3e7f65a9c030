//! The lock of a data directory ends with the process, not with what the process calls its end.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use elastickv_tests::cluster::Plan;
use elastickv_tests::wait::PATIENCE;

const WRITES: usize = 200;
const LOOK: Duration = Duration::from_micros(100);

/// Whoever gets the lock next would find threads of this one that still write.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_stays_locked_until_the_process_is_gone() -> Result<()> {
    let cluster = Plan::new("lock").nodes(1).start().await?;
    let node = &cluster.nodes()[0];
    for number in 0..WRITES {
        node.client().put(format!("key-{number}").into(), "value".into(), Bytes::new()).await?;
    }
    let id = node.process.id().context("it runs")?;
    let path = node.data_dir.join("LOCK");
    ensure!(takes(&path)?.is_none(), "a node that runs holds its lock");
    let look = tokio::task::spawn_blocking(move || {
        loop {
            if let Some(taken) = takes(&path)? {
                let memory = memory_of(id);
                drop(taken);
                return anyhow::Ok(memory);
            }
            std::thread::sleep(LOOK);
        }
    });
    ensure!(node.process.terminate(PATIENCE).await?.success(), "it ends well");
    if let Some(line) = look.await?? {
        bail!("the lock was free while the process still ran: {line}");
    }
    cluster.finish().await
}

fn takes(path: &Path) -> Result<Option<File>> {
    let file = File::options().read(true).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// What the system says of a process's memory. One that ends gives up its memory first and its files then.
fn memory_of(id: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find(|line| line.starts_with("VmSize:")).map(str::to_owned)
}
