//! A connection that has come in, and what whoever made it has shown.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use elastickv_tls::Presented;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use super::PageEntrance;
use super::room::Place;

/// So long may a connection stand of which nobody knows who is behind it.
const UNKNOWN: Duration = Duration::from_secs(10);

/// The certificate behind a connection; the handshake has made sure of it.
pub type Shown = Arc<Presented>;

/// Where a connection comes from, and who shows what.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub address: SocketAddr,
    pub shown: Option<Shown>,
    /// A call was made on it with credentials that are known here.
    known: Arc<AtomicBool>,
}

impl Arrival {
    pub fn new(address: SocketAddr, shown: Option<Shown>) -> Self {
        Self { address, shown, known: Arc::default() }
    }

    /// Whoever is behind it is known from now on.
    pub fn recognised(&self) {
        self.known.store(true, Ordering::Relaxed);
    }

    fn is_known(&self) -> bool {
        self.shown.is_some() || self.known.load(Ordering::Relaxed)
    }
}

/// The bytes of a connection.
#[derive(Debug)]
pub enum Stream {
    Plain(TcpStream),
    Sealed(Box<TlsStream<TcpStream>>),
}

#[derive(Debug)]
pub struct Visitor {
    pub stream: Stream,
    pub arrival: Arrival,
    /// The end of a connection that has shown nothing, unless it does by then.
    unknown: Option<Pin<Box<Sleep>>>,
    /// Held as long as the connection stands.
    _place: Place,
}

impl Visitor {
    pub fn new(stream: Stream, arrival: Arrival, place: Place) -> Self {
        let is_locked = matches!(stream, Stream::Sealed(_));
        let unknown = (is_locked && arrival.shown.is_none()).then(|| Box::pin(tokio::time::sleep(UNKNOWN)));
        Self { stream, arrival, unknown, _place: place }
    }

    /// A stranger who only holds a place has had it for long enough.
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        if self.unknown.is_some() && self.arrival.is_known() {
            self.unknown = None;
        }
        self.unknown.as_mut().is_some_and(|end| end.as_mut().poll(cx).is_ready())
    }
}

impl Connected for Visitor {
    type ConnectInfo = Arrival;

    fn connect_info(&self) -> Arrival {
        self.arrival.clone()
    }
}

impl axum::extract::connect_info::Connected<axum::serve::IncomingStream<'_, PageEntrance>> for Arrival {
    fn connect_info(stream: axum::serve::IncomingStream<'_, PageEntrance>) -> Self {
        stream.remote_addr().clone()
    }
}

impl AsyncRead for Visitor {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_over(cx) {
            return Poll::Ready(Ok(()));
        }
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Stream::Sealed(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Visitor {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Sealed(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Stream::Sealed(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Sealed(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Sealed(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Sealed(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
