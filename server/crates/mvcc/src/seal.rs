//! The seam between rows and their encryption.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use crate::row::{RowDraft, RowHeader, RowState};
use crate::{Result, RowError};

/// A row whose body may be looked at.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedRow {
    pub tombstone: bool,
    pub expire_at: u64,
    pub body: Bytes,
}

impl std::fmt::Debug for OpenedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.tombstone { "tombstone" } else { "value" };
        write!(f, "OpenedRow({kind} of {} bytes)", self.body.len())
    }
}

/// Turns rows into what is stored and back.
pub trait Sealer: Send + Sync + std::fmt::Debug + 'static {
    fn seal(&self, row_key: &[u8], draft: RowDraft<'_>) -> Result<Bytes>;
    fn open(&self, row_key: &[u8], value: Bytes) -> Result<OpenedRow>;
    /// A stored row as it may travel: one that would not be stored so any more is sealed anew.
    fn carried(&self, _row_key: &[u8], value: Bytes) -> Result<Bytes> {
        Ok(value)
    }
    /// Whether a stored row is clear where rows are sealed, or sealed under a key that was replaced.
    fn needs_sealing(&self, _value: &Bytes) -> Result<bool> {
        Ok(false)
    }
    /// The same row under the key of now.
    fn sealed_anew(&self, row_key: &[u8], value: Bytes) -> Result<Bytes> {
        let row = self.open(row_key, value)?;
        let draft = RowDraft { tombstone: row.tombstone, expire_at: row.expire_at, body: &row.body };
        self.seal(row_key, draft)
    }
}

/// Whether every row of a group was found sealed, so that a clear one is none of ours any more.
#[derive(Clone, Debug, Default)]
pub struct SealedOnly(Arc<AtomicBool>);

impl SealedOnly {
    pub fn set(&self, sealed_only: bool) {
        self.0.store(sealed_only, Ordering::SeqCst);
    }

    pub fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

pub type SharedSealer = Arc<dyn Sealer>;

/// Stores rows as they are, and refuses sealed ones.
#[derive(Debug)]
pub struct ClearRows;

impl Sealer for ClearRows {
    fn seal(&self, _row_key: &[u8], draft: RowDraft<'_>) -> Result<Bytes> {
        let header =
            RowHeader { tombstone: draft.tombstone, state: RowState::Clear, expire_at: draft.expire_at };
        Ok(header.join(draft.body))
    }

    fn open(&self, _row_key: &[u8], value: Bytes) -> Result<OpenedRow> {
        let (header, body) = RowHeader::split(value)?;
        match header.state {
            RowState::Sealed => Err(RowError::Sealed),
            RowState::Clear if header.tombstone && !body.is_empty() => {
                Err(RowError::TombstoneWithBody { len: body.len() })
            }
            RowState::Clear => {
                Ok(OpenedRow { tombstone: header.tombstone, expire_at: header.expire_at, body })
            }
        }
    }
}
