//! Much content, so that files are long and transfers take a while.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::client::{Client, Pair};

const PREFIX: &str = "bulk/";
const VALUE_BYTES: usize = 32 << 10;
/// Puts under way at once.
const AT_ONCE: usize = 16;

/// So many pairs, each made from its number: none compresses, and each can be made again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bulk {
    pairs: u64,
}

impl Bulk {
    pub fn of_mib(mib: u64) -> Self {
        Self { pairs: (mib << 20) / VALUE_BYTES as u64 }
    }

    pub fn bytes(&self) -> u64 {
        self.pairs * VALUE_BYTES as u64
    }

    /// Writes all pairs through one node.
    pub async fn write(&self, client: &Client) -> Result<()> {
        stream::iter(0..self.pairs)
            .map(|number| async move {
                let put = client.put(key(number), value(number), Bytes::new()).await;
                put.with_context(|| format!("pair {number} of {}", self.pairs)).map(|_| ())
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Demands that a scan of everything brought every pair, and none that was not written.
    pub fn check(&self, content: &[Pair]) -> Result<()> {
        let found: BTreeMap<_, _> = content
            .iter()
            .filter(|(key, _)| key.starts_with(PREFIX.as_bytes()))
            .map(|(key, value)| (key, value))
            .collect();
        for number in 0..self.pairs {
            let right = found.get(&key(number)).is_some_and(|found| **found == value(number));
            ensure!(right, "pair {number} of {} is missing or wrong", self.pairs);
        }
        ensure!(found.len() as u64 == self.pairs, "{} pairs of {}", found.len(), self.pairs);
        Ok(())
    }
}

fn key(number: u64) -> Bytes {
    format!("{PREFIX}{number:08}").into()
}

fn value(number: u64) -> Bytes {
    let mut value = vec![0; VALUE_BYTES];
    StdRng::seed_from_u64(number).fill_bytes(&mut value);
    value.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_a_wrong_and_an_odd_pair_are_noticed() {
        let bulk = Bulk { pairs: 3 };
        let whole: Vec<Pair> = (0..3).map(|number| (key(number), value(number))).collect();
        bulk.check(&whole).expect("all of it");
        assert!(bulk.check(&whole[..2]).is_err());
        let mut wrong = whole.clone();
        wrong[1].1 = value(2);
        assert!(bulk.check(&wrong).is_err());
        let odd = [whole.clone(), vec![(key(3), value(3))]].concat();
        assert!(bulk.check(&odd).is_err());
        let others = [whole, vec![(Bytes::from_static(b"load/x"), value(3))]].concat();
        bulk.check(&others).expect("what is not bulk is not looked at");
    }
}
