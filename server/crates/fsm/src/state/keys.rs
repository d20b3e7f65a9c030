//! The table of a cluster's data keys.
//!
//! ```text
//! bootstrap ──────────────▶ Active ── another is activated ──▶ Retiring ── close ──▶ Closed ── retire ──▶ Retired
//! install ──▶ Installed ──▶
//! ```
//!
//! Rows never leave: a retired key keeps its row without its wrapping, and so no id is ever used twice.

use std::collections::BTreeMap;

use elastickv_types::{Commitment, KeyId, LogIndex, Purpose};

use crate::command::{UnixMillis, Wrapping};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// Known to all, sealing nothing yet.
    Installed,
    Active,
    /// Replaced; nodes that have no row under the newer key still seal under it.
    Retiring,
    /// Nobody seals under it any more.
    Closed {
        at: LogIndex,
    },
    /// Gone from every keyring.
    Retired {
        closed: LogIndex,
        at: LogIndex,
    },
}

impl KeyState {
    pub fn as_u8(self) -> u8 {
        match self {
            KeyState::Installed => 1,
            KeyState::Active => 2,
            KeyState::Retiring => 3,
            KeyState::Closed { .. } => 4,
            KeyState::Retired { .. } => 5,
        }
    }

    /// The state with this number, closed and retired there; `None` when there can be no such state.
    pub(super) fn of(state: u32, closed: Option<LogIndex>, retired: Option<LogIndex>) -> Option<Self> {
        match (state, closed, retired) {
            (1, None, None) => Some(KeyState::Installed),
            (2, None, None) => Some(KeyState::Active),
            (3, None, None) => Some(KeyState::Retiring),
            (4, Some(at), None) => Some(KeyState::Closed { at }),
            (5, Some(closed), Some(at)) => Some(KeyState::Retired { closed, at }),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            KeyState::Installed => "installed",
            KeyState::Active => "active",
            KeyState::Retiring => "retiring",
            KeyState::Closed { .. } => "closed",
            KeyState::Retired { .. } => "retired",
        }
    }

    /// Whether a node may seal under a key in this state.
    pub fn seals(self) -> bool {
        match self {
            KeyState::Active | KeyState::Retiring => true,
            KeyState::Installed | KeyState::Closed { .. } | KeyState::Retired { .. } => false,
        }
    }

    pub fn is_retired(self) -> bool {
        match self {
            KeyState::Retired { .. } => true,
            KeyState::Installed | KeyState::Active | KeyState::Retiring | KeyState::Closed { .. } => false,
        }
    }
}

impl std::fmt::Display for KeyState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRow {
    pub purpose: Purpose,
    pub state: KeyState,
    pub commitment: Commitment,
    /// The entry that brought it; the later of two keys is the newer one.
    pub created: LogIndex,
    pub created_at: UnixMillis,
    /// Until it retires.
    pub wrapping: Option<Wrapping>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyTable(BTreeMap<KeyId, KeyRow>);

impl FromIterator<(KeyId, KeyRow)> for KeyTable {
    fn from_iter<T: IntoIterator<Item = (KeyId, KeyRow)>>(rows: T) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl KeyTable {
    pub fn get(&self, key: KeyId) -> Option<&KeyRow> {
        self.0.get(&key)
    }

    /// All rows by id, those of retired keys too.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &KeyRow)> {
        self.0.iter().map(|(id, row)| (*id, row))
    }

    pub fn unretired(&self) -> impl Iterator<Item = (KeyId, &KeyRow)> {
        self.iter().filter(|(_, row)| !row.state.is_retired())
    }

    pub fn active(&self, purpose: Purpose) -> Option<KeyId> {
        self.in_state(purpose, KeyState::Active)
    }

    /// The key that waits to be activated; there is one at most.
    pub fn installed(&self, purpose: Purpose) -> Option<KeyId> {
        self.in_state(purpose, KeyState::Installed)
    }

    pub(super) fn put(&mut self, key: KeyId, row: KeyRow) {
        self.0.insert(key, row);
    }

    fn in_state(&self, purpose: Purpose, state: KeyState) -> Option<KeyId> {
        let mut rows = self.iter().filter(|(_, row)| row.purpose == purpose && row.state == state);
        rows.next().map(|(id, _)| id)
    }
}
