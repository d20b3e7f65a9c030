//! What a process answers its members before it takes part in anything: who it is, and that it does not lead. A
//! member that starts at the same time looks for a leader, and must not wait for an answer of this one. What this
//! node's store knows against that member's load is said all the same.

use std::sync::Arc;

use elastickv_consensus::Membership;
use elastickv_fsm::Control;
use elastickv_proto::v1;
use elastickv_types::{LoadToken, NodeName};
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tonic::server::Grpc;
use tonic_prost::ProstCodec;

use super::peer::identified;
use super::registration::{later_load, row};
use crate::doors::Actor;
use crate::identity::Identity;

/// This load, and what its store knows of others.
#[derive(Debug)]
pub struct Begun {
    pub token: LoadToken,
    pub control: Option<Arc<Control>>,
    pub members: Membership,
}

/// What is known of a node before it runs.
#[derive(Clone, Debug)]
pub struct Known {
    pub identity: Arc<Identity>,
    pub encryption: bool,
    pub begun: Option<Arc<Begun>>,
}

/// `None` for a call that has to wait until the node runs.
pub async fn answer(known: Known, actor: Actor, request: Request<Body>) -> Option<Response<Body>> {
    match request.uri().path() {
        "/elastickv.v1.Peer/Identify" => {
            let load = known.begun.as_ref().map(|begun| begun.token);
            let told = identified(&known.identity, known.encryption, load);
            Some(unary(request, move |_: v1::IdentifyRequest| told).await)
        }
        "/elastickv.v1.Peer/RegisterWriters" => {
            Some(unary(request, move |asked: v1::RegisterWritersRequest| known.said_of(&actor, &asked)).await)
        }
        _ => None,
    }
}

impl Known {
    fn said_of(&self, actor: &Actor, asked: &v1::RegisterWritersRequest) -> v1::RegisterWritersResponse {
        let nobody = v1::register_writers_response::Result::NotLeader(v1::OtherLeader::default());
        let result = self.known_against(actor, asked).unwrap_or(nobody);
        v1::RegisterWritersResponse { result: Some(result) }
    }

    fn known_against(
        &self,
        actor: &Actor,
        asked: &v1::RegisterWritersRequest,
    ) -> Option<v1::register_writers_response::Result> {
        let (begun, envelope) = (self.begun.as_ref()?, asked.envelope.as_ref()?);
        actor.check_is(&envelope.from_node).ok()?;
        let own = self.identity.cluster()?.id;
        if envelope.cluster_id != own.as_bytes()[..]
            || envelope.to_store != self.identity.store_id().as_bytes()[..]
        {
            return None;
        }
        let from: NodeName = envelope.from_node.parse().ok()?;
        // Whether its store is that member's is said by who leads.
        let member = begun.members.by_name(&from)?;
        if envelope.from_store != member.store_id.as_bytes()[..] {
            return None;
        }
        let rows = asked.rows.iter().map(row).collect::<Result<Vec<_>, _>>().ok()?;
        later_load(begun.control.as_deref()?, from.full_id(), &rows)
    }
}

async fn unary<Q, A>(request: Request<Body>, answer: impl FnOnce(Q) -> A + Clone) -> Response<Body>
where
    Q: prost::Message + Default + Send + Sync + 'static,
    A: prost::Message + Send + Sync + 'static,
{
    let service = tower::service_fn(move |question: tonic::Request<Q>| {
        let answered = tonic::Response::new(answer.clone()(question.into_inner()));
        std::future::ready(Ok::<_, Status>(answered))
    });
    Grpc::new(ProstCodec::<A, Q>::default()).unary(service, request).await
}
