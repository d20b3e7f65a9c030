//! Storage envelopes: the values of rows, compressed where that wins, bound to their row.

use bytes::{BufMut, BytesMut};

use crate::compress::{self, Compression};
use crate::context::RowContext;
use crate::key::{Dek, Storage};
use crate::nonce::FreshNonce;
use crate::{CryptoError, OVERHEAD_BYTES, Result};

/// The longest value there is.
pub const LONGEST_VALUE: usize = 16 << 20;

const PLAIN: u8 = 0;
const COMPRESSED: u8 = 0b0000_0001;

impl Dek<Storage> {
    /// Appends an envelope of a value.
    pub fn seal(
        &self,
        nonce: FreshNonce<Storage>,
        context: RowContext<'_>,
        value: &[u8],
        out: &mut BytesMut,
    ) -> Result<()> {
        if value.len() > LONGEST_VALUE {
            return Err(CryptoError::TooLong { len: value.len(), limit: LONGEST_VALUE });
        }
        out.reserve(OVERHEAD_BYTES + value.len());
        self.seal_frame(nonce, context, out, |out| match compress::append(value, out) {
            Compression::Won => COMPRESSED,
            Compression::Lost => {
                out.put_slice(value);
                PLAIN
            }
        })
    }

    /// Appends the value in an envelope; appends nothing on failure.
    pub fn open(&self, context: RowContext<'_>, envelope: &[u8], out: &mut BytesMut) -> Result<()> {
        let start = out.len();
        if self.open_frame(context, envelope, out)? == PLAIN {
            return Ok(());
        }
        compress::expand_since(start, out, LONGEST_VALUE).map_err(|_| {
            out.truncate(start);
            CryptoError::Decompression { key: self.id() }
        })
    }

    /// Leaves of an envelope the value in it, and nothing on failure.
    pub fn open_in_place(&self, context: RowContext<'_>, envelope: &mut BytesMut) -> Result<()> {
        if self.open_frame_in_place(context, envelope)? == PLAIN {
            return Ok(());
        }
        compress::expand_since(0, envelope, LONGEST_VALUE).map_err(|_| {
            envelope.clear();
            CryptoError::Decompression { key: self.id() }
        })
    }
}
