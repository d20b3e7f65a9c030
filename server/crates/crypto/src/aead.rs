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
/// dropped. What making it ready or using it left on the stack is cleared at once: wide registers are filled from copies of
/// each round's key, and would stay there after the key is gone.
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
        let sealed = sealed(&self.0, nonce, aad, text);
        clear_what_a_call_used();
        sealed
    }

    /// Turns a ciphertext into its text. On failure the bytes are worth nothing, and may be changed.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        let opened = opened(&self.0, nonce, aad, text, tag);
        clear_what_a_call_used();
        opened
    }
}

/// In a frame of its own, so that all it leaves lies below its caller's.
#[inline(never)]
fn make_ready(key: &[u8; KEY_BYTES]) -> cipher::Key {
    cipher::Key::new(key)
}

#[inline(never)]
fn sealed(
    key: &cipher::Key,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    text: &mut [u8],
) -> Result<[u8; TAG_BYTES], TooMuch> {
    key.seal(nonce, aad, text)
}

#[inline(never)]
fn opened(
    key: &cipher::Key,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    text: &mut [u8],
    tag: &[u8; TAG_BYTES],
) -> Result<(), Forged> {
    key.open(nonce, aad, text, tag)
}

/// Runs with each value, so in one sweep and no further than a call reaches; a test measures how far that is.
#[inline(never)]
fn clear_what_a_call_used() {
    let mut used = [0_u64; cipher::CALL_STACK_BYTES / size_of::<u64>()];
    std::hint::black_box(&mut used);
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
