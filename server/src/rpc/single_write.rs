//! A write of one key, as plain calls ask for it.

use elastickv_fsm::{Mutation, Mutations};
use elastickv_txn::{LimitError, WriteDone, WriteRequest};
use tonic::transport::Channel;
use tonic::{Response, Status};

use super::route::{Kind, Route};
use super::status::Refusal;
use super::wire;
use crate::access::Caller;
use crate::node::Node;

/// Checks its limits before it goes anywhere, then sees it through.
pub async fn write<T, R>(
    node: &Node,
    caller: &Caller,
    request_id: &[u8],
    mutation: Mutation<'_>,
    answer: impl Fn(WriteDone) -> T,
    remote: impl Fn(Channel) -> R,
) -> Result<Response<T>, Status>
where
    R: Future<Output = Result<Response<T>, Status>> + Send + 'static,
    T: Send + 'static,
{
    let request_id = wire::request_id(request_id)?;
    let mutations = Mutations::of([mutation]).map_err(LimitError::from).map_err(Refusal::from)?;
    let write = WriteRequest { request_id, mutations, ..WriteRequest::default() };
    node.coordinator.check(&write).map_err(Refusal::from)?;
    let local = || async {
        let written = node.coordinator.write(write.clone()).await;
        written.map(&answer).map_err(|error| Refusal::write(node, error))
    };
    let done = Route::new(node, caller, Kind::Write).follow(local, remote).await?;
    Ok(Response::new(done))
}
