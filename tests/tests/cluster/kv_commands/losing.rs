//! A stand-in for a node: it passes commits on to a real one, and loses the answers of some.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use elastickv_proto::v1::cluster_client::ClusterClient;
use elastickv_proto::v1::cluster_server::{Cluster, ClusterServer};
use elastickv_proto::v1::txn_client::TxnClient;
use elastickv_proto::v1::txn_server::{Txn, TxnServer};
use elastickv_proto::v1::*;
use elastickv_tests::cluster::Node;
use elastickv_tests::ports;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Where it listens, and what it does.
pub struct Between {
    pub address: String,
    losing: Arc<Losing>,
}

struct Losing {
    own: String,
    real: Channel,
    real_address: String,
    to_lose: AtomicUsize,
    lost: AtomicUsize,
}

impl Between {
    pub fn lost(&self) -> usize {
        self.losing.lost.load(Ordering::SeqCst)
    }

    /// So many more answers are lost.
    pub fn lose(&self, answers: usize) {
        self.losing.to_lose.store(answers, Ordering::SeqCst);
    }
}

pub async fn start(node: &Node, answers: usize) -> Result<Between> {
    let listen = ports::free()?;
    let losing = Arc::new(Losing {
        own: listen.to_string(),
        real: node.client().channel(),
        real_address: node.advertised.to_string(),
        to_lose: AtomicUsize::new(answers),
        lost: AtomicUsize::new(0),
    });
    let server = Server::builder()
        .add_service(TxnServer::from_arc(losing.clone()))
        .add_service(ClusterServer::from_arc(losing.clone()));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    tokio::spawn(server.serve_with_incoming(incoming));
    Ok(Between { address: listen.to_string(), losing })
}

#[tonic::async_trait]
impl Txn for Losing {
    async fn begin(&self, request: Request<BeginRequest>) -> Answer<BeginResponse> {
        TxnClient::new(self.real.clone()).begin(request.into_inner()).await
    }

    async fn read(&self, request: Request<ReadRequest>) -> Answer<ReadResponse> {
        TxnClient::new(self.real.clone()).read(request.into_inner()).await
    }

    async fn scan(&self, request: Request<ScanRequest>) -> Answer<ScanResponse> {
        TxnClient::new(self.real.clone()).scan(request.into_inner()).await
    }

    async fn commit(&self, request: Request<CommitRequest>) -> Answer<CommitResponse> {
        let answer = TxnClient::new(self.real.clone()).commit(request.into_inner()).await?;
        let lose = |left: usize| left.checked_sub(1);
        if self.to_lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lose).is_ok() {
            self.lost.fetch_add(1, Ordering::SeqCst);
            return Err(Status::unavailable("the answer is lost"));
        }
        Ok(answer)
    }

    async fn history(&self, request: Request<HistoryRequest>) -> Answer<HistoryResponse> {
        TxnClient::new(self.real.clone()).history(request.into_inner()).await
    }

    async fn delete_range(&self, request: Request<DeleteRangeRequest>) -> Answer<DeleteRangeResponse> {
        TxnClient::new(self.real.clone()).delete_range(request.into_inner()).await
    }
}

/// It passes itself off as the real one: what is sent there comes here.
#[tonic::async_trait]
impl Cluster for Losing {
    async fn describe(&self, _request: Request<DescribeRequest>) -> Answer<DescribeResponse> {
        let mut told = ClusterClient::new(self.real.clone()).describe(DescribeRequest {}).await?.into_inner();
        told.address.clone_from(&self.own);
        let members = told.groups.iter_mut().flat_map(|group| &mut group.members);
        for member in members.filter(|member| member.address == self.real_address) {
            member.address.clone_from(&self.own);
        }
        Ok(Response::new(told))
    }

    async fn digest(&self, _request: Request<DigestRequest>) -> Answer<DigestResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn snapshot(&self, _request: Request<SnapshotRequest>) -> Answer<SnapshotResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn drain(&self, _request: Request<DrainRequest>) -> Answer<DrainResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn undrain(&self, _request: Request<UndrainRequest>) -> Answer<UndrainResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn set_log_level(&self, _request: Request<SetLogLevelRequest>) -> Answer<SetLogLevelResponse> {
        Err(Status::unimplemented("not here"))
    }

    async fn inspect(&self, _request: Request<InspectRequest>) -> Answer<InspectResponse> {
        Err(Status::unimplemented("not here"))
    }
}
