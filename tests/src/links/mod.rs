//! The network between the nodes, and its cuts.
//!
//! A node listens on one address for clients and peers alike. In a cluster with links each node
//! *advertises* not that address but a relay in front of it; peers learn the advertised address and so
//! all their traffic passes the relay, while a test's clients use the real address and are never in the
//! way of a cut.
//!
//! Which node a relayed connection comes from cannot be seen in its address: all of them come from the
//! loopback interface. The relay asks the kernel instead which process holds the other end ([`owner`]).
//!
//! ```text
//!            advertised            real
//!   n2 ────▶ relay of n1 ────────▶ n1 ◀──────── a test's client
//!      bytes n2→n1 pass while the link n2→n1 is open,
//!      bytes n1→n2, the answers, while the link n1→n2 is
//! ```
//!
//! A link is one direction between two nodes, so a cut may be one-way. A *silent* cut holds the bytes
//! back as a dead cable does: nobody is told, and what was held is delivered when the link opens, as a
//! TCP stack would resend it. A *reset* closes the connections instead and lets no new one through. A *slow*
//! link delivers everything, later.

mod matrix;
mod owner;
mod relay;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;

use matrix::Matrix;
pub use matrix::{Link, Place};

/// The relays and the state of every link.
#[derive(Debug)]
pub struct Links {
    matrix: Arc<Matrix>,
}

/// How many times the cuts did something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Effect {
    /// Pieces of traffic that were held back.
    pub held: u64,
    /// Connections closed or refused.
    pub reset: u64,
}

impl Default for Links {
    fn default() -> Self {
        Self { matrix: Arc::new(Matrix::default()) }
    }
}

impl Links {
    /// Starts the relay in front of the node at `place`, which listens at `behind`.
    pub async fn front(&self, place: Place, advertised: SocketAddr, behind: SocketAddr) -> Result<()> {
        relay::start(Arc::clone(&self.matrix), place, advertised, behind).await
    }

    /// Tells which process is the node at `place` now.
    pub fn runs_as(&self, place: Place, process: Option<u32>) {
        self.matrix.runs_as(place, process);
    }

    /// Sets the link from one node to another, in this direction alone.
    pub fn set(&self, from: Place, to: Place, link: Link) {
        self.matrix.set([(from, to)], link);
    }

    /// Sets both directions between every node of one side and every node of the other.
    pub fn between(&self, side: &[Place], other: &[Place], link: Link) {
        let pairs = side.iter().flat_map(|&a| other.iter().flat_map(move |&b| [(a, b), (b, a)]));
        self.matrix.set(pairs, link);
    }

    /// Opens every link.
    pub fn heal(&self) {
        self.matrix.heal();
    }

    pub fn effect(&self) -> Effect {
        self.matrix.effect()
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        self.matrix.close();
    }
}
