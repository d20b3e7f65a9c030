//! A call that did not succeed, sorted by what it tells about the request's fate.

use std::error::Error;
use std::io;
use std::time::Duration;

use elastickv_types::PeerAddress;
use tonic::{Code as Grpc, ConnectError, Status, TimeoutExpired};
use tonic_types::StatusExt;

use crate::error::Reason;
use crate::model::duration_text;

/// The domain under which elastickv's servers name their reasons.
const DOMAIN: &str = "elastickv";

/// Why one call to one node failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// There was no connection, so nothing was sent.
    Unconnected { address: PeerAddress, cause: String },
    /// One of the two did not accept the other's certificate, or expects one where none was shown, so nothing was read there.
    Untrusted { address: PeerAddress, cause: String },
    /// The node is of another cluster than the one that is pinned, so it was asked for nothing.
    Foreign { address: PeerAddress, cause: String },
    /// It was sent, and time ran out.
    TimedOut { address: PeerAddress, after: Duration },
    /// It was sent, and the connection ended before an answer.
    Broken { address: PeerAddress, cause: String },
    /// The node refused, and said why by a name we know.
    Refused { address: PeerAddress, reason: Reason, message: String, told: Told },
    /// The node refused in a way we have no name for.
    Unnamed { address: PeerAddress, status: Grpc, message: String },
}

/// What a refusal says besides its reason.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    pub leader_address: Option<PeerAddress>,
    pub retry_after: Option<Duration>,
}

impl Failure {
    pub fn of_status(address: &PeerAddress, status: &Status, after: Duration) -> Self {
        let address = address.clone();
        if never_connected(status) {
            return Failure::Unconnected { address, cause: deepest_cause(status) };
        }
        if let Some((reason, told)) = typed_reason(status) {
            return Failure::Refused { address, reason, message: status.message().to_owned(), told };
        }
        if causes(status).any(|cause| cause.is::<TimeoutExpired>()) {
            return Failure::TimedOut { address, after };
        }
        match status.code() {
            Grpc::DeadlineExceeded => Failure::TimedOut { address, after },
            Grpc::Unavailable | Grpc::Cancelled | Grpc::Unknown | Grpc::Internal | Grpc::Aborted
                if came_from_here(status) =>
            {
                Failure::Broken { address, cause: deepest_cause(status) }
            }
            code => Failure::Unnamed { address, status: code, message: status.message().to_owned() },
        }
    }

    pub fn of_connecting(address: &PeerAddress, error: &(dyn Error + 'static)) -> Self {
        let (address, cause) = (address.clone(), deepest_cause(error));
        let handshake =
            causes(error).filter_map(|cause| cause.downcast_ref()).any(elastickv_tls::is_handshake);
        if handshake {
            Failure::Untrusted { address, cause }
        } else {
            Failure::Unconnected { address, cause }
        }
    }

    pub fn address(&self) -> &PeerAddress {
        match self {
            Failure::Unconnected { address, .. }
            | Failure::Untrusted { address, .. }
            | Failure::Foreign { address, .. }
            | Failure::TimedOut { address, .. }
            | Failure::Broken { address, .. }
            | Failure::Refused { address, .. }
            | Failure::Unnamed { address, .. } => address,
        }
    }

    pub fn reason(&self) -> Option<Reason> {
        match self {
            Failure::Refused { reason, .. } => Some(*reason),
            _ => None,
        }
    }

    /// What happened, without the address, for a cell or a list.
    pub fn brief(&self) -> String {
        match self {
            Failure::Unconnected { cause, .. }
            | Failure::Untrusted { cause, .. }
            | Failure::Foreign { cause, .. } => cause.clone(),
            Failure::TimedOut { after, .. } => format!("no answer ({})", duration_text(*after)),
            Failure::Broken { cause, .. } => format!("connection lost: {cause}"),
            Failure::Refused { reason, message, .. } if message.is_empty() => reason.name().to_owned(),
            Failure::Refused { message, .. } => message.clone(),
            Failure::Unnamed { status, message, .. } if message.is_empty() => format!("{status:?}"),
            Failure::Unnamed { message, .. } => message.clone(),
        }
    }
}

fn typed_reason(status: &Status) -> Option<(Reason, Told)> {
    let info = status.get_details_error_info()?;
    if info.domain != DOMAIN {
        return None;
    }
    let told = Told {
        leader_address: info.metadata.get("leader_address").and_then(|text| text.parse().ok()),
        retry_after: info
            .metadata
            .get("retry_after_ms")
            .and_then(|text| text.parse().ok())
            .map(Duration::from_millis),
    };
    Some((Reason::parse(&info.reason)?, told))
}

fn never_connected(status: &Status) -> bool {
    causes(status).any(|cause| cause.is::<ConnectError>())
}

/// The status was made by this side's transport, not by the node.
fn came_from_here(status: &Status) -> bool {
    status.source().is_some()
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

fn deepest_cause(error: &(dyn Error + 'static)) -> String {
    let io = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
        Some(io::ErrorKind::ConnectionReset) => "connection reset".to_owned(),
        Some(io::ErrorKind::BrokenPipe) => "connection closed".to_owned(),
        _ => causes(error).last().map(ToString::to_string).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    fn address() -> PeerAddress {
        "n1:1".parse().unwrap()
    }

    fn sorted(status: &Status) -> Failure {
        Failure::of_status(&address(), status, Duration::from_secs(2))
    }

    fn typed(code: Grpc, reason: &str, domain: &str, metadata: &[(&str, &str)]) -> Status {
        let metadata: HashMap<String, String> =
            metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Status::with_error_details(code, "says why", ErrorDetails::with_error_info(reason, domain, metadata))
    }

    #[test]
    fn typed_reasons_bring_their_facts() {
        let failure =
            sorted(&typed(Grpc::FailedPrecondition, "NotLeader", "elastickv", &[("leader_address", "n2:2")]));
        let Failure::Refused { reason: Reason::NotLeader, told, .. } = failure else { panic!("{failure:?}") };
        assert_eq!(told.leader_address, Some("n2:2".parse().unwrap()));
        let failure =
            sorted(&typed(Grpc::ResourceExhausted, "Busy", "elastickv", &[("retry_after_ms", "70")]));
        let Failure::Refused { reason: Reason::Busy, told, .. } = failure else { panic!("{failure:?}") };
        assert_eq!(told.retry_after, Some(Duration::from_millis(70)));
    }

    #[test]
    fn unknown_reasons_and_foreign_domains_are_unnamed() {
        for status in [
            typed(Grpc::FailedPrecondition, "FromTheFuture", "elastickv", &[]),
            typed(Grpc::FailedPrecondition, "NotLeader", "example.com", &[]),
            Status::new(Grpc::Unavailable, "a proxy says so"),
        ] {
            assert!(matches!(sorted(&status), Failure::Unnamed { .. }), "{status:?}");
        }
    }

    #[test]
    fn an_untyped_deadline_is_a_lost_answer() {
        assert_eq!(sorted(&Status::new(Grpc::DeadlineExceeded, "")).brief(), "no answer (2.0s)");
    }

    #[test]
    fn a_refused_connection_is_told_from_a_lost_one() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let status = Status::from_error(Box::new(ConnectError(Box::new(refused))));
        assert_eq!(
            sorted(&status),
            Failure::Unconnected { address: address(), cause: "connection refused".to_owned() }
        );
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let failure = sorted(&Status::from_error(Box::new(reset)));
        assert_eq!(failure.brief(), "connection lost: connection reset");
    }
}
