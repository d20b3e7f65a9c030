//! Finds an apply that hangs.
//!
//! The library notices an apply that fails, not one that never returns: the node would go on voting
//! and acknowledging while its state stands still. An apply that says what it waits for does not hang.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::replica::Replica;

const LOOKS_PER_DEADLINE: u32 = 10;

/// Watches a replica until it is found hanging, and says so.
pub fn start(replica: Arc<Replica>, deadline: Duration, faults: watch::Sender<Option<String>>) {
    elastickv_sys::task::spawn(async move {
        let mut looks = tokio::time::interval(deadline / LOOKS_PER_DEADLINE);
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = faults.closed() => return,
            }
            if let Some(busy) = replica.applying_for().filter(|busy| *busy > deadline) {
                let group = replica.group;
                let text = format!("applying an entry of group {group} has hung for {busy:?}");
                faults.send_if_modified(|fault| fault.is_none() && fault.replace(text).is_none());
                return;
            }
        }
    });
}
