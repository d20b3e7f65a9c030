//! What a write changes.

use bytes::{Bytes, BytesMut};

use crate::codec::mutation;

/// A key is empty, which no key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a key is empty")]
pub struct EmptyKey;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mutation<'a> {
    Put {
        key: &'a [u8],
        value: &'a [u8],
        /// Unix milliseconds from which on it is hidden; zero means never.
        expire_at: u64,
    },
    Delete {
        key: &'a [u8],
    },
}

impl<'a> Mutation<'a> {
    pub fn key(&self) -> &'a [u8] {
        match self {
            Mutation::Put { key, .. } | Mutation::Delete { key } => key,
        }
    }

    /// Bytes that the users gave.
    pub fn bytes(&self) -> usize {
        match self {
            Mutation::Put { key, value, .. } => key.len() + value.len(),
            Mutation::Delete { key } => key.len(),
        }
    }
}

// Keys and values are the users'.
impl std::fmt::Debug for Mutation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mutation::Put { key, value, expire_at: 0 } => {
                write!(f, "Put({} and {} bytes)", key.len(), value.len())
            }
            Mutation::Put { key, value, expire_at } => {
                write!(f, "Put({} and {} bytes until {expire_at})", key.len(), value.len())
            }
            Mutation::Delete { key } => write!(f, "Delete({} bytes)", key.len()),
        }
    }
}

/// Mutations in order, as they are encoded; a later one of the same key wins.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Mutations(Bytes);

impl Mutations {
    pub fn of<'a>(mutations: impl IntoIterator<Item = Mutation<'a>>) -> Result<Self, EmptyKey> {
        let mut list = MutationsBuilder::default();
        mutations.into_iter().try_for_each(|mutation| list.push(mutation))?;
        Ok(list.build())
    }

    /// Takes what was read through and found to be a list of mutations.
    pub(crate) fn from_checked(list: Bytes) -> Self {
        Self(list)
    }

    pub(crate) fn encoded(&self) -> &Bytes {
        &self.0
    }

    /// A part of one of them, sharing their memory.
    pub(crate) fn part(&self, part: &[u8]) -> Bytes {
        self.0.slice_ref(part)
    }

    /// What they take in an entry.
    pub fn encoded_len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Mutation<'_>> {
        mutation::mutations(&self.0)
    }
}

impl std::fmt::Debug for Mutations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Puts mutations together, each encoded once.
#[derive(Default)]
pub struct MutationsBuilder(BytesMut);

impl std::fmt::Debug for MutationsBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MutationsBuilder({} bytes)", self.0.len())
    }
}

impl MutationsBuilder {
    pub fn push(&mut self, mutation: Mutation<'_>) -> Result<(), EmptyKey> {
        if mutation.key().is_empty() {
            return Err(EmptyKey);
        }
        mutation::put(&mutation, &mut self.0);
        Ok(())
    }

    pub fn encoded_len(&self) -> usize {
        self.0.len()
    }

    pub fn build(self) -> Mutations {
        Mutations(self.0.freeze())
    }
}
