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
//! e/job                                  Job          the work on all rows that there is, or was last
//! ```
//!
//! Each key, writer and operation has a record of its own, so that a rotation writes what it changes and
//! not the history of all before it. The lower five are the control group's.

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

impl RecordError {
    /// Of a key that may be anything: what is shown of it is no longer than a key that is known.
    fn at(key: &[u8], reason: &'static str) -> Self {
        let shown = key.get(..RecordKey::LONGEST).unwrap_or(key);
        let more = if shown.len() < key.len() { "..." } else { "" };
        Self { key: format!("{}{more}", shown.escape_ascii()), reason }
    }
}

impl GroupState {
    /// Every record of the state, in order of their keys, made one at a time.
    pub fn records(&self) -> impl Iterator<Item = (Bytes, Bytes)> + '_ {
        self.record_keys().filter_map(|key| Some((key.encode(), self.record(key)?)))
    }

    /// The keys of all records that the state has, in the order of their bytes.
    pub fn record_keys(&self) -> impl Iterator<Item = RecordKey> + '_ {
        let (raft, control) = (&self.raft, self.control.as_deref());
        let keys = control.into_iter().flat_map(|control| control.keys.iter());
        let writers = control.into_iter().flat_map(|control| control.writers.iter());
        let history = control.into_iter().flat_map(|control| control.history.iter());
        control
            .map(|_| RecordKey::Control)
            .into_iter()
            .chain(raft.cutover.map(|_| RecordKey::Cutover))
            .chain(raft.floor.keys().map(|key| RecordKey::Floor(*key)))
            .chain(history.map(|(index, _)| RecordKey::History(index)))
            .chain(control.and_then(|control| control.job.as_ref()).map(|_| RecordKey::Job))
            .chain(keys.map(|(key, _)| RecordKey::Key(key)))
            .chain(raft.last_sealed.keys().map(|key| RecordKey::Sealed(*key)))
            .chain(writers.map(|(key, row)| RecordKey::Writer(key, row.node.short())))
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
            RecordKey::Job => control?.job.as_ref().map(message::job),
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
