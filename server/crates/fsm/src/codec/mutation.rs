//! Mutations of a write.
//!
//! ```text
//! Mutation    bytes key = 1 (not empty) · bytes value = 2 · bool delete = 3 · fixed64 expire_at = 4
//! ```
//!
//! A deletion has neither a value nor an end of its life.

use bytes::BytesMut;
use prost::encoding::bool;

use super::spell::{
    fixed64_len, optional_part_len, part_len, put_fixed64, put_head, put_optional_part, put_part,
};
use super::walk::{Walk, Wrong};
use crate::command::Mutation;

/// Its number in a write.
pub const FIELD: u8 = 6;

pub fn put(mutation: &Mutation<'_>, out: &mut BytesMut) {
    let len = len(mutation);
    out.reserve(part_len(len));
    put_head(FIELD.into(), len, out);
    put_part(1, mutation.key(), out);
    match mutation {
        Mutation::Put { value, expire_at, .. } => {
            put_optional_part(2, value, out);
            put_fixed64(4, *expire_at, out);
        }
        Mutation::Delete { .. } => bool::encode(3, &true, out),
    }
}

fn len(mutation: &Mutation<'_>) -> usize {
    match mutation {
        Mutation::Put { key, value, expire_at } => {
            part_len(key.len()) + optional_part_len(value.len()) + fixed64_len(*expire_at)
        }
        Mutation::Delete { key } => part_len(key.len()) + 2,
    }
}

/// Reads through what has to be a list of mutations and nothing else.
pub fn check(list: &[u8]) -> Result<(), Wrong> {
    let mut walk = Walk::new(list);
    while let Some(part) = walk.part(FIELD)? {
        read(part)?;
    }
    walk.end()
}

/// The mutations of a list that was read through.
pub fn mutations(list: &[u8]) -> impl Iterator<Item = Mutation<'_>> {
    Walk::new(list).parts(FIELD).map(|part| read(part).expect("the list was read through"))
}

fn read(raw: &[u8]) -> Result<Mutation<'_>, Wrong> {
    let mut fields = Walk::new(raw);
    let (key, value) = (fields.part(1)?, fields.part(2)?);
    let deletes = fields.flag(3)?;
    let expire_at = fields.fixed64(4)?;
    fields.end()?;
    let key = key.filter(|key| !key.is_empty()).ok_or("a key is empty")?;
    match (deletes, value, expire_at) {
        (true, None, 0) => Ok(Mutation::Delete { key }),
        (true, _, _) => Err(Wrong::Invalid("a deletion carries a value")),
        (false, None, _) => Ok(Mutation::Put { key, value: &[], expire_at }),
        (false, Some([]), _) => Err(Wrong::Unknown),
        (false, Some(value), _) => Ok(Mutation::Put { key, value, expire_at }),
    }
}
