//! Nonces that can not repeat.
//!
//! ```text
//! nonce   short node id u16 ‖ local epoch u16 ‖ salt u32 ‖ counter u32
//! ```
//!
//! Under one key, node and epoch differ between any two loads that seal, and the counter between any two
//! seals of one load, so a nonce is unique by construction. The salt is drawn anew for each source: it is
//! what still holds when a disk was put back and an epoch came again.
//!
//! A [`FreshNonce`] is the right to seal once. Only a source makes one, sealing uses it up, and it can not be
//! copied; it remembers its key, because under another it might not be fresh.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use elastickv_types::{KeyId, LocalEpoch, ShortNodeId};

use crate::aead::NONCE_BYTES;
use crate::key::{Dek, Usage};
use crate::{CryptoError, Result};

/// Four random bytes, drawn for each source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NonceSalt(u32);

impl NonceSalt {
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }
}

impl fmt::Debug for NonceSalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceSalt(..)")
    }
}

/// Whose nonce it is.
pub(crate) fn writer(nonce: &[u8; NONCE_BYTES]) -> (ShortNodeId, LocalEpoch) {
    let [node_high, node_low, epoch_high, epoch_low, ..] = *nonce;
    let node = ShortNodeId::new(u16::from_be_bytes([node_high, node_low]));
    (node, LocalEpoch::new(u16::from_be_bytes([epoch_high, epoch_low])))
}

/// Gives out the nonces of one load of one node under one key.
#[derive(Debug)]
pub struct NonceSource<U: Usage> {
    key: KeyId,
    node: ShortNodeId,
    epoch: LocalEpoch,
    salt: NonceSalt,
    /// Wider than the counter in the nonce: counting on past the end can not come round to its beginning.
    drawn: AtomicU64,
    usage: PhantomData<fn() -> U>,
}

impl<U: Usage> NonceSource<U> {
    /// How many nonces a source gives.
    pub const CAPACITY: u64 = u32::MAX as u64;

    /// The caller vouches that no other source was ever made for this key, node, epoch and salt.
    pub fn new(key: &Dek<U>, node: ShortNodeId, epoch: LocalEpoch, salt: NonceSalt) -> Self {
        Self { key: key.id(), node, epoch, salt, drawn: AtomicU64::new(0), usage: PhantomData }
    }

    pub fn draw(&self) -> Result<FreshNonce<U>> {
        // Nothing else is ordered by this: that no two draws see the same value is all that counts.
        let before = self.drawn.fetch_add(1, Ordering::Relaxed);
        let counter =
            u32::try_from(before + 1).map_err(|_| CryptoError::NoncesExhausted { key: self.key })?;
        let fields = [
            u64::from(self.node.get()) << 48 | u64::from(self.epoch.get()) << 32 | u64::from(self.salt.0),
            u64::from(counter) << 32,
        ];
        let mut bytes = [0; NONCE_BYTES];
        bytes
            .iter_mut()
            .zip(fields.iter().flat_map(|field| field.to_be_bytes()))
            .for_each(|(to, byte)| *to = byte);
        Ok(FreshNonce { key: self.key, bytes, usage: PhantomData })
    }

    /// How many nonces were given out.
    pub fn used(&self) -> u64 {
        self.drawn.load(Ordering::Relaxed).min(Self::CAPACITY)
    }

    pub fn key(&self) -> KeyId {
        self.key
    }

    pub fn epoch(&self) -> LocalEpoch {
        self.epoch
    }

    /// Gives up the nonces before the one with this counter, so that a test reaches the end of a source.
    #[cfg(any(test, feature = "testing"))]
    pub fn skip_to(&self, counter: u32) {
        self.drawn.fetch_max(u64::from(counter).saturating_sub(1), Ordering::Relaxed);
    }
}

/// The right to seal once under one key.
pub struct FreshNonce<U: Usage> {
    key: KeyId,
    bytes: [u8; NONCE_BYTES],
    usage: PhantomData<fn() -> U>,
}

impl<U: Usage> FreshNonce<U> {
    /// Uses the nonce up.
    pub(crate) fn spend(self, key: KeyId) -> Result<[u8; NONCE_BYTES]> {
        if self.key != key {
            return Err(CryptoError::ForeignNonce { drawn_for: self.key, key });
        }
        Ok(self.bytes)
    }

    /// What is about to be spent, for those who watch that none is spent twice.
    #[cfg(feature = "testing")]
    pub fn bytes(&self) -> [u8; NONCE_BYTES] {
        self.bytes
    }
}

impl<U: Usage> fmt::Debug for FreshNonce<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FreshNonce(of key {})", self.key)
    }
}
