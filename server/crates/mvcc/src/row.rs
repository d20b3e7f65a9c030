//! Row values.
//!
//! ```text
//! row value   flags u8 ‖ expire_at u64 ‖ body
//! flags       bit 0 tombstone · bits 1-2 encryption state · bits 3-7 zero
//! state       00 cleartext: body is the user's bytes · 01 sealed: body is a storage envelope
//! ```
//!
//! Clear and sealed are told apart by the header alone: a user's value may begin with any byte.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::{Result, RowError};

pub const HEADER_BYTES: usize = 9;

const TOMBSTONE: u8 = 0b0000_0001;
const STATE: u8 = 0b0000_0110;
const SEALED: u8 = 0b0000_0010;

/// What a row's body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowState {
    Clear,
    Sealed,
}

/// The part of a row that can be read without opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowHeader {
    pub tombstone: bool,
    pub state: RowState,
    /// Unix milliseconds; zero means never.
    pub expire_at: u64,
}

/// A row on its way to a sealer.
#[derive(Clone, Copy)]
pub struct RowDraft<'a> {
    pub tombstone: bool,
    pub expire_at: u64,
    pub body: &'a [u8],
}

impl std::fmt::Debug for RowDraft<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = if self.tombstone { "tombstone" } else { "value" };
        write!(f, "RowDraft({kind} of {} bytes)", self.body.len())
    }
}

impl RowHeader {
    pub fn encode(self) -> [u8; HEADER_BYTES] {
        let state = match self.state {
            RowState::Clear => 0,
            RowState::Sealed => SEALED,
        };
        let mut out = [0; HEADER_BYTES];
        let mut rest = &mut out[..];
        rest.put_u8(state | u8::from(self.tombstone));
        rest.put_u64(self.expire_at);
        out
    }

    /// Splits a stored value into its header and its body.
    pub fn split(mut value: Bytes) -> Result<(Self, Bytes)> {
        if value.len() < HEADER_BYTES {
            return Err(RowError::ShortRow { len: value.len() });
        }
        let flags = value.get_u8();
        let expire_at = value.get_u64();
        let state = match flags & STATE {
            0 => RowState::Clear,
            SEALED => RowState::Sealed,
            _ => return Err(RowError::ReservedRowState { flags }),
        };
        if flags & !(TOMBSTONE | STATE) != 0 {
            return Err(RowError::ReservedRowState { flags });
        }
        Ok((Self { tombstone: flags & TOMBSTONE != 0, state, expire_at }, value))
    }

    pub fn join(self, body: &[u8]) -> Bytes {
        let mut out = BytesMut::with_capacity(HEADER_BYTES + body.len());
        out.put_slice(&self.encode());
        out.put_slice(body);
        out.freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reserved_flag_is_refused() {
        for flags in 0..=u8::MAX {
            let mut value = vec![flags];
            value.extend([0; 8]);
            let read = RowHeader::split(value.into());
            assert_eq!(read.is_ok(), flags <= 0b011, "{flags:#010b}");
        }
        assert!(matches!(RowHeader::split(Bytes::from_static(&[0; 8])), Err(RowError::ShortRow { len: 8 })));
    }
}
