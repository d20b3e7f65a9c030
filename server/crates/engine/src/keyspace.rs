//! Names of keyspaces.

use std::fmt;
use std::sync::Arc;

const LONGEST: usize = 200;

/// A keyspace's name: lower-case letters, digits, '.' and '-'.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyspaceName(Arc<str>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a keyspace name")]
pub struct KeyspaceNameError(String);

impl KeyspaceName {
    pub fn new(text: &str) -> Result<Self, KeyspaceNameError> {
        let fits =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(fits) {
            return Err(KeyspaceNameError(text.to_owned()));
        }
        Ok(Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyspaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for KeyspaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
