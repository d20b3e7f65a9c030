//! `/metrics`, `/healthz` and `/readyz` for whoever watches this node.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::access::Class;
use crate::doors::{Arrival, Call, PageEntrance};
use crate::stage::Stage;

pub fn router(stage: Arc<Stage>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(stage)
}

pub async fn serve(entrance: PageEntrance, stage: Arc<Stage>) {
    let pages = router(stage).into_make_service_with_connect_info::<Arrival>();
    if let Err(error) = axum::serve(entrance, pages).await {
        tracing::warn!(%error, "the HTTP listener ended");
    }
}

/// The process runs and its group has not stopped by a fault.
async fn healthz(State(stage): State<Arc<Stage>>) -> impl IntoResponse {
    match stage.node().and_then(|node| node.group().status().fault) {
        None => (StatusCode::OK, "ok\n".to_owned()),
        Some(fault) => (StatusCode::INTERNAL_SERVER_ERROR, format!("Fault: {fault}\n")),
    }
}

async fn readyz(State(stage): State<Arc<Stage>>) -> impl IntoResponse {
    let reasons = stage.reasons();
    if reasons.is_empty() {
        let full = stage.node().is_some_and(|node| node.space.is_full());
        let note = if full { "ready, but writes are refused: StorageFull\n" } else { "ready\n" };
        return (StatusCode::OK, note.to_owned());
    }
    let lines: String =
        reasons.iter().map(|reason| format!("{}: {}\n", reason.name, reason.message)).collect();
    (StatusCode::SERVICE_UNAVAILABLE, lines)
}

/// Whoever may see how the cluster is may see this.
async fn metrics(
    State(stage): State<Arc<Stage>>,
    ConnectInfo(arrival): ConnectInfo<Arrival>,
    headers: HeaderMap,
) -> impl IntoResponse {
    let mut extensions = Extensions::new();
    extensions.insert(arrival);
    let call = Call { class: Class::State, path: "/metrics", extensions: &extensions, headers: &headers };
    if let Err(refusal) = stage.guard.judge(&call) {
        let kind = [("content-type", "text/plain; charset=utf-8")];
        return (StatusCode::UNAUTHORIZED, kind, format!("{}\n", refusal.message));
    }
    let Some(node) = stage.node() else {
        let kind = [("content-type", "text/plain; charset=utf-8")];
        return (StatusCode::SERVICE_UNAVAILABLE, kind, "it is still starting\n".to_owned());
    };
    let kind = [("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")];
    match node.metrics.render(node) {
        Ok(text) => (StatusCode::OK, kind, text),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, kind, error.to_string()),
    }
}
