//! The keyspaces of a group.
//!
//! Rows live in a keyspace named for a generation: installing a snapshot fills a new one and then
//! switches to it, so a crash in between leaves the old rows whole. Locks have one beside it. What is internal lives in a
//! keyspace of its own, where no user's key can collide with it.

use elastickv_engine::KeyspaceName;
use elastickv_types::GroupId;

/// Which of the row keyspaces is the group's; raised by each snapshot that is installed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Generation(u64);

impl Generation {
    pub const FIRST: Generation = Generation(0);

    pub fn from_u64(raw: u64) -> Self {
        Self(raw)
    }

    pub fn get(self) -> u64 {
        self.0
    }

    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Names the keyspaces of one group.
#[derive(Clone, Debug)]
pub struct GroupKeyspaces {
    group: GroupId,
    meta: KeyspaceName,
}

impl GroupKeyspaces {
    pub fn new(group: GroupId) -> Self {
        Self { group, meta: name(&format!("g{group}.meta")) }
    }

    pub fn group(&self) -> GroupId {
        self.group
    }

    pub fn meta(&self) -> &KeyspaceName {
        &self.meta
    }

    pub fn rows(&self, generation: Generation) -> KeyspaceName {
        name(&format!("{}{}", self.rows_prefix(), generation.get()))
    }

    pub fn locks(&self, generation: Generation) -> KeyspaceName {
        name(&format!("{}{}", self.locks_prefix(), generation.get()))
    }

    /// The generation of a keyspace of rows or locks of this group; `None` for any other keyspace.
    pub fn generation_of(&self, keyspace: &KeyspaceName) -> Option<Generation> {
        let prefixes = [self.rows_prefix(), self.locks_prefix()];
        let number = prefixes.iter().find_map(|prefix| keyspace.as_str().strip_prefix(prefix))?;
        number.parse().ok().map(Generation)
    }

    fn locks_prefix(&self) -> String {
        format!("g{}.locks.", self.group)
    }

    fn rows_prefix(&self) -> String {
        format!("g{}.rows.", self.group)
    }
}

fn name(text: &str) -> KeyspaceName {
    KeyspaceName::new(text).expect("letters, digits and dots make a keyspace name")
}
