//! The keys of a node that was started with encryption: who wraps them, where their starts are recorded, and
//! who opens them.

mod keks;
mod opener;
mod pieces;

use std::sync::Arc;

use elastickv_keyring::Keystore;

pub use keks::{Keks, Which, Wrapping, named};
pub use opener::Opener;
pub use pieces::StorePiece;

/// What a node holds keys by.
#[derive(Clone, Debug)]
pub struct HeldKeys {
    pub store: Arc<Keystore>,
    pub keks: Keks,
}
