//! `TransactionalKV`: keys and values, and transactions that lock their keys first. All of it is the leader's,
//! wherever it arrives.

mod rejection;
mod request;

use std::sync::Arc;

use elastickv_engine::Direction;
use elastickv_fsm::Mutation;
use elastickv_mvcc::Shown;
use elastickv_proto::transactional_kv_client::TransactionalKvClient;
use elastickv_proto::transactional_kv_server::TransactionalKv;
use elastickv_proto::{
    CommitRequest, CommitResponse, DeleteRequest, DeleteResponse, GetRequest, GetResponse, Kv,
    PreCommitResponse, PreWriteRequest, PutRequest, PutResponse, RollbackRequest, RollbackResponse,
    ScanRequest, ScanResponse,
};
use elastickv_txn::{Consistency, ReadAt, Scan, StepError};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::status::Refusal;
use super::{single_write, wire};
use crate::access::Caller;
use crate::net;
use crate::node::Node;
use crate::rpc::route::{Kind, Route};
use request::Locking;

#[derive(Debug)]
pub struct TransactionalKvService {
    pub node: Arc<Node>,
}

fn client(channel: Channel) -> TransactionalKvClient<Channel> {
    TransactionalKvClient::new(channel)
        .max_decoding_message_size(net::LARGEST_MESSAGE)
        .max_encoding_message_size(net::LARGEST_MESSAGE)
}

#[tonic::async_trait]
impl TransactionalKv for TransactionalKvService {
    async fn put(&self, request: Request<PutRequest>) -> Result<Response<PutResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let put = Mutation::Put { key: &message.key, value: &message.value, expire_at: 0 };
        let there = |channel, request| async move { client(channel).put(request).await };
        single_write::write(&self.node, &caller, &message, &message.request_id, put, there).await
    }

    async fn delete(&self, request: Request<DeleteRequest>) -> Result<Response<DeleteResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let delete = Mutation::Delete { key: &message.key };
        let there = |channel, request| async move { client(channel).delete(request).await };
        single_write::write(&self.node, &caller, &message, &message.request_id, delete, there).await
    }

    async fn get(&self, request: Request<GetRequest>) -> Result<Response<GetResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let local = || async {
            let read =
                self.node.coordinator.get(message.key.clone(), ReadAt::Newest, Consistency::Linearizable);
            let read = read.await.map_err(|error| Refusal::read(&self.node, error))?;
            let (read_at_index, read_ts, exists) = (read.index.get(), read.at.get(), read.found.is_some());
            let (value, commit_ts) =
                read.found.map(|found| (found.value, found.commit_ts.get())).unwrap_or_default();
            Ok(GetResponse { read_at_index, value, exists, commit_ts, read_ts })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).get(request).await })
            .await
    }

    async fn scan(&self, request: Request<ScanRequest>) -> Result<Response<ScanResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let scan = Scan {
            start: message.start_key.clone(),
            end: message.end_key.clone(),
            at: ReadAt::Newest,
            way: Direction::Forward,
            keys_only: false,
            limit: wire::limit(message.limit),
            token: None,
            resumes: false,
            hold: None,
        };
        let local = || async {
            let read = self.node.coordinator.scan(scan.clone(), Consistency::Linearizable).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            Ok(ScanResponse {
                kvs: read.found.pairs.into_iter().map(shown).collect(),
                read_at_index: read.index.get(),
                read_ts: read.found.at.get(),
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).scan(request).await })
            .await
    }

    async fn pre_write(
        &self,
        request: Request<PreWriteRequest>,
    ) -> Result<Response<PreCommitResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let Locking { start_ts, ttl, mutations } = request::locking(&self.node, &message)?;
        let local = || async {
            match self.node.coordinator.prewrite(start_ts, ttl, mutations.clone()).await {
                Ok(()) => Ok(PreCommitResponse::default()),
                Err(StepError::Rejected(rejections)) => {
                    Ok(PreCommitResponse { errors: rejections.iter().map(rejection::key_error).collect() })
                }
                Err(StepError::Write(error)) => Err(Refusal::write(&self.node, error)),
            }
        };
        let route = Route::new(&self.node, &caller, Kind::Write);
        route
            .follow(
                &message,
                local,
                |channel, request| async move { client(channel).pre_write(request).await },
            )
            .await
    }

    async fn commit(&self, request: Request<CommitRequest>) -> Result<Response<CommitResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let start_ts = request::start(message.start_ts)?;
        let keys = request::keys(&self.node, &message.keys)?;
        let local = || async {
            match self.node.coordinator.commit(start_ts, keys.clone()).await {
                Ok(done) => Ok(CommitResponse {
                    commit_index: done.index.get(),
                    success: true,
                    errors: Vec::new(),
                    commit_ts: done.commit_ts.get(),
                    already_applied: done.repeated,
                }),
                Err(StepError::Rejected(rejections)) => {
                    let errors = rejections.iter().map(rejection::key_error).collect();
                    Ok(CommitResponse { errors, ..CommitResponse::default() })
                }
                Err(StepError::Write(error)) => Err(Refusal::write(&self.node, error)),
            }
        };
        let route = Route::new(&self.node, &caller, Kind::Write);
        route
            .follow(&message, local, |channel, request| async move { client(channel).commit(request).await })
            .await
    }

    async fn rollback(
        &self,
        request: Request<RollbackRequest>,
    ) -> Result<Response<RollbackResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let start_ts = request::start(message.start_ts)?;
        let local = || async {
            match self.node.coordinator.roll_back(start_ts).await {
                Ok(()) => Ok(RollbackResponse { success: true }),
                Err(StepError::Rejected(rejections)) => Err(rejection::refusal(&rejections)),
                Err(StepError::Write(error)) => Err(Refusal::write(&self.node, error)),
            }
        };
        let route = Route::new(&self.node, &caller, Kind::Write);
        route
            .follow(
                &message,
                local,
                |channel, request| async move { client(channel).rollback(request).await },
            )
            .await
    }
}

fn shown(shown: Shown) -> Kv {
    let Shown { key, value, .. } = shown;
    Kv { key, value, ..Kv::default() }
}
