//! Keys of records.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_types::{FullNodeId, KeyId, LogIndex, ShortNodeId};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RecordKey {
    Cutover,
    Floor(KeyId),
    Sealed(KeyId),
    Control,
    Key(KeyId),
    Writer(KeyId, ShortNodeId),
    History(LogIndex),
    Job,
}

const CUTOVER: &[u8] = b"e/cutover";
const FLOOR: &[u8] = b"e/floor/";
const SEALED: &[u8] = b"e/sealed/";
const CONTROL: &[u8] = b"e/control";
const KEY: &[u8] = b"e/key/";
const WRITER: &[u8] = b"e/writer/";
const HISTORY: &[u8] = b"e/history/";
const JOB: &[u8] = b"e/job";

impl RecordKey {
    /// All records begin with this, and nothing else does.
    pub const PREFIX: &'static [u8] = b"e/";
    /// No record's key is longer.
    pub(super) const LONGEST: usize = HISTORY.len() + 8;
    /// The first key behind them.
    pub const END: &'static [u8] = b"e0";

    pub fn encode(self) -> Bytes {
        let mut out = BytesMut::new();
        match self {
            RecordKey::Cutover => out.put_slice(CUTOVER),
            RecordKey::Floor(key) => put_key(&mut out, FLOOR, key),
            RecordKey::Sealed(key) => put_key(&mut out, SEALED, key),
            RecordKey::Control => out.put_slice(CONTROL),
            RecordKey::Job => out.put_slice(JOB),
            RecordKey::Key(key) => put_key(&mut out, KEY, key),
            RecordKey::Writer(key, short) => {
                put_key(&mut out, WRITER, key);
                out.put_u16(short.get());
            }
            RecordKey::History(index) => {
                out.put_slice(HISTORY);
                out.put_u64(index.get());
            }
        }
        out.freeze()
    }

    /// `None` for what is no record's key.
    pub fn decode(raw: &[u8]) -> Option<Self> {
        match raw {
            CUTOVER => return Some(RecordKey::Cutover),
            CONTROL => return Some(RecordKey::Control),
            JOB => return Some(RecordKey::Job),
            _ => {}
        }
        if let Some(index) = raw.strip_prefix(HISTORY) {
            return Some(RecordKey::History(LogIndex::new(u64::from_be_bytes(index.try_into().ok()?))));
        }
        if let Some(mut rest) = raw.strip_prefix(WRITER) {
            let key = KeyId::from_u32(rest.try_get_u32().ok()?)?;
            let short = u16::from_be_bytes(rest.try_into().ok()?);
            return Some(RecordKey::Writer(key, short_id(short)));
        }
        let of_key = |prefix| key_id(raw.strip_prefix(prefix)?);
        let floor = || of_key(FLOOR).map(RecordKey::Floor);
        let sealed = || of_key(SEALED).map(RecordKey::Sealed);
        let key = || of_key(KEY).map(RecordKey::Key);
        floor().or_else(sealed).or_else(key)
    }
}

fn put_key(out: &mut BytesMut, prefix: &[u8], key: KeyId) {
    out.put_slice(prefix);
    out.put_u32(key.get());
}

fn key_id(raw: &[u8]) -> Option<KeyId> {
    KeyId::from_u32(u32::from_be_bytes(raw.try_into().ok()?))
}

/// A short id is the end of some full id.
fn short_id(raw: u16) -> ShortNodeId {
    let full = FullNodeId::from_u64(1 << 16 | u64::from(raw)).expect("a bit above the short id is set");
    full.short()
}
