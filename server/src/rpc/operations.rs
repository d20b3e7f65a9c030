//! Asking for operations on keys, and following them: what both services of the encryption share.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use elastickv_consensus::ProposeError;
use elastickv_fsm::{Actor, Control, Done, OperationKind, Reason, Record, UnixMillis};
use elastickv_lifecycle::{
    Begun, CheckError, Gate, Judgement, Operations, Progress, Request, RequestError, Standing, Supplied,
    Waiting, draw_operation,
};
use elastickv_proto::v1;
use elastickv_sys::point;
use elastickv_types::{ClusterId, LogIndex, OperationId, Purpose};
use tokio::time::Instant;
use tonic::Code;

use super::status::Refusal;
use crate::access::Caller;
use crate::lifecycle::wire;
use crate::node::Node;

/// How often an operation is looked after of which nothing is heard.
const LOOK: Duration = Duration::from_millis(50);
/// A caller that waits is told after so long who has yet to apply what was done.
const SETTLE: Duration = Duration::from_secs(10);

/// What the requests have in common.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub operation_id: Bytes,
    pub reason: String,
    pub expected_cluster_id: Bytes,
    pub detach: bool,
    pub limit_ms: u64,
    /// Who asks, where that is known.
    pub actor: Option<Actor>,
}

impl Asked {
    /// What a request says of itself, and who makes it.
    pub fn by<T>(request: &tonic::Request<T>) -> Self
    where
        Self: for<'a> From<&'a T>,
    {
        Self { actor: Some(Caller::of(request).for_history()), ..Self::from(request.get_ref()) }
    }

    fn actor(&self) -> Actor {
        self.actor.clone().unwrap_or_else(|| Actor::cut("anonymous"))
    }
}

macro_rules! asked_by {
    ($($request:ty),+) => {
        $(impl From<&$request> for Asked {
            fn from(request: &$request) -> Self {
                Self {
                    operation_id: request.operation_id.clone(),
                    reason: request.reason.clone(),
                    expected_cluster_id: request.expected_cluster_id.clone(),
                    detach: request.detach,
                    limit_ms: request.limit_ms,
                    actor: None,
                }
            }
        })+
    };
}

asked_by!(
    elastickv_proto::BootstrapEncryptionRequest,
    elastickv_proto::RotateDekRequest,
    elastickv_proto::EnableStorageEnvelopeRequest,
    elastickv_proto::EnableRaftEnvelopeRequest,
    v1::RewrapRequest,
    v1::RetireRequest
);

/// What it came to, or how far it is.
pub struct Answered {
    pub operation: v1::Operation,
    /// Nothing while it is under way.
    pub done: Option<Done>,
    pub judgement: Option<Arc<Judgement>>,
}

/// Calls for operations on one node.
#[derive(Clone, Debug)]
pub struct Desk {
    pub node: Arc<Node>,
    pub operations: Arc<Operations>,
}

impl Desk {
    /// Refuses what is meant for another cluster.
    pub fn expect(&self, cluster: &Bytes) -> Result<(), Refusal> {
        let own = self.node.identity.cluster().map(|own| own.id);
        if cluster.is_empty() || (own.is_some() && ClusterId::from_slice(cluster) == own) {
            return Ok(());
        }
        let own = own.map_or_else(|| "none".to_owned(), |own| own.to_string());
        let text = format!("this node belongs to cluster {own}, and another one was expected");
        Err(Refusal::new(Code::FailedPrecondition, "ForeignCluster", text))
    }

    pub async fn standing(&self) -> Result<Standing, Refusal> {
        self.operations.standing().await.map_err(|error| Refusal::proposal(&self.node, error))
    }

    pub async fn check(&self, gate: Gate) -> Result<Arc<Judgement>, Refusal> {
        self.operations.check(gate).await.map_err(|error| match error {
            CheckError::Away(error) => Refusal::proposal(&self.node, error),
            CheckError::Key(trouble) => Refusal::new(Code::Unavailable, trouble.name(), trouble),
        })
    }

    /// Does what is asked for, unless `reached` says where it was done before.
    pub async fn perform(
        &self,
        kind: OperationKind,
        purpose: Option<Purpose>,
        asked: Asked,
        supplied: Supplied,
        reached: impl Fn(&Control) -> Option<LogIndex>,
    ) -> Result<Answered, Refusal> {
        self.expect(&asked.expected_cluster_id)?;
        let request = self.request(kind, purpose, &asked, supplied)?;
        let standing = self.standing().await?;
        let control = &standing.control;
        let known = control.history.find(request.operation).is_some()
            || control.running.as_ref().is_some_and(|it| it.origin.operation == request.operation);
        if !known {
            let vetted = self.operations.vet(&standing, purpose, &request.supplied).await;
            vetted.map_err(Refusal::supplied)?;
            if let Some(first) = reached(control) {
                return Ok(self.reached_before(&request, first).await);
            }
        }
        let operation = request.operation;
        let begun = self.operations.begin(request).await.map_err(|error| match error {
            RequestError::Away(error) => Refusal::proposal(&self.node, error),
            RequestError::Rejected(rejection) => Refusal::rejected(&rejection),
        })?;
        match begun {
            Begun::Over(at, record) => self.ended(at, record, asked.detach).await,
            Begun::Running if asked.detach => self.under_way(operation).await,
            Begun::Running => {
                let (at, record) = self.wait(operation).await?;
                self.ended(at, record, false).await
            }
        }
    }

    fn request(
        &self,
        kind: OperationKind,
        purpose: Option<Purpose>,
        asked: &Asked,
        supplied: Supplied,
    ) -> Result<Request, Refusal> {
        let operation = match asked.operation_id.is_empty() {
            true => draw_operation(self.node.clock.unix_ms(), &*self.node.random),
            false => operation_id(&asked.operation_id)?,
        };
        let long = || Refusal::bad_request("Malformed", "the reason is too long, or not one line");
        let limit = (asked.limit_ms != 0).then(|| Duration::from_millis(asked.limit_ms));
        Ok(Request {
            operation,
            actor: asked.actor(),
            reason: Reason::new(asked.reason.clone()).ok_or_else(long)?,
            kind,
            purpose,
            limit,
            supplied,
        })
    }

    /// Nothing is proposed, and nothing is recorded: it was done before.
    async fn reached_before(&self, request: &Request, first: LogIndex) -> Answered {
        let done = Done { changed: false, first, key: None };
        let at = UnixMillis::new(self.node.clock.unix_ms());
        let record = Record {
            operation: request.operation,
            kind: request.kind,
            at,
            actor: request.actor.clone(),
            reason: request.reason.clone(),
            outcome: Ok(done),
        };
        let waiting = self.operations.unsettled(first).await.unwrap_or_default();
        let operation = self.over(first, &record, None, &waiting);
        Answered { operation, done: Some(done), judgement: None }
    }

    async fn under_way(&self, operation: OperationId) -> Result<Answered, Refusal> {
        let found = self.find(operation)?;
        Ok(Answered { operation: found, done: None, judgement: self.operations.judgement(operation) })
    }

    /// Waits until it is over. When the lead is lost meanwhile, it goes on elsewhere.
    async fn wait(&self, operation: OperationId) -> Result<(LogIndex, Record), Refusal> {
        let mut progress = self.operations.progress();
        loop {
            match self.operations.find(operation).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {}
                Err(error) => return Err(open_ended(operation, &error)),
            }
            tokio::select! {
                changed = progress.changed() => {
                    if changed.is_err() {
                        return Err(open_ended(operation, &ProposeError::OutcomeUnknown));
                    }
                }
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn ended(&self, at: LogIndex, record: Record, detached: bool) -> Result<Answered, Refusal> {
        let judgement = self.operations.judgement(record.operation);
        let waiting = match &record.outcome {
            Ok(done) => self.settle(done.first, if detached { Duration::ZERO } else { SETTLE }).await,
            Err(rejection) if !detached => {
                return Err(match judgement.filter(|found| !found.passed()) {
                    Some(found) => gate_refused(found).with("operation_id", record.operation),
                    None => Refusal::rejected(rejection).with("operation_id", record.operation),
                });
            }
            Err(_) => Vec::new(),
        };
        let operation = self.over(at, &record, judgement.as_deref(), &waiting);
        point!(AnswerDue);
        Ok(Answered { operation, done: record.outcome.ok(), judgement })
    }

    /// Waits until everybody has applied it, for so long; returns who has not.
    async fn settle(&self, first: LogIndex, patience: Duration) -> Vec<Waiting> {
        let deadline = Instant::now() + patience;
        loop {
            let waiting = self.operations.unsettled(first).await.unwrap_or_default();
            if waiting.is_empty() || Instant::now() >= deadline {
                return waiting;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn over(
        &self,
        at: LogIndex,
        record: &Record,
        found: Option<&Judgement>,
        waiting: &[Waiting],
    ) -> v1::Operation {
        let state = self.node.group().applied().state;
        let found = found.filter(|_| record.outcome.is_err());
        v1::Operation {
            settled: waiting.is_empty(),
            waiting: waiting.iter().map(wire::waiting).collect(),
            ..wire::over(at, record, found, &state)
        }
    }

    /// An operation as this node has applied it.
    pub fn find(&self, operation: OperationId) -> Result<v1::Operation, Refusal> {
        let state = self.node.group().applied().state;
        let control = state.control.as_deref();
        let running = control.and_then(|control| control.running.as_ref());
        if let Some(running) = running.filter(|running| running.origin.operation == operation) {
            let progress: Arc<Progress> = self.operations.progress().borrow().clone();
            return Ok(wire::running(running, &progress, &state));
        }
        let found = control.and_then(|control| control.history.find(operation));
        let (at, record) = found.ok_or_else(|| {
            Refusal::new(Code::NotFound, "UnknownOperation", format!("no operation {operation} is known"))
        })?;
        let judgement = self.operations.judgement(operation).filter(|_| record.outcome.is_err());
        Ok(wire::over(at, record, judgement.as_deref(), &state))
    }

    /// The same, with who has yet to apply it; that only a leader can tell.
    pub async fn look(&self, operation: OperationId) -> Result<v1::Operation, Refusal> {
        let mut found = self.find(operation)?;
        let Some(done) = &found.done else {
            found.settled = found.state() == v1::OperationState::Refused;
            return Ok(found);
        };
        if let Ok(waiting) = self.operations.unsettled(LogIndex::new(done.first_index)).await {
            found.settled = waiting.is_empty();
            found.waiting = waiting.iter().map(wire::waiting).collect();
        }
        Ok(found)
    }
}

pub fn operation_id(raw: &Bytes) -> Result<OperationId, Refusal> {
    OperationId::from_slice(raw)
        .ok_or_else(|| Refusal::bad_request("OperationIdUntimed", "an operation id has 16 bytes"))
}

fn open_ended(operation: OperationId, error: &ProposeError) -> Refusal {
    let text = format!("the operation has begun, and this node can not follow it any more: {error}");
    Refusal::new(Code::Aborted, "OutcomeUnknown", text).with("operation_id", operation)
}

/// All that blocks, in words, by name and whole.
fn gate_refused(found: Arc<Judgement>) -> Refusal {
    let blocked = elastickv_lifecycle::Blocked(found.blockers().cloned().collect());
    let mut members: Vec<String> =
        found.blockers().filter_map(|one| Some(one.member.as_ref()?.to_string())).collect();
    members.sort();
    members.dedup();
    let text = format!("the gate refuses: {blocked}");
    let mut refusal =
        Refusal::new(Code::FailedPrecondition, "GateRefused", text).with("members", members.join(","));
    refusal.judgement = Some(found);
    refusal
}
