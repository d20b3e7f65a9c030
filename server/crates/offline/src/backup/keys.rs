//! `keys.json` of a backup: the data keys in their wrappings, as the cluster holds them. No node's epochs and tokens are
//! in it: they are of no use to anybody else, and of harm to whoever would go on with them.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use elastickv_keyring::{KeyState, TableKey};
use elastickv_types::{ClusterId, Commitment, KekLabel, KeyId, LogIndex, Purpose, WrappedKey};
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::own_state::Replicated;

pub(super) const FILE: &str = "keys.json";
const VERSION: u32 = 1;

/// A key that came along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupKey {
    pub purpose: Purpose,
    pub wrapped: WrappedKey,
    pub commitment: Commitment,
    pub kek: KekLabel,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BackupKeys {
    pub cluster: ClusterId,
    pub keys: BTreeMap<KeyId, BackupKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    cluster_id: ClusterId,
    control_index: u64,
    storage_envelope_cutover_index: Option<u64>,
    raft_envelope_cutover_index: BTreeMap<u64, u64>,
    active: BTreeMap<Purpose, KeyId>,
    keys: BTreeMap<KeyId, KeyRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyRecord {
    purpose: Purpose,
    state: String,
    /// Base64.
    wrapped: String,
    #[serde(with = "hex")]
    commitment: [u8; 32],
    created: String,
    kek: KekRecord,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KekRecord {
    provider: String,
    key: String,
    version: String,
}

/// As it is written.
pub(super) fn text(replicated: &Replicated) -> serde_json::Result<Vec<u8>> {
    let table = &replicated.table;
    let active =
        |(id, key): (&KeyId, &TableKey)| (key.state == KeyState::Active).then_some((key.purpose, *id));
    let record = Record {
        version: VERSION,
        cluster_id: table.cluster,
        control_index: table.index.get(),
        storage_envelope_cutover_index: table.storage_cutover.map(LogIndex::get),
        raft_envelope_cutover_index: replicated
            .cutovers
            .iter()
            .map(|(group, at)| (group.get(), at.get()))
            .collect(),
        active: table.keys.iter().filter_map(active).collect(),
        keys: table.keys.iter().map(|(id, key)| (*id, KeyRecord::of(key))).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&record)?;
    text.push(b'\n');
    Ok(text)
}

impl KeyRecord {
    fn of(key: &TableKey) -> Self {
        let KekLabel { provider, key: name, version } = key.kek.clone();
        Self {
            purpose: key.purpose,
            state: key.state.as_str().to_owned(),
            wrapped: STANDARD.encode(key.wrapped.as_bytes()),
            commitment: *key.commitment.as_bytes(),
            created: key.created.to_string(),
            kek: KekRecord { provider, key: name, version },
        }
    }

    fn read(self) -> Option<BackupKey> {
        KeyState::from_text(&self.state)?;
        let KekRecord { provider, key, version } = self.kek;
        Some(BackupKey {
            purpose: self.purpose,
            wrapped: WrappedKey::new(Bytes::from(STANDARD.decode(self.wrapped).ok()?))?,
            commitment: Commitment::new(self.commitment),
            kek: KekLabel { provider, key, version },
        })
    }
}

pub(super) fn parse(path: &Path, text: &[u8]) -> Result<BackupKeys, BackupError> {
    let unreadable = |reason: String| BackupError::Unreadable { path: path.to_owned(), reason };
    let record: Record = serde_json::from_slice(text).map_err(|error| unreadable(error.to_string()))?;
    if record.version != VERSION {
        return Err(unreadable(format!("it has version {}, and this build knows {VERSION}", record.version)));
    }
    let mut keys = BTreeMap::new();
    for (id, key) in record.keys {
        keys.insert(id, key.read().ok_or_else(|| unreadable(format!("key {id} is not one")))?);
    }
    Ok(BackupKeys { cluster: record.cluster_id, keys })
}
