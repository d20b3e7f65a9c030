//! What the envelopes promise, seen from the outside.

mod round_trip;

use bytes::BytesMut;
use elastickv_types::{FullNodeId, GroupId, KeyId, LocalEpoch, Purpose};

use crate::*;

pub(crate) fn key_id(raw: u32) -> KeyId {
    KeyId::from_u32(raw).unwrap()
}

pub(crate) fn material(id: u32, purpose: Purpose) -> KeyMaterial {
    KeyMaterial::draw(key_id(id), purpose, |bytes| bytes.fill(id as u8 | 1))
}

pub(crate) fn wrapping_key(byte: u8) -> WrappingKey {
    let loaded = WrappingKey::load(|bytes| {
        bytes.fill(byte);
        Ok::<(), ()>(())
    });
    loaded.unwrap()
}

/// A key and the nonces it is used with.
pub(crate) struct Pen<U: Usage> {
    pub dek: Dek<U>,
    pub nonces: NonceSource<U>,
}

impl<U: Usage> Pen<U> {
    pub fn new(id: u32) -> Self {
        let dek = Dek::new(material(id, U::PURPOSE)).unwrap();
        let node = FullNodeId::of_name("n1").short();
        let nonces = NonceSource::new(&dek, node, LocalEpoch::new(7), NonceSalt::new(0x0102_0304));
        Self { dek, nonces }
    }
}

pub(crate) const HEADER: [u8; ROW_HEADER_BYTES] = [2, 0, 0, 0, 0, 0, 0, 0, 0];
pub(crate) const ROW: RowContext<'static> =
    RowContext { header: &HEADER, row_key: b"k\0\x01\xff\xff\xff\xff\xff\xff\xff\xfe" };
pub(crate) const ENTRY: EntryContext = EntryContext { group: GroupId::CONTROL };

impl Pen<Storage> {
    pub fn sealed(&self, value: &[u8]) -> BytesMut {
        let mut out = BytesMut::new();
        self.dek.seal(self.nonces.draw().unwrap(), ROW, value, &mut out).unwrap();
        out
    }
}

impl Pen<Raft> {
    pub fn sealed(&self, command: &[u8]) -> BytesMut {
        let mut out = BytesMut::new();
        let write = |out: &mut BytesMut| out.extend_from_slice(command);
        self.dek.seal(self.nonces.draw().unwrap(), ENTRY, &mut out, write).unwrap();
        out
    }
}
