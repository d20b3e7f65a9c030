//! Why a wrapping key could not be used. No variant holds a byte of any key, nor what was found where a key or
//! a name was expected: that may be a secret which slipped into the wrong place.

use std::io;
use std::path::PathBuf;

use elastickv_types::{KeyId, Purpose};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KekError {
    #[error("this does not say where a wrapping key is: {0}")]
    Uri(UriFault),
    #[error("{path} is not taken for a wrapping key: {fault}", path = path.display())]
    File { path: PathBuf, fault: FileFault },
    /// The operating system refused; whether that passes depends on the kind.
    #[error("{doing} {path}: {text}", path = path.display())]
    Io { doing: &'static str, path: PathBuf, kind: io::ErrorKind, text: String },
    #[error("the environment variable {name} is not taken for a wrapping key: {fault}")]
    Environment { name: String, fault: TextFault },
    /// The wrapping was made by another key or for something else, or something else is inside.
    #[error("the wrapping of {purpose} key {key} is not one of this key by this wrapping key")]
    Mismatch { key: KeyId, purpose: Purpose },
    /// There was no answer in time. Nothing is known to be wrong.
    #[error("no answer of {provider} within the deadline")]
    Deadline { provider: String },
    /// The provider is out of reach or overloaded for now.
    #[error("{provider} can not be used for now: {reason}")]
    Unavailable { provider: String, reason: String },
    /// The provider answered that it will not do this.
    #[error("{provider} refuses: {reason}")]
    Refused { provider: String, reason: String },
}

/// Why a text is no place of a wrapping key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UriFault {
    #[error("it does not begin with a scheme and a colon; there are {}", crate::uri::KNOWN)]
    NoScheme,
    #[error("its scheme is not known; there are {}", crate::uri::KNOWN)]
    UnknownScheme,
    #[error("a file is named by an absolute path, without host, user, query or fragment")]
    Path,
    #[error(
        "a variable's name has up to 40 letters, digits and underscores, and does not begin with a digit"
    )]
    Variable,
}

/// Why a file is not taken for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    #[error("it is a directory")]
    Directory,
    #[error("it is a pipe")]
    Pipe,
    #[error("it is a device")]
    Device,
    #[error("it is no regular file")]
    Kind,
    #[error("others than its owner may use it (mode {mode:04o}); its mode has to be 0600 or 0400")]
    Mode { mode: u32 },
    #[error("it belongs to user {owner}, not to {expected}, as whom this runs")]
    Owner { owner: u32, expected: u32 },
    #[error("it has {len} bytes; a key has exactly {expected}", expected = elastickv_crypto::WrappingKey::BYTES)]
    Length { len: u64 },
    #[error("all its bytes are zero")]
    Zero,
}

/// Why a text is not taken for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    #[error("it is not set")]
    Missing,
    #[error("it is neither 64 hexadecimal digits nor 32 bytes in Base64")]
    Malformed,
    #[error("all its bytes are zero")]
    Zero,
}

impl KekError {
    pub(crate) fn io(doing: &'static str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), kind: error.kind(), text: error.to_string() }
    }

    /// Whether the same call may succeed later although nobody changes anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Deadline { .. } | Self::Unavailable { .. } => true,
            Self::Io { kind, .. } => !matches!(
                kind,
                io::ErrorKind::NotFound
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::AlreadyExists
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::InvalidInput
            ),
            Self::Uri(_)
            | Self::File { .. }
            | Self::Environment { .. }
            | Self::Mismatch { .. }
            | Self::Refused { .. } => false,
        }
    }
}

pub type Result<T, E = KekError> = std::result::Result<T, E>;
