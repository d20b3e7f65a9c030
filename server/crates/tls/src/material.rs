//! What stands in the files: a chain of certificates with its key, and the authorities that are believed.

use std::path::{Path, PathBuf};

use elastickv_sys::private::{self, Others};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use crate::TlsError;

const LARGEST_FILE: u64 = 1 << 20;

/// Where they are. A certificate's file may hold the whole chain, its own first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sources {
    pub certificate: PathBuf,
    pub key: PathBuf,
    pub authority: PathBuf,
}

/// The files' bytes, to tell whether they have changed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    authority: Vec<u8>,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").finish_non_exhaustive()
    }
}

impl Contents {
    pub fn read(sources: &Sources) -> Result<Self, TlsError> {
        Ok(Self {
            certificate: read(&sources.certificate, Others::Read)?,
            key: Zeroizing::new(read(&sources.key, Others::Nothing)?),
            authority: read(&sources.authority, Others::Read)?,
        })
    }

    pub fn chain(&self, sources: &Sources) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        certificates(&sources.certificate, &self.certificate)
    }

    pub fn key(&self, sources: &Sources) -> Result<PrivateKeyDer<'static>, TlsError> {
        key(&sources.key, &self.key)
    }

    pub fn roots(&self, sources: &Sources) -> Result<RootCertStore, TlsError> {
        roots(&sources.authority, &self.authority)
    }
}

pub(crate) fn read(path: &Path, others: Others) -> Result<Vec<u8>, TlsError> {
    private::read(path, others, LARGEST_FILE).map_err(|cause| TlsError::File { path: path.to_owned(), cause })
}

pub(crate) fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(TlsError::Nothing { path: path.to_owned(), what: "certificate" }),
    }
}

pub(crate) fn key(path: &Path, pem: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|_| TlsError::Nothing { path: path.to_owned(), what: "private key" })
}

pub(crate) fn roots(path: &Path, pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, pem)? {
        roots.add(certificate).map_err(|error| TlsError::certificate(path, error))?;
    }
    Ok(roots)
}
