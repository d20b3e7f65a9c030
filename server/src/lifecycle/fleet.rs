//! The members of the cluster, as operations ask them.

use std::sync::Arc;
use std::time::Duration;

use elastickv_consensus::{Member, PeerError};
use elastickv_lifecycle::{Facts, Fleet, ProbeKey, Question, Silence};
use elastickv_proto::v1;
use futures_util::future::BoxFuture;

use super::{facts, wire};
use crate::node::Node;

/// A member that has just begun anew is reached at the second attempt, by a connection of its own.
const ATTEMPTS: usize = 3;
const PAUSE: Duration = Duration::from_millis(150);

#[derive(Debug)]
pub struct Members {
    pub node: Arc<Node>,
}

impl Members {
    async fn answer(&self, member: &Member, question: &Question) -> Result<Facts, Silence> {
        let probe = question.probe.as_ref().map(probe_to_wire);
        let told = match member.id() == self.node.me() {
            true => facts::capability(&self.node, probe).await,
            false => self.call(member, probe).await?,
        };
        wire::facts_from_wire(told).ok_or_else(|| Silence("its answer does not decode".to_owned()))
    }

    async fn call(
        &self,
        member: &Member,
        probe: Option<v1::KekProbe>,
    ) -> Result<v1::CapabilityResponse, Silence> {
        let mut attempts = 1;
        loop {
            match self.node.peers.capability(member, probe.clone()).await {
                Ok(told) => return Ok(told),
                Err(PeerError::Unreachable { .. }) if attempts < ATTEMPTS => attempts += 1,
                Err(error) => return Err(Silence(error.to_string())),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Fleet for Members {
    fn ask<'a>(
        &'a self,
        member: &'a Member,
        question: &'a Question,
    ) -> BoxFuture<'a, Result<Facts, Silence>> {
        Box::pin(self.answer(member, question))
    }
}

fn probe_to_wire(probe: &ProbeKey) -> v1::KekProbe {
    v1::KekProbe {
        wrapped: probe.wrapped.key.as_bytes().clone(),
        commitment: bytes::Bytes::copy_from_slice(probe.commitment.as_bytes()),
        key_id: probe.key.get(),
        purpose: wire::purpose(probe.purpose).into(),
        kek: Some(wire::kek(&probe.wrapped.by)),
    }
}
