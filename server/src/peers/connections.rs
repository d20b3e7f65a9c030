//! The connections to the other nodes.
//!
//! A connection may be dead and nobody knows: the machine behind it is gone, or what lay between has forgotten it.
//! The protocols find out in their own time, which is longer than a group should be without a leader. So a line on
//! which nothing was answered for an election timeout is given up for a new one, each time the next call is to be
//! made; what is under way on the old one may still end there. The same happens when this node's certificate is
//! replaced, so that none is used beyond its time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use elastickv_tls::{Live, NodeDialer};
use elastickv_types::{NodeName, PeerAddress};
use parking_lot::Mutex;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::net;

/// Connections by address; bulk transfers have their own, so that they delay no heartbeat.
#[derive(Debug)]
pub struct Connections {
    lines: Mutex<HashMap<PeerAddress, Line>>,
    patience: Duration,
    /// What connections are encrypted with, if they are.
    live: Option<Arc<Live>>,
}

#[derive(Debug)]
struct Line {
    /// Whom it leads to, and with which generation of certificates.
    made_for: (NodeName, u64),
    dialer: Option<NodeDialer>,
    channel: Channel,
    bulk: Channel,
    /// When the first call was made to which, and since when, nothing was answered.
    unanswered: Option<Instant>,
}

impl Line {
    fn new(
        address: &PeerAddress,
        made_for: (NodeName, u64),
        live: Option<&Arc<Live>>,
    ) -> Result<Self, String> {
        let dialer = live.map(|live| NodeDialer { live: live.clone(), expected: made_for.0.clone() });
        let channel = net::channel(address, dialer.clone())?;
        let bulk = net::channel(address, dialer.clone())?;
        Ok(Self { made_for, dialer, channel, bulk, unanswered: None })
    }

    fn is_dead(&self, patience: Duration) -> bool {
        self.unanswered.is_some_and(|since| since.elapsed() > patience)
    }
}

impl Connections {
    /// Gives up lines on which nothing was answered for so long.
    pub fn new(patience: Duration, live: Option<Arc<Live>>) -> Self {
        Self { lines: Mutex::default(), patience, live }
    }

    pub fn live(&self) -> Option<&Arc<Live>> {
        self.live.as_ref()
    }

    pub fn to(&self, node: &NodeName, address: &PeerAddress) -> Result<Channel, String> {
        self.line(node, address, |line| line.channel.clone())
    }

    /// For a call whose answer will be [told of](Self::answered).
    pub fn to_ask(&self, node: &NodeName, address: &PeerAddress) -> Result<Channel, String> {
        self.line(node, address, |line| {
            line.unanswered.get_or_insert_with(Instant::now);
            line.channel.clone()
        })
    }

    pub fn bulk(&self, node: &NodeName, address: &PeerAddress) -> Result<Channel, String> {
        self.line(node, address, |line| line.bulk.clone())
    }

    /// A bulk transfer was not answered in its time. The next one is made on a line of its own, since heartbeats may
    /// still be answered on theirs.
    pub fn bulk_unanswered(&self, address: &PeerAddress) {
        let mut lines = self.lines.lock();
        if let Some(line) = lines.get_mut(address)
            && let Ok(bulk) = net::channel(address, line.dialer.clone())
        {
            line.bulk = bulk;
        }
    }

    /// Somebody answers at this address.
    pub fn answered(&self, address: &PeerAddress) {
        if let Some(line) = self.lines.lock().get_mut(address) {
            line.unanswered = None;
        }
    }

    fn line<T>(
        &self,
        node: &NodeName,
        address: &PeerAddress,
        take: impl FnOnce(&mut Line) -> T,
    ) -> Result<T, String> {
        let made_for = (node.clone(), self.live.as_ref().map_or(0, |live| live.generation()));
        let mut lines = self.lines.lock();
        let serves = |line: &Line| line.made_for == made_for && !line.is_dead(self.patience);
        lines.retain(|other, line| other != address || serves(line));
        if let Some(line) = lines.get_mut(address) {
            return Ok(take(line));
        }
        let mut line = Line::new(address, made_for, self.live.as_ref())?;
        let taken = take(&mut line);
        lines.insert(address.clone(), line);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "tests are their own executor")]

    use elastickv_proto::v1;
    use tokio::net::TcpListener;

    use super::*;
    use crate::peers::client;

    const PATIENCE: Duration = Duration::from_millis(50);

    /// Takes connections, counts them and never answers.
    async fn mute() -> (PeerAddress, Arc<Mutex<Vec<tokio::net::TcpStream>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound").to_string().parse().expect("an address");
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                kept.lock().push(stream);
            }
        });
        (address, taken)
    }

    fn node() -> NodeName {
        "n2".parse().expect("a name")
    }

    async fn ask(connections: &Connections, address: &PeerAddress) {
        ask_on(connections.to_ask(&node(), address).expect("a line")).await;
    }

    async fn ask_on(line: Channel) {
        let mut peer = client(line);
        let asked = tokio::time::timeout(PATIENCE * 2, peer.identify(v1::IdentifyRequest {}));
        assert!(!matches!(asked.await, Ok(Ok(_))), "it answered");
    }

    #[tokio::test]
    async fn a_line_that_does_not_answer_is_made_anew_and_one_that_does_is_kept() {
        let (address, taken) = mute().await;
        let connections = Connections::new(PATIENCE, None);
        ask(&connections, &address).await;
        connections.answered(&address);
        ask(&connections, &address).await;
        assert_eq!(taken.lock().len(), 1, "what was answered is kept");
        ask(&connections, &address).await;
        assert_eq!(taken.lock().len(), 2, "what was not is given up");
    }

    #[tokio::test]
    async fn a_bulk_transfer_that_is_not_answered_is_made_on_a_new_line_and_the_other_line_is_kept() {
        let (address, taken) = mute().await;
        let connections = Connections::new(Duration::MAX, None);
        ask(&connections, &address).await;
        ask_on(connections.bulk(&node(), &address).expect("a line")).await;
        connections.bulk_unanswered(&address);
        ask_on(connections.bulk(&node(), &address).expect("a line")).await;
        assert_eq!(taken.lock().len(), 3, "one to ask, two in bulk");
        ask(&connections, &address).await;
        assert_eq!(taken.lock().len(), 3, "the line to ask on is kept");
    }
}
