//! A sidecar made anew, for a node that has lost its own, or whose own is damaged or behind.
//!
//! What is the cluster's comes from a key table: that of the node's own store, or the leader's. What is the node's alone,
//! the epochs, is never copied from anybody: under each key the new sidecar goes on behind the last epoch of this node that
//! anyone knows of, whoever that is. The load that used it is the one that store and log name, so that both agree with it.
//!
//! A load may seal, and end, without anyone hearing of its epoch: an older row in the registry is enough for sealing, and
//! what it sealed may be gone. So each start tells store and log how far its epochs go before it seals, and a
//! sidecar that is gone, damaged or of another start goes on behind that under every key. One margin is left for what a
//! load may still do after its start: a key that came to it begins one behind its row, and one whose nonces
//! ran out goes on one higher. The new sidecar is one behind all that is known, and the start that follows goes on to
//! the next.
//!
//! The file that was there is copied beside it before it is replaced. A crash leaves the old sidecar or the new one, and
//! whoever repeats it either finds all in order or does it again, at higher epochs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use elastickv_sys::random::SharedRandom;
use elastickv_types::{GroupId, KeyId, LoadToken, LocalEpoch, LogIndex};

use crate::error::{KeyringError, Result};
use crate::load::{LoadMark, Others, Told};
use crate::sidecar::{Recorded, Sidecar, SidecarFile};
use crate::table::KeyTable;

/// What a sidecar is made of.
#[derive(Debug)]
pub struct Resync<'a> {
    pub file: SidecarFile,
    pub others: Others<'a>,
    pub random: SharedRandom,
    pub table: KeyTable,
    /// Of each group that is cut over, as far as it is known.
    pub cutovers: BTreeMap<GroupId, LogIndex>,
    /// Epochs of this node that were used, besides those of its rows in the table.
    pub used: BTreeMap<KeyId, LocalEpoch>,
}

/// What became of a sidecar.
#[derive(Debug)]
pub struct Resynced {
    pub sidecar: Recorded,
    /// Nothing was wrong with it, and it was left alone.
    pub in_order: bool,
    /// Where the file is that was there before.
    pub aside: Option<PathBuf>,
    /// Why it could not be read.
    pub damage: Option<KeyringError>,
}

impl Resync<'_> {
    pub fn run(self) -> Result<Resynced> {
        let (old, damage) = match self.file.load() {
            Ok(old) => (old, None),
            Err(error @ (KeyringError::Damaged { .. } | KeyringError::Foreign { .. })) => (None, Some(error)),
            Err(error) => return Err(error),
        };
        let told = self.others.told()?;
        let last = old.as_ref().map(Recorded::sidecar);
        if let Some(recorded) = old.as_ref().filter(|old| self.is_in_order(old.sidecar(), told)) {
            return Ok(Resynced { sidecar: recorded.clone(), in_order: true, aside: None, damage });
        }
        let mark = self.mark(last, told)?;
        let next = self.next(last, mark, told)?;
        let aside = self.file.keep_aside()?;
        let sidecar = self.file.save(old.as_ref(), next)?;
        Ok(Resynced { sidecar, in_order: false, aside, damage })
    }

    /// It fits the other parts, is not behind, and nobody knows of a later epoch.
    fn is_in_order(&self, old: &Sidecar, told: Told) -> bool {
        let holds = |key: &KeyId| old.keys.get(key).is_some_and(|held| self.used(*key) <= Some(held.epoch));
        told.agree(Some(old.load)).is_ok()
            && old.applied >= self.table.index
            && self.table.keys.keys().all(holds)
    }

    /// The start that store and log name. Where they never heard of one, another begins.
    fn mark(&self, last: Option<&Sidecar>, told: Told) -> Result<LoadMark> {
        if let Some(last) = last
            && let Ok(Some(agreed)) = told.agree(Some(last.load))
        {
            return Ok(agreed);
        }
        let agreed = told.agree(None)?;
        Ok(agreed.unwrap_or_else(|| LoadMark::begin(None, || LoadToken::new(self.random.u64()))))
    }

    /// One that is ahead of the table keeps what it has of keys.
    fn next(&self, last: Option<&Sidecar>, mark: LoadMark, told: Told) -> Result<Sidecar> {
        let of_this_start = last.is_some_and(|last| told.agree(Some(last.load)).is_ok());
        let reached = told.reached().filter(|_| !of_this_start);
        let mut next = match last.filter(|last| last.applied > self.table.index) {
            Some(ahead) => ahead.clone(),
            None => Sidecar::with_table(last, &self.file.owner().node, mark, &self.table)?,
        };
        next.load = mark;
        next.raft_cutovers.extend(&self.cutovers);
        for (key, entry) in &mut next.keys {
            let held = last.and_then(|last| last.keys.get(key)).map(|held| held.epoch);
            entry.epoch = held.max(self.used(*key)).max(reached).unwrap_or(LocalEpoch::ZERO);
            entry.advance(mark.token());
        }
        Ok(next)
    }

    /// The last epoch that anyone knows of.
    fn used(&self, key: KeyId) -> Option<LocalEpoch> {
        let row = self.table.keys.get(&key).and_then(|entry| entry.row).map(|row| row.epoch);
        row.max(self.used.get(&key).copied())
    }
}
