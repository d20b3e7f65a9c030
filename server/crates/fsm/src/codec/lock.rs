//! Opcodes 10 and 11: transactions in two steps.
//!
//! ```text
//! PreWrite    fixed64 at = 1 · fixed64 start_ts = 2 · fixed64 expires_at = 3 · repeated Mutation mutations = 6
//! Resolve     fixed64 at = 1 · fixed64 start_ts = 2 · bool commit = 3 · repeated bytes keys = 4 (not empty)
//! ```
//!
//! Read and written as a write batch is.

use bytes::{Bytes, BytesMut};
use elastickv_types::Timestamp;
use prost::encoding::bool;

use super::spell::{fixed64_len, put_fixed64};
use super::walk::{Walk, Wrong};
use super::{mutation, read_set};
use crate::command::{Keys, Mutations, PreWrite, Resolve, UnixMillis};

pub fn prewrite_len(command: &PreWrite) -> usize {
    let numbers = [command.at.get(), command.start_ts.get(), command.expires_at.get()];
    numbers.into_iter().map(fixed64_len).sum::<usize>() + command.mutations.encoded_len()
}

pub fn put_prewrite(command: &PreWrite, out: &mut BytesMut) {
    put_fixed64(1, command.at.get(), out);
    put_fixed64(2, command.start_ts.get(), out);
    put_fixed64(3, command.expires_at.get(), out);
    out.extend_from_slice(command.mutations.encoded());
}

pub fn read_prewrite(raw: &Bytes) -> Result<PreWrite, Wrong> {
    let mut fields = Walk::new(raw);
    let (at, start_ts, expires_at) = (fields.fixed64(1)?, fields.fixed64(2)?, fields.fixed64(3)?);
    let list = raw.slice_ref(fields.rest());
    mutation::check(&list)?;
    Ok(PreWrite {
        at: Timestamp::from_u64(at),
        start_ts: Timestamp::from_u64(start_ts),
        expires_at: UnixMillis::new(expires_at),
        mutations: Mutations::from_checked(list),
    })
}

pub fn resolve_len(command: &Resolve) -> usize {
    let numbers = fixed64_len(command.at.get()) + fixed64_len(command.start_ts.get());
    numbers + if command.commit { 2 } else { 0 } + command.keys.encoded().len()
}

pub fn put_resolve(command: &Resolve, out: &mut BytesMut) {
    put_fixed64(1, command.at.get(), out);
    put_fixed64(2, command.start_ts.get(), out);
    if command.commit {
        bool::encode(3, &true, out);
    }
    out.extend_from_slice(command.keys.encoded());
}

pub fn read_resolve(raw: &Bytes) -> Result<Resolve, Wrong> {
    let mut fields = Walk::new(raw);
    let (at, start_ts, commit) = (fields.fixed64(1)?, fields.fixed64(2)?, fields.flag(3)?);
    let list = raw.slice_ref(fields.rest());
    read_set::check_keys(&list)?;
    Ok(Resolve {
        start_ts: Timestamp::from_u64(start_ts),
        at: Timestamp::from_u64(at),
        commit,
        keys: Keys::from_checked(list),
    })
}
