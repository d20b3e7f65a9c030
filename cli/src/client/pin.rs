//! The one cluster that may answer.
//!
//! An address can come to belong to another cluster: a rebuilt node, a tunnel to the wrong place, a name that was
//! given away. Where a context pins an id, a connection is used for nothing until the node behind it has named its
//! cluster. Most commands ask every node for that anyway, and so nothing is asked twice.

use std::time::Duration;

use elastickv_proto::v1;
use elastickv_types::{ClusterId, PeerAddress};

use super::decide::may_have_happened;
use super::{Failure, Intent, NodeFacts, Session, rpc};
use crate::contexts::ContextName;

/// An id, and the context that says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pin {
    pub cluster_id: ClusterId,
    pub context: ContextName,
}

impl Pin {
    /// Why a node that told this of itself may not answer.
    fn judge(&self, address: &PeerAddress, facts: &NodeFacts) -> Result<(), Failure> {
        let told = match facts.cluster_id.as_str() {
            id if id == self.cluster_id.to_string() => return Ok(()),
            "" => "it belongs to no cluster".to_owned(),
            id => format!("it belongs to cluster {:?} ({id})", facts.cluster_name),
        };
        let cause = format!("{told}, and context {} pins {}", self.context, self.cluster_id);
        Err(Failure::Foreign { address: address.clone(), cause })
    }
}

impl Session {
    /// Returns once the node at the other end is known to be of the pinned cluster.
    pub(super) async fn prove(&self, address: &PeerAddress, patience: Duration) -> Result<(), Failure> {
        let Some(pin) = self.pin.as_ref().filter(|_| !self.connections.is_proved(address)) else {
            return Ok(());
        };
        let request = v1::DescribeRequest {};
        let told = self.exchange(Intent::Read, address, patience, &request, &rpc::describe).await;
        let told = told.map_err(nothing_was_sent)?;
        pin.judge(address, &NodeFacts::from(told.message))?;
        self.connections.proved(address);
        Ok(())
    }

    /// A node has described itself. Endpoints are judged here; members that were learnt of are rows, and a row of a
    /// node that is of another cluster says so.
    pub(super) fn judge(&self, address: &PeerAddress, facts: &NodeFacts, given: bool) -> Result<(), Failure> {
        let Some(pin) = &self.pin else { return Ok(()) };
        match pin.judge(address, facts) {
            Ok(()) => self.connections.proved(address),
            // Who was not invited yet is told apart by who asks.
            Err(_) if !given || facts.cluster_id.is_empty() => {}
            Err(failure) => {
                *self.foreign.borrow_mut() = Some(failure.clone());
                return Err(failure);
            }
        }
        Ok(())
    }

    /// An endpoint that is of another cluster than the pinned one.
    pub(super) fn foreign(&self) -> Option<Failure> {
        self.foreign.borrow().clone()
    }
}

/// Only the question who it is was sent: a write that waits behind it has certainly not happened.
fn nothing_was_sent(failure: Failure) -> Failure {
    if !may_have_happened(Intent::Write, &failure) {
        return failure;
    }
    let cause = format!("it did not say which cluster it is of: {}", failure.brief());
    Failure::Unconnected { address: failure.address().clone(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::survey::GroupRole;
    use crate::client::survey::tests::facts;

    fn pin() -> Pin {
        Pin { cluster_id: ClusterId::from_bytes([7; 16]), context: "prod".parse().unwrap() }
    }

    fn address() -> PeerAddress {
        "a:1".parse().unwrap()
    }

    #[test]
    fn only_the_pinned_cluster_may_answer() {
        let mut told = facts("n1", GroupRole::Leader, &[]);
        assert!(matches!(pin().judge(&address(), &told), Err(Failure::Foreign { .. })));
        told.cluster_id = String::new();
        assert!(pin().judge(&address(), &told).is_err());
        told.cluster_id = ClusterId::from_bytes([7; 16]).to_string();
        assert!(pin().judge(&address(), &told).is_ok());
    }

    #[test]
    fn a_write_behind_a_question_without_an_answer_has_not_happened() {
        let after = Duration::from_secs(1);
        let failure = nothing_was_sent(Failure::TimedOut { address: address(), after });
        assert!(!may_have_happened(Intent::Write, &failure), "{failure:?}");
    }
}
