//! A node's own certificate and authorities, which are replaced while connections are made with them.
//!
//! Files are compared by their bytes, not by their times: there is no change that is too quick to be seen. What is
//! found is judged whole before it counts: the key must fit, the chain must lead to the authority that stands beside
//! it, for this node, today. Files that are replaced one after the other do not fit for a moment, and what was used
//! before goes on until they do. A file that is being written can be whole by its form and lack its end, as a list of
//! authorities does: what is new counts once two looks have found the same.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use elastickv_types::NodeName;
use parking_lot::Mutex;
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::material::Contents;
use crate::node::NodeVerifier;
use crate::{Names, Sources, TlsError};

/// What came of a look at the files.
#[derive(Debug)]
pub enum Refreshed {
    Same,
    Replaced,
    /// They have changed into something that does not do; the old ones go on. Said once for each change.
    Refused(TlsError),
}

/// Everything made of one state of the files.
#[derive(Debug)]
struct Loaded {
    contents: Contents,
    /// For calls, and for pages.
    servers: [Arc<ServerConfig>; 2],
    clients: Arc<dyn ClientCertVerifier>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    roots: Arc<RootCertStore>,
    not_after_ms: u64,
    /// Rises with each replacement.
    generation: u64,
}

#[derive(Debug)]
pub struct Live {
    sources: Sources,
    me: NodeName,
    provider: Arc<CryptoProvider>,
    loaded: ArcSwap<Loaded>,
    /// What was refused last, to be said no second time; nothing where it could not even be read.
    refused: Mutex<Option<Option<Contents>>>,
    /// What the last look found, where that is something else than is in use.
    found: Mutex<Option<Contents>>,
}

impl Live {
    pub fn load(sources: Sources, me: NodeName, now_ms: u64) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let contents = Contents::read(&sources)?;
        let loaded = Loaded::judge(contents, &sources, &me, &provider, now_ms, 0)?;
        let loaded = ArcSwap::from_pointee(loaded);
        Ok(Self { sources, me, provider, loaded, refused: Mutex::default(), found: Mutex::default() })
    }

    /// Looks at the files again.
    pub fn refresh(&self, now_ms: u64) -> Refreshed {
        let current = self.loaded.load_full();
        let (contents, judged) = match Contents::read(&self.sources) {
            Ok(contents) if contents == current.contents => {
                *self.refused.lock() = None;
                *self.found.lock() = None;
                return Refreshed::Same;
            }
            Ok(contents) if self.found.lock().as_ref() != Some(&contents) => {
                *self.found.lock() = Some(contents);
                return Refreshed::Same;
            }
            Ok(contents) => {
                let (sources, generation) = (&self.sources, current.generation + 1);
                let candidate = contents.clone();
                (
                    Some(contents),
                    Loaded::judge(candidate, sources, &self.me, &self.provider, now_ms, generation),
                )
            }
            Err(error) => (None, Err(error)),
        };
        match judged {
            Ok(loaded) => {
                self.loaded.store(Arc::new(loaded));
                *self.refused.lock() = None;
                Refreshed::Replaced
            }
            Err(error) => match self.refused.lock().replace(contents.clone()) {
                Some(before) if before == contents => Refreshed::Same,
                _ => Refreshed::Refused(error),
            },
        }
    }

    /// The files are not those in use, and can not be.
    pub fn is_refused(&self) -> bool {
        self.refused.lock().is_some()
    }

    /// Whether the authorities in use would let in whoever shows these certificates now.
    pub fn vouches_for(&self, chain: &[CertificateDer<'_>], now_ms: u64) -> bool {
        let Some((own, intermediates)) = chain.split_first() else { return false };
        let now = UnixTime::since_unix_epoch(Duration::from_millis(now_ms));
        self.loaded.load().clients.verify_client_cert(own, intermediates, now).is_ok()
    }

    /// Until when the certificate in use counts.
    pub fn not_after_ms(&self) -> u64 {
        self.loaded.load().not_after_ms
    }

    /// Connections made in an earlier generation were made with other files.
    pub fn generation(&self) -> u64 {
        self.loaded.load().generation
    }

    /// For a listener of gRPC.
    pub fn for_calls(&self) -> Arc<ServerConfig> {
        let loaded = self.loaded.load();
        let [calls, _] = &loaded.servers;
        calls.clone()
    }

    /// For a listener of plain HTTP.
    pub fn for_pages(&self) -> Arc<ServerConfig> {
        let loaded = self.loaded.load();
        let [_, pages] = &loaded.servers;
        pages.clone()
    }

    /// For a connection to a node of this name, at whatever address.
    pub fn to_node(&self, expected: &NodeName) -> Result<Arc<ClientConfig>, TlsError> {
        let loaded = self.loaded.load();
        let verifier = NodeVerifier {
            roots: loaded.roots.clone(),
            algorithms: self.provider.signature_verification_algorithms,
            expected: expected.clone(),
        };
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::setup)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_auth_cert(loaded.chain.clone(), loaded.key.clone_key())
            .map_err(TlsError::setup)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

impl Loaded {
    fn judge(
        contents: Contents,
        sources: &Sources,
        me: &NodeName,
        provider: &Arc<CryptoProvider>,
        now_ms: u64,
        generation: u64,
    ) -> Result<Self, TlsError> {
        let (chain, key) = (contents.chain(sources)?, contents.key(sources)?);
        let roots = Arc::new(contents.roots(sources)?);
        let clients = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone())
            .allow_unauthenticated()
            .build()
            .map_err(|error| TlsError::certificate(&sources.authority, error))?;
        let not_after_ms = judge_own(&chain, sources, me, provider, &roots, &*clients, now_ms)?;
        let server = |protocol: &[u8]| server(provider, &clients, &chain, &key, sources, protocol);
        let servers = [server(b"h2")?, server(b"http/1.1")?];
        Ok(Self { contents, servers, clients, chain, key, roots, not_after_ms, generation })
    }
}

/// Others will look at this certificate as it is looked at here: as that of the node they call, and of the node that
/// calls them.
fn judge_own(
    chain: &[CertificateDer<'static>],
    sources: &Sources,
    me: &NodeName,
    provider: &CryptoProvider,
    roots: &Arc<RootCertStore>,
    clients: &dyn ClientCertVerifier,
    now_ms: u64,
) -> Result<u64, TlsError> {
    let refused = |error: rustls::Error| TlsError::certificate(&sources.certificate, error);
    let nothing = || TlsError::Nothing { path: sources.certificate.clone(), what: "certificate" };
    let (own, intermediates) = chain.split_first().ok_or_else(nothing)?;
    let now = UnixTime::since_unix_epoch(Duration::from_millis(now_ms));
    let algorithms = provider.signature_verification_algorithms;
    NodeVerifier { roots: roots.clone(), algorithms, expected: me.clone() }
        .judge(own, intermediates, now)
        .map_err(refused)?;
    clients.verify_client_cert(own, intermediates, now).map_err(refused)?;
    let names = Names::read(own).map_err(|reason| TlsError::certificate(&sources.certificate, reason))?;
    Ok(names.not_after_ms)
}

/// Nothing is resumed: whoever comes back shows a certificate that counts now.
fn server(
    provider: &Arc<CryptoProvider>,
    clients: &Arc<dyn ClientCertVerifier>,
    chain: &[CertificateDer<'static>],
    key: &PrivateKeyDer<'static>,
    sources: &Sources,
    protocol: &[u8],
) -> Result<Arc<ServerConfig>, TlsError> {
    let mismatch = |error: rustls::Error| TlsError::Pair {
        certificate: sources.certificate.clone(),
        key: sources.key.clone(),
        reason: error.to_string(),
    };
    let mut config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::setup)?
        .with_client_cert_verifier(clients.clone())
        .with_single_cert(chain.to_vec(), key.clone_key())
        .map_err(mismatch)?;
    config.alpn_protocols = vec![protocol.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}
