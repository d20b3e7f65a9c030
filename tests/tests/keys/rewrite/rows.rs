//! Many rows, written in batches: several versions a key, one in five of them a deletion or a value that is over.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_tests::client::{Client, request_id};
use elastickv_tests::wait::{self, PATIENCE};
use futures_util::{StreamExt, TryStreamExt, stream};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub const VERSIONS: u64 = 4;
const VALUE_BYTES: usize = 100;
/// Keys in one batch, and batches under way at once.
const BATCH: u64 = 2_000;
const AT_ONCE: usize = 4;

/// Writes every version of each of these keys.
pub async fn write(clients: &[Client], keys: Range<u64>) -> Result<()> {
    for version in 0..VERSIONS {
        let batches = keys.clone().step_by(BATCH as usize);
        let batches = batches.map(|first| first..keys.end.min(first + BATCH));
        stream::iter(batches.map(|batch| commit(clients, batch, version)))
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
    }
    Ok(())
}

/// How many versions of some of these keys can be read.
pub async fn versions(client: &Client, keys: Range<u64>) -> Result<usize> {
    let mut found = 0;
    for number in keys {
        found += client.history(key(number)).await?.versions.len();
    }
    Ok(found)
}

async fn commit(clients: &[Client], keys: Range<u64>, version: u64) -> Result<()> {
    let mutations = keys.map(|number| mutation(number, version)).collect();
    let request = v1::CommitRequest { mutations, request_id: request_id(), ..Default::default() };
    let turn = AtomicUsize::new(0);
    wait::until("a batch of rows to be acknowledged", PATIENCE, || async {
        let client = &clients[turn.fetch_add(1, Ordering::Relaxed) % clients.len()];
        Ok(client.commit(request.clone()).await.map(|_| ())?)
    })
    .await
}

fn mutation(number: u64, version: u64) -> v1::Mutation {
    use v1::mutation::Change;
    let put = || Change::Put(value(number, version));
    let (change, ttl_ms) = match (number + 3 * version) % 10 {
        0 => (Change::Delete(v1::Delete {}), 0),
        1 => (put(), 1),
        _ => (put(), 0),
    };
    v1::Mutation { key: key(number), change: Some(change), ttl_ms, ..Default::default() }
}

fn key(number: u64) -> Bytes {
    format!("row/{number:08}").into()
}

fn value(number: u64, version: u64) -> Bytes {
    let mut value = vec![0; VALUE_BYTES];
    StdRng::seed_from_u64((number << 8) | version).fill_bytes(&mut value);
    value.into()
}
