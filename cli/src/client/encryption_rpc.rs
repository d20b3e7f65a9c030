//! The calls about encryption.

use elastickv_proto::encryption_admin_client::EncryptionAdminClient;
use elastickv_proto::v1::encryption_client::EncryptionClient;
use elastickv_proto::{self as wire, v1};
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};

use super::rpc::calls;

calls! {
    bootstrap_encryption: EncryptionAdminClient(wire::BootstrapEncryptionRequest) -> wire::BootstrapEncryptionResponse;
    enable_storage_envelope: EncryptionAdminClient(wire::EnableStorageEnvelopeRequest) -> wire::EnableStorageEnvelopeResponse;
    enable_raft_envelope: EncryptionAdminClient(wire::EnableRaftEnvelopeRequest) -> wire::EnableRaftEnvelopeResponse;
    rotate_dek: EncryptionAdminClient(wire::RotateDekRequest) -> wire::RotateDekResponse;
    register_encryption_writer: EncryptionAdminClient(wire::RegisterEncryptionWriterRequest) -> wire::RegisterEncryptionWriterResponse;
    rewrap: EncryptionClient(v1::RewrapRequest) -> v1::RewrapResponse;
    retire: EncryptionClient(v1::RetireRequest) -> v1::RetireResponse;
    status: EncryptionClient(v1::EncryptionStatusRequest) -> v1::EncryptionStatusResponse;
    check: EncryptionClient(v1::CheckRequest) -> v1::CheckResponse;
    list_keys: EncryptionClient(v1::ListKeysRequest) -> v1::ListKeysResponse;
    history: EncryptionClient(v1::EncryptionHistoryRequest) -> v1::EncryptionHistoryResponse;
    get_operation: EncryptionClient(v1::GetOperationRequest) -> v1::GetOperationResponse;
    sidecar_state: EncryptionClient(v1::SidecarStateRequest) -> v1::SidecarStateResponse;
    watch_operation: EncryptionClient(v1::WatchOperationRequest) -> Streaming<v1::WatchOperationResponse>;
}
