//! `Txn`: reads of one moment and writes of many keys. All of it is the leader's, wherever it arrives.

mod commit;

use std::sync::Arc;

use bytes::Bytes;
use elastickv_engine::Direction;
use elastickv_mvcc::{Found, Shown};
use elastickv_proto::v1::txn_client::TxnClient;
use elastickv_proto::v1::txn_server::Txn;
use elastickv_proto::v1::{
    BeginRequest, BeginResponse, CommitRequest, CommitResponse, DeleteRangeRequest, DeleteRangeResponse,
    HistoryRequest, HistoryResponse, Pair, ReadRequest, ReadResponse, ReadResult, ScanRequest, ScanResponse,
    Version,
};
use elastickv_txn::{Consistency, Scan};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::status::Refusal;
use super::wire;
use crate::access::Caller;
use crate::net;
use crate::node::Node;
use crate::rpc::route::{Kind, Route};

#[derive(Debug)]
pub struct TxnService {
    pub node: Arc<Node>,
}

fn client(channel: Channel) -> TxnClient<Channel> {
    TxnClient::new(channel)
        .max_decoding_message_size(net::LARGEST_MESSAGE)
        .max_encoding_message_size(net::LARGEST_MESSAGE)
}

#[tonic::async_trait]
impl Txn for TxnService {
    async fn begin(&self, request: Request<BeginRequest>) -> Result<Response<BeginResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let local = || async {
            let begun = self.node.coordinator.begin(wire::read_at(message.at)).await;
            let ts = begun.map_err(|error| Refusal::read(&self.node, error))?;
            Ok(BeginResponse { ts: ts.get() })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).begin(request).await })
            .await
    }

    async fn read(&self, request: Request<ReadRequest>) -> Result<Response<ReadResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let at = wire::read_at(message.ts);
        let local = || async {
            let read = self.node.coordinator.get_many(&message.keys, at, Consistency::Linearizable).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            Ok(ReadResponse {
                results: read.found.into_iter().map(result).collect(),
                ts: read.at.get(),
                read_at_index: read.index.get(),
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).read(request).await })
            .await
    }

    async fn scan(&self, request: Request<ScanRequest>) -> Result<Response<ScanResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let range = message.range.clone().unwrap_or_default();
        let scan = Scan {
            start: range.start,
            end: range.end,
            at: wire::read_at(message.ts),
            way: if message.reverse { Direction::Backward } else { Direction::Forward },
            keys_only: message.keys_only,
            limit: wire::limit(message.limit),
            token: wire::token(&message.token)?,
            resumes: true,
            hold: wire::hold(&message.hold)?,
        };
        let local = || async {
            let read = self.node.coordinator.scan(scan.clone(), Consistency::Linearizable).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            Ok(ScanResponse {
                pairs: read.found.pairs.into_iter().map(pair).collect(),
                next_token: read.found.next.map_or_else(Bytes::new, |token| token.encode()),
                ts: read.found.at.get(),
                read_at_index: read.index.get(),
                held_until_ms: read.found.held_until.map_or(0, |until| until.unix_ms()),
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).scan(request).await })
            .await
    }

    async fn commit(&self, request: Request<CommitRequest>) -> Result<Response<CommitResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let write = commit::request(&self.node, &message)?;
        self.node.coordinator.check(&write).map_err(Refusal::from)?;
        let local = || async {
            let done = self.node.coordinator.write(write.clone()).await;
            let done = done.map_err(|error| Refusal::write(&self.node, error))?;
            Ok(CommitResponse {
                commit_ts: done.commit_ts.get(),
                index: done.index.get(),
                already_applied: done.repeated,
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Write);
        route
            .follow(&message, local, |channel, request| async move { client(channel).commit(request).await })
            .await
    }

    async fn history(&self, request: Request<HistoryRequest>) -> Result<Response<HistoryResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let (from, limit) = (wire::read_at(message.from), wire::limit(message.limit));
        let local = || async {
            let coordinator = &self.node.coordinator;
            let read = coordinator.history(&message.key, from, limit, Consistency::Linearizable).await;
            let read = read.map_err(|error| Refusal::read(&self.node, error))?;
            Ok(HistoryResponse {
                versions: read.found.versions.into_iter().map(version).collect(),
                next_from: read.found.next.map_or(0, |next| next.get()),
                read_at_index: read.index.get(),
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Read);
        route
            .follow(&message, local, |channel, request| async move { client(channel).history(request).await })
            .await
    }

    async fn delete_range(
        &self,
        request: Request<DeleteRangeRequest>,
    ) -> Result<Response<DeleteRangeResponse>, Status> {
        let caller = Caller::of(&request);
        let message = request.into_inner();
        let range = message.range.clone().unwrap_or_default();
        let request_id = wire::request_id(&message.request_id)?;
        let local = || async {
            let page = self.node.coordinator.delete_range(request_id, &range.start, &range.end).await;
            let page = page.map_err(|error| Refusal::write(&self.node, error))?;
            Ok(DeleteRangeResponse {
                deleted: page.keys as u64,
                more: page.next.is_some(),
                next_start: page.next.unwrap_or_default(),
                commit_ts: page.done.map_or(0, |done| done.commit_ts.get()),
                index: page.done.map_or(0, |done| done.index.get()),
                already_applied: page.done.is_some_and(|done| done.repeated),
            })
        };
        let route = Route::new(&self.node, &caller, Kind::Write);
        route
            .follow(
                &message,
                local,
                |channel, request| async move { client(channel).delete_range(request).await },
            )
            .await
    }
}

fn result(found: Option<Found>) -> ReadResult {
    match found {
        None => ReadResult::default(),
        Some(Found { value, commit_ts, expire_at }) => {
            ReadResult { found: true, value, commit_ts: commit_ts.get(), expire_at }
        }
    }
}

fn pair(shown: Shown) -> Pair {
    let Shown { key, value, commit_ts, expire_at } = shown;
    Pair { key, value, commit_ts: commit_ts.get(), expire_at }
}

fn version(version: elastickv_mvcc::Version) -> Version {
    let elastickv_mvcc::Version { commit_ts, tombstone, expire_at, value } = version;
    Version { commit_ts: commit_ts.get(), deleted: tombstone, expire_at, value }
}
