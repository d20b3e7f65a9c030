//! A listener whose visitors have shown their certificates before anybody hears of them.
//!
//! Handshakes go on beside each other, within a time and up to a number, so that whoever connects and says nothing
//! keeps nobody else out for long.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use elastickv_tls::{Live, Presented, ServerConfig};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::arrival::{Arrival, Stream as Bytes, Visitor};
use super::room::Room;

/// Less than a member waits for its connection, which strangers must not be able to keep it from.
const HANDSHAKE: Duration = Duration::from_millis(1500);
/// For a refused one to read why.
const LINGER: Duration = Duration::from_secs(1);
/// After an error of the listener itself.
const PAUSE: Duration = Duration::from_millis(50);

/// What is spoken behind a door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Speech {
    Calls,
    Pages,
}

/// How visitors are received: in clear, or by a handshake with whatever certificate is in use then.
#[derive(Clone, Debug)]
struct Reception {
    live: Option<Arc<Live>>,
    speech: Speech,
    room: Arc<Room>,
}

impl Reception {
    /// What a handshake is made with, and the generation of its files, or an earlier one.
    fn config(&self) -> Option<(Arc<ServerConfig>, u64)> {
        let live = self.live.as_ref()?;
        let generation = live.generation();
        let config = match self.speech {
            Speech::Calls => live.for_calls(),
            Speech::Pages => live.for_pages(),
        };
        Some((config, generation))
    }

    async fn receive(self, (stream, address): (TcpStream, SocketAddr)) -> Option<Visitor> {
        // A socket that is gone already says so when it is read.
        drop(stream.set_nodelay(true));
        let Some(config) = self.config() else {
            let place = self.room.enter()?;
            return Some(Visitor::new(Bytes::Plain(stream), Arrival::new(address, None), place));
        };
        match tokio::time::timeout(HANDSHAKE, shake_hands(config, stream, address)).await {
            Ok(Ok((stream, arrival))) => {
                let place = match arrival.shown {
                    Some(_) => self.room.enter()?,
                    None => self.room.enter_without_certificate()?,
                };
                Some(Visitor::new(stream, arrival, place))
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                tracing::debug!(%address, "a connection ended before its handshake");
                None
            }
            Ok(Err(error)) => {
                tracing::warn!(%address, %error, "a connection was refused at its handshake");
                None
            }
            Err(_) => {
                tracing::warn!(%address, "a connection was given up: no handshake within {HANDSHAKE:?}");
                None
            }
        }
    }
}

async fn shake_hands(
    (config, generation): (Arc<ServerConfig>, u64),
    stream: TcpStream,
    address: SocketAddr,
) -> io::Result<(Bytes, Arrival)> {
    let stream = match TlsAcceptor::from(config).accept(stream).into_fallible().await {
        Ok(stream) => stream,
        Err((error, stream)) => {
            drop(tokio::time::timeout(LINGER, let_read(stream)).await);
            return Err(error);
        }
    };
    let (_, session) = stream.get_ref();
    let shown = Presented::read(session.peer_certificates().unwrap_or_default(), generation);
    let shown = shown.map_err(|reason| io::Error::new(io::ErrorKind::InvalidData, reason))?.map(Arc::new);
    Ok((Bytes::Sealed(Box::new(stream)), Arrival::new(address, shown)))
}

/// A connection that is closed over bytes nobody has read takes with it what was sent last: why it is refused.
async fn let_read(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut unread = [0; 1024];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

/// The listener for calls.
#[derive(Debug)]
pub struct Entrance {
    listener: Arc<TcpListener>,
    reception: Reception,
}

impl Entrance {
    pub fn new(listener: TcpListener, live: Option<Arc<Live>>, room: Arc<Room>) -> Self {
        Self { listener: Arc::new(listener), reception: Reception { live, speech: Speech::Calls, room } }
    }

    /// Visitors in the order in which they are done with their handshakes. Dropped, it gives up those that are not,
    /// and the listener stays.
    pub fn visitors(&self) -> impl Stream<Item = io::Result<Visitor>> + Send + use<> {
        visitors(self.listener.clone(), self.reception.clone()).map(Ok)
    }
}

fn visitors(listener: Arc<TcpListener>, reception: Reception) -> impl Stream<Item = Visitor> + Send {
    let room = reception.room.clone();
    let handshakes = room.handshakes();
    let accepted = stream::unfold((listener, room), |(listener, room)| async move {
        loop {
            match listener.accept().await {
                Ok(accepted) => return Some((accepted, (listener, room))),
                // Too many open files, say: nothing that is over at once, nor mended by filling a disk with lines.
                Err(error) => {
                    room.say(&error.to_string());
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    });
    accepted
        .map(move |accepted| reception.clone().receive(accepted).boxed())
        .buffer_unordered(handshakes)
        .filter_map(std::future::ready)
}

/// The listener for pages.
pub struct PageEntrance {
    address: io::Result<SocketAddr>,
    visitors: BoxStream<'static, Visitor>,
}

impl PageEntrance {
    pub fn new(listener: TcpListener, live: Option<Arc<Live>>, room: Arc<Room>) -> Self {
        let address = listener.local_addr();
        let reception = Reception { live, speech: Speech::Pages, room };
        Self { address, visitors: visitors(Arc::new(listener), reception).boxed() }
    }
}

impl std::fmt::Debug for PageEntrance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageEntrance").field("address", &self.address).finish_non_exhaustive()
    }
}

impl axum::serve::Listener for PageEntrance {
    type Io = Visitor;
    type Addr = Arrival;

    async fn accept(&mut self) -> (Visitor, Arrival) {
        match self.visitors.next().await {
            Some(visitor) => {
                let arrival = visitor.arrival.clone();
                (visitor, arrival)
            }
            // A listener never ends.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Arrival> {
        match &self.address {
            Ok(address) => Ok(Arrival::new(*address, None)),
            Err(error) => Err(error.kind().into()),
        }
    }
}
