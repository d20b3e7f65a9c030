//! A client of one node: the services as any program would call them.
//!
//! It follows no leader and repeats nothing. What a node answers is what the caller gets, and an error
//! keeps its type, so that a test can tell a write that was refused from one whose fate is unknown.

mod encryption;
mod locking;
mod refusal;
mod request;
mod transactions;

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use elastickv_proto as pb;
use elastickv_proto::v1;
use elastickv_tls::Dialer;
use futures_util::future::BoxFuture;
use pb::raft_admin_client::RaftAdminClient;
use pb::raw_kv_client::RawKvClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use v1::cluster_client::ClusterClient;

pub use refusal::{Fate, Refusal};
pub use request::request_id;

/// Above the longest request timeout a server is given in tests, so that the server speaks first.
const DEADLINE: Duration = Duration::from_secs(20);
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
const LARGEST_MESSAGE: usize = 64 << 20;

pub type Answer<T> = std::result::Result<T, Refusal>;

/// A key and its value, as a scan returns them.
pub type Pair = (Bytes, Bytes);

/// How fresh a read must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Consistency {
    #[default]
    Linearizable,
    /// Whatever the asked node has applied.
    Stale,
}

impl From<Consistency> for i32 {
    fn from(consistency: Consistency) -> i32 {
        match consistency {
            Consistency::Linearizable => pb::ReadConsistency::Linearizable.into(),
            Consistency::Stale => pb::ReadConsistency::Stale.into(),
        }
    }
}

/// Calls one node over one connection, which is made when it is first needed and again when it broke.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    deadline: Duration,
}

impl Client {
    /// For the node that listens at `address` (`host:port`). Must be called inside a runtime.
    pub fn new(address: &str) -> Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .with_context(|| format!("{address} is no address"))?
            .connect_timeout(CONNECT_DEADLINE)
            .tcp_nodelay(true);
        Ok(Self { channel: endpoint.connect_lazy(), deadline: DEADLINE })
    }

    /// The same over TLS, with whatever certificate the dialer shows.
    pub fn sealed(address: &str, dialer: &Dialer) -> Result<Self> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .with_context(|| format!("{address} is no address"))?
            .connect_timeout(CONNECT_DEADLINE)
            .tcp_nodelay(true);
        let dialer = dialer.clone();
        let connector = tower::service_fn(move |uri| dialer.clone().dial(uri, Default::default()));
        Ok(Self { channel: endpoint.connect_with_connector_lazy(connector), deadline: DEADLINE })
    }

    /// The same connection with another limit on each call.
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { channel: self.channel.clone(), deadline }
    }

    pub fn raw_kv(&self) -> RawKvClient<Channel> {
        RawKvClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_MESSAGE)
    }

    pub fn raft_admin(&self) -> RaftAdminClient<Channel> {
        RaftAdminClient::new(self.channel.clone())
    }

    pub fn cluster(&self) -> ClusterClient<Channel> {
        ClusterClient::new(self.channel.clone())
    }

    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// Writes; the request id may be empty, then the server draws one.
    pub async fn put(&self, key: Bytes, value: Bytes, request_id: Bytes) -> Answer<pb::RawPutResponse> {
        let request = pb::RawPutRequest { key, value, request_id, ..Default::default() };
        let mut service = self.raw_kv();
        self.call(Box::pin(service.raw_put(self.request(request)))).await
    }

    pub async fn delete(&self, key: Bytes, request_id: Bytes) -> Answer<pb::RawDeleteResponse> {
        let request = pb::RawDeleteRequest { key, request_id };
        let mut service = self.raw_kv();
        self.call(Box::pin(service.raw_delete(self.request(request)))).await
    }

    /// The newest value of a key, if there is one.
    pub async fn get(&self, key: Bytes, consistency: Consistency) -> Answer<Option<Bytes>> {
        let request = pb::RawGetRequest { key, consistency: consistency.into(), ..Default::default() };
        let mut service = self.raw_kv();
        let answer = self.call(Box::pin(service.raw_get(self.request(request)))).await?;
        Ok(answer.exists.then_some(answer.value))
    }

    /// A scan as any client asks for it.
    pub async fn raw_scan(&self, request: pb::RawScanAtRequest) -> Answer<pb::RawScanAtResponse> {
        let mut service = self.raw_kv();
        self.call(Box::pin(service.raw_scan_at(self.request(request)))).await
    }

    /// One page of a scan, from `start` on.
    pub async fn page(&self, start: Bytes, consistency: Consistency) -> Answer<pb::RawScanAtResponse> {
        let consistency = consistency.into();
        self.raw_scan(pb::RawScanAtRequest {
            start_key: start,
            consistency,
            pages: true,
            ..Default::default()
        })
        .await
    }

    /// Every pair there is, page by page, all of one moment.
    pub async fn scan_all(&self, consistency: Consistency) -> Answer<Vec<Pair>> {
        let mut all: Vec<Pair> = Vec::new();
        let mut request =
            pb::RawScanAtRequest { consistency: consistency.into(), pages: true, ..Default::default() };
        loop {
            let page = self.raw_scan(request.clone()).await?;
            all.extend(page.pairs.into_iter().map(|pair| (pair.key, pair.value)));
            (request.ts, request.token) = (page.read_ts, page.next_token);
            if request.token.is_empty() {
                return Ok(all);
            }
        }
    }

    pub async fn status(&self) -> Answer<pb::RaftAdminStatusResponse> {
        let mut service = self.raft_admin();
        self.call(Box::pin(service.status(self.request(pb::RaftAdminStatusRequest::default())))).await
    }

    pub async fn describe(&self) -> Answer<v1::DescribeResponse> {
        let mut service = self.cluster();
        self.call(Box::pin(service.describe(self.request(v1::DescribeRequest {})))).await
    }

    /// The digest of a group's content; zeroes let the node choose.
    pub async fn digest(&self, at_index: u64, at_ts: u64) -> Answer<v1::DigestResponse> {
        self.digest_from(at_index, at_ts, 0).await
    }

    /// The same, of what can be read from one moment to another.
    pub async fn digest_from(&self, at_index: u64, at_ts: u64, at_oldest: u64) -> Answer<v1::DigestResponse> {
        let request = v1::DigestRequest { group_id: CONTROL_GROUP, at_index, at_ts, at_oldest };
        let mut service = self.cluster();
        self.call(Box::pin(service.digest(self.request(request)))).await
    }

    pub async fn snapshot(&self, purge: bool) -> Answer<v1::SnapshotResponse> {
        let request = v1::SnapshotRequest { group_id: CONTROL_GROUP, purge };
        let mut service = self.cluster();
        self.call(Box::pin(service.snapshot(self.request(request)))).await
    }

    pub async fn configuration(&self) -> Answer<pb::RaftAdminConfigurationResponse> {
        let mut service = self.raft_admin();
        let request = pb::RaftAdminConfigurationRequest::default();
        self.call(Box::pin(service.configuration(self.request(request)))).await
    }

    pub async fn transfer_leadership(&self, to: &str) -> Answer<pb::RaftAdminTransferLeadershipResponse> {
        let request =
            pb::RaftAdminTransferLeadershipRequest { target_id: to.to_owned(), ..Default::default() };
        let mut service = self.raft_admin();
        self.call(Box::pin(service.transfer_leadership(self.request(request)))).await
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.deadline);
        request
    }

    /// The deadline that travels with the request binds the server; this one binds the wait for it.
    async fn call<T>(&self, answer: BoxFuture<'_, std::result::Result<Response<T>, Status>>) -> Answer<T> {
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(Ok(response)) => Ok(response.into_inner()),
            Ok(Err(status)) => Err(Refusal::from(status)),
            Err(_) => Err(Refusal::no_answer(self.deadline)),
        }
    }
}

/// The group that every cluster has.
pub const CONTROL_GROUP: u64 = 1;
