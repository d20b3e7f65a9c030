//! Canaries, planted in every way that a value can come into a store and leave it again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use bytes::Bytes;
use elastickv_proto::v1;
use elastickv_tests::canaries::{BYTES, Canary};
use elastickv_tests::client::{Answer, Client, Pair, request_id};
use elastickv_tests::scale;
use elastickv_tests::wait::{self, PATIENCE};
use futures_util::{StreamExt, TryStreamExt, stream};

/// A large value is this long, and has its canary in the middle.
const LARGE: (usize, usize) = (4 << 10, 16 << 10);
/// Canaries that are planted at once.
const AT_ONCE: usize = 32;
const GONE_OVER: &[u8] = b"written over";

#[derive(Clone, Copy, Debug)]
enum Way {
    Small,
    Large,
    Overwritten,
    Deleted,
    Committed,
}

const WAYS: [Way; 5] = [Way::Small, Way::Large, Way::Overwritten, Way::Deleted, Way::Committed];

/// Canaries that were planted, and what their keys hold since.
#[derive(Debug)]
pub struct Planted {
    /// What their keys begin with.
    prefix: &'static str,
    pub canaries: Vec<Canary>,
    holds: BTreeMap<Bytes, Option<Bytes>>,
}

impl Planted {
    pub fn of(prefix: &'static str) -> Self {
        Self { prefix, canaries: Vec::new(), holds: BTreeMap::new() }
    }

    /// Plants so many more, by turns in every way; all of them are acknowledged.
    pub async fn plant(&mut self, clients: &[Client], more: usize) -> Result<()> {
        let first = self.canaries.len();
        let fresh: Vec<Canary> = (0..more).map(|_| rand::random()).collect();
        let planted: Vec<_> = stream::iter(fresh.iter().zip(first..))
            .map(|(canary, number)| plant_one(clients, self.prefix, canary, number))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        self.holds.extend(planted);
        self.canaries.extend(fresh);
        Ok(())
    }

    /// Demands that every key has what was left in it.
    pub fn check(&self, content: &[Pair]) -> Result<()> {
        let content: BTreeMap<&Bytes, &Bytes> = content.iter().map(|(key, value)| (key, value)).collect();
        for (key, holds) in &self.holds {
            let right = content.get(key).copied() == holds.as_ref();
            ensure!(right, "{} does not hold what it should", String::from_utf8_lossy(key));
        }
        Ok(())
    }
}

async fn plant_one(
    clients: &[Client],
    prefix: &str,
    canary: &Canary,
    number: usize,
) -> Result<(Bytes, Option<Bytes>)> {
    let way = WAYS[number % WAYS.len()];
    let key = Bytes::from(format!("{prefix}/{way:?}/{number:06}"));
    let value = match way {
        Way::Large => large(canary),
        _ => Bytes::copy_from_slice(canary),
    };
    let left = match way {
        Way::Small | Way::Large => {
            put(clients, &key, &value).await?;
            Some(value)
        }
        Way::Overwritten => {
            let over = Bytes::from_static(GONE_OVER);
            put(clients, &key, &value).await?;
            put(clients, &key, &over).await?;
            Some(over)
        }
        Way::Deleted => {
            put(clients, &key, &value).await?;
            delete(clients, &key).await?;
            None
        }
        Way::Committed => {
            commit(clients, &key, &value).await?;
            Some(value)
        }
    };
    Ok((key, left))
}

async fn put(clients: &[Client], key: &Bytes, value: &Bytes) -> Result<()> {
    let id = request_id();
    acknowledged(clients, async |client| client.put(key.clone(), value.clone(), id.clone()).await).await
}

async fn delete(clients: &[Client], key: &Bytes) -> Result<()> {
    let id = request_id();
    acknowledged(clients, async |client| client.delete(key.clone(), id.clone()).await).await
}

async fn commit(clients: &[Client], key: &Bytes, value: &Bytes) -> Result<()> {
    let change = Some(v1::mutation::Change::Put(value.clone()));
    let mutations = vec![v1::Mutation { key: key.clone(), change, ..Default::default() }];
    let request = v1::CommitRequest { mutations, request_id: request_id(), ..Default::default() };
    acknowledged(clients, async |client| client.commit(request.clone()).await).await
}

/// Asks one node after the other, for one and the same write, until one acknowledges it.
async fn acknowledged<T>(clients: &[Client], write: impl AsyncFn(&Client) -> Answer<T>) -> Result<()> {
    let turn = AtomicUsize::new(0);
    wait::until("a canary to be planted", PATIENCE, || async {
        let client = &clients[turn.fetch_add(1, Ordering::Relaxed) % clients.len()];
        Ok(write(client).await.map(|_| ())?)
    })
    .await
}

fn large(canary: &Canary) -> Bytes {
    let bytes = scale::pick(LARGE.0, LARGE.1);
    let mut value: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
    value[bytes / 2..][..BYTES].copy_from_slice(canary);
    value.into()
}

#[test]
fn a_planted_value_that_is_missing_or_another_or_back_is_noticed() {
    let (kept, gone) = (Bytes::from_static(b"kept"), Bytes::from_static(b"gone"));
    let value = Bytes::from_static(b"value");
    let mut planted = Planted::of("canary");
    planted.holds.extend([(kept.clone(), Some(value.clone())), (gone.clone(), None)]);
    planted.check(&[(kept.clone(), value.clone())]).expect("just as it was left");
    assert!(planted.check(&[]).is_err());
    assert!(planted.check(&[(kept.clone(), kept.clone())]).is_err());
    assert!(planted.check(&[(kept, value.clone()), (gone, value)]).is_err());
}
