//! New data keys at a start, where that was asked for.
//!
//! It is a request and no promise: only a node that comes to lead acts on it, and only for keys that were made
//! before its process. So it does no harm to start all nodes with it, one after the other or at once.

use std::time::Duration;

use elastickv_fsm::Control;
use elastickv_lifecycle::Operations;
use elastickv_types::Purpose;

use crate::node::Node;

const LOOK: Duration = Duration::from_millis(20);
/// Clients are not kept waiting for longer; what was begun goes on.
const LONGEST: Duration = Duration::from_secs(10);

/// Rotates what is older than this process, if this node comes to lead. `began` is when the process did.
pub async fn rotate(node: &Node, operations: &Operations, began: u64) {
    if !node.config.encryption.rotate_on_startup {
        return;
    }
    // The longest time that passes without a leader before a vote.
    let patience = node.config.election_timeout * 2;
    if tokio::time::timeout(patience, until_leading(operations)).await.is_err() {
        tracing::info!("no keys are rotated at this start: this node does not lead");
        return;
    }
    for purpose in Purpose::ALL {
        let replaced = tokio::time::timeout(LONGEST, replace(operations, purpose, began)).await;
        match replaced {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => tracing::warn!(%purpose, reason, "the key is not rotated at this start"),
            Err(_) => {
                tracing::warn!(%purpose, "the rotation takes long; it goes on while clients are served")
            }
        }
    }
}

async fn until_leading(operations: &Operations) {
    while operations.standing().await.is_err() {
        tokio::time::sleep(LOOK).await;
    }
}

async fn replace(operations: &Operations, purpose: Purpose, began: u64) -> Result<(), String> {
    let mut begun = false;
    loop {
        let standing = operations.standing().await.map_err(|error| error.to_string())?;
        if !is_older(&standing.control, purpose, began) {
            return Ok(());
        }
        match (&standing.control.running, begun) {
            (Some(_), _) => {}
            (None, true) => return Err("it was refused; the history of operations says why".to_owned()),
            (None, false) => {
                let because = "asked for at the start of the leader";
                operations.rotate(purpose, because).await.map_err(|error| error.to_string())?;
                begun = true;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether there is an active key that was made before then.
fn is_older(control: &Control, purpose: Purpose, began: u64) -> bool {
    let active = control.keys.active(purpose).and_then(|key| control.keys.get(key));
    active.is_some_and(|row| row.created_at.get() < began)
}
