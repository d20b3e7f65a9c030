//! The keys of a node that was started with encryption: who wraps them, where its starts are recorded, who opens
//! them, and who tells the cluster under which of them this load writes.

mod fellows;
mod keks;
mod opener;
mod writers;

use std::sync::Arc;

use elastickv_consensus::Membership;
use elastickv_keyring::Keystore;

use crate::peers::Peers;

pub use fellows::{Fellows, Verdict};
pub use keks::{Keks, Which, Wrapping, named};
pub use opener::Opener;
pub use writers::{Writers, not_let_in};

/// What a node holds keys by.
#[derive(Clone, Debug)]
pub struct HeldKeys {
    pub store: Arc<Keystore>,
    pub keks: Keks,
}

/// A node's keys, and those who look after them.
#[derive(Clone, Debug)]
pub struct Keys {
    pub held: HeldKeys,
    pub opener: Arc<Opener>,
    pub writers: Arc<Writers>,
}

impl Keys {
    /// Has keys opened from now on. `stored` are the members as the store has them.
    pub fn tend(held: HeldKeys, peers: Arc<Peers>, stored: Membership) -> Self {
        let fellows = Fellows::new(peers, stored);
        let opener = Opener::start(held.clone(), fellows.clone());
        let writers = Writers::new(held.store.clone(), fellows);
        Self { held, opener, writers }
    }
}
