//! The content of one file, and what of it may survive.

use std::collections::BTreeSet;

/// The variant of a file, and the answer about a name, that lost nothing.
pub(super) const WHOLE: usize = 1;

/// What a disk writes as a whole, and at how many of their edges a write is torn.
const SECTOR: usize = 512;
const MOST_SECTORS: usize = 16;

#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Change::SetLen(len) => content.resize(*len, 0),
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len();
                content.resize(content.len().max(end), 0);
                content.splice(*offset..end, bytes.iter().copied());
            }
        }
    }

    /// The ways in which this may have reached the disk in part.
    fn torn(&self) -> Vec<Change> {
        let Change::Write { offset, bytes } = self else { return Vec::new() };
        let mut cuts = BTreeSet::from([1, bytes.len() / 2, bytes.len().saturating_sub(1)]);
        cuts.extend((SECTOR..bytes.len()).step_by(SECTOR).take(MOST_SECTORS));
        let cut = |len: usize| bytes.get(..len).filter(|part| !part.is_empty() && part.len() < bytes.len());
        let parts = cuts.into_iter().filter_map(cut).map(<[u8]>::to_vec);
        parts.chain([vec![0; bytes.len()]]).map(|bytes| Change::Write { offset: *offset, bytes }).collect()
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub durable: Vec<u8>,
    pub unsynced: Vec<Change>,
}

impl Content {
    pub fn sync(&mut self) {
        for change in std::mem::take(&mut self.unsynced) {
            change.apply(&mut self.durable);
        }
    }

    /// What may be found in this file: what was synced, all of it, at [`WHOLE`], and what lies between.
    pub fn variants(&self) -> Vec<Vec<u8>> {
        if self.unsynced.is_empty() {
            return vec![self.durable.clone()];
        }
        let mut whole = self.clone();
        whole.sync();
        let mut found = vec![self.durable.clone(), whole.durable];
        let mut add = |content: Vec<u8>| {
            if !found.contains(&content) {
                found.push(content);
            }
        };
        let mut so_far = self.durable.clone();
        for change in &self.unsynced {
            for torn in change.torn() {
                let mut content = so_far.clone();
                torn.apply(&mut content);
                add(content);
            }
            let mut alone = self.durable.clone();
            change.apply(&mut alone);
            add(alone);
            change.apply(&mut so_far);
            add(so_far.clone());
        }
        found
    }
}
