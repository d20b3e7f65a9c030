//! Every bit of what is stored, and of what it is bound to, is covered: turning one is refused, and the
//! refusal says what is wrong as far as that can be known.

use bytes::BytesMut;
use elastickv_types::{ClusterId, WrappedKey};

use super::*;

/// Everything that opening a row looks at.
#[derive(Clone)]
struct StoredRow {
    header: [u8; ROW_HEADER_BYTES],
    row_key: Vec<u8>,
    envelope: Vec<u8>,
}

impl StoredRow {
    fn new(pen: &Pen<Storage>, value: &[u8]) -> Self {
        Self { header: HEADER, row_key: ROW.row_key.to_vec(), envelope: pen.sealed(value).to_vec() }
    }

    fn bits(&self) -> usize {
        8 * (self.header.len() + self.row_key.len() + self.envelope.len())
    }

    /// Turns one bit, and says in which part and byte.
    fn turn(&mut self, bit: usize) -> (Part, usize) {
        let mut at = bit / 8;
        let parts: [(Part, &mut [u8]); 3] = [
            (Part::RowHeader, &mut self.header),
            (Part::RowKey, &mut self.row_key),
            (Part::Envelope, &mut self.envelope),
        ];
        for (part, bytes) in parts {
            if at < bytes.len() {
                bytes[at] ^= 1 << (bit % 8);
                return (part, at);
            }
            at -= bytes.len();
        }
        panic!("there is no bit {bit}");
    }

    fn context(&self) -> RowContext<'_> {
        RowContext { header: &self.header, row_key: &self.row_key }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    RowHeader,
    RowKey,
    Envelope,
}

/// What a turned bit in this byte of an envelope has to be refused as.
fn refusal(at: usize, turned: &[u8], key: KeyId, flags: u8) -> CryptoError {
    match at {
        0 => CryptoError::EnvelopeVersion { found: turned[0] },
        1 if turned[1] & !flags != 0 => CryptoError::EnvelopeFlags { found: turned[1] },
        2..6 => match KeyId::from_u32(u32::from_be_bytes(turned[2..6].try_into().unwrap())) {
            Some(found) => CryptoError::OtherKey { asked: key, found },
            None => CryptoError::NoKey,
        },
        _ => CryptoError::Integrity { key },
    }
}

/// Turns every bit once and opens with `open`. Gives the bits that were let through.
fn let_through(
    pen: &Pen<Storage>,
    value: &[u8],
    open: impl Fn(&StoredRow, &mut BytesMut) -> Result<()>,
) -> Vec<(Part, usize)> {
    let whole = StoredRow::new(pen, value);
    let mut passed = Vec::new();
    for bit in 0..whole.bits() {
        let mut row = whole.clone();
        let (part, at) = row.turn(bit);
        let mut out = BytesMut::from(&b"before"[..]);
        match open(&row, &mut out) {
            Ok(()) => passed.push((part, at)),
            Err(error) => {
                let expected = match part {
                    Part::Envelope => refusal(at, &row.envelope, pen.dek.id(), 1),
                    Part::RowHeader | Part::RowKey => CryptoError::Integrity { key: pen.dek.id() },
                };
                assert_eq!(error, expected, "{part:?} byte {at} of {} bytes", value.len());
                assert_eq!(out, &b"before"[..], "bytes came out of a refused envelope");
            }
        }
    }
    passed
}

#[test]
fn no_bit_of_a_row_can_be_turned() {
    let pen = Pen::<Storage>::new(1);
    for value in [&b""[..], b"v", b"thirty-two bytes of some value..", &[b'a'; 200]] {
        let copying = let_through(&pen, value, |row, out| pen.dek.open(row.context(), &row.envelope, out));
        assert_eq!(copying, []);
        let in_place = let_through(&pen, value, |row, _| {
            let mut envelope = BytesMut::from(&row.envelope[..]);
            let opened = pen.dek.open_in_place(row.context(), &mut envelope);
            assert!(opened.is_ok() || envelope.is_empty());
            opened
        });
        assert_eq!(in_place, []);
    }
}

/// The same walk over the same row, with the binding to the row taken away: it has to be noticed.
#[test]
fn the_walk_notices_when_rows_are_not_bound() {
    let pen = Pen::<Storage>::new(1);
    let passed = let_through(&pen, b"v", |row, out| pen.dek.open(ROW, &row.envelope, out));
    assert_eq!(passed.len(), 8 * (HEADER.len() + ROW.row_key.len()));
    assert!(passed.iter().all(|(part, _)| *part != Part::Envelope));
}

#[test]
fn no_bit_of_an_entry_can_be_turned() {
    let pen = Pen::<Raft>::new(2);
    for command in [&b""[..], b"a command of some length"] {
        let whole = pen.sealed(command);
        for bit in 0..8 * whole.len() {
            let mut turned = whole.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            let expected = refusal(bit / 8, &turned, pen.dek.id(), 0);
            assert_eq!(pen.dek.open(ENTRY, &turned, &mut BytesMut::new()), Err(expected));
            assert_eq!(pen.dek.open_in_place(ENTRY, &mut turned), Err(expected));
            assert!(turned.is_empty());
        }
        for bit in 1..64 {
            let group = GroupId::from_u64(GroupId::CONTROL.get() ^ 1 << bit).unwrap();
            let moved = pen.dek.open(EntryContext { group }, &whole, &mut BytesMut::new());
            assert_eq!(moved, Err(CryptoError::Integrity { key: pen.dek.id() }));
        }
    }
}

#[test]
fn an_envelope_can_not_be_cut_or_continued() {
    let pen = Pen::<Storage>::new(1);
    let whole = pen.sealed(b"some value");
    for len in 0..whole.len() {
        let expected = match len < OVERHEAD_BYTES {
            true => CryptoError::ShortEnvelope { len },
            false => CryptoError::Integrity { key: pen.dek.id() },
        };
        assert_eq!(pen.dek.open(ROW, &whole[..len], &mut BytesMut::new()), Err(expected));
    }
    let longer = [&whole[..], &[0]].concat();
    let refused = pen.dek.open(ROW, &longer, &mut BytesMut::new());
    assert_eq!(refused, Err(CryptoError::Integrity { key: pen.dek.id() }));
}

/// Even if one key came to serve both purposes, no envelope of one would open as the other.
#[test]
fn envelopes_do_not_serve_the_other_purpose() {
    let (storage, raft) = (Pen::<Storage>::new(1), Pen::<Raft>::new(1));
    let integrity = Err(CryptoError::Integrity { key: storage.dek.id() });
    assert_eq!(raft.dek.open(ENTRY, &storage.sealed(b"value"), &mut BytesMut::new()), integrity);
    assert_eq!(storage.dek.open(ROW, &raft.sealed(b"command"), &mut BytesMut::new()), integrity);
    let compressed = raft.dek.open(ENTRY, &storage.sealed(&[b'a'; 200]), &mut BytesMut::new());
    assert_eq!(compressed, Err(CryptoError::EnvelopeFlags { found: 1 }));
}

#[test]
fn material_does_not_serve_the_other_purpose() {
    let refused = Dek::<Raft>::new(material(1, Purpose::Storage)).err();
    let (asked, found) = (Purpose::Raft, Purpose::Storage);
    assert_eq!(refused, Some(CryptoError::OtherPurpose { key: key_id(1), asked, found }));
}

#[test]
fn no_bit_of_a_wrapping_can_be_turned_or_exchanged() {
    let kek = wrapping_key(9);
    let key = material(0x0102_0304, Purpose::Storage);
    let context = key.context(ClusterId::from_bytes([5; 16]));
    let wrapped = kek.wrap(context.cluster, &key, |nonce| nonce.fill(4));
    let bytes = wrapped.as_bytes();
    assert_eq!(bytes.len(), 60);
    let refused = |context: WrapContext, bytes: &[u8]| {
        let wrapped = WrappedKey::new(bytes.to_vec().into()).unwrap();
        let WrapContext { key, purpose, .. } = context;
        assert_eq!(kek.unwrap(context, &wrapped).err(), Some(CryptoError::Wrapping { key, purpose }));
    };
    for bit in 0..8 * bytes.len() {
        let mut turned = bytes.to_vec();
        turned[bit / 8] ^= 1 << (bit % 8);
        refused(context, &turned);
    }
    (1..bytes.len()).for_each(|len| refused(context, &bytes[..len]));
    refused(context, &[bytes, &[0][..]].concat());
    for bit in 0..128 {
        let mut cluster = *context.cluster.as_bytes();
        cluster[bit / 8] ^= 1 << (bit % 8);
        refused(WrapContext { cluster: ClusterId::from_bytes(cluster), ..context }, bytes);
    }
    for bit in 0..32 {
        refused(WrapContext { key: key_id(context.key.get() ^ 1 << bit), ..context }, bytes);
    }
    refused(WrapContext { purpose: Purpose::Raft, ..context }, bytes);
    assert!(wrapping_key(8).unwrap(context, &wrapped).is_err());
    assert!(kek.unwrap(context, &wrapped).is_ok());
}
