//! The cipher itself, AES-256-GCM, behind the one seam through which everything here is sealed and opened.
//!
//! Another implementation replaces this file and nothing else. Keys are scheduled once; a call works in
//! place and allocates nothing.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const NONCE_BYTES: usize = 12;
pub(crate) const TAG_BYTES: usize = 16;

/// What one call may seal: the counter inside a nonce has no more values.
pub(crate) const MOST_BYTES: usize = (1 << 36) - 32;

/// More than one call may seal under one nonce.
#[derive(Debug)]
pub(crate) struct TooMuch;

/// The tag is not that of these bytes.
#[derive(Debug)]
pub(crate) struct Forged;

/// A key made ready. Boxed, so that moving it leaves no copies behind; cleared when dropped.
pub(crate) struct Aead(Box<Aes256Gcm>);

impl Aead {
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Box::new(Aes256Gcm::new(key.into())))
    }

    /// Turns a text into its ciphertext and gives the tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], TooMuch> {
        let sealed = self.0.encrypt_inout_detached(nonce.into(), aad, InOutBuf::from(text));
        sealed.map(Into::into).map_err(|_| TooMuch)
    }

    /// Turns a ciphertext into its text. On failure the bytes are worth nothing, and may be changed.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        self.0.decrypt_inout_detached(nonce.into(), aad, InOutBuf::from(text), tag.into()).map_err(|_| Forged)
    }
}
