//! One line for each call that operates or administers: who, from where, what, under which operation, and what came
//! of it. Never what stands in the request.

use std::net::SocketAddr;

use http::HeaderMap;
use tonic::Code;

use crate::access::Caller;
use crate::rpc::status::Refusal;

/// Lines of the audit have this target, and are written whatever the log's level is.
pub const TARGET: &str = "audit";

/// The service has taken it up, or refused it.
pub fn answered(path: &str, caller: &Caller, headers: &HeaderMap) {
    // An error stands in the headers; what succeeds has its status behind the answer.
    let code = headers.get("grpc-status").map_or(Code::Ok, |value| Code::from_bytes(value.as_bytes()));
    let Caller { actor, address, request_id, .. } = caller;
    write(&actor.to_string(), *address, path, request_id, &format!("{code:?}"));
}

/// It was refused at the door.
pub fn refused(path: &str, address: Option<SocketAddr>, request_id: &str, refusal: &Refusal) {
    let who = refusal.facts.get("actor").map_or("unknown", String::as_str);
    write(who, address, path, request_id, &refusal.reason);
}

fn write(who: &str, address: Option<SocketAddr>, call: &str, operation: &str, result: &str) {
    let from = address.map(|address| address.to_string()).unwrap_or_default();
    tracing::info!(target: TARGET, who, from, call, operation, result, "audit");
}
