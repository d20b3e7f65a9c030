//! How far the start has come, for those who ask before there is a node.
//!
//! A start may take long: the store applies what it lacks of the log, and where the disk has no room for that
//! it waits, as a running node does. Meanwhile the process answers: HTTP says that it lives and why it is not
//! ready, members are told who this is and that it leads nothing, and every other call is refused by name.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, OnceLock};

use elastickv_consensus::Waiting;
use http::{Request, Response};
use parking_lot::Mutex;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::access::{Class, class_of};
use crate::audit;
use crate::doors::{Entrance, Guard};
use crate::identity::Identity;
use crate::net;
use crate::node::Node;
use crate::readiness::Reason;
use crate::rpc::starting::{self, Begun, Known};
use crate::rpc::status::Refusal;

#[derive(Debug)]
pub struct Stage {
    pub guard: Arc<Guard>,
    node: OnceLock<Arc<Node>>,
    /// Who the node is, and whether it is to hold keys.
    identity: OnceLock<(Arc<Identity>, bool)>,
    begun: OnceLock<Arc<Begun>>,
    waiting: Mutex<Option<Waiting>>,
}

impl Stage {
    pub fn new(guard: Arc<Guard>) -> Self {
        Self {
            guard,
            node: OnceLock::new(),
            identity: OnceLock::new(),
            begun: OnceLock::new(),
            waiting: Mutex::default(),
        }
    }

    pub fn set_node(&self, node: &Arc<Node>) {
        self.node.get_or_init(|| node.clone());
    }

    /// From now on members are told who this is.
    pub fn set_identity(&self, identity: &Arc<Identity>, encryption: bool) {
        self.identity.get_or_init(|| (identity.clone(), encryption));
    }

    /// From now on they are told which load this is, and what is known against theirs.
    pub fn set_begun(&self, begun: Begun) {
        self.begun.get_or_init(|| Arc::new(begun));
    }

    pub fn node(&self) -> Option<&Arc<Node>> {
        self.node.get()
    }

    /// Notes what the start waits for, and says so once.
    pub fn set_waiting(&self, waiting: Option<Waiting>) {
        let before = std::mem::replace(&mut *self.waiting.lock(), waiting);
        match waiting {
            Some(what) if before != waiting => {
                tracing::warn!("the start is {what}; it goes on by itself, or ends when told to");
            }
            None if before.is_some() => tracing::info!("the start goes on"),
            _ => {}
        }
    }

    /// Why the process is not ready; nothing when it is.
    pub fn reasons(&self) -> Vec<Reason> {
        match self.node() {
            Some(node) => node.reasons(),
            None => {
                let waiting = self.waiting.lock().map(Reason::waiting);
                std::iter::once(Reason::starting()).chain(waiting).collect()
            }
        }
    }

    fn refusal(&self) -> Refusal {
        let reasons = self.reasons();
        let why = reasons.last().map_or("Starting", |reason| reason.name);
        let messages: Vec<_> = reasons.iter().map(|reason| reason.message.as_str()).collect();
        let text = format!("this node does not serve yet: {}", messages.join("; "));
        Refusal::new(Code::Unavailable, "NotReady", text).with("why", why)
    }

    /// Members may ask who this is and whether it leads; other calls are refused.
    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let class = class_of(request.uri().path()).unwrap_or(Class::Known);
        // Nothing gives ids before the node is there.
        let actor = match audit::judged(&self.guard, class, &request, "") {
            Ok(actor) => actor,
            Err(refusal) => return Status::from(refusal).into_http(),
        };
        if class.is_privileged() {
            let (path, who) = (request.uri().path(), actor.to_string());
            audit::refused(path, &who, audit::address(&request), "", &self.refusal());
        }
        match self.identity.get() {
            Some((identity, encryption)) => {
                let begun = self.begun.get().cloned();
                let known = Known { identity: identity.clone(), encryption: *encryption, begun };
                match starting::answer(known, actor, request).await {
                    Some(answer) => answer,
                    None => Status::from(self.refusal()).into_http(),
                }
            }
            None => Status::from(self.refusal()).into_http(),
        }
    }

    /// Answers calls that come in before the node can. Connections end when this is dropped, and the entrance is whole.
    pub async fn answer_calls(self: &Arc<Self>, entrance: &Entrance) -> Infallible {
        let stage = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let stage = stage.clone();
            async move { Ok::<_, Infallible>(stage.answer(request).await) }
        });
        let incoming = Box::pin(entrance.visitors());
        let served = net::server().serve_with_incoming_shutdown::<_, _, _, _, io::Error, _>(
            service,
            incoming,
            std::future::pending(),
        );
        if let Err(error) = served.await {
            tracing::warn!(%error, "calls are not answered before the start is over");
        }
        std::future::pending().await
    }
}
