//! A store of versions, right by being trivial: one map, one counter of commits.

use std::collections::BTreeMap;

/// How many commits there had been.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Commit(pub u64);

#[derive(Debug)]
pub struct Store<V> {
    newest: Commit,
    versions: BTreeMap<u64, Vec<(Commit, V)>>,
}

impl<V: Clone + Default> Store<V> {
    pub fn new() -> Self {
        Self { newest: Commit(0), versions: BTreeMap::new() }
    }

    pub fn newest(&self) -> Commit {
        self.newest
    }

    pub fn read(&self, key: u64, at: Commit) -> V {
        let versions = self.versions.get(&key).into_iter().flatten();
        versions.rev().find(|(commit, _)| *commit <= at).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// When the key was last written.
    pub fn written(&self, key: u64) -> Commit {
        self.versions.get(&key).and_then(|versions| versions.last()).map_or(Commit(0), |(commit, _)| *commit)
    }

    /// All of these at once.
    pub fn write(&mut self, writes: Vec<(u64, V)>) {
        self.newest.0 += 1;
        for (key, value) in writes {
            self.versions.entry(key).or_default().push((self.newest, value));
        }
    }
}
