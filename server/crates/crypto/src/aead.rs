//! The cipher itself, AES-256-GCM, behind the one seam through which everything here is sealed and opened.
//!
//! Keys are scheduled once; a call works in place and allocates nothing. Two implementations fit in, and the
//! feature `aws-lc` chooses between them; docs/adr/0011-aead.md has their figures.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(not(feature = "aws-lc"))]
mod rust_crypto;

#[cfg(feature = "aws-lc")]
use aws_lc as cipher;
#[cfg(not(feature = "aws-lc"))]
use rust_crypto as cipher;

use zeroize::Zeroize;

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

/// A key made ready. It stays at one address, so that moving it leaves no copies behind, and is cleared when
/// dropped. What making it ready left on the stack is cleared at once.
pub(crate) struct Aead(cipher::Key);

impl Aead {
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        let ready = make_ready(key);
        clear_what_was_used_of_the_stack();
        Self(ready)
    }

    /// Turns a text into its ciphertext and gives the tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], TooMuch> {
        self.0.seal(nonce, aad, text)
    }

    /// Turns a ciphertext into its text. On failure the bytes are worth nothing, and may be changed.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        self.0.open(nonce, aad, text, tag)
    }
}

/// In a frame of its own, so that all it leaves lies below its caller's.
#[inline(never)]
fn make_ready(key: &[u8; KEY_BYTES]) -> cipher::Key {
    cipher::Key::new(key)
}

/// Scheduling a key puts its first rounds, which are the key, and copies of them on the stack.
#[inline(never)]
fn clear_what_was_used_of_the_stack() {
    let mut used = [0xff_u8; 16 << 10];
    used.zeroize();
    std::hint::black_box(&used);
}

/// Names what this processor seals with, for the log: which implementation and which of its instructions.
pub fn cipher_name() -> &'static str {
    cipher::name()
}
