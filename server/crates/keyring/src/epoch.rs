//! Local epochs: which one a load uses under a key, and how that is known to be on the disk.
//!
//! An epoch only ever goes up, and is durable before anything is sealed in it. The second half is a matter of
//! types: a nonce source is made of a [`RecordedEpoch`], which only a [`Recorded`](crate::Recorded) sidecar
//! gives out, which only writing or reading one durably makes.

use elastickv_crypto::{Dek, NonceSalt, NonceSource, Usage};
use elastickv_sys::random::Random;
use elastickv_types::{KeyId, LoadToken, LocalEpoch, Purpose, ShortNodeId};

use crate::error::KeyringError;
use crate::sidecar::{Sidecar, SidecarKey};
use crate::table::Row;

/// What to do about a key under which this node has no start left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exhausted {
    /// Do not start.
    Refuse,
    /// Seal in the last epoch once more. Only the salt tells its nonces from those of the last time.
    Accept,
}

/// The epoch of this load under one key, and that the disk holds it. Not to be had twice: two nonce sources of
/// one epoch would rest on their salts alone. Nobody else can make one:
///
/// ```compile_fail,E0451
/// use elastickv_types::{KeyId, LocalEpoch};
///
/// fn forged(key: KeyId) -> elastickv_keyring::RecordedEpoch {
///     elastickv_keyring::RecordedEpoch { key, epoch: LocalEpoch::ZERO }
/// }
/// ```
#[derive(Debug)]
pub struct RecordedEpoch {
    key: KeyId,
    epoch: LocalEpoch,
}

impl RecordedEpoch {
    /// Of an entry that was read from a sidecar on the disk, if it is for sealing in this load.
    pub(crate) fn of(key: KeyId, entry: &SidecarKey, load: LoadToken, exhausted: Exhausted) -> Option<Self> {
        let spent = entry.epoch == LocalEpoch::EXHAUSTED;
        let usable = if spent { exhausted == Exhausted::Accept } else { entry.token == load };
        usable.then_some(Self { key, epoch: entry.epoch })
    }

    /// The salt is drawn here, so each source has one of its own.
    pub(crate) fn nonces<U: Usage>(
        self,
        dek: &Dek<U>,
        node: ShortNodeId,
        random: &dyn Random,
    ) -> NonceSource<U> {
        assert_eq!(self.key, dek.id(), "an epoch belongs to its key");
        let mut salt = [0; 4];
        random.fill(&mut salt);
        #[cfg(feature = "testing")]
        if crate::watch::are_salts_alike() {
            salt = [0; 4];
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where it may be made: the epoch is on the disk"
        )]
        let source = NonceSource::new(dek, node, self.epoch, NonceSalt::new(u32::from_be_bytes(salt)));
        source
    }
}

impl SidecarKey {
    /// Moves a key on to its next epoch, to be used by this load; from the last one to the exhausted one, which
    /// no load has registered.
    pub(crate) fn advance(&mut self, load: LoadToken) {
        match self.epoch.next() {
            Some(next) => (self.epoch, self.token) = (next, load),
            None => self.epoch = LocalEpoch::EXHAUSTED,
        }
    }

    pub(crate) fn refuse_exhausted(&self, key: KeyId, exhausted: Exhausted) -> Result<(), KeyringError> {
        let spent = self.epoch == LocalEpoch::EXHAUSTED && exhausted == Exhausted::Refuse;
        if spent && self.state.is_unfinished() {
            return Err(KeyringError::LocalEpochExhausted { key, purpose: self.purpose });
        }
        Ok(())
    }

    pub(crate) fn warn_of_exhaustion(&self, key: KeyId) {
        if self.epoch > LocalEpoch::WARN_ABOVE && self.state.is_unfinished() {
            let (purpose, epoch) = (self.purpose, self.epoch);
            tracing::warn!(%key, %purpose, %epoch, "few starts are left under this key: rotate it");
        }
    }
}

impl Sidecar {
    /// No load that this sidecar knows of went further under any key.
    pub(crate) fn reached(&self) -> Option<LocalEpoch> {
        self.keys.values().map(|key| key.epoch).max()
    }

    /// What a load is to be registered under.
    pub(crate) fn registrations(&self, load: LoadToken) -> impl Iterator<Item = Registration> {
        let mine =
            self.keys.iter().filter(move |(_, it)| it.token == load && it.epoch != LocalEpoch::EXHAUSTED);
        mine.map(|(&key, it)| Registration { key, purpose: it.purpose, epoch: it.epoch, token: it.token })
    }
}

/// The epoch and token with which a key begins that came while this load was running. What an earlier load
/// registered under it is not used again.
pub(crate) fn first(row: Option<Row>, load: LoadToken) -> (LocalEpoch, LoadToken) {
    match row {
        None => (LocalEpoch::ZERO, load),
        Some(row) if row.token == load => (row.epoch, load),
        Some(row) => match row.epoch.next() {
            Some(next) => (next, load),
            None => (LocalEpoch::EXHAUSTED, row.token),
        },
    }
}

/// What a node tells the cluster of itself under one key, before it seals under it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Registration {
    pub key: KeyId,
    pub purpose: Purpose,
    pub epoch: LocalEpoch,
    pub token: LoadToken,
}
