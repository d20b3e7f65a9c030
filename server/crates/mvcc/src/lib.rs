//! Versions of the users' keys, as rows of an engine's keyspace.
//!
//! A write adds a row under its commit timestamp; a deletion adds a row that says so. A read at a
//! timestamp sees, of each key, the newest row at or below it. Rows of one key lie side by side,
//! newest first, so a read is one seek.
//!
//! Rows pass through a [`Sealer`] in both directions. What a reader is shown is decided in one
//! place, [`Rows::get`] and its kin, after the row was opened. What nobody can be shown any more is
//! collected ([`gc`]), up to a timestamp that readers hold down ([`Pins`]); what is clear or under a key that was
//! replaced is sealed anew ([`rewrite`]); who changes rows beside the log holds a group's [`RowLatch`]. This crate knows no Raft and no clock.

mod delete_range;
mod digest;
pub mod expiry;
mod frame;
pub mod gc;
mod history;
mod keyed;
mod latch;
mod lockkey;
mod newer;
mod pins;
mod read;
pub mod rewrite;
mod row;
mod rowkey;
mod rows;
mod scan;
mod seal;
mod token;
mod walk;

#[cfg(test)]
mod tests;

use elastickv_crypto::CryptoError;
use elastickv_keyring::{KeyringError, Lookup};
use elastickv_types::Timestamp;

pub use delete_range::{Deletable, KeysLimit};
pub use digest::Digest;
pub use history::{History, Version};
pub use keyed::KeyedRows;
pub use latch::{Held, Replaced, Replacement, RowLatch};
pub use lockkey::LockKey;
pub use newer::{first_newer, newer};
pub use pins::{Pin, Pins, Watermark};
pub use read::Found;
pub use row::{HEADER_BYTES, RowDraft, RowHeader, RowState};
pub use rowkey::{RowKey, escaped_len};
pub use rows::Rows;
pub use scan::{Page, PageLimit, ScanRequest, Shown};
pub use seal::{ClearRows, OpenedRow, SealedOnly, Sealer, SharedSealer};
pub use token::ScanToken;

/// Why rows could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    #[error(transparent)]
    Engine(#[from] elastickv_engine::EngineError),
    #[error("a row key in keyspace {keyspace} is not one: {reason}")]
    RowKey { keyspace: String, reason: &'static str },
    /// Header bits that no version of the format gives a meaning.
    #[error("a row header has reserved bits set: {flags:#04x}")]
    ReservedRowState { flags: u8 },
    #[error("a row value of {len} bytes is shorter than its header")]
    ShortRow { len: usize },
    #[error("a clear row says that it was deleted and yet has a body of {len} bytes")]
    TombstoneWithBody { len: usize },
    #[error("a row is sealed, and this node holds no keys")]
    Sealed,
    /// Every row here was sealed once: this one was put here by nobody of ours.
    #[error("a row is clear where every row was found sealed")]
    UnsealedRow,
    /// The key that a row names, or one to seal under, can not be had; perhaps not yet.
    #[error(transparent)]
    Key(#[from] Lookup),
    /// The keys of this node are not to be used.
    #[error(transparent)]
    Keyring(KeyringError),
    /// What stands in a row's place is not what was sealed there, or not for this row.
    #[error("a row does not open: {0}")]
    Envelope(#[from] CryptoError),
    /// Versions that a read at that timestamp needs may be gone.
    #[error("timestamp {asked} can not be read any more; the oldest that can is {oldest}")]
    ReadTimestampCompacted { asked: Timestamp, oldest: Timestamp },
    /// It was cut, changed or made up: no scan ever gave it.
    #[error("a token is not one of a scan: {reason}")]
    MalformedToken { reason: &'static str },
    /// It was given for another request.
    #[error("a token belongs to a scan with another {differs}")]
    ForeignToken { differs: &'static str },
    #[error("a cursor of the garbage collection is not one: {reason}")]
    MalformedCursor { reason: &'static str },
    /// Going on from it would collect what can still be read.
    #[error("a cursor collects up to {cursor}, and {oldest} can still be read")]
    CursorAhead { cursor: Timestamp, oldest: Timestamp },
}

impl From<KeyringError> for RowError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Lookup(lookup) => Self::Key(lookup),
            KeyringError::Crypto(error) => Self::Envelope(error),
            other => Self::Keyring(other),
        }
    }
}

impl RowError {
    /// The key whose opening it takes: nothing is wrong with the row.
    pub fn waits_for(&self) -> Option<Lookup> {
        match self {
            RowError::Key(key @ (Lookup::NotOpen { .. } | Lookup::NoSealKey { .. })) => Some(*key),
            _ => None,
        }
    }
}

pub type Result<T, E = RowError> = std::result::Result<T, E>;
