//! Why a call failed, and what that says about the write it carried.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use tonic::{Code, ConnectError, Status};
use tonic_types::StatusExt;

const DOMAIN: &str = "elastickv";

/// What became of a write that was not acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fate {
    /// It was never proposed and can not take effect any more.
    NotProposed,
    /// It may have taken effect, or may yet.
    Unknown,
}

/// An error answer, or none.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: Code,
    /// The typed name, empty when the answer carried none.
    pub reason: String,
    pub message: String,
    pub metadata: HashMap<String, String>,
    never_connected: bool,
}

impl Refusal {
    pub(super) fn no_answer(waited: Duration) -> Self {
        Self {
            code: Code::DeadlineExceeded,
            reason: String::new(),
            message: format!("no answer within {waited:?}"),
            metadata: HashMap::new(),
            never_connected: false,
        }
    }

    /// What a client may conclude about a write. An error without a type proves nothing, except that
    /// nothing can have arrived over a connection that was never made.
    pub fn fate(&self) -> Fate {
        let proves_it = matches!(
            self.reason.as_str(),
            "NotLeader"
                | "NoLeader"
                | "NoQuorum"
                | "Busy"
                | "StorageFull"
                | "KeyTooLarge"
                | "ValueTooLarge"
                | "EmptyKey"
                | "BadRequestId"
                | "NotReady"
                | "Draining"
        );
        if proves_it || self.never_connected { Fate::NotProposed } else { Fate::Unknown }
    }

    pub fn is(&self, reason: &str) -> bool {
        self.reason == reason
    }

    /// The typed name, or else the status code: one word to count by.
    pub fn kind(&self) -> String {
        match (self.reason.as_str(), self.never_connected) {
            ("", true) => "cannot connect".to_owned(),
            ("", false) => format!("{:?}", self.code),
            (reason, _) => reason.to_owned(),
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let info = status.get_details_error_info().filter(|info| info.domain == DOMAIN);
        let (reason, metadata) = info.map(|info| (info.reason, info.metadata)).unwrap_or_default();
        Self {
            code: status.code(),
            reason,
            message: status.message().to_owned(),
            metadata,
            never_connected: never_connected(&status),
        }
    }
}

fn never_connected(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<ConnectError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind(), self.message)
    }
}

impl Error for Refusal {}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;
    use crate::client::Client;
    use crate::ports;

    fn typed(reason: &str, domain: &str) -> Refusal {
        let details = ErrorDetails::with_error_info(reason, domain, [("leader".to_owned(), "n2".to_owned())]);
        Status::with_error_details(Code::Unavailable, "text", details).into()
    }

    #[test]
    fn only_a_typed_answer_of_ours_proves_that_nothing_was_proposed() {
        assert_eq!(typed("NoQuorum", "elastickv").fate(), Fate::NotProposed);
        assert_eq!(typed("NoQuorum", "elsewhere").fate(), Fate::Unknown);
        assert_eq!(typed("OutcomeUnknown", "elastickv").fate(), Fate::Unknown);
        assert_eq!(typed("", "elastickv").fate(), Fate::Unknown);
        assert_eq!(typed("NotLeader", "elastickv").metadata["leader"], "n2");
    }

    #[tokio::test]
    async fn nothing_arrives_over_a_connection_never_made() {
        let nobody = ports::free().expect("a port");
        let client = Client::new(&nobody.to_string()).expect("a client");
        let refusal = client.put("k".into(), "v".into(), "".into()).await.err().expect("nobody listens");
        assert_eq!((refusal.fate(), refusal.kind().as_str()), (Fate::NotProposed, "cannot connect"));
    }
}
