//! The calls this program makes, each as a function of a connection and a request.

use elastickv_proto::raft_admin_client::RaftAdminClient;
use elastickv_proto::raw_kv_client::RawKvClient;
use elastickv_proto::v1::cluster_client::ClusterClient;
use elastickv_proto::v1::txn_client::TxnClient;
use elastickv_proto::{self as wire, v1};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

/// A page of a scan may be long.
pub(super) const LARGEST_ANSWER: usize = 256 << 20;

macro_rules! calls {
    ($($name:ident: $client:ident($request:ty) -> $response:ty;)+) => {
        $(pub async fn $name(channel: Channel, request: Request<$request>) -> Result<Response<$response>, Status> {
            let mut client = $client::new(channel).max_decoding_message_size($crate::client::rpc::LARGEST_ANSWER);
            client.$name(request).await
        })+
    };
}

pub(super) use calls;

calls! {
    raw_get: RawKvClient(wire::RawGetRequest) -> wire::RawGetResponse;
    raw_scan_at: RawKvClient(wire::RawScanAtRequest) -> wire::RawScanAtResponse;
    add_learner: RaftAdminClient(wire::RaftAdminAddLearnerRequest) -> wire::RaftAdminConfigurationChangeResponse;
    promote_learner: RaftAdminClient(wire::RaftAdminPromoteLearnerRequest) -> wire::RaftAdminConfigurationChangeResponse;
    remove_server: RaftAdminClient(wire::RaftAdminRemoveServerRequest) -> wire::RaftAdminConfigurationChangeResponse;
    transfer_leadership: RaftAdminClient(wire::RaftAdminTransferLeadershipRequest) -> wire::RaftAdminTransferLeadershipResponse;
    begin: TxnClient(v1::BeginRequest) -> v1::BeginResponse;
    read: TxnClient(v1::ReadRequest) -> v1::ReadResponse;
    scan: TxnClient(v1::ScanRequest) -> v1::ScanResponse;
    commit: TxnClient(v1::CommitRequest) -> v1::CommitResponse;
    history: TxnClient(v1::HistoryRequest) -> v1::HistoryResponse;
    delete_range: TxnClient(v1::DeleteRangeRequest) -> v1::DeleteRangeResponse;
    describe: ClusterClient(v1::DescribeRequest) -> v1::DescribeResponse;
    digest: ClusterClient(v1::DigestRequest) -> v1::DigestResponse;
    snapshot: ClusterClient(v1::SnapshotRequest) -> v1::SnapshotResponse;
    drain: ClusterClient(v1::DrainRequest) -> v1::DrainResponse;
    undrain: ClusterClient(v1::UndrainRequest) -> v1::UndrainResponse;
    set_log_level: ClusterClient(v1::SetLogLevelRequest) -> v1::SetLogLevelResponse;
    inspect: ClusterClient(v1::InspectRequest) -> v1::InspectResponse;
}
