//! `grpc.health.v1`: "" and "ready" while the node can serve, "leader" while it leads.

use std::sync::Arc;
use std::time::Duration;

use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};

use crate::node::Node;

const LOOK: Duration = Duration::from_millis(200);

/// The service, kept up to date until the process ends.
pub fn service(node: Arc<Node>) -> HealthServer<impl Health> {
    let (reporter, service) = tonic_health::server::health_reporter();
    elastickv_sys::task::spawn(async move {
        let status = |on: bool| if on { ServingStatus::Serving } else { ServingStatus::NotServing };
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let ready = status(node.reasons().is_empty());
            reporter.set_service_status("", ready).await;
            reporter.set_service_status("ready", ready).await;
            reporter.set_service_status("leader", status(node.group().is_leader())).await;
        }
    });
    service
}
