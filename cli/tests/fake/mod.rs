//! A node that answers what a test tells it to, and keeps count of what it was asked.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use elastickv_proto::encryption_admin_server::{EncryptionAdmin, EncryptionAdminServer};
use elastickv_proto::v1::cluster_server::{Cluster, ClusterServer};
use elastickv_proto::v1::encryption_server::{Encryption, EncryptionServer};
use elastickv_proto::{self as wire, v1};
use futures_util::{Stream, stream};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt};

pub const CLUSTER_ID: [u8; 16] = [7; 16];

type Watched = Result<v1::WatchOperationResponse, Status>;

/// What the node does when a step is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Manner {
    #[default]
    Answers,
    /// It begins the operation, and the answer to the first request is lost.
    LosesFirst,
    /// Whoever watches hears the last scene again and again, each time a little different.
    NeverSilent,
    /// It refuses under this name.
    Refuses(&'static str),
}

/// The script of the node, and its memory.
#[derive(Default)]
pub struct Play {
    pub manner: Manner,
    pub judgement: v1::Judgement,
    pub stage: v1::EncryptionStage,
    /// What the operation is when it begins, and what watching tells after that; the last one stays.
    pub scenes: Vec<v1::Operation>,
    pub steps: Vec<(&'static str, Vec<u8>)>,
    pub checks: usize,
    pub watches: usize,
    pub known: HashMap<Vec<u8>, v1::Operation>,
}

pub struct Node {
    pub address: String,
    play: Arc<Mutex<Play>>,
    watched: Arc<Condvar>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Node {
    pub fn start(play: Play) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let play = Arc::new(Mutex::new(play));
        let watched = Arc::new(Condvar::new());
        let service = Service { address: address.clone(), play: play.clone(), watched: watched.clone() };
        let server = tonic::transport::Server::builder()
            .add_service(ClusterServer::new(service.clone()))
            .add_service(EncryptionServer::new(service.clone()))
            .add_service(EncryptionAdminServer::new(service))
            .serve_with_incoming(TcpListenerStream::new(listener));
        runtime.spawn(server);
        Self { address, play, watched, runtime: Some(runtime) }
    }

    pub fn look<T>(&self, look: impl FnOnce(&Play) -> T) -> T {
        look(&self.play.lock().unwrap())
    }

    /// Returns once somebody watches an operation.
    pub fn wait_for_a_watcher(&self) {
        let play = self.play.lock().unwrap();
        let patience = Duration::from_secs(30);
        let waited = self.watched.wait_timeout_while(play, patience, |play| play.watches == 0).unwrap();
        assert!(!waited.1.timed_out(), "nobody came to watch");
    }
}

#[derive(Clone)]
struct Service {
    address: String,
    play: Arc<Mutex<Play>>,
    watched: Arc<Condvar>,
}

fn refusal(reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, "elastickv", HashMap::<String, String>::new());
    Status::with_error_details(Code::FailedPrecondition, "it says why", details)
}

impl Service {
    fn begin(&self, name: &'static str, id: &[u8]) -> Result<Option<v1::Operation>, Status> {
        let mut play = self.play.lock().unwrap();
        play.steps.push((name, id.to_vec()));
        if let Manner::Refuses(reason) = play.manner {
            return Err(refusal(reason));
        }
        let first = play.scenes.first().cloned().unwrap_or_default();
        let begun = v1::Operation { operation_id: id.to_vec().into(), ..first };
        play.known.insert(id.to_vec(), begun.clone());
        match play.manner {
            Manner::LosesFirst if play.steps.len() == 1 => {
                let details = ErrorDetails::with_error_info(
                    "OutcomeUnknown",
                    "elastickv",
                    HashMap::<String, String>::new(),
                );
                Err(Status::with_error_details(Code::Aborted, "the answer is lost", details))
            }
            _ => Ok(Some(begun)),
        }
    }

    fn described(&self) -> v1::DescribeResponse {
        let member = v1::Member {
            name: "n1".into(),
            address: self.address.clone(),
            voter: true,
            ..Default::default()
        };
        let group = v1::Group {
            group_id: 1,
            role: v1::Role::Leader.into(),
            leader: "n1".into(),
            has_quorum: true,
            membership_index: 3,
            members: vec![member],
            ..Default::default()
        };
        v1::DescribeResponse {
            node_name: "n1".into(),
            cluster_id: CLUSTER_ID.to_vec().into(),
            cluster_name: "demo".into(),
            address: self.address.clone(),
            ready: true,
            groups: vec![group],
            ..Default::default()
        }
    }
}

fn unused<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("no test asks for it"))
}

#[tonic::async_trait]
impl Cluster for Service {
    async fn describe(
        &self,
        _: Request<v1::DescribeRequest>,
    ) -> Result<Response<v1::DescribeResponse>, Status> {
        Ok(Response::new(self.described()))
    }

    async fn digest(&self, _: Request<v1::DigestRequest>) -> Result<Response<v1::DigestResponse>, Status> {
        unused()
    }

    async fn snapshot(
        &self,
        _: Request<v1::SnapshotRequest>,
    ) -> Result<Response<v1::SnapshotResponse>, Status> {
        unused()
    }

    async fn drain(&self, _: Request<v1::DrainRequest>) -> Result<Response<v1::DrainResponse>, Status> {
        unused()
    }

    async fn undrain(&self, _: Request<v1::UndrainRequest>) -> Result<Response<v1::UndrainResponse>, Status> {
        unused()
    }

    async fn set_log_level(
        &self,
        _: Request<v1::SetLogLevelRequest>,
    ) -> Result<Response<v1::SetLogLevelResponse>, Status> {
        unused()
    }

    async fn inspect(&self, _: Request<v1::InspectRequest>) -> Result<Response<v1::InspectResponse>, Status> {
        unused()
    }
}

#[tonic::async_trait]
impl Encryption for Service {
    async fn status(
        &self,
        _: Request<v1::EncryptionStatusRequest>,
    ) -> Result<Response<v1::EncryptionStatusResponse>, Status> {
        let facts = v1::MemberFacts {
            node_name: "n1".into(),
            encryption_enabled: true,
            stage: Some(self.play.lock().unwrap().stage),
            ..Default::default()
        };
        Ok(Response::new(v1::EncryptionStatusResponse { facts: Some(facts), ..Default::default() }))
    }

    async fn check(&self, _: Request<v1::CheckRequest>) -> Result<Response<v1::CheckResponse>, Status> {
        let mut play = self.play.lock().unwrap();
        play.checks += 1;
        Ok(Response::new(v1::CheckResponse { judgement: Some(play.judgement.clone()) }))
    }

    async fn list_keys(
        &self,
        _: Request<v1::ListKeysRequest>,
    ) -> Result<Response<v1::ListKeysResponse>, Status> {
        let key = |key_id| v1::EncryptionKey { key_id, ..Default::default() };
        Ok(Response::new(v1::ListKeysResponse {
            keys: vec![key(0x1111_1111), key(0x1122_2222)],
            applied_index: 9,
        }))
    }

    async fn history(
        &self,
        request: Request<v1::EncryptionHistoryRequest>,
    ) -> Result<Response<v1::EncryptionHistoryResponse>, Status> {
        // Fifty operations, at most seven in a page.
        let asked = request.into_inner();
        let newest = if asked.before_index == 0 { 50 } else { asked.before_index - 1 };
        let count = u64::from(asked.limit).min(7).min(newest);
        let operation = |index: u64| v1::Operation { ended_index: index, ..Default::default() };
        let oldest = newest - count + 1;
        Ok(Response::new(v1::EncryptionHistoryResponse {
            operations: (oldest..=newest).rev().map(operation).collect(),
            next_before_index: if oldest > 1 { oldest } else { 0 },
        }))
    }

    async fn rewrap(
        &self,
        request: Request<v1::RewrapRequest>,
    ) -> Result<Response<v1::RewrapResponse>, Status> {
        let operation = self.begin("rewrap", &request.into_inner().operation_id)?;
        Ok(Response::new(v1::RewrapResponse { operation }))
    }

    async fn retire(
        &self,
        request: Request<v1::RetireRequest>,
    ) -> Result<Response<v1::RetireResponse>, Status> {
        let operation = self.begin("retire", &request.into_inner().operation_id)?;
        Ok(Response::new(v1::RetireResponse { operation }))
    }

    async fn get_operation(
        &self,
        request: Request<v1::GetOperationRequest>,
    ) -> Result<Response<v1::GetOperationResponse>, Status> {
        let known = self.play.lock().unwrap().known.get(&*request.into_inner().operation_id).cloned();
        match known {
            Some(operation) => Ok(Response::new(v1::GetOperationResponse { operation: Some(operation) })),
            None => Err(refusal("UnknownOperation")),
        }
    }

    async fn sidecar_state(
        &self,
        _: Request<v1::SidecarStateRequest>,
    ) -> Result<Response<v1::SidecarStateResponse>, Status> {
        unused()
    }

    type WatchOperationStream = Pin<Box<dyn Stream<Item = Watched> + Send>>;

    async fn watch_operation(
        &self,
        request: Request<v1::WatchOperationRequest>,
    ) -> Result<Response<Self::WatchOperationStream>, Status> {
        let id = request.into_inner().operation_id;
        let mut play = self.play.lock().unwrap();
        play.watches += 1;
        self.watched.notify_all();
        // One scene a stream, so that each further one takes another stream, as after a change of leaders.
        let at = play.watches.min(play.scenes.len().saturating_sub(1));
        let scene = play.scenes.get(at).cloned().unwrap_or_default();
        let operation = Some(v1::Operation { operation_id: id, ..scene });
        if play.manner == Manner::NeverSilent {
            let again = |(count, mut operation): (u64, Option<v1::Operation>)| async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                operation.iter_mut().flat_map(|it| &mut it.waiting).for_each(|one| one.since_ms += count);
                let news = v1::WatchOperationResponse { operation: operation.clone() };
                Some((Ok(news), (count + 1, operation)))
            };
            return Ok(Response::new(Box::pin(stream::unfold((0, operation), again))));
        }
        let news = stream::iter([Ok(v1::WatchOperationResponse { operation }), Err(refusal("NotLeader"))]);
        Ok(Response::new(Box::pin(news)))
    }
}

#[tonic::async_trait]
impl EncryptionAdmin for Service {
    async fn get_capability(
        &self,
        _: Request<wire::Empty>,
    ) -> Result<Response<wire::CapabilityReport>, Status> {
        unused()
    }

    async fn get_sidecar_state(
        &self,
        _: Request<wire::Empty>,
    ) -> Result<Response<wire::GetSidecarStateResponse>, Status> {
        unused()
    }

    async fn bootstrap_encryption(
        &self,
        request: Request<wire::BootstrapEncryptionRequest>,
    ) -> Result<Response<wire::BootstrapEncryptionResponse>, Status> {
        let operation = self.begin("bootstrap", &request.into_inner().operation_id)?;
        Ok(Response::new(wire::BootstrapEncryptionResponse { operation, ..Default::default() }))
    }

    async fn rotate_dek(
        &self,
        request: Request<wire::RotateDekRequest>,
    ) -> Result<Response<wire::RotateDekResponse>, Status> {
        let asked = request.into_inner();
        let name = if asked.purpose() == wire::DekPurpose::Raft { "rotate raft" } else { "rotate storage" };
        let operation = self.begin(name, &asked.operation_id)?;
        Ok(Response::new(wire::RotateDekResponse { operation, ..Default::default() }))
    }

    async fn register_encryption_writer(
        &self,
        request: Request<wire::RegisterEncryptionWriterRequest>,
    ) -> Result<Response<wire::RegisterEncryptionWriterResponse>, Status> {
        let asked = request.into_inner();
        let row = |writer: &wire::WriterRegistryEntry| wire::RegisteredWriter {
            dek_id: asked.dek_id,
            full_node_id: writer.full_node_id,
            local_epoch: 4,
            changed: true,
        };
        let registered = asked.writers.iter().map(row).collect();
        Ok(Response::new(wire::RegisterEncryptionWriterResponse { applied_index: 12, registered }))
    }

    async fn resync_sidecar(
        &self,
        _: Request<wire::ResyncSidecarRequest>,
    ) -> Result<Response<wire::ResyncSidecarResponse>, Status> {
        unused()
    }

    async fn enable_storage_envelope(
        &self,
        request: Request<wire::EnableStorageEnvelopeRequest>,
    ) -> Result<Response<wire::EnableStorageEnvelopeResponse>, Status> {
        let asked = request.into_inner();
        if *asked.expected_cluster_id != CLUSTER_ID {
            return Err(refusal("ForeignCluster"));
        }
        let operation = self.begin("enable storage", &asked.operation_id)?;
        Ok(Response::new(wire::EnableStorageEnvelopeResponse { operation, ..Default::default() }))
    }

    async fn enable_raft_envelope(
        &self,
        request: Request<wire::EnableRaftEnvelopeRequest>,
    ) -> Result<Response<wire::EnableRaftEnvelopeResponse>, Status> {
        let operation = self.begin("enable raft", &request.into_inner().operation_id)?;
        Ok(Response::new(wire::EnableRaftEnvelopeResponse { operation, ..Default::default() }))
    }
}
