//! What a supervisor is told: that the start has passed its checks, and from then on whether this node can serve, and
//! if not, why. Being ready in the supervisor's sense is not the readiness of a member: nodes of a cluster are started one
//! by one, and none of them can serve before a majority runs.

use std::sync::Arc;
use std::time::Duration;

use elastickv_sys::supervisor::Supervisor;
use elastickv_sys::task;

use crate::node::Node;

const LOOK: Duration = Duration::from_secs(1);

/// Whoever supervises this process, and is told of its start's end and of its own.
#[derive(Debug)]
pub struct Supervised(Arc<Supervisor>);

impl Supervised {
    pub fn new() -> Self {
        let supervisor = Supervisor::of_environment().inspect_err(|error| {
            tracing::warn!(%error, "the supervisor that NOTIFY_SOCKET names can not be told anything");
        });
        Self(Arc::new(supervisor.unwrap_or_default()))
    }

    /// The start is over; from now on the supervisor is told how the node is.
    pub fn started(&self, node: &Arc<Node>) {
        self.0.ready();
        if self.0.is_there() {
            task::spawn(report(self.0.clone(), node.clone()));
        }
    }

    pub fn stopping(&self) {
        self.0.stopping();
    }
}

async fn report(supervisor: Arc<Supervisor>, node: Arc<Node>) {
    let mut told = String::new();
    loop {
        let now = text(&node);
        if now != told {
            supervisor.status(&now);
            told = now;
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn text(node: &Node) -> String {
    let reasons = node.reasons();
    if reasons.is_empty() {
        return "serving".to_owned();
    }
    let reasons = reasons.iter().map(|reason| format!("{}: {}", reason.name, reason.message));
    format!("not ready: {}", reasons.collect::<Vec<_>>().join("; "))
}
