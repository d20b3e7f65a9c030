//! One call, carried to an answer: another node, the leader, a pause, until the deadline.

use std::time::Duration;

use elastickv_types::{ClusterId, PeerAddress};
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::decide::{Intent, Next, decide, may_have_happened};
use super::route::{FIRST_PAUSE, Route};
use super::{Failure, Session};
use crate::error::{Blocker, CliError, Code, Reason};

/// Connecting takes at most this much of a call's time.
const CONNECTING: Duration = Duration::from_secs(2);

/// Who should answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Aim {
    /// Any member: the endpoints in turn.
    Anyone,
    /// The leader, last seen here; the endpoints if it moved.
    Leader(PeerAddress),
    /// This node and no other.
    Only(PeerAddress),
}

/// How long one call may take when the operator did not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// A question about state, answered from memory.
    Probe,
    Read,
    Write,
    /// Work on all of the data: as long as the command may take.
    Work,
}

/// A call's manner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub intent: Intent,
    pub aim: Aim,
    pub patience: Patience,
}

impl Plan {
    pub fn read(aim: Aim) -> Self {
        Self { intent: Intent::Read, aim, patience: Patience::Read }
    }

    pub fn write(aim: Aim) -> Self {
        Self { intent: Intent::Write, aim, patience: Patience::Write }
    }

    /// A write that may be sent again: no answer is waited for so long that there is no time for that.
    pub fn repeatable(aim: Aim) -> Self {
        Self { intent: Intent::Repeatable, aim, patience: Patience::Read }
    }
}

/// An answer and where it came from.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    pub message: T,
    pub from: PeerAddress,
    pub took: Duration,
}

impl Session {
    /// Calls until there is an answer or no hope of one.
    pub async fn call<M: Clone, T>(
        &self,
        plan: Plan,
        message: &M,
        rpc: impl AsyncFn(Channel, Request<M>) -> Result<Response<T>, Status>,
    ) -> Result<Answer<T>, CliError> {
        let mut route = Route::new(&plan.aim, &self.endpoints);
        if plan.aim == Aim::Anyone {
            route.ahead = self.live_endpoint().await;
        }
        // The first try whose fate is open; whatever others say after it, only an answer settles it.
        let mut doubt: Option<Failure> = None;
        loop {
            let Some(address) = route.next() else {
                let given_up = self.between_rounds(&plan, &mut route).await.err();
                if let Some(error) = given_up {
                    return Err(self.error_in_doubt(&plan, doubt.as_ref(), error));
                }
                continue;
            };
            let failure = match self
                .attempt(plan.intent, &address, self.patience(plan.patience), message, &rpc)
                .await
            {
                Ok(answer) => {
                    self.prefer(&answer.from);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            if may_have_happened(plan.intent, &failure) {
                doubt = doubt.or_else(|| Some(failure.clone()));
            } else if doubt.is_none() {
                self.settle(plan.intent);
            }
            let next = decide(plan.intent, &failure);
            let again_here = matches!(next, Next::Pause(_));
            match next {
                Next::Follow(leader) if plan.aim != Aim::Only(address.clone()) => route.follow(leader),
                Next::Follow(_) | Next::Stop => {
                    let error = self.error_of(&plan, &failure, &[]);
                    return Err(self.error_in_doubt(&plan, doubt.as_ref(), error));
                }
                Next::Elsewhere => {}
                Next::Pause(least) => {
                    self.progress().say(format!("{address}: {}; trying again", failure.brief()));
                    let pause = route.pause().max(least.unwrap_or_default());
                    if !self.sleep(pause).await {
                        let error = self.error_of(&plan, &failure, &[]);
                        return Err(self.error_in_doubt(&plan, doubt.as_ref(), error));
                    }
                }
            }
            route.failed(failure, again_here);
        }
    }

    /// Asks one member once: for rows of which each stands for itself.
    pub async fn ask<M: Clone, T>(
        &self,
        address: &PeerAddress,
        patience: Patience,
        message: &M,
        rpc: impl AsyncFn(Channel, Request<M>) -> Result<Response<T>, Status>,
    ) -> Result<Answer<T>, Failure> {
        self.attempt(Intent::Read, address, self.patience(patience), message, &rpc).await
    }

    /// One try at one node, which has to be of the pinned cluster.
    async fn attempt<M: Clone, T>(
        &self,
        intent: Intent,
        address: &PeerAddress,
        patience: Duration,
        message: &M,
        rpc: &impl AsyncFn(Channel, Request<M>) -> Result<Response<T>, Status>,
    ) -> Result<Answer<T>, Failure> {
        self.prove(address, patience).await?;
        self.exchange(intent, address, patience, message, rpc).await
    }

    /// A request and its answer.
    pub(super) async fn exchange<M: Clone, T>(
        &self,
        intent: Intent,
        address: &PeerAddress,
        patience: Duration,
        message: &M,
        rpc: &impl AsyncFn(Channel, Request<M>) -> Result<Response<T>, Status>,
    ) -> Result<Answer<T>, Failure> {
        let begun = self.clock.now();
        let channel = self.connections.to(address, patience.min(CONNECTING)).await?;
        let left = patience.saturating_sub(self.clock.now().since(begun));
        let mut request = Request::new(message.clone());
        request.set_timeout(left);
        if let Ok(id) = self.op_id.to_string().parse() {
            request.metadata_mut().insert("x-request-id", id);
        }
        if !self.reason.is_empty() {
            let reason = MetadataValue::from_bytes(self.reason.as_bytes());
            request.metadata_mut().insert_bin("x-reason-bin", reason);
        }
        if let Some(cluster) = self.known_cluster().and_then(|id| id.to_string().parse().ok()) {
            request.metadata_mut().insert("x-elastickv-cluster-id", cluster);
        }
        self.credentials.sign(&mut request);
        self.in_flight.set(self.in_flight.get() || intent != Intent::Read);
        let answer = tokio::time::timeout(left, rpc(channel, request)).await;
        let failure = match answer {
            Ok(Ok(response)) => {
                self.settle(intent);
                let took = self.clock.now().since(begun);
                return Ok(Answer { message: response.into_inner(), from: address.clone(), took });
            }
            Ok(Err(status)) => Failure::of_status(address, &status, patience),
            Err(_) => Failure::TimedOut { address: address.clone(), after: patience },
        };
        let failure = self.connections.refusal(address).unwrap_or(failure);
        if !matches!(failure, Failure::Refused { .. } | Failure::Unnamed { .. }) {
            self.connections.forget(address);
        }
        Err(failure)
    }

    /// The cluster that this command is about, once that is known. Each call names it: a connection that broke is made anew
    /// by itself, and whoever is at the address by then may be of another one.
    fn known_cluster(&self) -> Option<ClusterId> {
        let learnt = || self.facts.borrow().cluster_id.as_deref().and_then(|id| id.parse().ok());
        self.pin.as_ref().map(|pin| pin.cluster_id).or_else(learnt)
    }

    /// The fate of what was sent is known.
    fn settle(&self, intent: Intent) {
        if intent != Intent::Read {
            self.in_flight.set(false);
        }
    }

    pub(super) fn patience(&self, patience: Patience) -> Duration {
        let usual = match patience {
            Patience::Probe => Duration::from_secs(2),
            Patience::Read => Duration::from_secs(5),
            Patience::Write => Duration::from_secs(10),
            Patience::Work => Duration::MAX,
        };
        // Never nothing: a call that is made at all gets the time for an answer on a local network.
        self.times.call.unwrap_or(usual).min(self.remaining()).max(FIRST_PAUSE)
    }

    /// Every node failed. Pauses before the next round, or gives up.
    async fn between_rounds(&self, plan: &Plan, route: &mut Route) -> Result<(), CliError> {
        let error = match route.telling_failure() {
            Some(failure) => self.error_of(plan, failure, &route.unconnected()),
            None => CliError::new(Code::CannotConnect, "no endpoint was given"),
        };
        if route.is_hopeless() {
            return Err(error);
        }
        self.progress().say(format!("{}; trying again", error.message()));
        if self.sleep(route.pause()).await {
            route.restart();
            return Ok(());
        }
        Err(error)
    }

    /// Sleeps, unless the deadline comes first.
    pub async fn sleep(&self, pause: Duration) -> bool {
        if pause >= self.remaining() {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }

    /// A refusal says nothing about an earlier try that was not answered.
    fn error_in_doubt(&self, plan: &Plan, doubt: Option<&Failure>, error: CliError) -> CliError {
        match doubt {
            Some(_) if error.exit() == Code::OutcomeUnknown.exit() => error,
            Some(first) => self.error_of(plan, first, &[]),
            None => error,
        }
    }

    /// What a failure means for the operator.
    pub fn error_of(&self, plan: &Plan, failure: &Failure, unconnected: &[&Failure]) -> CliError {
        let told = format!("{}: {}", failure.address(), failure.brief());
        if failure.reason() == Some(Reason::RequestExpired) {
            return CliError::new(Code::RequestExpired, told);
        }
        if may_have_happened(plan.intent, failure) {
            return self.unknown_outcome(format!("the change was sent to {told}"));
        }
        match failure {
            Failure::Unconnected { .. } if unconnected.is_empty() => cannot_connect(&[failure]),
            Failure::Unconnected { .. } => cannot_connect(unconnected),
            Failure::Untrusted { .. } => CliError::new(Code::TlsFailed, told),
            Failure::Foreign { .. } => CliError::new(Code::PinnedOtherwise, told),
            Failure::TimedOut { .. } | Failure::Broken { .. } => CliError::new(Code::NoAnswer, told),
            Failure::Refused { reason: Reason::NotLeader, .. } if !unconnected.is_empty() => {
                let (texts, blocking) = list(unconnected);
                CliError::new(Code::LeaderMoved, format!("{told}; cannot connect to {texts}"))
                    .blocked_by(blocking)
            }
            Failure::Refused { reason, .. } => CliError::new(reason.code(), told),
            Failure::Unnamed { status, .. } => CliError::new(code_of(*status), told),
        }
    }
}

pub(super) fn cannot_connect(failures: &[&Failure]) -> CliError {
    let (texts, blocking) = list(failures);
    CliError::new(Code::CannotConnect, format!("cannot connect to {texts}")).blocked_by(blocking)
}

fn list(failures: &[&Failure]) -> (String, Vec<Blocker>) {
    let texts: Vec<String> =
        failures.iter().map(|failure| format!("{} ({})", failure.address(), failure.brief())).collect();
    let blocking = failures
        .iter()
        .map(|failure| Blocker { member: failure.address().to_string(), reason: failure.brief() });
    (texts.join(", "), blocking.collect())
}

fn code_of(status: tonic::Code) -> Code {
    match status {
        tonic::Code::Unimplemented => Code::NotElastickv,
        tonic::Code::Unauthenticated => Code::Unauthenticated,
        tonic::Code::PermissionDenied => Code::NotPermitted,
        _ => Code::Unexpected,
    }
}
