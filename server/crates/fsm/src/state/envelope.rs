//! How far a group's log is sealed.

use std::collections::BTreeMap;

use elastickv_types::{KeyId, LogIndex};

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RaftEnvelope {
    /// The marker: entries *above* it are sealed, the marker itself is not.
    pub cutover: Option<LogIndex>,
    /// Raft keys under which no entry is accepted any more, and since when. They stay for ever: ids are
    /// random, so a key can not be told from an older one by its size.
    pub floor: BTreeMap<KeyId, LogIndex>,
    /// The last entry sealed under each key. Until the log begins above it, the key is needed.
    pub last_sealed: BTreeMap<KeyId, LogIndex>,
}

impl RaftEnvelope {
    /// Whether an entry at this index has to be sealed.
    pub fn seals(&self, at: LogIndex) -> bool {
        self.cutover.is_some_and(|cutover| at > cutover)
    }
}
