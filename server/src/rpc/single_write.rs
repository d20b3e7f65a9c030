//! A write of one key, as plain calls ask for it.

use elastickv_fsm::{Mutation, Mutations};
use elastickv_proto::{DeleteResponse, PutResponse, RawDeleteResponse, RawPutResponse};
use elastickv_txn::{LimitError, WriteDone, WriteRequest};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::route::{Kind, Route};
use super::status::Refusal;
use super::wire;
use crate::access::Caller;
use crate::node::Node;

/// The answer of a call that writes one key.
pub trait Written {
    fn of(done: WriteDone) -> Self;
}

macro_rules! written {
    ($($answer:ty),+) => {
        $(impl Written for $answer {
            fn of(done: WriteDone) -> Self {
                Self {
                    commit_index: done.index.get(),
                    success: true,
                    commit_ts: done.commit_ts.get(),
                    already_applied: done.repeated,
                }
            }
        })+
    };
}
written!(RawPutResponse, RawDeleteResponse, PutResponse, DeleteResponse);

/// Checks its limits before it goes anywhere, then sees it through.
pub async fn write<M, T, R>(
    node: &Node,
    caller: &Caller,
    message: &M,
    request_id: &[u8],
    mutation: Mutation<'_>,
    there: impl Fn(Channel, Request<M>) -> R,
) -> Result<Response<T>, Status>
where
    M: Clone,
    T: Written,
    R: Future<Output = Result<Response<T>, Status>>,
{
    let request_id = wire::request_id(request_id)?;
    let mutations = Mutations::of([mutation]).map_err(LimitError::from).map_err(Refusal::from)?;
    let write = WriteRequest { request_id, mutations, ..WriteRequest::default() };
    node.coordinator.check(&write).map_err(Refusal::from)?;
    let local = || async {
        let written = node.coordinator.write(write.clone()).await;
        written.map(T::of).map_err(|error| Refusal::write(node, error))
    };
    Route::new(node, caller, Kind::Write).follow(message, local, there).await
}
