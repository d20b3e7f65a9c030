//! Opcode 00: a batch of users' writes.
//!
//! ```text
//! WriteBatch  repeated Write writes = 1
//! Write       fixed64 commit_ts = 1 · bytes request_id = 2 · repeated Mutation mutations = 3
//! Mutation    bytes key = 1 · bytes value = 2 · bool delete = 3
//! ```
//!
//! It is read and written by hand, as most entries are such: nothing is made in between, and what is not spelt
//! as it is written is refused on the way, not by writing all of it again to compare. A mutation takes 64 bytes
//! in memory and five at least in an entry, since no key is empty.

use bytes::{BufMut, Bytes, BytesMut};
use elastickv_types::{RequestId, Timestamp};
use prost::encoding::{WireType, bool, encode_key, encode_varint, encoded_len_varint, fixed64};

use super::walk::{Walk, Wrong};
use crate::command::{Mutation, Write, WriteBatch};

/// A request id of 16 bytes and what is before it.
const SHORTEST_WRITE: usize = 18;
/// A key of one byte and what is before it.
const SHORTEST_MUTATION: usize = 3;

/// What a batch takes once it is written.
pub fn len(batch: &WriteBatch) -> usize {
    batch.writes.iter().map(|write| part_len(write_len(write))).sum()
}

pub fn put(batch: &WriteBatch, out: &mut BytesMut) {
    for write in &batch.writes {
        put_head(1, write_len(write), out);
        if write.commit_ts.get() != 0 {
            fixed64::encode(1, &write.commit_ts.get(), out);
        }
        put_part(2, write.request_id.as_bytes(), out);
        write.mutations.iter().for_each(|mutation| put_mutation(mutation, out));
    }
}

fn put_mutation(mutation: &Mutation, out: &mut BytesMut) {
    put_head(3, mutation_len(mutation), out);
    match mutation {
        Mutation::Put { key, value } => {
            put_part(1, key, out);
            if !value.is_empty() {
                put_part(2, value, out);
            }
        }
        Mutation::Delete { key } => {
            put_part(1, key, out);
            bool::encode(3, &true, out);
        }
    }
}

fn write_len(write: &Write) -> usize {
    let commit_ts = if write.commit_ts.get() == 0 { 0 } else { 9 };
    let mutations: usize = write.mutations.iter().map(|mutation| part_len(mutation_len(mutation))).sum();
    commit_ts + SHORTEST_WRITE + mutations
}

fn mutation_len(mutation: &Mutation) -> usize {
    match mutation {
        Mutation::Put { key, value } if value.is_empty() => part_len(key.len()),
        Mutation::Put { key, value } => part_len(key.len()) + part_len(value.len()),
        Mutation::Delete { key } => part_len(key.len()) + 2,
    }
}

/// Of so many bytes, with the key and the length before them.
fn part_len(bytes: usize) -> usize {
    1 + encoded_len_varint(bytes as u64) + bytes
}

fn put_head(field: u32, len: usize, out: &mut BytesMut) {
    encode_key(field, WireType::LengthDelimited, out);
    encode_varint(len as u64, out);
}

fn put_part(field: u32, bytes: &[u8], out: &mut BytesMut) {
    put_head(field, bytes.len(), out);
    out.put_slice(bytes);
}

pub fn read(raw: &Bytes) -> Result<WriteBatch, Wrong> {
    let writes = Walk::new(raw).list(1, SHORTEST_WRITE, |part| read_write(raw, part))?;
    Ok(WriteBatch { writes })
}

fn read_write(whole: &Bytes, raw: &[u8]) -> Result<Write, Wrong> {
    let mut fields = Walk::new(raw);
    let commit_ts = Timestamp::from_u64(fields.fixed64(1)?);
    let request_id =
        fields.part(2)?.and_then(RequestId::from_slice).ok_or("its request id is not 16 bytes")?;
    let mutations = fields.list(3, SHORTEST_MUTATION, |part| read_mutation(whole, part))?;
    Ok(Write { commit_ts, request_id, mutations })
}

/// Key and value are parts of the entry, not copies.
fn read_mutation(whole: &Bytes, raw: &[u8]) -> Result<Mutation, Wrong> {
    let mut fields = Walk::new(raw);
    let (key, value) = (fields.part(1)?, fields.part(2)?);
    let deletes = fields.flag(3)?;
    fields.end()?;
    let key = key.filter(|key| !key.is_empty()).ok_or("a key is empty")?;
    let key = whole.slice_ref(key);
    match (deletes, value) {
        (true, None) => Ok(Mutation::Delete { key }),
        (true, Some(_)) => Err(Wrong::Invalid("a deletion carries a value")),
        (false, None) => Ok(Mutation::Put { key, value: Bytes::new() }),
        (false, Some([])) => Err(Wrong::Unknown),
        (false, Some(value)) => Ok(Mutation::Put { key, value: whole.slice_ref(value) }),
    }
}
