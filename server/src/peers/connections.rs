//! The connections to the other nodes.
//!
//! A connection may be dead and nobody knows: the machine behind it is gone, or what lay between has forgotten it.
//! The protocols find out in their own time, which is longer than a group should be without a leader. So a line on
//! which nothing was answered for an election timeout is given up for a new one, each time the next call is to be
//! made; what is under way on the old one may still end there.

use std::collections::HashMap;
use std::time::Duration;

use elastickv_types::PeerAddress;
use parking_lot::Mutex;
use tokio::time::Instant;
use tonic::transport::Channel;

use crate::net;

/// Connections by address; bulk transfers have their own, so that they delay no heartbeat.
#[derive(Debug)]
pub struct Connections {
    lines: Mutex<HashMap<PeerAddress, Line>>,
    patience: Duration,
}

#[derive(Debug)]
struct Line {
    channel: Channel,
    bulk: Channel,
    /// When the first call was made to which, and since when, nothing was answered.
    unanswered: Option<Instant>,
}

impl Line {
    fn new(address: &PeerAddress) -> Result<Self, String> {
        Ok(Self { channel: net::channel(address)?, bulk: net::channel(address)?, unanswered: None })
    }

    fn is_dead(&self, patience: Duration) -> bool {
        self.unanswered.is_some_and(|since| since.elapsed() > patience)
    }
}

impl Connections {
    /// Gives up lines on which nothing was answered for so long.
    pub fn new(patience: Duration) -> Self {
        Self { lines: Mutex::default(), patience }
    }

    pub fn to(&self, address: &PeerAddress) -> Result<Channel, String> {
        self.line(address, |line| line.channel.clone())
    }

    /// For a call whose answer will be [told of](Self::answered).
    pub fn to_ask(&self, address: &PeerAddress) -> Result<Channel, String> {
        self.line(address, |line| {
            line.unanswered.get_or_insert_with(Instant::now);
            line.channel.clone()
        })
    }

    pub fn bulk(&self, address: &PeerAddress) -> Result<Channel, String> {
        self.line(address, |line| line.bulk.clone())
    }

    /// A bulk transfer was not answered in its time. The next one is made on a line of its own, since heartbeats may
    /// still be answered on theirs.
    pub fn bulk_unanswered(&self, address: &PeerAddress) {
        let mut lines = self.lines.lock();
        if let (Some(line), Ok(bulk)) = (lines.get_mut(address), net::channel(address)) {
            line.bulk = bulk;
        }
    }

    /// Somebody answers at this address.
    pub fn answered(&self, address: &PeerAddress) {
        if let Some(line) = self.lines.lock().get_mut(address) {
            line.unanswered = None;
        }
    }

    fn line<T>(&self, address: &PeerAddress, take: impl FnOnce(&mut Line) -> T) -> Result<T, String> {
        let mut lines = self.lines.lock();
        lines.retain(|other, line| other != address || !line.is_dead(self.patience));
        if let Some(line) = lines.get_mut(address) {
            return Ok(take(line));
        }
        let mut line = Line::new(address)?;
        let taken = take(&mut line);
        lines.insert(address.clone(), line);
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "tests are their own executor")]

    use std::sync::Arc;

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

    async fn ask(connections: &Connections, address: &PeerAddress) {
        ask_on(connections.to_ask(address).expect("a line")).await;
    }

    async fn ask_on(line: Channel) {
        let mut peer = client(line);
        let asked = tokio::time::timeout(PATIENCE * 2, peer.identify(v1::IdentifyRequest {}));
        assert!(!matches!(asked.await, Ok(Ok(_))), "it answered");
    }

    #[tokio::test]
    async fn a_line_that_does_not_answer_is_made_anew_and_one_that_does_is_kept() {
        let (address, taken) = mute().await;
        let connections = Connections::new(PATIENCE);
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
        let connections = Connections::new(Duration::MAX);
        ask(&connections, &address).await;
        ask_on(connections.bulk(&address).expect("a line")).await;
        connections.bulk_unanswered(&address);
        ask_on(connections.bulk(&address).expect("a line")).await;
        assert_eq!(taken.lock().len(), 3, "one to ask, two in bulk");
        ask(&connections, &address).await;
        assert_eq!(taken.lock().len(), 3, "the line to ask on is kept");
    }
}
