//! A moment that stays readable while everything older is collected.
//!
//! Whoever holds it is the leader, and the next one knows of nothing until it is told. So all nodes are asked for the
//! first page of a scan of that moment, again and again.

use std::time::Duration;

use elastickv_proto::v1;
use elastickv_tests::client::Client;
use futures_util::future::join_all;
use tokio::task::JoinHandle;

const PAUSE: Duration = Duration::from_millis(200);
const DEADLINE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub struct Kept(JoinHandle<()>);

impl Kept {
    pub fn at(ts: u64, clients: &[Client]) -> Self {
        let clients: Vec<_> = clients.iter().map(|client| client.with_deadline(DEADLINE)).collect();
        let hold = rand::random::<[u8; 16]>().to_vec().into();
        let page = v1::ScanRequest { ts, limit: 1, keys_only: true, hold, ..Default::default() };
        Self(tokio::spawn(async move {
            loop {
                join_all(clients.iter().map(|client| client.scan(page.clone()))).await;
                tokio::time::sleep(PAUSE).await;
            }
        }))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.abort();
    }
}
