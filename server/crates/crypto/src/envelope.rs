//! The frame that both envelopes have.
//!
//! ```text
//! offset 0        1      2             6            18               len-16      len
//!       +---------+------+-------------+------------+----------------+-----------+
//!       | 01      | flag | key id u32  | nonce 12 B | ciphertext     | tag 16 B  |
//!       +---------+------+-------------+------------+----------------+-----------+
//! ```
//!
//! What stands before the ciphertext can be read without a key, to find out which key it is, and proves
//! nothing: only opening does.

use std::fmt;
use std::marker::PhantomData;

use bytes::{Buf, BufMut, BytesMut};
use elastickv_types::{KeyId, LocalEpoch, ShortNodeId};

use crate::aead::{Forged, MOST_BYTES, NONCE_BYTES, TAG_BYTES, TooMuch};
use crate::context::{Context, PREFIX_BYTES};
use crate::key::{Dek, Usage};
use crate::nonce::FreshNonce;
use crate::{CryptoError, Result};

/// AES-256-GCM. Those up to 0F are kept for other ciphers.
const VERSION: u8 = 0x01;

const HEADER_BYTES: usize = PREFIX_BYTES + NONCE_BYTES;

/// What an envelope adds to its content.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;

/// The part of an envelope that is readable without its key.
pub struct EnvelopeHeader<U: Usage> {
    flag: u8,
    key: KeyId,
    nonce: [u8; NONCE_BYTES],
    usage: PhantomData<fn() -> U>,
}

impl<U: Usage> EnvelopeHeader<U> {
    pub fn parse(envelope: &[u8]) -> Result<Self> {
        let short = CryptoError::ShortEnvelope { len: envelope.len() };
        let (mut header, rest) = envelope.split_at_checked(HEADER_BYTES).ok_or(short)?;
        if rest.len() < TAG_BYTES {
            return Err(short);
        }
        let (version, flag) = (header.get_u8(), header.get_u8());
        if version != VERSION {
            return Err(CryptoError::EnvelopeVersion { found: version });
        }
        if flag & !U::FLAGS != 0 {
            return Err(CryptoError::EnvelopeFlags { found: flag });
        }
        let key = KeyId::from_u32(header.get_u32()).ok_or(CryptoError::NoKey)?;
        let nonce = header.try_into().map_err(|_| short)?;
        Ok(Self { flag, key, nonce, usage: PhantomData })
    }

    pub fn key(&self) -> KeyId {
        self.key
    }

    pub fn nonce(&self) -> &[u8; NONCE_BYTES] {
        &self.nonce
    }

    /// Who sealed it, and in which epoch of its own.
    pub fn writer(&self) -> (ShortNodeId, LocalEpoch) {
        crate::nonce::writer(&self.nonce)
    }
}

impl<U: Usage> fmt::Debug for EnvelopeHeader<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnvelopeHeader({} key {}, flag {:#04x})", U::PURPOSE, self.key, self.flag)
    }
}

fn prefix(flag: u8, key: KeyId) -> [u8; PREFIX_BYTES] {
    let mut out = [0; PREFIX_BYTES];
    let mut rest = &mut out[..];
    rest.put_u8(VERSION);
    rest.put_u8(flag);
    rest.put_u32(key.get());
    out
}

/// What is in a buffer since it had this length.
fn since(out: &mut BytesMut, start: usize) -> &mut [u8] {
    out.get_mut(start..).expect("a buffer that is being appended to does not shrink")
}

impl<U: Usage> Dek<U> {
    /// Appends an envelope of what `write` appends; that says its flag. It is sealed where it stands.
    pub(crate) fn seal_frame(
        &self,
        nonce: FreshNonce<U>,
        context: U::Context<'_>,
        out: &mut BytesMut,
        write: impl FnOnce(&mut BytesMut) -> u8,
    ) -> Result<()> {
        let nonce = nonce.spend(self.id())?;
        let start = out.len();
        out.put_bytes(0, HEADER_BYTES);
        let prefix = prefix(write(out), self.id());
        let (mut header, text) = since(out, start).split_at_mut(HEADER_BYTES);
        header.put_slice(&prefix);
        header.put_slice(&nonce);
        let len = text.len();
        match context.with(&prefix, |aad| self.aead.seal(&nonce, aad, text)) {
            Ok(tag) => {
                out.put_slice(&tag);
                Ok(())
            }
            Err(TooMuch) => {
                out.truncate(start);
                Err(CryptoError::TooLong { len, limit: MOST_BYTES })
            }
        }
    }

    /// Appends the content of an envelope, as it was sealed, and gives its flag.
    pub(crate) fn open_frame(
        &self,
        context: U::Context<'_>,
        envelope: &[u8],
        out: &mut BytesMut,
    ) -> Result<u8> {
        let header = self.header(envelope)?;
        let start = out.len();
        out.put_slice(envelope.get(HEADER_BYTES..).unwrap_or_default());
        match self.open_body(&header, context, since(out, start)) {
            Ok(()) => {
                out.truncate(out.len() - TAG_BYTES);
                Ok(header.flag)
            }
            Err(error) => {
                out.truncate(start);
                Err(error)
            }
        }
    }

    /// Leaves of an envelope its content, as it was sealed, and gives its flag. Leaves nothing on failure.
    pub(crate) fn open_frame_in_place(&self, context: U::Context<'_>, envelope: &mut BytesMut) -> Result<u8> {
        let opened = self.header(envelope).and_then(|header| {
            envelope.advance(HEADER_BYTES);
            self.open_body(&header, context, envelope)?;
            Ok(header.flag)
        });
        match opened {
            Ok(_) => envelope.truncate(envelope.len() - TAG_BYTES),
            Err(_) => envelope.clear(),
        }
        opened
    }

    fn header(&self, envelope: &[u8]) -> Result<EnvelopeHeader<U>> {
        let header = EnvelopeHeader::parse(envelope)?;
        match header.key == self.id() {
            true => Ok(header),
            false => Err(CryptoError::OtherKey { asked: self.id(), found: header.key }),
        }
    }

    /// Opens what stands behind a header, where it stands: the text, and the tag that is left as it is.
    fn open_body(&self, header: &EnvelopeHeader<U>, context: U::Context<'_>, body: &mut [u8]) -> Result<()> {
        let forged = CryptoError::Integrity { key: header.key };
        let (text, tag) = body.split_last_chunk_mut().ok_or(forged)?;
        let prefix = prefix(header.flag, header.key);
        context.with(&prefix, |aad| self.aead.open(&header.nonce, aad, text, tag)).map_err(|Forged| forged)
    }
}
