//! Versions of the users' keys, as rows of an engine's keyspace.
//!
//! A write adds a row under its commit timestamp; a deletion adds a row that says so. A read at a
//! timestamp sees, of each key, the newest row at or below it. Rows of one key lie side by side,
//! newest first, so a read is one seek.
//!
//! Rows pass through a [`Sealer`] in both directions. What a reader is shown is decided in one
//! place, [`read`], after the row was opened. This crate knows no Raft, no clock and no cipher.

mod digest;
mod read;
mod row;
mod rowkey;
mod seal;

pub use digest::{Digest, digest};
pub use read::{Consumed, Found, Page, PageLimit, ScanRequest, Shown, get, scan};
pub use row::{HEADER_BYTES, RowDraft, RowHeader, RowState};
pub use rowkey::{RowKey, escaped_len};
pub use seal::{ClearRows, OpenedRow, Sealer, SharedSealer};

/// Why rows could not be read or made.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    #[error(transparent)]
    Engine(#[from] elastickv_engine::EngineError),
    #[error("a row key in keyspace {keyspace} is not one: {reason}")]
    Key { keyspace: String, reason: &'static str },
    /// Header bits that no version of the format gives a meaning.
    #[error("a row header has reserved bits set: {flags:#04x}")]
    ReservedRowState { flags: u8 },
    #[error("a row value of {len} bytes is shorter than its header")]
    ShortRow { len: usize },
    #[error("a clear row says that it was deleted and yet has a body of {len} bytes")]
    TombstoneWithBody { len: usize },
    #[error("a row is sealed, and this build can not open it")]
    Sealed,
}

pub type Result<T, E = RowError> = std::result::Result<T, E>;
