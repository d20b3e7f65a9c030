//! Opcode 00: a batch of users' writes.
//!
//! It is read by hand: most entries are such, and there is one spelling of each, whatever else comes is refused
//! on the way and not by writing all of it again to compare. A mutation takes 64 bytes in memory and five at
//! least in an entry, since no key is empty.

use bytes::Bytes;
use elastickv_types::{RequestId, Timestamp};

use super::walk::{Walk, Wrong};
use super::wire;
use crate::command::{Mutation, Write, WriteBatch};

/// A request id of 16 bytes and what is before it.
const SHORTEST_WRITE: usize = 18;
/// A key of one byte and what is before it.
const SHORTEST_MUTATION: usize = 3;

pub fn to_wire(batch: &WriteBatch) -> wire::WriteBatch {
    wire::WriteBatch { writes: batch.writes.iter().map(write_to_wire).collect() }
}

fn write_to_wire(write: &Write) -> wire::Write {
    let mutations = write.mutations.iter().map(|mutation| match mutation {
        Mutation::Put { key, value } => {
            wire::Mutation { key: key.clone(), value: value.clone(), delete: false }
        }
        Mutation::Delete { key } => wire::Mutation { key: key.clone(), value: Bytes::new(), delete: true },
    });
    wire::Write {
        commit_ts: write.commit_ts.get(),
        request_id: Bytes::copy_from_slice(write.request_id.as_bytes()),
        mutations: mutations.collect(),
    }
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
