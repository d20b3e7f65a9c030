//! What an envelope is bound to: additional data that is authenticated with it and stored elsewhere.
//!
//! ```text
//! storage   version u8 ‖ flag u8 ‖ key id u32 ‖ row header (9 bytes, as stored) ‖ row key
//! raft      52 ('R') ‖ version u8 ‖ flag u8 ‖ key id u32 ‖ group id u64
//! ```
//!
//! No storage context is a raft context as well: one begins with the version, 01, the other with 52. Each
//! kind of key takes its own of the two types.

use std::fmt;

use bytes::BufMut;
use elastickv_types::GroupId;

/// How long the header is that stands before a sealed body in a row.
pub const ROW_HEADER_BYTES: usize = 9;

/// The envelope's own first bytes: version, flag and key id.
pub(crate) const PREFIX_BYTES: usize = 6;

const RAFT_MARK: u8 = b'R';
const GROUP_BYTES: usize = 8;

/// Additional data of a row up to these lengths is put together without the heap; a larger room takes longer
/// to clear.
const SHORT_BYTES: usize = 128;
const LONG_BYTES: usize = 4 << 10;

#[doc(hidden)]
pub trait Context: Copy {
    fn with<T>(self, prefix: &[u8; PREFIX_BYTES], then: impl FnOnce(&[u8]) -> T) -> T;
}

/// The row that a value belongs to: its header as it is stored, and its key.
#[derive(Clone, Copy)]
pub struct RowContext<'a> {
    pub header: &'a [u8; ROW_HEADER_BYTES],
    pub row_key: &'a [u8],
}

impl Context for RowContext<'_> {
    fn with<T>(self, prefix: &[u8; PREFIX_BYTES], then: impl FnOnce(&[u8]) -> T) -> T {
        match PREFIX_BYTES + ROW_HEADER_BYTES + self.row_key.len() {
            len @ ..=SHORT_BYTES => self.on_the_stack::<SHORT_BYTES, T>(len, prefix, then),
            len @ ..=LONG_BYTES => self.on_the_stack::<LONG_BYTES, T>(len, prefix, then),
            len => {
                let mut out = Vec::with_capacity(len);
                self.put(prefix, &mut out);
                then(&out)
            }
        }
    }
}

impl RowContext<'_> {
    fn on_the_stack<const ROOM: usize, T>(
        self,
        len: usize,
        prefix: &[u8; PREFIX_BYTES],
        then: impl FnOnce(&[u8]) -> T,
    ) -> T {
        let mut room = [0; ROOM];
        let (out, _) = room.split_at_mut(len);
        let mut rest = &mut *out;
        self.put(prefix, &mut rest);
        then(out)
    }

    fn put(&self, prefix: &[u8; PREFIX_BYTES], out: &mut impl BufMut) {
        out.put_slice(prefix);
        out.put_slice(self.header);
        out.put_slice(self.row_key);
    }
}

/// A user's key may be a secret: it is told by its length.
impl fmt::Debug for RowContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowContext(key of {} bytes)", self.row_key.len())
    }
}

/// The group in whose log an entry stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryContext {
    pub group: GroupId,
}

impl Context for EntryContext {
    fn with<T>(self, prefix: &[u8; PREFIX_BYTES], then: impl FnOnce(&[u8]) -> T) -> T {
        let mut out = [0; 1 + PREFIX_BYTES + GROUP_BYTES];
        let mut rest = &mut out[..];
        rest.put_u8(RAFT_MARK);
        rest.put_slice(prefix);
        rest.put_u64(self.group.get());
        then(&out)
    }
}
