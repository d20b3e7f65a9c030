//! Why a key, a nonce or an envelope was refused. No variant holds a byte of a key or of a user's value.

use elastickv_types::{KeyId, Purpose};

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The first byte names another cipher or no cipher: a newer release may be able to open it.
    #[error("an envelope has version {found:#04x}, which this version does not know")]
    EnvelopeVersion { found: u8 },
    #[error("an envelope has reserved flags set: {found:#04x}")]
    EnvelopeFlags { found: u8 },
    #[error("{len} bytes are too few for an envelope")]
    ShortEnvelope { len: usize },
    #[error("an envelope names key 0, which is none")]
    NoKey,
    /// The caller looked up the wrong key; the envelope may be sound.
    #[error("an envelope was sealed under key {found}, not under {asked}")]
    OtherKey { asked: KeyId, found: KeyId },
    /// Something was changed: the bytes, where they stand, or what was said about them.
    #[error("what was sealed under key {key} does not authenticate")]
    Integrity { key: KeyId },
    /// It authenticates, so this is what was sealed: the writer was at fault, not the disk.
    #[error("what was sealed under key {key} does not decompress")]
    Decompression { key: KeyId },
    #[error("{len} bytes are more than the {limit} that can be sealed at once")]
    TooLong { len: usize, limit: usize },
    /// This load has no nonces left under the key; the next epoch brings more.
    #[error("every nonce of this load under key {key} is used")]
    NoncesExhausted { key: KeyId },
    #[error("a nonce drawn for key {drawn_for} was used under key {key}")]
    ForeignNonce { drawn_for: KeyId, key: KeyId },
    #[error("key {key} serves {found}, not {asked}")]
    OtherPurpose { key: KeyId, asked: Purpose, found: Purpose },
    /// Wrapped by another key, for something else, or damaged; these can not be told apart.
    #[error("the wrapping of {purpose} key {key} does not open")]
    Wrapping { key: KeyId, purpose: Purpose },
}

pub type Result<T, E = CryptoError> = std::result::Result<T, E>;
