//! Opcode 00: a batch of users' writes. Opcode 02: its bounds alone.
//!
//! ```text
//! WriteBatch  fixed64 ceiling = 1 · fixed64 oldest = 2 · repeated Write writes = 3
//! Write       fixed64 commit_ts = 1 · bytes request_id = 2 (16, or left out) · fixed64 read_ts = 3
//!             · repeated bytes read_keys = 4 · repeated Span read_spans = 5 · repeated Mutation mutations = 6
//! ```
//!
//! It is read and written by hand, as most entries are such. Reading walks through all of it once and refuses on
//! the way what is not spelt as it is written; what comes of it are parts of the entry, taken apart again where
//! they are used. So nothing is allocated, however long the lists are.

use bytes::{Bytes, BytesMut};
use elastickv_types::{RequestId, Timestamp};

use super::spell::{fixed64_len, part_len, put_fixed64, put_head, put_part};
use super::walk::{Walk, Wrong};
use super::{mutation, read_set};
use crate::command::{Bounds, Mutations, ReadSet, Write, WriteBatch, Writes};

/// Its number in a batch.
const FIELD: u8 = 3;

/// What a batch takes once it is written.
pub fn len(batch: &WriteBatch) -> usize {
    bounds_len(batch.bounds) + batch.writes.encoded().len()
}

pub fn put(batch: &WriteBatch, out: &mut BytesMut) {
    put_bounds(batch.bounds, out);
    out.extend_from_slice(batch.writes.encoded());
}

pub fn bounds_len(bounds: Bounds) -> usize {
    fixed64_len(bounds.ceiling.get()) + fixed64_len(bounds.oldest.get())
}

pub fn put_bounds(bounds: Bounds, out: &mut BytesMut) {
    put_fixed64(1, bounds.ceiling.get(), out);
    put_fixed64(2, bounds.oldest.get(), out);
}

pub fn encode_list(writes: &[Write]) -> Bytes {
    let mut out = BytesMut::with_capacity(writes.iter().map(|write| part_len(write_len(write))).sum());
    writes.iter().for_each(|write| put_write(write, &mut out));
    out.freeze()
}

fn put_write(write: &Write, out: &mut BytesMut) {
    put_head(FIELD.into(), write_len(write), out);
    put_fixed64(1, write.commit_ts.get(), out);
    if let Some(request) = &write.request_id {
        put_part(2, request.as_bytes(), out);
    }
    if let Some(reads) = &write.reads {
        put_fixed64(3, reads.at().get(), out);
        reads.encoded().into_iter().for_each(|list| out.extend_from_slice(list));
    }
    out.extend_from_slice(write.mutations.encoded());
}

fn write_len(write: &Write) -> usize {
    let request = if write.request_id.is_some() { part_len(16) } else { 0 };
    let reads = write.reads.as_ref().map_or(0, |reads| fixed64_len(reads.at().get()) + reads.encoded_len());
    fixed64_len(write.commit_ts.get()) + request + reads + write.mutations.encoded_len()
}

pub fn read(raw: &Bytes) -> Result<WriteBatch, Wrong> {
    let mut fields = Walk::new(raw);
    let bounds = take_bounds(&mut fields)?;
    let list = raw.slice_ref(fields.rest());
    while let Some(part) = fields.part(FIELD)? {
        Parts::split(part)?.check()?;
    }
    fields.end()?;
    Ok(WriteBatch { bounds, writes: Writes::from_checked(list) })
}

pub fn read_bounds(raw: &Bytes) -> Result<Bounds, Wrong> {
    let mut fields = Walk::new(raw);
    let bounds = take_bounds(&mut fields)?;
    fields.end()?;
    Ok(bounds)
}

fn take_bounds(fields: &mut Walk<'_>) -> Result<Bounds, Wrong> {
    let (ceiling, oldest) = (fields.fixed64(1)?, fields.fixed64(2)?);
    Ok(Bounds { ceiling: Timestamp::from_u64(ceiling), oldest: Timestamp::from_u64(oldest) })
}

/// The writes of a list that was read through.
pub fn writes(list: &Bytes) -> impl Iterator<Item = Write> + '_ {
    Walk::new(list).parts(FIELD).map(|part| Parts::split(part).expect("the list was read through").of(list))
}

/// The fields of a write; its lists are only delimited.
struct Parts<'a> {
    commit_ts: Timestamp,
    request_id: Option<RequestId>,
    read_ts: Timestamp,
    keys: &'a [u8],
    spans: &'a [u8],
    mutations: &'a [u8],
}

impl<'a> Parts<'a> {
    fn split(raw: &'a [u8]) -> Result<Self, Wrong> {
        let mut fields = Walk::new(raw);
        let commit_ts = Timestamp::from_u64(fields.fixed64(1)?);
        let request_id =
            fields.part(2)?.map(|id| RequestId::from_slice(id).ok_or("its request id is not 16 bytes"));
        let request_id = request_id.transpose()?;
        let read_ts = Timestamp::from_u64(fields.fixed64(3)?);
        let (keys, spans) = (fields.run(read_set::KEYS)?, fields.run(read_set::SPANS)?);
        Ok(Self { commit_ts, request_id, read_ts, keys, spans, mutations: fields.rest() })
    }

    fn check(&self) -> Result<(), Wrong> {
        if self.read_ts == Timestamp::ZERO && !(self.keys.is_empty() && self.spans.is_empty()) {
            return Err(Wrong::Invalid("a read set has no timestamp"));
        }
        read_set::check_keys(self.keys)?;
        read_set::check_spans(self.spans)?;
        mutation::check(self.mutations)
    }

    /// The write, of parts of the whole.
    fn of(self, whole: &Bytes) -> Write {
        let part = |bytes: &[u8]| whole.slice_ref(bytes);
        let reads = (self.read_ts > Timestamp::ZERO)
            .then(|| ReadSet::from_checked(self.read_ts, part(self.keys), part(self.spans)));
        Write {
            commit_ts: self.commit_ts,
            request_id: self.request_id,
            reads,
            mutations: Mutations::from_checked(part(self.mutations)),
        }
    }
}
