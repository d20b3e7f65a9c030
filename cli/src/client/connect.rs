//! Connections, one a node, made when first needed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use elastickv_types::PeerAddress;
use tonic::transport::{Channel, Endpoint};

use super::Failure;
use crate::model::duration_text;

#[derive(Debug, Default)]
pub struct Connections {
    open: RefCell<HashMap<PeerAddress, Channel>>,
}

impl Connections {
    /// The connection to a node. Connecting is a step of its own, so that a failure here proves that
    /// nothing was sent.
    pub async fn to(&self, address: &PeerAddress, patience: Duration) -> Result<Channel, Failure> {
        if let Some(channel) = self.open.borrow().get(address) {
            return Ok(channel.clone());
        }
        let endpoint = Endpoint::from_shared(format!("http://{address}"))
            .map_err(|error| Failure::of_connecting(address, &error))?
            .tcp_nodelay(true)
            .initial_stream_window_size(1 << 20);
        let channel = match tokio::time::timeout(patience, endpoint.connect()).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => return Err(Failure::of_connecting(address, &error)),
            Err(_) => {
                let cause = format!("no connection within {}", duration_text(patience));
                return Err(Failure::Unconnected { address: address.clone(), cause });
            }
        };
        self.open.borrow_mut().insert(address.clone(), channel.clone());
        Ok(channel)
    }

    /// Forgets a connection that failed, so that the next call makes a new one.
    pub fn forget(&self, address: &PeerAddress) {
        self.open.borrow_mut().remove(address);
    }
}
