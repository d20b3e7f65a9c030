//! Parts that several messages share, read into types that can not hold anything else.

use bytes::Bytes;
use elastickv_types::{
    Commitment, FullNodeId, KekLabel, KeyId, LoadToken, LocalEpoch, LogId, LogIndex, OperationId, Term,
    WrappedKey,
};

use prost::Message;

use super::walk::{self, Part, Wrong};
use super::wire;
use crate::command::{Actor, Cohort, NewKey, Origin, Reason, UnixMillis, Wrapping, Writer};

pub type Read<T> = Result<T, &'static str>;

pub fn key_id(raw: u32) -> Read<KeyId> {
    KeyId::from_u32(raw).ok_or("a key has id 0")
}

pub fn log_id_to_wire(id: LogId) -> wire::LogId {
    wire::LogId { term: id.term.get(), index: id.index.get() }
}

pub fn log_id(raw: Option<wire::LogId>) -> Read<LogId> {
    let raw = raw.ok_or("it names no membership")?;
    Ok(LogId::new(Term::new(raw.term), LogIndex::new(raw.index)))
}

pub fn writer_to_wire(writer: &Writer) -> wire::Writer {
    wire::Writer { node: writer.node.get(), epoch: u32::from(writer.epoch.get()), token: writer.token.get() }
}

pub fn writer(raw: &wire::Writer) -> Read<Writer> {
    Ok(Writer {
        node: FullNodeId::from_u64(raw.node).ok_or("a node has id 0")?,
        epoch: LocalEpoch::from_wire(raw.epoch).map_err(|_| "a local epoch does not fit two bytes")?,
        token: LoadToken::new(raw.token),
    })
}

pub fn wrapping_to_wire(wrapping: &Wrapping) -> wire::Wrapping {
    let kek = wrapping.kek();
    wire::Wrapping {
        wrapped: wrapping.wrapped().clone(),
        provider: kek.provider.clone(),
        key: kek.key.clone(),
        version: kek.version.clone(),
    }
}

pub fn wrapping(raw: Option<wire::Wrapping>) -> Read<Wrapping> {
    let raw = raw.ok_or("a key has no wrapping")?;
    let wrapped = WrappedKey::new(raw.wrapped).ok_or("a wrapped key is empty or too long")?;
    let kek = KekLabel { provider: raw.provider, key: raw.key, version: raw.version };
    Wrapping::new(wrapped, kek).ok_or("a label of a KEK is too long or not one line")
}

pub fn commitment(raw: &[u8]) -> Read<Commitment> {
    Commitment::from_slice(raw).ok_or("a commitment is not 32 bytes")
}

/// The last field of a new key.
const COHORT: u8 = 5;
/// Each names a node, in eight bytes and the key of the field.
const COHORT_WRITER: Part = Part {
    field: COHORT,
    most: Cohort::MOST,
    too_many: "a cohort is too large",
    bytes: 9..=usize::MAX,
    within: &[],
};

pub fn new_key_to_wire(key: &NewKey) -> Bytes {
    let head = wire::NewKey {
        id: key.id.get(),
        wrapping: Some(wrapping_to_wire(&key.wrapping)),
        commitment: Bytes::copy_from_slice(key.commitment.as_bytes()),
        created_ms: key.created.get(),
    };
    let mut out = head.encode_to_vec();
    for writer in key.cohort.iter() {
        prost::encoding::message::encode(u32::from(COHORT), &writer_to_wire(writer), &mut out);
    }
    out.into()
}

pub fn new_key(raw: Option<Bytes>) -> Result<NewKey, Wrong> {
    let (head, cohort) = walk::split_list(&raw.ok_or("it brings no key")?, COHORT)?;
    let raw: wire::NewKey = walk::read(head, &[])?;
    let cohort = walk::read_list(&cohort, &COHORT_WRITER, |one| Ok(writer(&one)?))?;
    Ok(NewKey {
        id: key_id(raw.id)?,
        wrapping: wrapping(raw.wrapping)?,
        commitment: commitment(&raw.commitment)?,
        created: UnixMillis::new(raw.created_ms),
        cohort: Cohort::new(cohort).ok_or(COHORT_WRITER.too_many)?,
    })
}

pub fn origin_to_wire(origin: &Origin) -> wire::Origin {
    wire::Origin {
        operation: Bytes::copy_from_slice(origin.operation.as_bytes()),
        actor: origin.actor.as_str().to_owned(),
        reason: origin.reason.as_str().to_owned(),
        at_ms: origin.at.get(),
    }
}

pub fn origin(raw: Option<wire::Origin>) -> Read<Origin> {
    let raw = raw.ok_or("it does not say which operation it is of")?;
    Ok(Origin {
        operation: OperationId::from_slice(&raw.operation).ok_or("an operation id is not 16 bytes")?,
        actor: Actor::new(raw.actor).ok_or("an actor is too long or not one line")?,
        reason: Reason::new(raw.reason).ok_or("a reason is too long or not one line")?,
        at: UnixMillis::new(raw.at_ms),
    })
}
