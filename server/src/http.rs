//! `/metrics`, `/healthz` and `/readyz` for whoever watches this node.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::node::Node;

pub fn router(node: Arc<Node>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(node)
}

pub async fn serve(listener: TcpListener, node: Arc<Node>) {
    if let Err(error) = axum::serve(listener, router(node)).await {
        tracing::warn!(%error, "the HTTP listener ended");
    }
}

/// The process runs and its group has not stopped by a fault.
async fn healthz(State(node): State<Arc<Node>>) -> impl IntoResponse {
    match node.group().status().fault {
        None => (StatusCode::OK, "ok\n".to_owned()),
        Some(fault) => (StatusCode::INTERNAL_SERVER_ERROR, format!("Fault: {fault}\n")),
    }
}

async fn readyz(State(node): State<Arc<Node>>) -> impl IntoResponse {
    let reasons = node.reasons();
    if reasons.is_empty() {
        let note =
            if node.space.is_full() { "ready, but writes are refused: StorageFull\n" } else { "ready\n" };
        return (StatusCode::OK, note.to_owned());
    }
    let lines: String =
        reasons.iter().map(|reason| format!("{}: {}\n", reason.name, reason.message)).collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines)
}

async fn metrics(State(node): State<Arc<Node>>) -> impl IntoResponse {
    let kind = [("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    match node.metrics.render(&node) {
        Ok(text) => (StatusCode::OK, kind, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, kind, error.to_string()),
    }
}
