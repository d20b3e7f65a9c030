//! Rows sealed under the keys of this node, once the cluster seals its rows.
//!
//! Which key a row was sealed under stands in its envelope, and it is opened under that one or not at all. Whether
//! a new row is sealed is decided by the cluster, under which key by the node's keyring of the moment. A node that
//! has no key to seal under yet stores nothing in clear instead: it is told to wait.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use elastickv_crypto::{EnvelopeHeader, OVERHEAD_BYTES, RowContext, Storage};
use elastickv_keyring::{KeyState, Keystore, Sealing};

use crate::rewrite::sealed_by;
use crate::row::{HEADER_BYTES, RowDraft, RowHeader, RowState};
use crate::seal::{ClearRows, OpenedRow, SealedOnly, Sealer};
use crate::{Result, RowError};

#[derive(Debug)]
pub struct KeyedRows {
    keys: Arc<Keystore>,
    sealed_only: SealedOnly,
}

impl KeyedRows {
    pub fn new(keys: Arc<Keystore>, sealed_only: SealedOnly) -> Self {
        Self { keys, sealed_only }
    }

    /// Where rows are sealed, one in clear or under a key that is closed does not travel.
    fn is_outdated(&self, header: RowHeader, body: &[u8]) -> Result<bool> {
        if !self.keys.seals_rows() {
            return Ok(false);
        }
        Ok(match header.state {
            RowState::Clear => true,
            RowState::Sealed => {
                let key = EnvelopeHeader::<Storage>::parse(body)?.key();
                self.keys.keyring().state::<Storage>(key) == Some(KeyState::Closed)
            }
        })
    }

    fn failed(&self, error: &RowError) {
        let failures = self.keys.failures();
        match error {
            RowError::Key(lookup) => failures.looked_up(lookup),
            RowError::Envelope(error) => failures.opened(error),
            _ => {}
        }
    }

    fn open_any(&self, row_key: &[u8], value: Bytes) -> Result<OpenedRow> {
        let (header, body) = RowHeader::split(value.clone())?;
        match header.state {
            RowState::Clear => ClearRows.open(row_key, value),
            RowState::Sealed => {
                self.open_sealed(row_key, header, &body).inspect_err(|error| self.failed(error))
            }
        }
    }

    fn open_sealed(&self, row_key: &[u8], header: RowHeader, envelope: &[u8]) -> Result<OpenedRow> {
        let key = EnvelopeHeader::<Storage>::parse(envelope)?.key();
        let keyring = self.keys.keyring();
        let dek = keyring.key::<Storage>(key)?;
        let mut body = BytesMut::with_capacity(envelope.len());
        dek.open(RowContext { header: &header.encode(), row_key }, envelope, &mut body)?;
        if header.tombstone && !body.is_empty() {
            return Err(RowError::TombstoneWithBody { len: body.len() });
        }
        Ok(OpenedRow { tombstone: header.tombstone, expire_at: header.expire_at, body: body.freeze() })
    }
}

impl Sealer for KeyedRows {
    fn seal(&self, row_key: &[u8], draft: RowDraft<'_>) -> Result<Bytes> {
        if !self.keys.seals_rows() {
            return ClearRows.seal(row_key, draft);
        }
        let Sealing { dek, nonce } = self.keys.sealing::<Storage>()?;
        let state = RowState::Sealed;
        let header = RowHeader { tombstone: draft.tombstone, state, expire_at: draft.expire_at }.encode();
        let mut row = BytesMut::with_capacity(HEADER_BYTES + OVERHEAD_BYTES + draft.body.len());
        row.put_slice(&header);
        dek.seal(nonce, RowContext { header: &header, row_key }, draft.body, &mut row)?;
        Ok(row.freeze())
    }

    fn open(&self, row_key: &[u8], value: Bytes) -> Result<OpenedRow> {
        let (header, _) = RowHeader::split(value.clone())?;
        match header.state {
            RowState::Clear if self.sealed_only.get() => Err(RowError::UnsealedRow),
            RowState::Clear | RowState::Sealed => self.open_any(row_key, value),
        }
    }

    fn carried(&self, row_key: &[u8], value: Bytes) -> Result<Bytes> {
        let (header, body) = RowHeader::split(value.clone())?;
        if !self.is_outdated(header, &body)? {
            return Ok(value);
        }
        self.sealed_anew(row_key, value)
    }

    fn needs_sealing(&self, value: &Bytes) -> Result<bool> {
        if !self.keys.seals_rows() {
            return Ok(false);
        }
        let Some(key) = sealed_by(value)? else { return Ok(true) };
        let state = self.keys.keyring().state::<Storage>(key);
        Ok(matches!(state, Some(KeyState::Retiring | KeyState::Closed)))
    }

    /// Clear rows come with snapshots from before, whatever is here by now.
    fn sealed_anew(&self, row_key: &[u8], value: Bytes) -> Result<Bytes> {
        let row = self.open_any(row_key, value)?;
        let draft = RowDraft { tombstone: row.tombstone, expire_at: row.expire_at, body: &row.body };
        self.seal(row_key, draft)
    }
}
