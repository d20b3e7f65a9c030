//! Transactions that lock their keys first.

use bytes::Bytes;
use elastickv_proto as pb;
use pb::transactional_kv_client::TransactionalKvClient;
use tonic::transport::Channel;

use super::{Answer, Client, LARGEST_MESSAGE};

impl Client {
    pub fn transactional_kv(&self) -> TransactionalKvClient<Channel> {
        TransactionalKvClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_MESSAGE)
    }

    /// What stands in the way; nothing where all of it is locked.
    pub async fn lock(
        &self,
        start_ts: u64,
        lock_ttl: u64,
        mutations: Vec<pb::Kv>,
    ) -> Answer<Vec<pb::KeyError>> {
        let request = pb::PreWriteRequest { mutations, start_ts, lock_ttl };
        let mut service = self.transactional_kv();
        Ok(self.call(Box::pin(service.pre_write(self.request(request)))).await?.errors)
    }

    pub async fn commit_locked(&self, start_ts: u64, keys: Vec<Bytes>) -> Answer<pb::CommitResponse> {
        let request = pb::CommitRequest { start_ts, keys };
        let mut service = self.transactional_kv();
        self.call(Box::pin(service.commit(self.request(request)))).await
    }

    pub async fn roll_back(&self, start_ts: u64) -> Answer<bool> {
        let mut service = self.transactional_kv();
        let request = pb::RollbackRequest { start_ts };
        Ok(self.call(Box::pin(service.rollback(self.request(request)))).await?.success)
    }
}
