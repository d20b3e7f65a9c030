//! Transactions and timestamps.

use bytes::Bytes;
use elastickv_proto as pb;
use elastickv_proto::v1;
use pb::distribution_client::DistributionClient;
use tonic::transport::Channel;
use v1::txn_client::TxnClient;

use super::{Answer, Client, LARGEST_MESSAGE};

impl Client {
    fn txn(&self) -> TxnClient<Channel> {
        TxnClient::new(self.channel.clone()).max_decoding_message_size(LARGEST_MESSAGE)
    }

    /// The present moment, to read at.
    pub async fn begin(&self) -> Answer<u64> {
        let mut service = self.txn();
        let answer = self.call(Box::pin(service.begin(self.request(v1::BeginRequest { at: 0 })))).await?;
        Ok(answer.ts)
    }

    /// Zero reads at the present moment.
    pub async fn read(&self, ts: u64, keys: Vec<Bytes>) -> Answer<v1::ReadResponse> {
        let mut service = self.txn();
        self.call(Box::pin(service.read(self.request(v1::ReadRequest { ts, keys })))).await
    }

    pub async fn scan(&self, request: v1::ScanRequest) -> Answer<v1::ScanResponse> {
        let mut service = self.txn();
        self.call(Box::pin(service.scan(self.request(request)))).await
    }

    /// The first page of the versions of a key, from the newest on.
    pub async fn history(&self, key: Bytes) -> Answer<v1::HistoryResponse> {
        let mut service = self.txn();
        let request = v1::HistoryRequest { key, ..Default::default() };
        self.call(Box::pin(service.history(self.request(request)))).await
    }

    pub async fn commit(&self, request: v1::CommitRequest) -> Answer<v1::CommitResponse> {
        let mut service = self.txn();
        self.call(Box::pin(service.commit(self.request(request)))).await
    }

    /// Timestamps of one's own, one after the other: the first, and how many.
    pub async fn timestamps(&self, count: u32) -> Answer<(u64, u32)> {
        let mut service = DistributionClient::new(self.channel.clone());
        let request = pb::GetTimestampRequest { count };
        let answer = self.call(Box::pin(service.get_timestamp(self.request(request)))).await?;
        Ok((answer.timestamp, answer.count))
    }
}
