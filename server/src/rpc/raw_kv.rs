//! `RawKV`: keys and values. Writes and linearizable reads go to the leader, wherever they arrive.

use std::sync::Arc;

use elastickv_engine::Direction;
use elastickv_fsm::{Mutation, Mutations};
use elastickv_proto::raw_kv_client::RawKvClient;
use elastickv_proto::raw_kv_server::RawKv;
use elastickv_proto::{
    RawDeleteRequest, RawDeleteResponse, RawGetRequest, RawGetResponse, RawKvPair, RawLatestCommitTsRequest,
    RawLatestCommitTsResponse, RawPutRequest, RawPutResponse, RawScanAtRequest, RawScanAtResponse,
    ReadConsistency,
};
use elastickv_txn::{Consistency, LimitError, ReadAt, Scan, WriteDone, WriteRequest};
use elastickv_types::{RequestId, Timestamp};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::status::Refusal;
use crate::access::Caller;
use crate::net;
use crate::node::Node;
use crate::rpc::route::{self, Kind, Route};

#[derive(Debug)]
pub struct RawKvService {
    pub node: Arc<Node>,
}

fn client(channel: Channel) -> RawKvClient<Channel> {
    RawKvClient::new(channel)
        .max_decoding_message_size(net::LARGEST_MESSAGE)
        .max_encoding_message_size(net::LARGEST_MESSAGE)
}

fn consistency(raw: i32) -> Result<Consistency, Refusal> {
    match ReadConsistency::try_from(raw) {
        Ok(ReadConsistency::Linearizable) => Ok(Consistency::Linearizable),
        Ok(ReadConsistency::Stale) => Ok(Consistency::Stale),
        Err(_) => Err(Refusal::bad_request("BadConsistency", format!("there is no consistency {raw}"))),
    }
}

fn read_at(ts: u64) -> ReadAt {
    if ts == 0 { ReadAt::Newest } else { ReadAt::Timestamp(Timestamp::from_u64(ts)) }
}

fn only(mutation: Mutation<'_>) -> Result<Mutations, Refusal> {
    Ok(Mutations::of([mutation]).map_err(LimitError::from)?)
}

fn known_group(node: &Node, raw: u64) -> Result<(), Refusal> {
    let known = node.group_named(raw).map(|_| ());
    known.ok_or_else(|| {
        Refusal::bad_request("UnknownGroup", format!("there is no group {raw}")).with("value", raw)
    })
}

impl RawKvService {
    fn request_id(&self, given: &[u8]) -> Result<RequestId, Refusal> {
        if given.is_empty() {
            return Ok(self.node.draw_request_id());
        }
        RequestId::from_slice(given).ok_or_else(|| {
            Refusal::bad_request("BadRequestId", "a request id has sixteen bytes")
                .with("limit", 16)
                .with("value", given.len())
        })
    }

    /// Checks a write's limits before it goes anywhere, then sees it through.
    async fn write<T, R>(
        &self,
        caller: &Caller,
        request_id: RequestId,
        mutations: Mutations,
        answer: impl Fn(WriteDone) -> T,
        remote: impl Fn(Channel) -> R,
    ) -> Result<Response<T>, Status>
    where
        R: Future<Output = Result<Response<T>, Status>> + Send + 'static,
        T: Send + 'static,
    {
        let request = WriteRequest { request_id: Some(request_id), mutations, ..WriteRequest::default() };
        self.node.coordinator.check(&request).map_err(Refusal::from)?;
        let local = || async {
            let written = self.node.coordinator.write(request.clone()).await;
            written.map(&answer).map_err(|error| Refusal::write(&self.node, error))
        };
        let route = Route::new(&self.node, caller, Kind::Write);
        let done = route.follow(local, remote).await?;
        Ok(Response::new(done))
    }
}

#[tonic::async_trait]
impl RawKv for RawKvService {
    async fn raw_put(&self, request: Request<RawPutRequest>) -> Result<Response<RawPutResponse>, Status> {
        let caller = Caller::of(&request);
        let mut message = request.into_inner();
        let request_id = self.request_id(&message.request_id)?;
        message.request_id = bytes::Bytes::copy_from_slice(request_id.as_bytes());
        let put = only(Mutation::Put { key: &message.key, value: &message.value, expire_at: 0 })?;
        let answer = |done: WriteDone| RawPutResponse {
            commit_index: done.index.get(),
            success: true,
            commit_ts: done.commit_ts.get(),
        };
        let (node, passed) = (self.node.clone(), caller.clone());
        let remote = move |channel| {
            let request = route::passed_on(&node, &passed, message.clone());
            async move { client(channel).raw_put(request).await }
        };
        self.write(&caller, request_id, put, answer, remote).await
    }

    async fn raw_delete(
        &self,
        request: Request<RawDeleteRequest>,
    ) -> Result<Response<RawDeleteResponse>, Status> {
        let caller = Caller::of(&request);
        let mut message = request.into_inner();
        let request_id = self.request_id(&message.request_id)?;
        message.request_id = bytes::Bytes::copy_from_slice(request_id.as_bytes());
        let delete = only(Mutation::Delete { key: &message.key })?;
        let answer = |done: WriteDone| RawDeleteResponse {
            commit_index: done.index.get(),
            success: true,
            commit_ts: done.commit_ts.get(),
        };
        let (node, passed) = (self.node.clone(), caller.clone());
        let remote = move |channel| {
            let request = route::passed_on(&node, &passed, message.clone());
            async move { client(channel).raw_delete(request).await }
        };
        self.write(&caller, request_id, delete, answer, remote).await
    }

    async fn raw_get(&self, request: Request<RawGetRequest>) -> Result<Response<RawGetResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        known_group(&self.node, message.group_id)?;
        let consistency = consistency(message.consistency)?;
        let local = || async {
            let read = self.node.coordinator.get(&message.key, read_at(message.ts), consistency).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            let exists = read.found.is_some();
            let (value, commit_ts) =
                read.found.map(|found| (found.value, found.commit_ts.get())).unwrap_or_default();
            Ok(RawGetResponse { read_at_index: read.index.get(), value, exists, commit_ts })
        };
        let remote = |channel| {
            let request = route::passed_on(&self.node, &caller, message.clone());
            async move { client(channel).raw_get(request).await }
        };
        Ok(Response::new(Route::new(&self.node, &caller, Kind::Read).follow(local, remote).await?))
    }

    async fn raw_latest_commit_ts(
        &self,
        request: Request<RawLatestCommitTsRequest>,
    ) -> Result<Response<RawLatestCommitTsResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let local = || async {
            let read =
                self.node.coordinator.get(&message.key, ReadAt::Newest, Consistency::Linearizable).await;
            let found = read.map_err(|error| Refusal::read(&self.node, error))?.found;
            let ts = found.as_ref().map_or(0, |found| found.commit_ts.get());
            Ok(RawLatestCommitTsResponse { ts, exists: found.is_some() })
        };
        let remote = |channel| {
            let request = route::passed_on(&self.node, &caller, message.clone());
            async move { client(channel).raw_latest_commit_ts(request).await }
        };
        Ok(Response::new(Route::new(&self.node, &caller, Kind::Read).follow(local, remote).await?))
    }

    async fn raw_scan_at(
        &self,
        request: Request<RawScanAtRequest>,
    ) -> Result<Response<RawScanAtResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        known_group(&self.node, message.group_id)?;
        let consistency = consistency(message.consistency)?;
        let scan = Scan {
            start: message.start_key.clone(),
            end: message.end_key.clone(),
            at: read_at(message.ts),
            way: if message.reverse { Direction::Backward } else { Direction::Forward },
            keys_only: message.keys_only,
            limit: usize::try_from(message.limit).ok().filter(|limit| *limit > 0),
            token: None,
            resumes: false,
        };
        let local = || async {
            let read = self.node.coordinator.scan(scan.clone(), consistency).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            let pair = |pair: elastickv_mvcc::Shown| RawKvPair { key: pair.key, value: pair.value };
            Ok(RawScanAtResponse {
                pairs: read.found.pairs.into_iter().map(pair).collect(),
                truncated: read.found.truncated,
                read_at_index: read.index.get(),
                read_ts: read.found.at.get(),
            })
        };
        let remote = |channel| {
            let request = route::passed_on(&self.node, &caller, message.clone());
            async move { client(channel).raw_scan_at(request).await }
        };
        Ok(Response::new(Route::new(&self.node, &caller, Kind::Read).follow(local, remote).await?))
    }
}
