//! What can be wrong with certificates, with the file that is wrong.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} can not be used: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("{} holds no {what} in PEM", path.display())]
    Nothing { path: PathBuf, what: &'static str },
    #[error("the certificate in {} does not do: {reason}", path.display())]
    Certificate { path: PathBuf, reason: String },
    #[error("{} and {} do not belong together: {reason}", certificate.display(), key.display())]
    Pair { certificate: PathBuf, key: PathBuf, reason: String },
    #[error("{name:?} is no name that a certificate can be for")]
    ServerName { name: String },
    #[error("TLS can not be set up: {0}")]
    Setup(String),
}

impl TlsError {
    pub(crate) fn certificate(path: &Path, reason: impl ToString) -> Self {
        TlsError::Certificate { path: path.to_owned(), reason: reason.to_string() }
    }

    pub(crate) fn setup(error: impl ToString) -> Self {
        TlsError::Setup(error.to_string())
    }
}
