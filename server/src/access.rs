//! Who may call what: one table of all calls, and the layer that every call passes.
//!
//! The layer gives a call its request id and its actor, refuses what the actor may not and what this node does not
//! serve yet, and counts. A call that is missing in the table is refused, so that a new one can not be forgotten.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderValue, Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::audit;
use crate::doors::{Actor, Arrival, Guard, not_a_member};
use crate::node::Node;
use crate::rejudged::Rejudged;
use crate::rpc::status::Refusal;
use crate::slow::Timed;

const REQUEST_ID: &str = "x-request-id";
/// Set by a node that passes a client's request on; such a request is not passed on again.
pub const FORWARDED: &str = "x-elastickv-forwarded";
/// The cluster that the caller takes this node for a member of.
pub const CLUSTER: &str = "x-elastickv-cluster-id";
/// What members may ask of each other that operators ask as well.
pub const SNAPSHOT: &str = "/elastickv.v1.Cluster/Snapshot";
const LONGEST_REQUEST_ID: usize = 128;

/// What a caller must be allowed to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Anyone, at any time: health, reflection.
    Open,
    /// Whoever is known, at any time: what a node is.
    Known,
    /// Nodes.
    Peer,
    /// Whoever is known: how the cluster is, and where things are.
    State,
    Read,
    Write,
    Operate,
    Admin,
}

impl Class {
    /// What a caller lacks who may not.
    pub fn needs(self) -> &'static str {
        match self {
            Class::Open => "nothing",
            Class::Known | Class::State => "to be known",
            Class::Peer => "the certificate of a node",
            Class::Read => "the role read",
            Class::Write => "the role write",
            Class::Operate => "the role operate",
            Class::Admin => "the role admin",
        }
    }

    pub fn is_privileged(self) -> bool {
        matches!(self, Class::Operate | Class::Admin)
    }
}

pub fn class_of(path: &str) -> Option<Class> {
    Some(match path {
        "/RawKV/RawGet" | "/RawKV/RawLatestCommitTS" | "/RawKV/RawScanAt" => Class::Read,
        "/RawKV/RawPut" | "/RawKV/RawDelete" => Class::Write,
        "/TransactionalKV/Get" | "/TransactionalKV/Scan" => Class::Read,
        "/TransactionalKV/Put"
        | "/TransactionalKV/Delete"
        | "/TransactionalKV/PreWrite"
        | "/TransactionalKV/Commit"
        | "/TransactionalKV/Rollback" => Class::Write,
        "/Distribution/GetRoute" | "/Distribution/ListRoutes" | "/Distribution/GetTimestamp" => Class::State,
        "/elastickv.v1.Txn/Begin"
        | "/elastickv.v1.Txn/Read"
        | "/elastickv.v1.Txn/Scan"
        | "/elastickv.v1.Txn/History" => Class::Read,
        "/elastickv.v1.Txn/Commit" | "/elastickv.v1.Txn/DeleteRange" => Class::Write,
        "/RaftAdmin/Status" | "/RaftAdmin/Configuration" => Class::State,
        "/Admin/GetClusterOverview" | "/Admin/GetRaftGroups" => Class::State,
        "/RaftAdmin/AddVoter"
        | "/RaftAdmin/AddLearner"
        | "/RaftAdmin/PromoteLearner"
        | "/RaftAdmin/RemoveServer" => Class::Admin,
        "/RaftAdmin/TransferLeadership" => Class::Operate,
        "/elastickv.v1.Cluster/Describe" => Class::Known,
        "/elastickv.v1.Cluster/Digest" => Class::Read,
        "/elastickv.v1.Cluster/Snapshot"
        | "/elastickv.v1.Cluster/Drain"
        | "/elastickv.v1.Cluster/Undrain"
        | "/elastickv.v1.Cluster/SetLogLevel"
        | "/elastickv.v1.Cluster/Inspect" => Class::Operate,
        "/elastickv.v1.Peer/Identify" | "/elastickv.v1.Peer/Invite" => Class::Peer,
        "/elastickv.v1.Peer/Append"
        | "/elastickv.v1.Peer/Vote"
        | "/elastickv.v1.Peer/PreVote"
        | "/elastickv.v1.Peer/TakeLeadership"
        | "/elastickv.v1.Peer/OfferSnapshot"
        | "/elastickv.v1.Peer/SendSnapshot"
        | "/elastickv.v1.Peer/InstallSnapshot"
        | "/elastickv.v1.Peer/Capability"
        | "/elastickv.v1.Peer/KeyWraps"
        | "/elastickv.v1.Peer/RegisterWriters" => Class::Peer,
        "/EncryptionAdmin/GetCapability" => Class::State,
        // Wrapped keys leave the cluster with them.
        "/EncryptionAdmin/GetSidecarState"
        | "/EncryptionAdmin/ResyncSidecar"
        | "/elastickv.v1.Encryption/SidecarState" => Class::Admin,
        "/EncryptionAdmin/BootstrapEncryption"
        | "/EncryptionAdmin/RotateDEK"
        | "/EncryptionAdmin/RegisterEncryptionWriter"
        | "/EncryptionAdmin/EnableStorageEnvelope"
        | "/EncryptionAdmin/EnableRaftEnvelope"
        | "/elastickv.v1.Encryption/Rewrap"
        | "/elastickv.v1.Encryption/Retire" => Class::Admin,
        "/elastickv.v1.Jobs/Get" | "/elastickv.v1.Jobs/Watch" => Class::State,
        "/elastickv.v1.Jobs/StartRewrite" | "/elastickv.v1.Jobs/Change" | "/elastickv.v1.Jobs/Verify" => {
            Class::Operate
        }
        "/elastickv.v1.Backup/Prepare" | "/elastickv.v1.Backup/Fetch" => Class::Operate,
        "/elastickv.v1.Encryption/Status"
        | "/elastickv.v1.Encryption/Check"
        | "/elastickv.v1.Encryption/ListKeys"
        | "/elastickv.v1.Encryption/History"
        | "/elastickv.v1.Encryption/GetOperation"
        | "/elastickv.v1.Encryption/WatchOperation" => Class::State,
        "/grpc.health.v1.Health/Check" | "/grpc.health.v1.Health/Watch" | "/grpc.health.v1.Health/List" => {
            Class::Open
        }
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        | "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" => Class::Open,
        _ => return None,
    })
}

/// What the layer found out about a call, for its handler.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    pub address: Option<SocketAddr>,
    pub request_id: String,
    pub forwarded: bool,
    /// Why, in the operator's words; empty where nothing was said.
    pub reason: String,
}

impl Caller {
    pub fn of<T>(request: &tonic::Request<T>) -> Self {
        request.extensions().get::<Caller>().cloned().unwrap_or_else(|| Caller {
            actor: Actor::Anonymous,
            address: None,
            request_id: String::new(),
            forwarded: false,
            reason: String::new(),
        })
    }

    /// As the history names them: who is not known, by where they came from.
    pub fn for_history(&self) -> elastickv_fsm::Actor {
        elastickv_fsm::Actor::cut(&match (&self.actor, self.address) {
            (Actor::Anonymous, Some(address)) => format!("anonymous@{}", address.ip()),
            (actor, _) => actor.to_string(),
        })
    }

    /// Whether they may say that they are this node. Where nobody is known, everybody may.
    pub fn check_is(&self, node: &str) -> Result<(), Refusal> {
        self.actor.check_is(node)
    }
}

#[derive(Clone, Debug)]
pub struct AccessLayer {
    pub node: Arc<Node>,
    pub guard: Arc<Guard>,
}

impl<S> tower::Layer<S> for AccessLayer {
    type Service = Access<S>;

    fn layer(&self, inner: S) -> Access<S> {
        Access { inner, node: self.node.clone(), guard: self.guard.clone() }
    }
}

#[derive(Clone, Debug)]
pub struct Access<S> {
    inner: S,
    node: Arc<Node>,
    guard: Arc<Guard>,
}

type Answer<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S> tower::Service<Request<Body>> for Access<S>
where
    S: tower::Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Answer<S::Error> {
        let node = self.node.clone();
        let request_id = request_id(&node, request.headers());
        let path = request.uri().path().to_owned();
        let address = request.extensions().get::<Arrival>().map(|arrival| arrival.address);
        let admitted = class_of(&path).ok_or_else(|| unknown_call(&path)).and_then(|class| {
            let actor = audit::judged(&self.guard, class, &request, &request_id)?;
            let admitted = admit(&node, class, &actor, request.headers());
            if let Err(refusal) = &admitted
                && class.is_privileged()
            {
                audit::refused(&path, &actor.to_string(), address, &request_id, refusal);
            }
            admitted.map(|()| (class, actor))
        });
        let (class, actor) = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => {
                node.metrics.refused(&refusal.reason);
                let response = Status::from(refusal).into_http();
                return Box::pin(async move { Ok(response) });
            }
        };
        let forwarded = request.headers().contains_key(FORWARDED);
        let reason = audit::reason(request.headers());
        let told_why = class == Class::Write && !reason.is_empty();
        let caller = Caller { actor, address, request_id: request_id.clone(), forwarded, reason };
        let rejudged = Rejudged::of(&self.guard, class, &request);
        let pending = (class.is_privileged() || told_why).then(|| audit::Pending::new(&path, &caller));
        request.extensions_mut().insert(caller);
        let timed = Timed::begin(node, class, path, request_id.clone(), forwarded);
        // The clone was not asked whether it is ready; the one that was takes the call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let answer = inner.call(request).await;
            timed.answered(answer.as_ref().ok().map(Response::headers));
            answer.map(|mut response| {
                if let Some(rejudged) = rejudged {
                    response = rejudged.follow(response);
                }
                if let Some(pending) = pending {
                    response = pending.follow(response);
                }
                if let Ok(value) = HeaderValue::from_str(&request_id) {
                    response.headers_mut().insert(REQUEST_ID, value);
                }
                response
            })
        })
    }
}

fn request_id(node: &Node, headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given.filter(|text| !text.is_empty() && text.len() <= LONGEST_REQUEST_ID) {
        Some(text) => text.to_owned(),
        None => format!("{:016x}", node.random.u64()),
    }
}

fn unknown_call(path: &str) -> Refusal {
    Refusal::new(Code::Unimplemented, "UnknownCall", format!("there is no call {path}"))
}

/// Whether this node answers such calls now.
fn admit(node: &Node, class: Class, actor: &Actor, headers: &HeaderMap) -> Result<(), Refusal> {
    if matches!(class, Class::Open | Class::Known | Class::Peer) {
        return Ok(());
    }
    if let Actor::Node(name) = actor
        && class != Class::State
        && node.group().member(name.full_id()).is_none()
    {
        return Err(not_a_member(actor));
    }
    let cluster = node.identity.cluster().ok_or_else(|| {
        let why = "this node belongs to no cluster yet";
        Refusal::new(Code::Unavailable, "NotReady", why).with("why", "NoCluster")
    })?;
    let expected = headers.get(CLUSTER).and_then(|value| value.to_str().ok());
    if expected.is_some_and(|expected| expected != cluster.id.to_string()) {
        let text = format!("this node belongs to cluster {} ({})", cluster.name, cluster.id);
        return Err(Refusal::new(Code::FailedPrecondition, "ForeignCluster", text));
    }
    if node.switches.is_stopping() {
        return Err(
            Refusal::new(Code::Unavailable, "NotReady", "this node is stopping").with("why", "Stopping")
        );
    }
    if matches!(class, Class::State | Class::Read | Class::Write)
        && node.config.encryption.rotate_on_startup
        && !node.switches.is_open()
    {
        let text = "this node was asked to rotate keys before it serves";
        return Err(Refusal::new(Code::Unavailable, "NotReady", text).with("why", "Rotating"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn every_call_has_a_class() {
        let files = prost_types::FileDescriptorSet::decode(elastickv_proto::DESCRIPTORS).unwrap();
        let mut calls = 0;
        for file in &files.file {
            for service in &file.service {
                for method in &service.method {
                    let package =
                        file.package().to_owned() + if file.package().is_empty() { "" } else { "." };
                    let path = format!("/{package}{}/{}", service.name(), method.name());
                    assert!(class_of(&path).is_some(), "{path}");
                    calls += 1;
                }
            }
        }
        assert!(calls > 20, "{calls}");
        assert_eq!(class_of("/RawKV/Other"), None);
    }

    #[test]
    fn the_page_on_security_says_what_each_call_needs() {
        let page = include_str!("../../docs/security.md");
        let (_, table) = page.split_once("| call | needs |").unwrap();
        let mut rows = 0;
        for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let told = match class_of(cells[1].trim_matches('`')).unwrap() {
                Class::Open => "nothing",
                Class::Known | Class::State => "known",
                Class::Peer => "node",
                Class::Read => "read",
                Class::Write => "write",
                Class::Operate => "operate",
                Class::Admin => "admin",
            };
            assert_eq!(cells[2], told, "{row}");
            rows += 1;
        }
        assert!(rows >= 60, "{rows}");
    }
}
