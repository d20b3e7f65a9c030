//! What a write rests on: keys and ranges as they were at a timestamp.

use bytes::{Bytes, BytesMut};
use elastickv_types::Timestamp;

use super::EmptyKey;
use crate::codec::read_set;

/// The keys from `start` on and below `end`; an empty `end` means no end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    pub start: &'a [u8],
    pub end: &'a [u8],
}

impl Span<'_> {
    pub fn contains(&self, key: &[u8]) -> bool {
        key >= self.start && (self.end.is_empty() || key < self.end)
    }
}

// Keys are the users'.
impl std::fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Span({} to {} bytes)", self.start.len(), self.end.len())
    }
}

/// Keys and ranges that were read, as they are encoded, and at which timestamp.
#[derive(Clone, PartialEq, Eq)]
pub struct ReadSet {
    at: Timestamp,
    keys: Bytes,
    spans: Bytes,
}

impl ReadSet {
    /// `None` for timestamp zero, at which nothing can be read.
    pub fn builder(at: Timestamp) -> Option<ReadSetBuilder> {
        (at > Timestamp::ZERO).then(|| ReadSetBuilder { at, keys: BytesMut::new(), spans: BytesMut::new() })
    }

    /// Takes what was read through and found to be lists of keys and spans.
    pub(crate) fn from_checked(at: Timestamp, keys: Bytes, spans: Bytes) -> Self {
        Self { at, keys, spans }
    }

    pub(crate) fn encoded(&self) -> [&Bytes; 2] {
        [&self.keys, &self.spans]
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        read_set::keys(&self.keys)
    }

    pub fn spans(&self) -> impl Iterator<Item = Span<'_>> {
        read_set::spans(&self.spans)
    }

    /// What its lists take in an entry.
    pub fn encoded_len(&self) -> usize {
        self.keys.len() + self.spans.len()
    }

    /// The same set with more in it.
    pub fn extend(&self) -> ReadSetBuilder {
        ReadSetBuilder {
            at: self.at,
            keys: BytesMut::from(&self.keys[..]),
            spans: BytesMut::from(&self.spans[..]),
        }
    }
}

impl std::fmt::Debug for ReadSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (keys, spans) = (self.keys().count(), self.spans().count());
        write!(f, "ReadSet({keys} keys and {spans} ranges at {})", self.at)
    }
}

/// Puts a read set together, each part encoded once.
pub struct ReadSetBuilder {
    at: Timestamp,
    keys: BytesMut,
    spans: BytesMut,
}

impl std::fmt::Debug for ReadSetBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReadSetBuilder({} bytes at {})", self.keys.len() + self.spans.len(), self.at)
    }
}

impl ReadSetBuilder {
    pub fn key(&mut self, key: &[u8]) -> Result<(), EmptyKey> {
        if key.is_empty() {
            return Err(EmptyKey);
        }
        read_set::put_key(key, &mut self.keys);
        Ok(())
    }

    pub fn span(&mut self, span: Span<'_>) {
        read_set::put_span(span, &mut self.spans);
    }

    pub fn build(self) -> ReadSet {
        ReadSet { at: self.at, keys: self.keys.freeze(), spans: self.spans.freeze() }
    }
}
