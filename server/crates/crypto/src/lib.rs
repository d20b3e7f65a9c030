//! Data keys and the two envelopes that they seal.
//!
//! A node seals the values of its rows and the entries of its Raft logs, each with keys of their own. This
//! crate is where key bytes are: [`KeyMaterial`] holds them until they are wrapped or made into a [`Dek`],
//! and a [`WrappingKey`] wraps them. They leave it only wrapped. Each seal takes a [`FreshNonce`], of which a
//! [`NonceSource`] never makes two alike, and a context that the envelope is bound to: a [`RowContext`] or an
//! [`EntryContext`].
//!
//! Nothing here does I/O, reads a clock or draws randomness: callers pass in what they drew. Which key a node
//! seals under, and what happens when a source runs dry, is decided elsewhere.

mod aead;
mod compress;
mod context;
mod envelope;
mod error;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::disallowed_methods, reason = "nothing that is sealed here is kept")]
pub mod fuzz;
mod key;
mod nonce;
mod raft;
mod storage;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "nothing that is sealed here is kept")]
mod tests;
mod wrapping;

pub use aead::cipher_name;
pub use context::{EntryContext, ROW_HEADER_BYTES, RowContext};
pub use envelope::{EnvelopeHeader, OVERHEAD_BYTES};
pub use error::{CryptoError, Result};
pub use key::{Dek, KeyMaterial, Raft, Storage, Usage};
pub use nonce::{FreshNonce, NonceSalt, NonceSource};
pub use storage::LONGEST_VALUE;
pub use wrapping::{WrapContext, WrappingKey};
