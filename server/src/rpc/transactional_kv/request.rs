//! From the steps of a transaction as they travel to what can be proposed.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use elastickv_fsm::{Keys, Mutation, Mutations, MutationsBuilder};
use elastickv_proto::{Kv, PreWriteRequest};
use elastickv_txn::LimitError;
use elastickv_types::Timestamp;

use super::super::status::Refusal;
use crate::node::Node;

pub struct Locking {
    pub start_ts: Timestamp,
    /// None where the server chooses.
    pub ttl: Option<Duration>,
    pub mutations: Mutations,
}

fn incomplete(text: &str) -> Refusal {
    Refusal::bad_request("BadTransaction", text)
}

pub fn start(raw: u64) -> Result<Timestamp, Refusal> {
    match raw {
        0 => Err(incomplete("the timestamp at which the transaction began is missing")),
        raw => Ok(Timestamp::from_u64(raw)),
    }
}

pub fn locking(node: &Node, message: &PreWriteRequest) -> Result<Locking, Refusal> {
    let start_ts = start(message.start_ts)?;
    let ttl = (message.lock_ttl > 0).then(|| Duration::from_millis(message.lock_ttl));
    let mutations = mutations(&message.mutations)?;
    node.coordinator.check_locks(&mutations, ttl)?;
    Ok(Locking { start_ts, ttl, mutations })
}

fn mutations(given: &[Kv]) -> Result<Mutations, Refusal> {
    if given.is_empty() {
        return Err(incomplete("there is nothing to lock"));
    }
    let (mut list, mut seen) = (MutationsBuilder::default(), BTreeSet::new());
    for Kv { key, value, delete, .. } in given {
        if !seen.insert(key) {
            return Err(incomplete("a key is given twice"));
        }
        let mutation = match (delete, value.is_empty()) {
            (false, _) => Mutation::Put { key, value, expire_at: 0 },
            (true, true) => Mutation::Delete { key },
            (true, false) => return Err(incomplete("a deletion has no value")),
        };
        list.push(mutation).map_err(LimitError::from)?;
    }
    Ok(list.build())
}

pub fn keys(node: &Node, given: &[Bytes]) -> Result<Keys, Refusal> {
    node.coordinator.check_locked(given)?;
    Ok(Keys::of(given.iter().map(|key| &key[..])).map_err(LimitError::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kv(key: &'static str, value: &'static str, delete: bool) -> Kv {
        Kv { key: key.into(), value: value.into(), delete, error: None }
    }

    #[test]
    fn what_is_locked_is_said_once_and_for_one_thing() {
        let told = |given: &[Kv]| mutations(given).map(|list| list.iter().count()).map_err(|bad| bad.reason);
        assert_eq!(told(&[kv("a", "1", false), kv("b", "", false), kv("c", "", true)]), Ok(3));
        for bad in [&[][..], &[kv("a", "1", false), kv("a", "", true)], &[kv("a", "1", true)]] {
            assert_eq!(told(bad), Err("BadTransaction".into()));
        }
        assert_eq!(told(&[kv("", "1", false)]), Err("EmptyKey".into()));
        assert_eq!(start(0).map_err(|bad| bad.reason), Err("BadTransaction".into()));
    }
}
