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

use elastickv_types::GroupId;

/// How long the header is that stands before a sealed body in a row.
pub const ROW_HEADER_BYTES: usize = 9;

/// The envelope's own first bytes: version, flag and key id.
pub(crate) const PREFIX_BYTES: usize = 6;

const RAFT_MARK: u8 = b'R';
const GROUP_BYTES: usize = 8;

/// Additional data up to this long is put together without the heap.
const SHORT_BYTES: usize = 256;

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
        joined([prefix, self.header, self.row_key], then)
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
        let group: [u8; GROUP_BYTES] = self.group.get().to_be_bytes();
        joined([&[RAFT_MARK], prefix, &group], then)
    }
}

fn joined<T>(parts: [&[u8]; 3], then: impl FnOnce(&[u8]) -> T) -> T {
    let len = parts.iter().map(|part| part.len()).sum();
    let mut short = [0; SHORT_BYTES];
    let Some(room) = short.get_mut(..len) else {
        return then(&parts.concat());
    };
    let mut rest = &mut *room;
    for part in parts {
        let (here, behind) = rest.split_at_mut(part.len());
        here.copy_from_slice(part);
        rest = behind;
    }
    then(room)
}
