//! What the replicated state says of a cluster's keys, as this node sees it at one index.

use std::collections::BTreeMap;

use elastickv_types::{
    ClusterId, Commitment, KekLabel, KeyId, LoadToken, LocalEpoch, LogIndex, Purpose, WrappedKey,
};
use jiff::Timestamp;

/// Where a key stands in its life. It only ever goes on to a later state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeyState {
    /// Handed out, not in use yet.
    Installed,
    Active,
    /// Replaced, and still good for a node that could not follow yet.
    Retiring,
    /// Opens what it sealed, and seals nothing more. After that it is gone.
    Closed,
}

impl KeyState {
    pub const ALL: [KeyState; 4] =
        [KeyState::Installed, KeyState::Active, KeyState::Retiring, KeyState::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            KeyState::Installed => "installed",
            KeyState::Active => "active",
            KeyState::Retiring => "retiring",
            KeyState::Closed => "closed",
        }
    }

    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether a key in this state seals, or may come to.
    pub(crate) fn is_unfinished(self) -> bool {
        self <= KeyState::Retiring
    }

    pub fn may_seal(self) -> bool {
        matches!(self, KeyState::Active | KeyState::Retiring)
    }
}

/// This node's row in the writer registry under one key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    pub epoch: LocalEpoch,
    pub token: LoadToken,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableKey {
    pub purpose: Purpose,
    pub state: KeyState,
    /// Of the entry that brought it.
    pub index: LogIndex,
    pub created: Timestamp,
    pub wrapped: WrappedKey,
    pub commitment: Commitment,
    pub kek: KekLabel,
    pub row: Option<Row>,
}

/// The key table of the control group after the entry at `index`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyTable {
    pub cluster: ClusterId,
    pub index: LogIndex,
    /// Where rows began to be sealed.
    pub storage_cutover: Option<LogIndex>,
    pub keys: BTreeMap<KeyId, TableKey>,
    /// Keys that are gone, of which the ids are remembered.
    pub retired: BTreeMap<KeyId, Purpose>,
}
