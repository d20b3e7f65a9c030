//! The state as records: in the store, and in the first section of a snapshot.
//!
//! ```text
//! e/cutover                              index u64
//! e/floor/   ‖ key id u32                index u64
//! e/sealed/  ‖ key id u32                index u64
//!
//! e/control                              Control      stage, indexes, the operation under way
//! e/key/     ‖ key id u32                Key
//! e/writer/  ‖ key id u32 ‖ short id u16 full id u64 ‖ epoch u16 ‖ token u64
//! e/history/ ‖ index u64                 Record
//! ```
//!
//! Each key, writer and operation has a record of its own, so that a rotation writes what it changes and
//! not the history of all before it. The lower four are the control group's.

mod key;
mod load;
mod message;
mod rejection;
mod wire;

use bytes::{BufMut, Bytes, BytesMut};
use elastickv_types::LogIndex;

use super::GroupState;
use crate::command::Writer;
pub use key::RecordKey;

/// A record that is none, or that contradicts another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the record {key} {reason}")]
pub struct RecordError {
    pub key: String,
    pub reason: &'static str,
}

impl GroupState {
    /// Every record of the state, in order of their keys.
    pub fn records(&self) -> Vec<(Bytes, Bytes)> {
        let written = |key: RecordKey| Some((key.encode(), self.record(key)?));
        let mut records: Vec<_> = self.record_keys().into_iter().filter_map(written).collect();
        records.sort();
        records
    }

    /// The keys of all records that the state has.
    pub fn record_keys(&self) -> Vec<RecordKey> {
        let raft = &self.raft;
        let mut keys: Vec<_> = raft.cutover.iter().map(|_| RecordKey::Cutover).collect();
        keys.extend(raft.floor.keys().map(|key| RecordKey::Floor(*key)));
        keys.extend(raft.last_sealed.keys().map(|key| RecordKey::Sealed(*key)));
        let Some(control) = &self.control else { return keys };
        keys.push(RecordKey::Control);
        keys.extend(control.keys.iter().map(|(key, _)| RecordKey::Key(key)));
        keys.extend(control.writers.iter().map(|(key, row)| RecordKey::Writer(key, row.node.short())));
        keys.extend(control.history.iter().map(|(index, _)| RecordKey::History(index)));
        keys
    }

    /// What a record says now; `None` when there is none any more.
    pub fn record(&self, key: RecordKey) -> Option<Bytes> {
        let control = self.control.as_deref();
        match key {
            RecordKey::Cutover => self.raft.cutover.map(index_bytes),
            RecordKey::Floor(key) => self.raft.floor.get(&key).copied().map(index_bytes),
            RecordKey::Sealed(key) => self.raft.last_sealed.get(&key).copied().map(index_bytes),
            RecordKey::Control => control.map(message::control),
            RecordKey::Key(key) => control?.keys.get(key).map(message::key_row),
            RecordKey::Writer(key, short) => control?.writers.at(key, short).map(writer_bytes),
            RecordKey::History(index) => control?.history.at(index).map(message::record),
        }
    }
}

fn index_bytes(index: LogIndex) -> Bytes {
    Bytes::copy_from_slice(&index.get().to_be_bytes())
}

fn writer_bytes(row: &Writer) -> Bytes {
    let mut out = BytesMut::with_capacity(18);
    out.put_u64(row.node.get());
    out.put_u16(row.epoch.get());
    out.put_u64(row.token.get());
    out.freeze()
}

#[cfg(test)]
mod tests;
