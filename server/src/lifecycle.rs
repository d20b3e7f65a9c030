//! The node's part in the cluster's encryption: the ports through which operations on keys reach groups and
//! members, and what this node tells of itself.

mod cluster;
mod facts;
mod fleet;
mod sidecars;
pub mod wire;

use std::sync::Arc;

use elastickv_lifecycle::{Keks, Operations, Parts};

use crate::node::Node;

pub use facts::{capability, key_wraps, member_facts};
pub use sidecars::sidecar_state;

/// Starts the task that carries operations out whenever this node leads.
pub fn start(node: &Arc<Node>) -> Arc<Operations> {
    let keks = node.keys.as_ref().map(|keys| {
        let keks = &keys.held.keks;
        Keks { current: keks.current().clone(), previous: keks.previous().cloned() }
    });
    let operations = Operations::new(Parts {
        cluster: Arc::new(cluster::Groups { node: node.clone() }),
        fleet: Arc::new(fleet::Members { node: node.clone() }),
        keks,
        clock: node.clock.clone(),
        random: node.random.clone(),
        watcher: node.metrics.clone(),
    });
    elastickv_sys::task::spawn(operations.clone().run());
    elastickv_sys::task::spawn(node.rewriter.clone().run());
    operations
}
