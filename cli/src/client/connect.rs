//! Connections, one a node, made when first needed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use elastickv_tls::{Dialer, Refused, dial_in_clear};
use elastickv_types::PeerAddress;
use tonic::transport::{Channel, Endpoint, Error};

use super::Failure;
use crate::model::duration_text;

#[derive(Debug, Default)]
pub struct Connections {
    /// What they are encrypted with, if they are.
    dialer: Option<Dialer>,
    open: RefCell<HashMap<PeerAddress, Open>>,
}

#[derive(Debug)]
struct Open {
    channel: Channel,
    refused: Refused,
    /// The node has named the cluster that it should be of.
    proved: bool,
}

impl Connections {
    pub fn new(dialer: Option<Dialer>) -> Self {
        Self { dialer, open: RefCell::default() }
    }

    /// The connection to a node. Connecting is a step of its own, so that a failure here proves that
    /// nothing was sent.
    pub async fn to(&self, address: &PeerAddress, patience: Duration) -> Result<Channel, Failure> {
        if let Some(open) = self.open.borrow().get(address) {
            return Ok(open.channel.clone());
        }
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| Failure::of_connecting(address, &error))?
            .tcp_nodelay(true)
            .initial_stream_window_size(1 << 20);
        let refused = Refused::default();
        let channel = match tokio::time::timeout(patience, self.connect(endpoint, &refused)).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => {
                let failure = Failure::of_connecting(address, &error);
                return Err(untrusted(address, &refused).unwrap_or(failure));
            }
            Err(_) => {
                let cause = format!("no connection within {}", duration_text(patience));
                return Err(Failure::Unconnected { address: address.clone(), cause });
            }
        };
        let open = Open { channel: channel.clone(), refused, proved: false };
        self.open.borrow_mut().insert(address.clone(), open);
        Ok(channel)
    }

    async fn connect(&self, endpoint: Endpoint, refused: &Refused) -> Result<Channel, Error> {
        let refused = refused.clone();
        let Some(dialer) = self.dialer.clone() else {
            let connector = tower::service_fn(move |uri| dial_in_clear(uri, refused.clone()));
            return endpoint.connect_with_connector(connector).await;
        };
        let connector = tower::service_fn(move |uri| dialer.clone().dial(uri, refused.clone()));
        endpoint.connect_with_connector(connector).await
    }

    /// Why the node let nobody in, where a connection to it ended by that: then it has read nothing.
    pub fn refusal(&self, address: &PeerAddress) -> Option<Failure> {
        untrusted(address, &self.open.borrow().get(address)?.refused)
    }

    pub fn is_proved(&self, address: &PeerAddress) -> bool {
        self.open.borrow().get(address).is_some_and(|open| open.proved)
    }

    pub fn proved(&self, address: &PeerAddress) {
        if let Some(open) = self.open.borrow_mut().get_mut(address) {
            open.proved = true;
        }
    }

    /// Forgets a connection that failed, so that the next call makes a new one.
    pub fn forget(&self, address: &PeerAddress) {
        self.open.borrow_mut().remove(address);
    }
}

fn untrusted(address: &PeerAddress, refused: &Refused) -> Option<Failure> {
    let cause = refused.get()?.to_owned();
    Some(Failure::Untrusted { address: address.clone(), cause })
}
