//! A group's entries and rows, and the keys of its node.
//!
//! The log decides of keys and cutovers, and the node keeps a copy of what it decided outside of log and store,
//! since both are sealed. This is where the one becomes the other, and the only place that seals entries and opens
//! them.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use elastickv_crypto::{CryptoError, EntryContext, EnvelopeHeader, Raft};
use elastickv_fsm::{Command, Control, GroupState, KeyRow, encode_payload, encode_sealed};
use elastickv_keyring::{KeyState, KeyTable, KeyringError, Keystore, Lookup, Row, Sealing, TableKey};
use elastickv_mvcc::{ClearRows, KeyedRows, SealedOnly, SharedSealer};
use elastickv_types::{ClusterId, FullNodeId, GroupId, KeyId, LogIndex, Purpose};

/// The keys of a node, if it was started with encryption.
#[derive(Clone)]
pub struct NodeKeys(Option<Held>);

#[derive(Clone)]
struct Held {
    store: Arc<Keystore>,
    /// A node learns its cluster's id once it is invited.
    cluster: Arc<dyn Fn() -> Option<ClusterId> + Send + Sync>,
    me: FullNodeId,
}

impl std::fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "NodeKeys(held)" } else { "NodeKeys(none)" })
    }
}

/// Why something can not be sealed, opened or recorded here.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("this node was not started with encryption, and its cluster's data is sealed")]
    NotEnabled,
    #[error("this node does not know its cluster yet")]
    NoCluster,
    #[error("a key of the cluster has no wrapping, and is not retired")]
    NoWrapping,
    #[error(transparent)]
    Key(#[from] Lookup),
    #[error(transparent)]
    Keyring(KeyringError),
    #[error("what is sealed does not open: {0}")]
    Envelope(#[from] CryptoError),
}

impl From<KeyringError> for KeyError {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Lookup(lookup) => Self::Key(lookup),
            KeyringError::Crypto(error) => Self::Envelope(error),
            other => Self::Keyring(other),
        }
    }
}

impl KeyError {
    /// What it takes to pass: a key that is going to be open here.
    pub fn waits_for(&self) -> Option<Lookup> {
        match self {
            KeyError::Key(key @ (Lookup::NotOpen { .. } | Lookup::NoSealKey { .. })) => Some(*key),
            _ => None,
        }
    }
}

impl NodeKeys {
    /// Of a node without encryption.
    pub fn none() -> Self {
        Self(None)
    }

    pub fn held(
        store: Arc<Keystore>,
        me: FullNodeId,
        cluster: Arc<dyn Fn() -> Option<ClusterId> + Send + Sync>,
    ) -> Self {
        Self(Some(Held { store, cluster, me }))
    }

    pub fn store(&self) -> Option<&Arc<Keystore>> {
        self.0.as_ref().map(|held| &held.store)
    }

    /// For the rows of one group; where `sealed_only` is set, a clear one is an error.
    pub fn sealer(&self, sealed_only: SealedOnly) -> SharedSealer {
        match &self.0 {
            Some(held) => Arc::new(KeyedRows::new(held.store.clone(), sealed_only)),
            None => Arc::new(ClearRows),
        }
    }

    /// The key that an entry says it is sealed under. That is its word alone, until it is opened.
    pub fn named_by(envelope: &[u8]) -> Result<KeyId, KeyError> {
        Ok(EnvelopeHeader::<Raft>::parse(envelope)?.key())
    }

    /// The payload of an entry that carries this command to a group's log.
    pub fn payload(&self, group: GroupId, command: &Command, sealed: bool) -> Result<Bytes, KeyError> {
        if !sealed {
            return Ok(encode_payload(command));
        }
        let Sealing { dek, nonce } = self.enabled()?.store.sealing::<Raft>()?;
        encode_sealed(command, |out, put| Ok(dek.seal(nonce, EntryContext { group }, out, put)?))
    }

    /// The command in an entry's envelope.
    pub fn open(&self, group: GroupId, envelope: &Bytes) -> Result<Bytes, KeyError> {
        let opened = self.open_entry(group, envelope);
        if let (Some(held), Err(error)) = (&self.0, &opened) {
            match error {
                KeyError::Key(lookup) => held.store.failures().looked_up(lookup),
                KeyError::Envelope(error) => held.store.failures().opened(error),
                KeyError::NotEnabled | KeyError::NoCluster | KeyError::NoWrapping | KeyError::Keyring(_) => {}
            }
        }
        opened
    }

    fn open_entry(&self, group: GroupId, envelope: &Bytes) -> Result<Bytes, KeyError> {
        let key = Self::named_by(envelope)?;
        let keyring = self.enabled()?.store.keyring();
        let dek = keyring.key::<Raft>(key)?;
        let mut command = BytesMut::with_capacity(envelope.len());
        dek.open(EntryContext { group }, envelope, &mut command)?;
        Ok(command.freeze())
    }

    /// Whether there is a key to seal a row under, where rows are sealed.
    pub fn can_seal_rows(&self) -> Result<(), KeyError> {
        let Some(held) = &self.0 else { return Ok(()) };
        let keyring = held.store.keyring();
        match held.store.seals_rows() && keyring.seal_key(Purpose::Storage).is_none() {
            true => Err(Lookup::NoSealKey { purpose: Purpose::Storage }.into()),
            false => Ok(()),
        }
    }

    /// Whether there is a key to seal what this state has sealed. Where there is none, nothing can be proposed.
    pub fn can_seal(&self, state: &GroupState) -> bool {
        let Some(held) = &self.0 else { return true };
        let sealed =
            [(Purpose::Storage, held.store.seals_rows()), (Purpose::Raft, state.raft.cutover.is_some())];
        let keyring = held.store.keyring();
        sealed.into_iter().all(|(purpose, sealed)| !sealed || keyring.seal_key(purpose).is_some())
    }

    /// Makes durable, outside of the store, what a state says of keys, stage and cutover.
    pub fn record(&self, group: GroupId, state: &GroupState) -> Result<(), KeyError> {
        let held = self.enabled()?;
        if let Some(table) = held.table(state)? {
            // It is shown to readers once the store has it too.
            drop(held.store.record(&table)?);
        }
        if let Some(cutover) = state.raft.cutover {
            held.store.record_cutover(group, cutover)?;
        }
        Ok(())
    }

    /// Seals and opens by what a state says from now on.
    pub fn publish(&self, state: &GroupState) -> Result<(), KeyError> {
        let Some(held) = &self.0 else { return Ok(()) };
        match held.table(state)? {
            Some(table) => held.store.follow(&table),
            None if state.control.is_some() => held.store.follow_nothing(),
            None => {}
        }
        Ok(())
    }

    fn enabled(&self) -> Result<&Held, KeyError> {
        self.0.as_ref().ok_or(KeyError::NotEnabled)
    }
}

impl Held {
    fn table(&self, state: &GroupState) -> Result<Option<KeyTable>, KeyError> {
        let Some((control, index)) = keys_of(state) else { return Ok(None) };
        let cluster = (self.cluster)().ok_or(KeyError::NoCluster)?;
        table_of(control, index, cluster, self.me).map(Some)
    }
}

/// What the control group says of keys, as a node sees it; `None` before it says anything, and of any other group.
pub fn key_table(
    state: &GroupState,
    cluster: ClusterId,
    me: FullNodeId,
) -> Result<Option<KeyTable>, KeyError> {
    keys_of(state).map(|(control, index)| table_of(control, index, cluster, me)).transpose()
}

fn keys_of(state: &GroupState) -> Option<(&Control, LogIndex)> {
    let control = state.control.as_deref()?;
    Some((control, control.control_index?))
}

fn table_of(
    control: &Control,
    index: LogIndex,
    cluster: ClusterId,
    me: FullNodeId,
) -> Result<KeyTable, KeyError> {
    let mut keys = BTreeMap::new();
    let mut retired = BTreeMap::new();
    for (id, row) in control.keys.iter() {
        match table_state(row) {
            None => drop(retired.insert(id, row.purpose)),
            Some(state) => drop(keys.insert(id, table_key(control, id, row, state, me)?)),
        }
    }
    let storage_cutover = control.stage.storage();
    Ok(KeyTable { cluster, index, storage_cutover, keys, retired })
}

fn table_key(
    control: &Control,
    id: KeyId,
    row: &KeyRow,
    state: KeyState,
    me: FullNodeId,
) -> Result<TableKey, KeyError> {
    let wrapping = row.wrapping.as_ref().ok_or(KeyError::NoWrapping)?;
    let own = control.writers.of(id, me);
    Ok(TableKey {
        purpose: row.purpose,
        state,
        index: row.created,
        created: created(row),
        wrapped: wrapping.wrapped().clone(),
        commitment: row.commitment,
        kek: wrapping.kek().clone(),
        row: own.map(|writer| Row { epoch: writer.epoch, token: writer.token }),
    })
}

/// `None` for a key that is gone.
fn table_state(row: &KeyRow) -> Option<KeyState> {
    use elastickv_fsm::KeyState as Replicated;
    match row.state {
        Replicated::Installed => Some(KeyState::Installed),
        Replicated::Active => Some(KeyState::Active),
        Replicated::Retiring => Some(KeyState::Retiring),
        Replicated::Closed { .. } => Some(KeyState::Closed),
        Replicated::Retired { .. } => None,
    }
}

/// A key that claims a time which can not be written is not let into the table.
fn created(row: &KeyRow) -> jiff::Timestamp {
    let ms = i64::try_from(row.created_at.get()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
