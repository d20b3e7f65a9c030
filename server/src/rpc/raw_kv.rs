//! `RawKV`: keys and values. Writes and linearizable reads go to the leader, wherever they arrive.

use std::sync::Arc;

use bytes::Bytes;
use elastickv_engine::Direction;
use elastickv_fsm::Mutation;
use elastickv_mvcc::Found;
use elastickv_proto::raw_kv_client::RawKvClient;
use elastickv_proto::raw_kv_server::RawKv;
use elastickv_proto::{
    RawDeleteRequest, RawDeleteResponse, RawGetRequest, RawGetResponse, RawKvPair, RawLatestCommitTsRequest,
    RawLatestCommitTsResponse, RawPutRequest, RawPutResponse, RawScanAtRequest, RawScanAtResponse,
    ReadConsistency,
};
use elastickv_txn::{Consistency, ReadAt, Scan};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::status::Refusal;
use super::{single_write, wire};
use crate::access::Caller;
use crate::net;
use crate::node::Node;
use crate::rpc::route::{Kind, Route};

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

fn known_group(node: &Node, raw: u64) -> Result<(), Refusal> {
    let known = node.group_named(raw).map(|_| ());
    known.ok_or_else(|| {
        Refusal::bad_request("UnknownGroup", format!("there is no group {raw}")).with("value", raw)
    })
}

#[tonic::async_trait]
impl RawKv for RawKvService {
    async fn raw_put(&self, request: Request<RawPutRequest>) -> Result<Response<RawPutResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let expire_at = wire::expire_at(&self.node, message.ttl_ms, 0)?;
        let put = Mutation::Put { key: &message.key, value: &message.value, expire_at };
        let there = |channel, request| async move { client(channel).raw_put(request).await };
        single_write::write(&self.node, &caller, &message, &message.request_id, put, there).await
    }

    async fn raw_delete(
        &self,
        request: Request<RawDeleteRequest>,
    ) -> Result<Response<RawDeleteResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let delete = Mutation::Delete { key: &message.key };
        let there = |channel, request| async move { client(channel).raw_delete(request).await };
        single_write::write(&self.node, &caller, &message, &message.request_id, delete, there).await
    }

    async fn raw_get(&self, request: Request<RawGetRequest>) -> Result<Response<RawGetResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        known_group(&self.node, message.group_id)?;
        let consistency = consistency(message.consistency)?;
        let local = || async {
            let read =
                self.node.coordinator.get(message.key.clone(), wire::read_at(message.ts), consistency).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            let (read_at_index, read_ts) = (read.index.get(), read.at.get());
            Ok(match read.found {
                None => RawGetResponse { read_at_index, read_ts, ..RawGetResponse::default() },
                Some(Found { value, commit_ts, expire_at }) => {
                    let commit_ts = commit_ts.get();
                    RawGetResponse { read_at_index, value, exists: true, commit_ts, read_ts, expire_at }
                }
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).raw_get(request).await })
            .await
    }

    async fn raw_latest_commit_ts(
        &self,
        request: Request<RawLatestCommitTsRequest>,
    ) -> Result<Response<RawLatestCommitTsResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let local = || async {
            let read = self
                .node
                .coordinator
                .get(message.key.clone(), ReadAt::Newest, Consistency::Linearizable)
                .await;
            let found = read.map_err(|error| Refusal::read(&self.node, error))?.found;
            let ts = found.as_ref().map_or(0, |found| found.commit_ts.get());
            Ok(RawLatestCommitTsResponse { ts, exists: found.is_some() })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move {
                client(channel).raw_latest_commit_ts(request).await
            })
            .await
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
            at: wire::read_at(message.ts),
            way: if message.reverse { Direction::Backward } else { Direction::Forward },
            keys_only: message.keys_only,
            limit: wire::limit(message.limit),
            token: wire::token(&message.token)?,
            // Who sends a token has seen that there are some.
            resumes: message.pages || !message.token.is_empty(),
            hold: None,
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
                next_token: read.found.next.map_or_else(Bytes::new, |token| token.encode()),
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(
                &message,
                local,
                |channel, request| async move { client(channel).raw_scan_at(request).await },
            )
            .await
    }
}
