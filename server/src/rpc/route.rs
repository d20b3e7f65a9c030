//! Following a request to the leader.
//!
//! A request is tried here first. Where this node does not lead, it is passed on once to the node that
//! does. It is tried again only as long as nothing of it can have been proposed; a write that was sent
//! and got no answer has an unknown outcome, and says so.

use std::time::Duration;

use elastickv_types::FullNodeId;
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};

use super::status::{Refusal, reason};
use crate::access::{CLUSTER, Caller, FORWARDED};
use crate::net;
use crate::node::Node;

/// Around an election, how long to wait before the next look.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Read,
    Write,
}

pub struct Route<'a> {
    node: &'a Node,
    caller: &'a Caller,
    kind: Kind,
    deadline: Instant,
}

/// Marks a request as passed on by a member of this cluster.
fn passed_on<T>(node: &Node, caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let headers = request.metadata_mut();
    headers.insert(FORWARDED, tonic::metadata::MetadataValue::from_static("1"));
    if let Some(id) = node.identity.cluster().and_then(|cluster| cluster.id.to_string().parse().ok()) {
        headers.insert(CLUSTER, id);
    }
    if let Ok(id) = caller.request_id.parse() {
        headers.insert("x-request-id", id);
    }
    request
}

/// Errors after which nothing was proposed, so that trying again is safe.
fn nothing_proposed(reason: &str) -> bool {
    matches!(reason, "NotLeader" | "NoLeader" | "NotReady")
}

impl<'a> Route<'a> {
    pub fn new(node: &'a Node, caller: &'a Caller, kind: Kind) -> Self {
        let deadline = Instant::now() + node.config.request_timeout;
        Self { node, caller, kind, deadline }
    }

    pub async fn follow<M, T, L, R>(
        &self,
        message: &M,
        local: impl Fn() -> L,
        there: impl Fn(Channel, Request<M>) -> R,
    ) -> Result<Response<T>, Status>
    where
        M: Clone,
        L: Future<Output = Result<T, Refusal>>,
        R: Future<Output = Result<Response<T>, Status>>,
    {
        loop {
            let refusal = match self.within(local()).await {
                Ok(done) => return Ok(Response::new(done)),
                Err(refusal) => refusal,
            };
            if self.caller.forwarded || !nothing_proposed(&refusal.reason) {
                return Err(refusal.into());
            }
            if let Some((leader, channel)) = self.leader_channel() {
                let request = passed_on(self.node, self.caller, message.clone());
                match self.ask_leader(leader, there(channel, request)).await {
                    Some(answer) => return answer.map(Response::new),
                    None => tracing::debug!("the leader was not reached; looking again"),
                }
            }
            if Instant::now() + PAUSE >= self.deadline {
                return Err(refusal.into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Bounds an attempt here by the deadline and by the loss of the quorum.
    async fn within<T>(&self, attempt: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        let mut quorum = self.node.quorum.clone();
        let lost = async move {
            quorum.mark_unchanged();
            // Only a loss while the attempt is under way; before it, the attempt itself finds out.
            loop {
                if quorum.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
                if !*quorum.borrow() {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            done = attempt => done,
            () = lost => Err(self.interrupted("the quorum was lost")),
            () = tokio::time::sleep_until(self.deadline) => Err(self.interrupted("the deadline passed")),
        }
    }

    fn interrupted(&self, why: &str) -> Refusal {
        match self.kind {
            Kind::Write => {
                let text = format!("{why} after the write was taken; its outcome is not known");
                Refusal::new(Code::DeadlineExceeded, "OutcomeUnknown", text)
            }
            Kind::Read => {
                Refusal::new(Code::Unavailable, "NoQuorum", format!("{why} before the read was confirmed"))
            }
        }
    }

    fn leader_channel(&self) -> Option<(FullNodeId, Channel)> {
        let group = self.node.group();
        let leader = group.leader().filter(|leader| *leader != self.node.me())?;
        let member = group.member(leader)?;
        let channel = self.node.peers.connections.to(&member.name, &member.address).ok()?;
        Some((leader, channel))
    }

    /// `None` where nothing was proposed and another look may help.
    async fn ask_leader<T>(
        &self,
        leader: FullNodeId,
        call: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Option<Result<T, Status>> {
        let answer = tokio::select! {
            biased;
            answer = call => answer,
            // It may be gone without a word; what it was sent may still be committed.
            () = self.node.group().until_led_by_other_than(leader) => match self.kind {
                Kind::Read => return None,
                Kind::Write => return Some(Err(self.interrupted("the leader changed").into())),
            },
            () = tokio::time::sleep_until(self.deadline) => {
                return Some(Err(self.interrupted("the leader did not answer in time").into()));
            }
        };
        let status = match answer {
            Ok(response) => return Some(Ok(response.into_inner())),
            Err(status) => status,
        };
        match reason(&status) {
            Some(reason) if nothing_proposed(&reason) => None,
            Some(_) => Some(Err(status)),
            None if net::never_sent(&status) || self.kind == Kind::Read => None,
            None => Some(Err(self.interrupted("the connection to the leader broke").into())),
        }
    }
}
