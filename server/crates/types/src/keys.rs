//! Data keys seen from outside: which one, what for, and in whose wrapping. No key bytes are here.

use std::fmt;
use std::num::NonZeroU32;

use bytes::Bytes;

/// Names a data key (DEK). Drawn at random; never zero, never used twice in a cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct KeyId(NonZeroU32);

impl KeyId {
    pub fn from_u32(raw: u32) -> Option<Self> {
        NonZeroU32::new(raw).map(Self)
    }

    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// What a data key seals; a key serves one purpose for its whole life.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    Storage = 1,
    Raft = 2,
}

impl Purpose {
    pub const ALL: [Purpose; 2] = [Purpose::Storage, Purpose::Raft];

    pub fn from_u8(raw: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_u8() == raw)
    }

    pub fn as_u8(self) -> u8 {
        self as u8
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Storage => "storage",
            Purpose::Raft => "raft",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How often a node was started under one data key; a part of its nonces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct LocalEpoch(u16);

/// An epoch off the wire that does not fit the two bytes it has in a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("local epoch {found} is above {}, the largest there is", u16::MAX)]
pub struct LocalEpochOutOfRange {
    pub found: u32,
}

impl LocalEpoch {
    pub const ZERO: LocalEpoch = LocalEpoch(0);
    /// No start is left under this key.
    pub const EXHAUSTED: LocalEpoch = LocalEpoch(u16::MAX);
    /// Above this an operator is warned and the leader rotates the key.
    pub const WARN_ABOVE: LocalEpoch = LocalEpoch(0xFF00);

    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    /// Reads an epoch as it travels in messages, where integers have 32 bits.
    pub fn from_wire(raw: u32) -> Result<Self, LocalEpochOutOfRange> {
        u16::try_from(raw).map(Self).map_err(|_| LocalEpochOutOfRange { found: raw })
    }

    pub const fn get(self) -> u16 {
        self.0
    }

    /// The epoch of the next start; `None` when that would be the exhausted one.
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self).filter(|next| *next != Self::EXHAUSTED)
    }
}

impl fmt::Display for LocalEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Drawn once at each start of a process; tells a replayed registration from a second process.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LoadToken(u64);

impl LoadToken {
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Tokens stay out of logs.
impl fmt::Debug for LoadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoadToken(..)")
    }
}

/// A value derived from a data key that says which key it is and tells nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment([u8; 32]);

impl Commitment {
    pub const BYTES: usize = 32;

    pub const fn new(raw: [u8; 32]) -> Self {
        Self(raw)
    }

    pub fn from_slice(raw: &[u8]) -> Option<Self> {
        raw.try_into().ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Commitment(")?;
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("..)")
    }
}

/// A data key as its KEK left it. Safe to store, and still nothing for a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WrappedKey(Bytes);

impl WrappedKey {
    /// The largest wrapping that any provider gives, with room.
    pub const MOST_BYTES: usize = 4096;

    /// `None` for nothing and for more than any provider gives.
    pub fn new(raw: Bytes) -> Option<Self> {
        (1..=Self::MOST_BYTES).contains(&raw.len()).then_some(Self(raw))
    }

    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({} bytes)", self.0.len())
    }
}

/// Who wrapped a data key: the provider, its key resource and that key's version.
#[derive(Clone, PartialEq, Eq, Hash, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KekLabel {
    pub provider: String,
    pub key: String,
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_end_before_the_exhausted_one() {
        assert_eq!(LocalEpoch::new(0xFFFD).next(), Some(LocalEpoch::new(0xFFFE)));
        assert_eq!(LocalEpoch::new(0xFFFE).next(), None);
        assert_eq!(LocalEpoch::EXHAUSTED.next(), None);
        assert_eq!(LocalEpoch::from_wire(0xFFFF), Ok(LocalEpoch::EXHAUSTED));
        assert_eq!(LocalEpoch::from_wire(0x1_0000), Err(LocalEpochOutOfRange { found: 0x1_0000 }));
    }

    #[test]
    fn nothing_that_is_printed_tells_a_token_or_a_wrapping() {
        let token = LoadToken::new(0x0123_4567_89ab_cdef);
        assert_eq!(format!("{token:?}"), "LoadToken(..)");
        let wrapped = WrappedKey::new(Bytes::from_static(b"secret")).unwrap();
        assert_eq!(format!("{wrapped:?}"), "WrappedKey(6 bytes)");
    }

    #[test]
    fn purposes_are_those_of_the_format_page() {
        assert_eq!(Purpose::ALL.map(Purpose::as_u8), [1, 2]);
        assert_eq!(Purpose::from_u8(0), None);
        assert_eq!(Purpose::from_u8(3), None);
    }
}
