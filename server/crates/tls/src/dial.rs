//! Connections to servers.
//!
//! In TLS 1.3 a client is done with the handshake before the server has looked at its certificate. A server that
//! refuses it says so where the first answer was expected, when a request may be on its way already; it has read
//! nothing of that request. A [`Line`] remembers such a refusal, so that it is told from a connection that broke.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use elastickv_sys::private::Others;
use elastickv_types::NodeName;
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Live, TlsError, material};

/// Why the server did not let this client in, once it has said so.
#[derive(Clone, Debug, Default)]
pub struct Refused(Arc<OnceLock<String>>);

impl Refused {
    pub fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

/// An encrypted connection.
#[derive(Debug)]
pub struct Line {
    stream: TlsStream<TcpStream>,
    /// The server has sent something, so it has let this client in.
    heard: bool,
    refused: Refused,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, into));
        self.heard |= into.filled().len() > before;
        if let Err(error) = &read
            && !self.heard
            && let Some(alert) = alert(error)
        {
            self.refused.0.get_or_init(|| alert);
        }
        Poll::Ready(read)
    }
}

fn alert(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(format!("the server refused the certificate: {alert:?}")),
        _ => None,
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// A connection in clear.
///
/// A server that expects TLS answers a request in clear with an alert of TLS, and has read nothing of it.
#[derive(Debug)]
pub struct ClearLine {
    stream: TcpStream,
    heard: bool,
    refused: Refused,
}

/// The first byte of an alert in TLS. HTTP/2 begins with a short length, and so with a zero.
const ALERT: u8 = 21;

impl AsyncRead for ClearLine {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, into));
        let first = into.filled().get(before);
        if !self.heard && first == Some(&ALERT) {
            self.refused
                .0
                .get_or_init(|| "it speaks TLS, and was spoken to in clear: give --tls-ca".to_owned());
        }
        self.heard |= first.is_some();
        Poll::Ready(read)
    }
}

impl AsyncWrite for ClearLine {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Connects to the host and port of an address, in clear.
pub async fn dial_in_clear(uri: Uri, refused: Refused) -> io::Result<TokioIo<ClearLine>> {
    Ok(TokioIo::new(ClearLine { stream: connected(&uri).await?, heard: false, refused }))
}

/// Whether a connection failed by its handshake.
pub fn is_handshake(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

async fn dial(
    uri: &Uri,
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    refused: Refused,
) -> io::Result<TokioIo<Line>> {
    let stream = TlsConnector::from(config).connect(name, connected(uri).await?).await?;
    Ok(TokioIo::new(Line { stream, heard: false, refused }))
}

async fn connected(uri: &Uri) -> io::Result<TcpStream> {
    let no_host = || io::Error::new(io::ErrorKind::InvalidInput, "the address has no host");
    let port = uri.port_u16().ok_or_else(no_host)?;
    let tcp = TcpStream::connect((bare(uri.host().ok_or_else(no_host)?), port)).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

/// An IPv6 address stands in brackets only where a port follows.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// What a client connects with: authorities to believe, and its own certificate where it has one.
#[derive(Clone, Debug)]
pub struct Dialer {
    config: Arc<ClientConfig>,
    /// What servers' certificates are to be for, where it is not the host that is dialled.
    server_name: Option<ServerName<'static>>,
}

impl Dialer {
    pub fn load(
        authority: &Path,
        own: Option<(&Path, &Path)>,
        server_name: Option<&str>,
    ) -> Result<Self, TlsError> {
        let roots = material::roots(authority, &material::read(authority, Others::ReadOfAnybody)?)?;
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::setup)?
            .with_root_certificates(roots);
        let mut config = match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = material::certificates(certificate, &material::read(certificate, Others::Read)?)?;
                let private = zeroize::Zeroizing::new(material::read(key, Others::Nothing)?);
                let private = material::key(key, &private)?;
                builder.with_client_auth_cert(chain, private).map_err(|error| TlsError::Pair {
                    certificate: PathBuf::from(certificate),
                    key: PathBuf::from(key),
                    reason: error.to_string(),
                })?
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        let server_name = server_name.map(named).transpose()?;
        Ok(Self { config: Arc::new(config), server_name })
    }

    /// Connects to the host and port of an address.
    pub async fn dial(self, uri: Uri, refused: Refused) -> io::Result<TokioIo<Line>> {
        let name = match self.server_name {
            Some(name) => name,
            None => named(bare(uri.host().unwrap_or_default()))
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?,
        };
        dial(&uri, self.config, name, refused).await
    }
}

fn named(text: &str) -> Result<ServerName<'static>, TlsError> {
    ServerName::try_from(text.to_owned()).map_err(|_| TlsError::ServerName { name: text.to_owned() })
}

/// What a node connects to one other node with: each time whatever is in use then.
#[derive(Clone, Debug)]
pub struct NodeDialer {
    pub live: Arc<Live>,
    pub expected: NodeName,
}

impl NodeDialer {
    pub async fn dial(self, uri: Uri) -> io::Result<TokioIo<Line>> {
        let config = self.live.to_node(&self.expected).map_err(io::Error::other)?;
        // Members are known by the names in their certificates; this one is only what the handshake greets with.
        let greeting = ServerName::try_from(NODE_GREETING).map_err(io::Error::other)?;
        dial(&uri, config, greeting, Refused::default()).await
    }
}

const NODE_GREETING: &str = "node.elastickv";
