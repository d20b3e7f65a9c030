//! Taking fixed-width fields off the front of a byte string.

use elastickv_types::{LogId, LogIndex, Term};

/// What is left of a byte string. Every read past its end is `None`.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_be_bytes)
    }

    pub(crate) fn log_id(&mut self) -> Option<LogId> {
        let (term, index) = (self.u64()?, self.u64()?);
        // The last index could not be followed by another.
        (index < u64::MAX).then(|| LogId::new(Term::new(term), LogIndex::new(index)))
    }

    /// A log id whose presence is told elsewhere; an absent one is all zeroes.
    pub(crate) fn optional_log_id(&mut self, present: bool) -> Option<Option<LogId>> {
        let id = self.log_id()?;
        match present {
            true => Some(Some(id)),
            false if id == LogId::new(Term::new(0), LogIndex::new(0)) => Some(None),
            false => None,
        }
    }

    /// So many bytes that must be zero.
    pub(crate) fn zeroes<const N: usize>(&mut self) -> Option<()> {
        (self.bytes::<N>()? == [0; N]).then_some(())
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

pub(crate) fn put_log_id(into: &mut Vec<u8>, id: Option<LogId>) {
    let (term, index) = id.map_or((0, 0), |id| (id.term.get(), id.index.get()));
    into.extend_from_slice(&term.to_be_bytes());
    into.extend_from_slice(&index.to_be_bytes());
}
