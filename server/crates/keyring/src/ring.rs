//! The keys of one moment. A keyring never changes; a change makes a new one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use elastickv_crypto::{Dek, NonceSource, Raft, Storage, Usage};
use elastickv_types::{KeyId, LocalEpoch, Purpose};

use crate::error::Lookup;
use crate::table::KeyState;

/// A data key that was unwrapped, and what it takes to seal under it.
pub(crate) struct OpenKey<U: Usage> {
    pub dek: Arc<Dek<U>>,
    /// `None` when this load has no epoch under it.
    pub nonces: Option<Arc<NonceSource<U>>>,
}

impl<U: Usage> Clone for OpenKey<U> {
    fn clone(&self) -> Self {
        Self { dek: Arc::clone(&self.dek), nonces: self.nonces.clone() }
    }
}

impl<U: Usage> fmt::Debug for OpenKey<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenKey").field("key", &self.dek.id()).field("nonces", &self.nonces).finish()
    }
}

#[derive(Debug)]
pub(crate) struct Slot<U: Usage> {
    pub state: KeyState,
    /// Known but not open yet: `None`.
    pub open: Option<OpenKey<U>>,
}

/// What is sealed under now.
pub(crate) struct SealKey<U: Usage> {
    pub dek: Arc<Dek<U>>,
    pub nonces: Arc<NonceSource<U>>,
}

impl<U: Usage> fmt::Debug for SealKey<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKey").field("key", &self.dek.id()).field("nonces", &self.nonces).finish()
    }
}

#[derive(Debug)]
pub struct Ring<U: Usage> {
    pub(crate) slots: BTreeMap<KeyId, Slot<U>>,
    pub(crate) retired: BTreeSet<KeyId>,
    pub(crate) seal: Option<SealKey<U>>,
}

impl<U: Usage> Default for Ring<U> {
    fn default() -> Self {
        Self { slots: BTreeMap::new(), retired: BTreeSet::new(), seal: None }
    }
}

impl<U: Usage> Ring<U> {
    fn knows(&self, key: KeyId) -> bool {
        self.slots.contains_key(&key) || self.retired.contains(&key)
    }

    fn active(&self) -> Option<KeyId> {
        self.slots.iter().find(|(_, slot)| slot.state == KeyState::Active).map(|(key, _)| *key)
    }
}

#[derive(Debug, Default)]
pub struct Keyring {
    pub(crate) storage: Ring<Storage>,
    pub(crate) raft: Ring<Raft>,
    pub(crate) seals_rows: bool,
}

/// The purposes, each with its part of a keyring.
pub trait Held: Usage + Sized {
    #[doc(hidden)]
    fn ring(keyring: &Keyring) -> &Ring<Self>;
}

impl Held for Storage {
    fn ring(keyring: &Keyring) -> &Ring<Self> {
        &keyring.storage
    }
}

impl Held for Raft {
    fn ring(keyring: &Keyring) -> &Ring<Self> {
        &keyring.raft
    }
}

impl Keyring {
    /// The key that a row or an entry names. Nothing is ever tried under another.
    pub fn key<U: Held>(&self, key: KeyId) -> Result<&Arc<Dek<U>>, Lookup> {
        let purpose = U::PURPOSE;
        let ring = U::ring(self);
        match ring.slots.get(&key).map(|slot| &slot.open) {
            Some(Some(open)) => Ok(&open.dek),
            Some(None) => Err(Lookup::NotOpen { key, purpose }),
            None if ring.retired.contains(&key) => Err(Lookup::Retired { key, purpose }),
            None => Err(match self.purpose_of(key) {
                Some(found) => Lookup::OtherPurpose { key, asked: purpose, found },
                None => Lookup::Unknown { key, purpose },
            }),
        }
    }

    /// How a key of a purpose stands by the cluster's word; `None` for one that is not held.
    pub fn state<U: Held>(&self, key: KeyId) -> Option<KeyState> {
        U::ring(self).slots.get(&key).map(|slot| slot.state)
    }

    /// The key that is to be sealed under by the cluster's word, open here or not.
    pub fn active(&self, purpose: Purpose) -> Option<KeyId> {
        match purpose {
            Purpose::Storage => self.storage.active(),
            Purpose::Raft => self.raft.active(),
        }
    }

    /// The key and the epoch that this node seals under at this moment.
    pub fn seal_key(&self, purpose: Purpose) -> Option<(KeyId, LocalEpoch)> {
        fn of<U: Usage>(ring: &Ring<U>) -> Option<(KeyId, LocalEpoch)> {
            ring.seal.as_ref().map(|seal| (seal.dek.id(), seal.nonces.epoch()))
        }
        match purpose {
            Purpose::Storage => of(&self.storage),
            Purpose::Raft => of(&self.raft),
        }
    }

    fn purpose_of(&self, key: KeyId) -> Option<Purpose> {
        let known = [(Purpose::Storage, self.storage.knows(key)), (Purpose::Raft, self.raft.knows(key))];
        known.into_iter().find(|(_, known)| *known).map(|(purpose, _)| purpose)
    }
}
