//! What a process answers its members before it takes part in anything: who it is, and that it does not lead. A
//! member that starts at the same time looks for a leader, and must not wait for an answer of this one.

use elastickv_proto::v1;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tonic::server::Grpc;
use tonic_prost::ProstCodec;

use super::peer::identified;
use crate::identity::Identity;

/// `None` for a call that has to wait until the node runs.
pub async fn answer(identity: &Identity, encryption: bool, request: Request<Body>) -> Option<Response<Body>> {
    match request.uri().path() {
        "/elastickv.v1.Peer/Identify" => {
            let told = identified(identity, encryption);
            Some(unary(request, move |_: v1::IdentifyRequest| told).await)
        }
        "/elastickv.v1.Peer/RegisterWriters" => {
            let nobody = v1::register_writers_response::Result::NotLeader(v1::OtherLeader::default());
            let told = v1::RegisterWritersResponse { result: Some(nobody) };
            Some(unary(request, move |_: v1::RegisterWritersRequest| told).await)
        }
        _ => None,
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
