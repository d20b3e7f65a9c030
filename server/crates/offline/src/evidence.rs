//! Epochs that a node has sealed in, as its own envelopes tell.
//!
//! A load may seal in its epoch while its registration is still on its way: the row of an earlier load is enough for that.
//! So where a sidecar is gone or old, the store's registry may be behind what was used. But each envelope names the node that
//! sealed it and the epoch it did so in. All rows of the store and all entries of the log are looked at, also where there
//! is a sidecar: it may be one of long ago that was put back.

use std::collections::BTreeMap;

use elastickv_crypto::{EnvelopeHeader, Raft, Storage, Usage};
use elastickv_engine::{Direction, KeyRange, SharedEngine};
use elastickv_fsm::{Generation, GroupKeyspaces, Payload};
use elastickv_log::{Log, LogError, Options};
use elastickv_mvcc::{RowHeader, RowState};
use elastickv_types::{GroupId, KeyId, LocalEpoch, LogIndex, ShortNodeId};

use crate::data_dir::DataDir;
use crate::own_state::OwnStateError;

/// Of the log, so much is read at once.
const READ_BYTES: usize = 4 << 20;

/// The latest epoch of each key, by rows and log.
pub fn gather(
    dir: &DataDir,
    engine: &SharedEngine,
    generation: Generation,
) -> Result<BTreeMap<KeyId, LocalEpoch>, OwnStateError> {
    let mut seen = Seen::nothing(dir);
    seen.rows(engine, generation)?;
    seen.entries(dir)?;
    Ok(seen.epochs)
}

/// The same by the log alone, where the store can not be read.
pub fn of_log(dir: &DataDir) -> Result<BTreeMap<KeyId, LocalEpoch>, OwnStateError> {
    let mut seen = Seen::nothing(dir);
    seen.entries(dir)?;
    Ok(seen.epochs)
}

struct Seen {
    node: ShortNodeId,
    epochs: BTreeMap<KeyId, LocalEpoch>,
}

impl Seen {
    fn nothing(dir: &DataDir) -> Self {
        Self { node: dir.identity().node.full_id().short(), epochs: BTreeMap::new() }
    }

    fn rows(&mut self, engine: &SharedEngine, generation: Generation) -> Result<(), OwnStateError> {
        let keyspaces = GroupKeyspaces::new(GroupId::CONTROL);
        let (view, there) = (engine.view()?, engine.keyspaces()?);
        for keyspace in [keyspaces.rows(generation), keyspaces.locks(generation)] {
            if !there.contains(&keyspace) {
                continue;
            }
            for pair in view.range(&keyspace, KeyRange::ALL, Direction::Forward)? {
                let (header, body) = RowHeader::split(pair?.1)?;
                if header.state == RowState::Sealed {
                    self.envelope::<Storage>(&body);
                }
            }
        }
        Ok(())
    }

    fn entries(&mut self, dir: &DataDir) -> Result<(), LogError> {
        let log_dir = elastickv_datadir::log_dir(&dir.control_dir());
        if !dir.files.exists(&log_dir).unwrap_or(false) {
            return Ok(());
        }
        let log = Log::open(dir.files.clone(), &log_dir, GroupId::CONTROL, Options::default())?;
        let (mut next, end) = (log.first_index(), log.last_id().map(|id| id.index.next()));
        while let Some(end) = end.filter(|end| next < *end) {
            let entries = log.read(next, end, READ_BYTES)?;
            let Some(last) = entries.last().map(|entry| entry.id.index) else { break };
            for entry in entries {
                if let Ok(Payload::Sealed(envelope)) = Payload::split(entry.payload) {
                    self.envelope::<Raft>(&envelope);
                }
            }
            next = LogIndex::new(last.get() + 1);
        }
        log.close()
    }

    /// What is no envelope was sealed by nobody.
    fn envelope<U: Usage>(&mut self, bytes: &[u8]) {
        let Ok(header) = EnvelopeHeader::<U>::parse(bytes) else { return };
        let (node, epoch) = header.writer();
        if node == self.node {
            let latest = self.epochs.entry(header.key()).or_insert(epoch);
            *latest = epoch.max(*latest);
        }
    }
}
