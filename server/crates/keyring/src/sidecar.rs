//! The sidecar: what a node must know of its keys before it can read anything else.
//!
//! The truth about keys is replicated, but it stands in a store and a log whose values are sealed. So each node
//! keeps a copy of the key table outside of both, and beside it what is this node's alone: under each key the
//! epoch of its last load. It holds wrapped keys only and is safe to leak; it is not safe to lose bits of, since
//! an epoch that reads lower than it was would repeat nonces. Hence the checksum.

use std::collections::BTreeMap;

use elastickv_types::{
    ClusterId, Commitment, GroupId, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, NodeName, Purpose,
    WrappedKey,
};
use jiff::Timestamp;

use crate::epoch;
use crate::error::{KeyringError, Problem};
use crate::load::LoadMark;
use crate::table::{KeyState, KeyTable, TableKey};

mod file;
mod text;

pub use file::{Owner, Recorded, SIDECAR_DIR, SidecarFile};
pub(crate) use text::{Parsed, decode, encode};

/// The most keys a cluster holds at once. Retired ones are not held.
pub const MOST_KEYS: usize = 4096;
/// The longest text of a KEK's label.
pub const LONGEST_LABEL: usize = 2048;
/// The most groups that are cut over.
pub const MOST_GROUPS: usize = 8192;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sidecar {
    pub cluster: ClusterId,
    pub node: NodeName,
    pub load: LoadMark,
    /// The control group's index of the last change of the key table that is in here.
    pub applied: LogIndex,
    /// Where rows began to be sealed.
    pub storage_cutover: Option<LogIndex>,
    /// Where each group's entries began to be sealed; indexes of different groups do not compare.
    pub raft_cutovers: BTreeMap<GroupId, LogIndex>,
    pub active: Active,
    pub keys: BTreeMap<KeyId, SidecarKey>,
}

/// The key of each purpose that everything new is to be sealed under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Active {
    pub storage: KeyId,
    pub raft: KeyId,
}

impl Active {
    pub fn get(self, purpose: Purpose) -> KeyId {
        match purpose {
            Purpose::Storage => self.storage,
            Purpose::Raft => self.raft,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SidecarKey {
    pub purpose: Purpose,
    pub state: KeyState,
    pub wrapped: WrappedKey,
    pub commitment: Commitment,
    pub created: Timestamp,
    /// The last epoch of this node under this key, and the load that used it.
    pub epoch: LocalEpoch,
    pub token: LoadToken,
    pub kek: KekLabel,
}

impl Sidecar {
    /// The first sidecar of a node, before anything of a table is in it.
    fn empty(cluster: ClusterId, node: NodeName, load: LoadMark, active: Active) -> Self {
        Self {
            cluster,
            node,
            load,
            applied: LogIndex::default(),
            storage_cutover: None,
            raft_cutovers: BTreeMap::new(),
            active,
            keys: BTreeMap::new(),
        }
    }

    /// What is recorded once the key table has changed to this. What a table says of a key replaces what was
    /// known, but for what is this node's alone.
    pub(crate) fn with_table(
        last: Option<&Sidecar>,
        node: &NodeName,
        load: LoadMark,
        table: &KeyTable,
    ) -> Result<Self, KeyringError> {
        let active = Active { storage: table.active(Purpose::Storage)?, raft: table.active(Purpose::Raft)? };
        let mut next = match last {
            Some(last) if last.cluster != table.cluster => {
                return Err(KeyringError::OtherCluster { recorded: last.cluster, asked: table.cluster });
            }
            Some(last) => last.clone(),
            None => Self::empty(table.cluster, node.clone(), load, active),
        };
        (next.applied, next.storage_cutover, next.active) = (table.index, table.storage_cutover, active);
        next.keys = BTreeMap::new();
        for (&key, entry) in &table.keys {
            let held = last.and_then(|last| last.keys.get(&key));
            next.keys.insert(key, SidecarKey::of(key, entry, held, load.token())?);
        }
        Ok(next)
    }

    /// Everything that holds of a sidecar beyond the types of its fields; checked when one is read and before
    /// one is written.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        most("keys", self.keys.len(), MOST_KEYS)?;
        most("raft_envelope_cutover_index", self.raft_cutovers.len(), MOST_GROUPS)?;
        for purpose in Purpose::ALL {
            self.check_purpose(purpose)?;
        }
        for (key, entry) in &self.keys {
            let at = |field: &str| format!("keys.{key}.{field}");
            if !(0..=LAST_SECOND).contains(&entry.created.as_second()) {
                return Err(Problem::invalid(at("created"), "is out of range"));
            }
            for (field, text) in
                [("provider", &entry.kek.provider), ("key", &entry.kek.key), ("version", &entry.kek.version)]
            {
                most(&at(&format!("kek.{field}")), text.len(), LONGEST_LABEL)?;
            }
        }
        Ok(())
    }

    /// One key of a purpose is active and it is the one that is said to be; at most one waits to follow it.
    fn check_purpose(&self, purpose: Purpose) -> Result<(), Problem> {
        let at = || format!("active.{purpose}");
        let active = self.active.get(purpose);
        let entry = self.keys.get(&active).ok_or_else(|| Problem::invalid(at(), "names no key there is"))?;
        if entry.purpose != purpose {
            return Err(Problem::invalid(at(), format_args!("names a {} key", entry.purpose)));
        }
        for (state, most) in [(KeyState::Active, 1), (KeyState::Installed, 1)] {
            let mut those = self.keys.iter().filter(|(_, key)| key.purpose == purpose && key.state == state);
            if let Some((key, _)) = those.nth(most) {
                let field = format!("keys.{key}.state");
                return Err(Problem::invalid(field, format_args!("is {} beside another", state.as_str())));
            }
        }
        if entry.state != KeyState::Active {
            return Err(Problem::invalid(at(), format_args!("names a key that is {}", entry.state.as_str())));
        }
        Ok(())
    }
}

/// The last second that RFC 3339 can write.
const LAST_SECOND: i64 = 253_402_300_799;

fn most(field: &str, found: usize, limit: usize) -> Result<(), Problem> {
    if found <= limit {
        return Ok(());
    }
    Err(Problem::invalid(field, format_args!("has {found} of what may be {limit}")))
}

impl SidecarKey {
    fn of(
        key: KeyId,
        entry: &TableKey,
        held: Option<&SidecarKey>,
        load: LoadToken,
    ) -> Result<Self, KeyringError> {
        let (epoch, token) = match held {
            None => epoch::first(entry.row, load),
            Some(held) if held.commitment == entry.commitment && held.purpose == entry.purpose => {
                (held.epoch, held.token)
            }
            Some(_) => return Err(KeyringError::KeyConflict { key }),
        };
        Ok(Self {
            purpose: entry.purpose,
            state: entry.state,
            wrapped: entry.wrapped.clone(),
            commitment: entry.commitment,
            created: entry.created,
            epoch,
            token,
            kek: entry.kek.clone(),
        })
    }
}

impl KeyTable {
    fn active(&self, purpose: Purpose) -> Result<KeyId, KeyringError> {
        let active = |entry: &TableKey| entry.purpose == purpose && entry.state == KeyState::Active;
        let found = self.keys.iter().find(|(_, entry)| active(entry));
        found.map(|(key, _)| *key).ok_or(KeyringError::NothingActive { purpose })
    }
}
