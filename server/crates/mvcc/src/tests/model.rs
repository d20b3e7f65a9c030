//! What rows have to do, said as simply as it can be: a map of maps from which nothing is ever collected.

use std::collections::BTreeMap;

use elastickv_types::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Written {
    /// None where it says that the key was deleted.
    pub(super) value: Option<Vec<u8>>,
    pub(super) expire_at: u64,
}

impl Written {
    pub(super) fn shown(&self, at: Timestamp) -> Option<&Vec<u8>> {
        let over = self.expire_at != 0 && self.expire_at <= at.unix_ms();
        self.value.as_ref().filter(|_| !over)
    }
}

#[derive(Clone, Default, Debug)]
pub(super) struct Model(pub(super) BTreeMap<Vec<u8>, BTreeMap<Timestamp, Written>>);

impl Model {
    pub(super) fn put(&mut self, key: &[u8], at: Timestamp, written: Written) {
        self.0.entry(key.to_vec()).or_default().insert(at, written);
    }

    pub(super) fn get(&self, key: &[u8], at: Timestamp) -> Option<(Timestamp, &Vec<u8>)> {
        let (commit_ts, newest) = self.0.get(key)?.range(..=at).next_back()?;
        Some((*commit_ts, newest.shown(at)?))
    }

    /// When the version that `get` shows is over.
    pub(super) fn expire_at(&self, key: &[u8], at: Timestamp) -> u64 {
        self.0[key].range(..=at).next_back().unwrap().1.expire_at
    }

    pub(super) fn all(&self, at: Timestamp) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.0.keys().filter_map(|key| Some((key.clone(), self.get(key, at)?.1.clone()))).collect()
    }

    /// The versions that have to be left once everything up to a watermark is collected, in the order of rows.
    pub(super) fn retained(&self, watermark: Timestamp) -> Vec<(Vec<u8>, Timestamp, Written)> {
        let mut left = Vec::new();
        for (key, versions) in &self.0 {
            let newer = versions.iter().rev().filter(|(at, _)| **at > watermark);
            let anchor = versions.range(..=watermark).next_back();
            let anchor = anchor.filter(|(_, written)| written.shown(watermark).is_some());
            left.extend(newer.chain(anchor).map(|(at, written)| (key.clone(), *at, written.clone())));
        }
        left
    }
}
