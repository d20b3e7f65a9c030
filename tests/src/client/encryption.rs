//! Operations on keys, as an older client and as our own tools ask for them.

use elastickv_proto as pb;
use elastickv_proto::v1;
use pb::encryption_admin_client::EncryptionAdminClient;
use tonic::transport::Channel;
use v1::encryption_client::EncryptionClient;

use super::{Answer, Client};

impl Client {
    pub fn encryption_admin(&self) -> EncryptionAdminClient<Channel> {
        EncryptionAdminClient::new(self.channel())
    }

    pub fn encryption(&self) -> EncryptionClient<Channel> {
        EncryptionClient::new(self.channel())
    }

    pub async fn bootstrap_encryption(
        &self,
        request: pb::BootstrapEncryptionRequest,
    ) -> Answer<pb::BootstrapEncryptionResponse> {
        let mut service = self.encryption_admin();
        self.call(Box::pin(service.bootstrap_encryption(self.request(request)))).await
    }

    pub async fn enable_storage(&self) -> Answer<pb::EnableStorageEnvelopeResponse> {
        self.enable_storage_as(pb::EnableStorageEnvelopeRequest::default()).await
    }

    pub async fn enable_storage_as(
        &self,
        request: pb::EnableStorageEnvelopeRequest,
    ) -> Answer<pb::EnableStorageEnvelopeResponse> {
        let mut service = self.encryption_admin();
        self.call(Box::pin(service.enable_storage_envelope(self.request(request)))).await
    }

    pub async fn enable_raft(&self) -> Answer<pb::EnableRaftEnvelopeResponse> {
        self.enable_raft_as(pb::EnableRaftEnvelopeRequest::default()).await
    }

    pub async fn enable_raft_as(
        &self,
        request: pb::EnableRaftEnvelopeRequest,
    ) -> Answer<pb::EnableRaftEnvelopeResponse> {
        let mut service = self.encryption_admin();
        self.call(Box::pin(service.enable_raft_envelope(self.request(request)))).await
    }

    pub async fn rotate(&self, purpose: pb::DekPurpose) -> Answer<pb::RotateDekResponse> {
        self.rotate_dek(pb::RotateDekRequest { purpose: purpose.into(), ..Default::default() }).await
    }

    pub async fn rotate_dek(&self, request: pb::RotateDekRequest) -> Answer<pb::RotateDekResponse> {
        let mut service = self.encryption_admin();
        self.call(Box::pin(service.rotate_dek(self.request(request)))).await
    }

    pub async fn rewrap(&self) -> Answer<v1::RewrapResponse> {
        self.rewrap_as(v1::RewrapRequest::default()).await
    }

    pub async fn rewrap_as(&self, request: v1::RewrapRequest) -> Answer<v1::RewrapResponse> {
        let mut service = self.encryption();
        self.call(Box::pin(service.rewrap(self.request(request)))).await
    }

    pub async fn register_writer(
        &self,
        request: pb::RegisterEncryptionWriterRequest,
    ) -> Answer<pb::RegisterEncryptionWriterResponse> {
        let mut service = self.encryption_admin();
        self.call(Box::pin(service.register_encryption_writer(self.request(request)))).await
    }

    pub async fn operation(&self, operation_id: bytes::Bytes) -> Answer<v1::GetOperationResponse> {
        let mut service = self.encryption();
        let request = v1::GetOperationRequest { operation_id };
        self.call(Box::pin(service.get_operation(self.request(request)))).await
    }

    pub async fn encryption_status(&self) -> Answer<v1::EncryptionStatusResponse> {
        let mut service = self.encryption();
        self.call(Box::pin(service.status(self.request(v1::EncryptionStatusRequest {})))).await
    }

    pub async fn check_gate(&self, gate: v1::OperationKind) -> Answer<v1::Judgement> {
        let request = v1::CheckRequest { gate: gate.into(), ..Default::default() };
        let mut service = self.encryption();
        let answer = self.call(Box::pin(service.check(self.request(request)))).await?;
        Ok(answer.judgement.unwrap_or_default())
    }

    pub async fn operations(&self) -> Answer<Vec<v1::Operation>> {
        let mut service = self.encryption();
        let request = v1::EncryptionHistoryRequest::default();
        Ok(self.call(Box::pin(service.history(self.request(request)))).await?.operations)
    }
}
