//! Opcode 00: a batch of users' writes.

use bytes::Bytes;
use elastickv_types::{RequestId, Timestamp};

use super::wire;
use crate::command::{Mutation, Write, WriteBatch};

pub fn to_wire(batch: &WriteBatch) -> wire::WriteBatch {
    wire::WriteBatch { writes: batch.writes.iter().map(write_to_wire).collect() }
}

pub fn from_wire(message: wire::WriteBatch) -> Result<WriteBatch, &'static str> {
    let writes = message.writes.into_iter().map(write_from_wire).collect::<Result<_, _>>()?;
    Ok(WriteBatch { writes })
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

fn write_from_wire(write: wire::Write) -> Result<Write, &'static str> {
    let request_id = RequestId::from_slice(&write.request_id).ok_or("its request id is not 16 bytes")?;
    let mutations = write.mutations.into_iter().map(|mutation| match mutation.delete {
        false => Ok(Mutation::Put { key: mutation.key, value: mutation.value }),
        true if mutation.value.is_empty() => Ok(Mutation::Delete { key: mutation.key }),
        true => Err("a deletion carries a value"),
    });
    Ok(Write {
        commit_ts: Timestamp::from_u64(write.commit_ts),
        request_id,
        mutations: mutations.collect::<Result<_, _>>()?,
    })
}
