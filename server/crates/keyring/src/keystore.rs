//! The keys of a running node: where they are recorded, opened, published and drawn from.
//!
//! ```text
//! record   the sidecar is on the disk    → a `Change`, which publishes nothing yet
//!          (the caller makes its own state durable)
//! publish  the change is consumed        → readers see a new keyring
//! ```
//!
//! Readers take the keyring of the moment without a lock. Whatever changes goes through one lock, which is held
//! while the sidecar is written: changes are few, and their order is that of the log.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use elastickv_crypto::{Dek, FreshNonce, KeyMaterial, NonceSource, Raft, Storage, Usage};
use elastickv_sys::random::SharedRandom;
use elastickv_types::{
    Commitment, GroupId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose, ShortNodeId, WrappedKey,
};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::epoch::{Exhausted, Registration};
use crate::error::{KeyringError, Lookup, Result};
use crate::failures::Failures;
use crate::load::LoadMark;
use crate::ring::{Held, Keyring, OpenKey, Ring, SealKey, Slot};
use crate::sidecar::{Recorded, Sidecar, SidecarFile, SidecarKey};
use crate::table::{KeyState, KeyTable, Row};

#[derive(Debug)]
pub struct Keystore {
    file: SidecarFile,
    node: ShortNodeId,
    load: LoadToken,
    exhausted: Exhausted,
    random: SharedRandom,
    published: ArcSwap<Keyring>,
    state: Mutex<State>,
    /// Moves whenever something is recorded, published or opened.
    changes: watch::Sender<u64>,
    failures: Failures,
}

#[derive(Debug)]
struct State {
    /// `None` before the first key table.
    recorded: Option<Recorded>,
    /// What the replicated state said last of each key.
    facts: Facts,
    storage: BTreeMap<KeyId, OpenKey<Storage>>,
    raft: BTreeMap<KeyId, OpenKey<Raft>>,
    /// The first write that failed. What the disk holds since then is known to the next start only.
    failed: Option<KeyringError>,
}

#[derive(Debug, Default)]
struct Facts {
    /// Until the store was heard, the sidecar is taken at its word.
    heard: bool,
    keys: BTreeMap<KeyId, KeyFacts>,
    retired: BTreeMap<KeyId, Purpose>,
    rows_sealed: bool,
}

#[derive(Clone, Copy, Debug)]
struct KeyFacts {
    state: KeyState,
    index: LogIndex,
    row: Option<Row>,
}

/// A key table that is recorded and not yet published.
#[derive(Debug)]
#[must_use = "readers see it only once it is published"]
pub struct Change {
    facts: Facts,
}

/// The right to seal once, and the key to do it with.
pub struct Sealing<U: Usage> {
    pub dek: Arc<Dek<U>>,
    pub nonce: FreshNonce<U>,
}

impl<U: Usage> fmt::Debug for Sealing<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealing(under key {})", self.dek.id())
    }
}

/// A key that waits to be unwrapped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unopened {
    pub key: KeyId,
    pub purpose: Purpose,
    pub wrapped: WrappedKey,
    pub commitment: Commitment,
    pub kek: KekLabel,
}

/// How a key stands on this node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyStatus {
    pub key: KeyId,
    pub purpose: Purpose,
    pub state: KeyState,
    pub open: bool,
    pub epoch: LocalEpoch,
    /// Seals of this load in this epoch.
    pub seals: u64,
}

impl KeyStatus {
    /// Whether it is time for another key.
    pub fn is_nearly_exhausted(&self) -> bool {
        self.epoch > LocalEpoch::WARN_ABOVE
    }
}

impl Keystore {
    pub(crate) fn new(
        file: SidecarFile,
        load: LoadToken,
        exhausted: Exhausted,
        random: SharedRandom,
        recorded: Option<Recorded>,
    ) -> Arc<Self> {
        let state = State {
            recorded,
            facts: Facts::default(),
            storage: BTreeMap::new(),
            raft: BTreeMap::new(),
            failed: None,
        };
        let published = ArcSwap::from_pointee(state.keyring());
        let node = file.owner().node.full_id().short();
        let (changes, _) = watch::channel(0);
        let (state, failures) = (Mutex::new(state), Failures::default());
        Arc::new(Self { file, node, load, exhausted, random, published, state, changes, failures })
    }

    /// The keyring of this moment.
    pub fn keyring(&self) -> Guard<Arc<Keyring>> {
        self.published.load()
    }

    /// Names of earlier sidecars that were kept aside, with what they hold of keys that retired since.
    pub fn asides(&self) -> Result<Vec<String>> {
        self.file.asides()
    }

    /// Removes those, and tells which there were.
    pub fn remove_asides(&self) -> Result<Vec<String>> {
        self.file.remove_asides()
    }

    /// What did not open, counted by those who open.
    pub fn failures(&self) -> &Failures {
        &self.failures
    }

    /// Whether new rows are sealed, by the cluster's word.
    pub fn seals_rows(&self) -> bool {
        self.published.load().seals_rows
    }

    /// The token of this start, for registrations under keys that are yet to come.
    pub fn load_token(&self) -> LoadToken {
        self.load
    }

    /// What this load may seal under, for the writer registry. A key whose epochs are exhausted is not among
    /// them: its old row stands.
    pub fn registrations(&self) -> Vec<Registration> {
        let state = self.state.lock();
        let recorded = state.recorded.iter();
        recorded.flat_map(|recorded| recorded.sidecar().registrations(self.load)).collect()
    }

    /// Which of [`Self::registrations`] the registry lacks, as far as its rows are known here. A key of which
    /// nothing was published yet is not among them.
    pub fn unregistered(&self) -> Vec<Registration> {
        let registrations = self.registrations();
        let state = self.state.lock();
        let lacks = |it: &Registration| {
            let facts = state.facts.keys.get(&it.key);
            facts.is_some_and(|facts| facts.row != Some(Row { epoch: it.epoch, token: it.token }))
        };
        registrations.into_iter().filter(lacks).collect()
    }

    /// Turns whenever there may be other keys, other rows, or one more key that is open.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What is recorded on the disk; `None` before the first key table.
    pub fn recorded(&self) -> Option<Recorded> {
        self.state.lock().recorded.clone()
    }

    /// Makes a key table durable. One that is not newer than what is recorded is there already, and nothing in
    /// it can bring an epoch or a state back; it is what the store says, though, and may be published.
    pub fn record(&self, table: &KeyTable) -> Result<Change> {
        let mut state = self.state.lock();
        let last = state.recorded.as_ref().map(Recorded::sidecar);
        if last.is_none_or(|last| last.applied < table.index) {
            let mark = LoadMark::Settled { token: self.load };
            let next = Sidecar::with_table(last, &self.file.owner().node, mark, table)?;
            self.save(&mut state, next)?;
        }
        Ok(Change::of(table))
    }

    /// Follows a registry row, which the sidecar does not hold.
    pub fn follow(&self, table: &KeyTable) {
        self.publish(Change::of(table));
    }

    /// Follows a store that knows nothing of keys: it is new, or is being built anew from before there were any.
    /// What the sidecar has is kept, and nothing is sealed by it.
    pub fn follow_nothing(&self) {
        self.publish(Change { facts: Facts { heard: true, ..Facts::default() } });
    }

    /// Makes durable where a group's entries began to be sealed.
    pub fn record_cutover(&self, group: GroupId, at: LogIndex) -> Result<()> {
        let mut state = self.state.lock();
        let last = state.recorded.as_ref().ok_or(KeyringError::NotRecorded)?.sidecar();
        match last.raft_cutovers.get(&group) {
            Some(&recorded) if recorded == at => return Ok(()),
            Some(&recorded) => return Err(KeyringError::CutoverConflict { group, recorded, asked: at }),
            None => {}
        }
        let mut next = last.clone();
        next.raft_cutovers.insert(group, at);
        self.save(&mut state, next)
    }

    /// Shows readers what was recorded.
    pub fn publish(&self, change: Change) {
        let mut state = self.state.lock();
        state.facts = change.facts;
        self.show(&mut state);
    }

    /// The keys that are known and not open, lowest id first.
    pub fn unopened(&self) -> Vec<Unopened> {
        let state = self.state.lock();
        let closed = state.held().filter(|(key, _)| !state.is_open(**key));
        closed
            .map(|(&key, entry)| Unopened {
                key,
                purpose: entry.purpose,
                wrapped: entry.wrapped.clone(),
                commitment: entry.commitment,
                kek: entry.kek.clone(),
            })
            .collect()
    }

    /// Takes a key that was unwrapped. Opening it twice is nothing; another key under its id is refused.
    pub fn open(&self, material: KeyMaterial) -> Result<()> {
        let (key, purpose) = (material.id(), material.purpose());
        let mut state = self.state.lock();
        let entry = state.entry(key, purpose)?;
        if material.commitment() != entry.commitment {
            return Err(KeyringError::KekMismatch { key });
        }
        if entry.purpose != purpose {
            return Err(Lookup::OtherPurpose { key, asked: purpose, found: entry.purpose }.into());
        }
        if state.is_open(key) {
            return Ok(());
        }
        match purpose {
            Purpose::Storage => {
                let open = self.opened(&state, material)?;
                state.storage.insert(key, open);
            }
            Purpose::Raft => {
                let open = self.opened(&state, material)?;
                state.raft.insert(key, open);
            }
        }
        self.show(&mut state);
        Ok(())
    }

    /// A key to seal under, and a nonce for it. A load that has used up an epoch takes the next one, durably.
    pub fn sealing<U: Held>(&self) -> Result<Sealing<U>> {
        loop {
            let keyring = self.published.load();
            let seal = U::ring(&keyring).seal.as_ref();
            let seal = seal.ok_or(Lookup::NoSealKey { purpose: U::PURPOSE })?;
            match seal.nonces.draw() {
                Ok(nonce) => {
                    #[cfg(feature = "testing")]
                    crate::watch::note(seal.dek.id(), &nonce);
                    return Ok(Sealing { dek: Arc::clone(&seal.dek), nonce });
                }
                Err(elastickv_crypto::CryptoError::NoncesExhausted { key }) => {
                    self.next_epoch(key, U::PURPOSE, seal.nonces.epoch())?;
                }
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Every key that is held, for those who watch.
    pub fn status(&self) -> Vec<KeyStatus> {
        let state = self.state.lock();
        let status = |(&key, entry): (&KeyId, &SidecarKey)| KeyStatus {
            key,
            purpose: entry.purpose,
            state: state.state_of(key, entry),
            open: state.is_open(key),
            epoch: entry.epoch,
            seals: state.seals(key),
        };
        state.held().map(status).collect()
    }

    /// Leaves an epoch that is used up, unless somebody else just did.
    pub(crate) fn next_epoch(&self, key: KeyId, purpose: Purpose, spent: LocalEpoch) -> Result<()> {
        let mut state = self.state.lock();
        let recorded = state.recorded.as_ref().ok_or(KeyringError::NotRecorded)?;
        let mut next = recorded.sidecar().clone();
        let entry = next.keys.get_mut(&key).ok_or(Lookup::Unknown { key, purpose })?;
        if entry.epoch != spent {
            return Ok(());
        }
        if entry.epoch.next().is_none() {
            return Err(KeyringError::LocalEpochExhausted { key, purpose });
        }
        entry.advance(self.load);
        entry.warn_of_exhaustion(key);
        self.save(&mut state, next)?;
        let State { recorded, storage, raft, .. } = &mut *state;
        self.renew(recorded.as_ref(), storage.get_mut(&key));
        self.renew(recorded.as_ref(), raft.get_mut(&key));
        self.show(&mut state);
        Ok(())
    }

    fn renew<U: Usage>(&self, recorded: Option<&Recorded>, open: Option<&mut OpenKey<U>>) {
        if let Some(open) = open {
            open.nonces = self.nonces(recorded, &open.dek);
        }
    }

    fn opened<U: Usage>(&self, state: &State, material: KeyMaterial) -> Result<OpenKey<U>> {
        let dek = Arc::new(Dek::new(material)?);
        let nonces = self.nonces(state.recorded.as_ref(), &dek);
        Ok(OpenKey { dek, nonces })
    }

    fn nonces<U: Usage>(&self, recorded: Option<&Recorded>, dek: &Dek<U>) -> Option<Arc<NonceSource<U>>> {
        let epoch = recorded?.epoch(dek.id(), self.load, self.exhausted)?;
        Some(Arc::new(epoch.nonces(dek, self.node, &*self.random)))
    }

    fn save(&self, state: &mut State, next: Sidecar) -> Result<()> {
        if let Some(first) = &state.failed {
            let path = self.file.path().to_owned();
            return Err(KeyringError::Latched { path, first: Box::new(first.clone()) });
        }
        match self.file.save(state.recorded.as_ref(), next) {
            Ok(recorded) => {
                state.recorded = Some(recorded);
                self.changes.send_modify(|change| *change += 1);
                Ok(())
            }
            Err(error) => {
                // What could not be valid was not written, and the disk is as it was.
                if matches!(error, KeyringError::Io { .. }) {
                    state.failed = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    /// Lets go of what is not held any more, and publishes the rest.
    fn show(&self, state: &mut State) {
        let State { recorded, storage, raft, .. } = &mut *state;
        let held = |key: &KeyId| recorded.as_ref().is_some_and(|held| held.sidecar().keys.contains_key(key));
        storage.retain(|key, _| held(key));
        raft.retain(|key, _| held(key));
        self.published.store(Arc::new(state.keyring()));
        self.changes.send_modify(|change| *change += 1);
    }
}

impl Change {
    fn of(table: &KeyTable) -> Self {
        let keys = table
            .keys
            .iter()
            .map(|(&key, entry)| (key, KeyFacts { state: entry.state, index: entry.index, row: entry.row }));
        let rows_sealed = table.storage_cutover.is_some();
        let retired = table.retired.clone();
        Self { facts: Facts { heard: true, keys: keys.collect(), retired, rows_sealed } }
    }
}

impl State {
    fn held(&self) -> impl Iterator<Item = (&KeyId, &SidecarKey)> {
        self.recorded.iter().flat_map(|recorded| &recorded.sidecar().keys)
    }

    fn entry(&self, key: KeyId, purpose: Purpose) -> Result<&SidecarKey> {
        let entry = self.recorded.as_ref().and_then(|recorded| recorded.sidecar().keys.get(&key));
        Ok(entry.ok_or(Lookup::Unknown { key, purpose })?)
    }

    fn is_open(&self, key: KeyId) -> bool {
        self.storage.contains_key(&key) || self.raft.contains_key(&key)
    }

    fn seals(&self, key: KeyId) -> u64 {
        fn of<U: Usage>(open: Option<&OpenKey<U>>) -> u64 {
            open.and_then(|open| open.nonces.as_ref()).map_or(0, |nonces| nonces.used())
        }
        of(self.storage.get(&key)) + of(self.raft.get(&key))
    }

    fn keyring(&self) -> Keyring {
        Keyring {
            storage: self.ring(&self.storage),
            raft: self.ring(&self.raft),
            seals_rows: self.seals_rows(),
        }
    }

    /// The store's word counts, once it was heard.
    fn seals_rows(&self) -> bool {
        if self.facts.heard {
            return self.facts.rows_sealed;
        }
        self.recorded.as_ref().is_some_and(|recorded| recorded.sidecar().storage_cutover.is_some())
    }

    /// The store's word counts. A key that it does not know yet, and the sidecar does, is not in use yet.
    fn state_of(&self, key: KeyId, entry: &SidecarKey) -> KeyState {
        match self.facts.keys.get(&key) {
            Some(facts) => facts.state,
            None if !self.facts.heard => entry.state,
            None => KeyState::Installed,
        }
    }

    /// What is held and what is known to be gone.
    fn ring<U: Usage>(&self, open: &BTreeMap<KeyId, OpenKey<U>>) -> Ring<U> {
        let mut ring = Ring::default();
        let retired = self.facts.retired.iter().filter(|(_, purpose)| **purpose == U::PURPOSE);
        ring.retired = retired.map(|(key, _)| *key).collect();
        for (&key, entry) in self.held().filter(|(_, entry)| entry.purpose == U::PURPOSE) {
            let state = self.state_of(key, entry);
            ring.slots.insert(key, Slot { state, open: open.get(&key).cloned() });
        }
        ring.seal = self.seal_key(open);
        ring
    }

    /// Among the keys that are active or retiring, open here, and under which the registry has a row of this
    /// node at no later epoch than its own: the youngest.
    fn seal_key<U: Usage>(&self, open: &BTreeMap<KeyId, OpenKey<U>>) -> Option<SealKey<U>> {
        let candidates = open.iter().filter_map(|(key, open)| {
            let (facts, nonces) = (self.facts.keys.get(key)?, open.nonces.as_ref()?);
            let registered = facts.row.is_some_and(|row| row.epoch <= nonces.epoch());
            let fit = facts.state.may_seal() && registered;
            fit.then(|| (facts.index, SealKey { dek: Arc::clone(&open.dek), nonces: Arc::clone(nonces) }))
        });
        candidates.max_by_key(|(index, _)| *index).map(|(_, seal)| seal)
    }
}

#[cfg(test)]
impl Keystore {
    /// Brings the seal key of a purpose near the end of its epoch.
    pub(crate) fn skip_to(&self, purpose: Purpose, counter: u32) {
        let keyring = self.published.load();
        match purpose {
            Purpose::Storage => keyring.storage.seal.iter().for_each(|seal| seal.nonces.skip_to(counter)),
            Purpose::Raft => keyring.raft.seal.iter().for_each(|seal| seal.nonces.skip_to(counter)),
        }
    }
}
