//! The one builder of listeners and the one of outbound connections.

use std::net::SocketAddr;
use std::time::Duration;

use elastickv_tls::NodeDialer;
use elastickv_types::PeerAddress;
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};

use crate::exit::Stop;

/// Longer than a listener gives anybody for a handshake.
const CONNECT: Duration = Duration::from_secs(2);
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// A replication message or a page of a scan, with room for its frame.
pub const LARGEST_MESSAGE: usize = 72 << 20;
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;

/// Opens a listener; it takes no connection before it is served.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(address).await.map_err(|error| {
        Stop::refused(
            "AddressInUse",
            format!("nothing can listen at {address}: {error}"),
            "end what listens there, or choose another address",
        )
    })
}

pub fn server() -> tonic::transport::Server {
    tonic::transport::Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keepalive_interval(Some(KEEP_ALIVE))
        .tcp_nodelay(true)
}

/// A connection to a node that is made when it is first used, and made again when it broke.
pub fn channel(address: &PeerAddress, dialer: Option<NodeDialer>) -> Result<Channel, String> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(|error| error.to_string())?;
    let endpoint = endpoint
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(true);
    Ok(match dialer {
        Some(dialer) => {
            endpoint.connect_with_connector_lazy(tower::service_fn(move |uri| dialer.clone().dial(uri)))
        }
        None => endpoint.connect_lazy(),
    })
}

/// Whether a call failed before a connection was there, so that nothing of it was sent.
pub fn never_sent(status: &tonic::Status) -> bool {
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}
