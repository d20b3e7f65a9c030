//! Where a wrapping key is: `file:/path` or `env:NAME`.
//!
//! Whatever is not understood is refused without being repeated: a text in the wrong place may be the key
//! itself, or hold a password or a token.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::error::UriFault;
use crate::{KekError, Result};

pub(crate) const KNOWN: &str = "file:/path and env:NAME";

/// Shorter than any spelling of a key, so that none is taken for a name.
const LONGEST_NAME: usize = 40;

#[derive(Clone, PartialEq, Eq)]
pub enum KekUri {
    /// A file, by its absolute path.
    File(PathBuf),
    /// An environment variable, by its name.
    Environment(String),
}

impl FromStr for KekUri {
    type Err = KekError;

    fn from_str(text: &str) -> Result<Self> {
        let (scheme, rest) = text.split_once(':').ok_or(KekError::Uri(UriFault::NoScheme))?;
        let parsed = match scheme {
            "file" => path(rest).map(Self::File).ok_or(UriFault::Path),
            "env" => name(rest).map(Self::Environment).ok_or(UriFault::Variable),
            _ => Err(UriFault::UnknownScheme),
        };
        parsed.map_err(KekError::Uri)
    }
}

/// A path as it stands or behind an empty host. Where a query or a fragment could be meant, nothing is guessed.
fn path(rest: &str) -> Option<PathBuf> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let plain = !path.contains(['?', '#', '\0']) && !path.starts_with("//");
    (plain && path.starts_with('/') && path.len() > 1).then(|| Path::new(path).to_owned())
}

fn name(rest: &str) -> Option<String> {
    let inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = rest.bytes().next().is_some_and(|first| inside(first) && !first.is_ascii_digit());
    (begins && rest.len() <= LONGEST_NAME && rest.bytes().all(inside)).then(|| rest.to_owned())
}

impl fmt::Display for KekUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Environment(name) => write!(f, "env:{name}"),
        }
    }
}

impl fmt::Debug for KekUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekUri({self})")
    }
}
