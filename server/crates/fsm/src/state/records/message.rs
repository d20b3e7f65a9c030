//! Parts of the state as messages, and back.

use bytes::Bytes;
use elastickv_types::{ByteRate, LogIndex, OperationId, Purpose};
use prost::Message;

use super::rejection;
use super::wire::{self, FORMAT};
use crate::codec::fields::{self, Read};
use crate::codec::walk::{self, Part, Wrong};
use crate::command::{Actor, OperationKind, Reason, StepTag, SubTag, UnixMillis};
use crate::state::{
    Control, Done, Forgotten, Job, JobPhase, KeyRow, KeyState, Record, Running, Stage, Steps,
};

/// The last field of what is under way.
const STEPS: u8 = 7;
/// Each has done something, and at an index above 0.
const STEP: Part = Part {
    field: STEPS,
    most: Steps::MOST,
    too_many: "has more steps than an operation takes",
    bytes: 4..=usize::MAX,
    within: &[],
};
/// The facts of a refusal, of which there are five at most in ten bytes each.
const RECORD_LISTS: &[Part] = &[Part::once(
    8,
    &[Part { field: 2, most: 1, too_many: "has its facts twice", bytes: 0..=50, within: &[] }],
)];

pub fn control(control: &Control) -> Bytes {
    let index = |index: Option<LogIndex>| index.map(LogIndex::get);
    let message = wire::Control {
        format: FORMAT,
        bootstrap: index(control.stage.bootstrap()),
        storage: index(control.stage.storage()),
        raft: index(control.stage.raft()),
        control_index: index(control.control_index),
        keyring_version: index(control.keyring_version),
        running: control.running.as_ref().map(running_bytes),
        newest_ms: control.history.newest().get(),
        forgotten_ms: control.history.forgotten().map(UnixMillis::get),
    };
    message.encode_to_vec().into()
}

/// What the control record holds beside keys, writers and history.
pub struct ControlHead {
    pub stage: Stage,
    pub running: Option<Running>,
    pub control_index: Option<LogIndex>,
    pub keyring_version: Option<LogIndex>,
    pub newest: UnixMillis,
    pub forgotten: Forgotten,
}

pub fn read_control(raw: Bytes) -> Read<ControlHead> {
    let message: wire::Control = read(raw, &[])?;
    check_format(message.format)?;
    let index = |index: Option<u64>| index.map(LogIndex::new);
    let stage = Stage::of(index(message.bootstrap), index(message.storage), index(message.raft));
    Ok(ControlHead {
        stage: stage.ok_or("has cutovers and no bootstrap")?,
        running: message.running.map(read_running).transpose()?,
        control_index: index(message.control_index),
        keyring_version: index(message.keyring_version),
        newest: UnixMillis::new(message.newest_ms),
        forgotten: message.forgotten_ms.map(UnixMillis::new),
    })
}

fn running_bytes(running: &Running) -> Bytes {
    let mut out = Vec::new();
    let head = wire::Running {
        origin: Some(fields::origin_to_wire(&running.origin)),
        kind: running.kind.as_u32(),
        since_ms: running.since.get(),
        deadline_ms: running.deadline.get(),
        begun: running.begun.get(),
        purpose: running.purpose.map(|purpose| u32::from(purpose.as_u8())),
    };
    head.encode(&mut out).expect("a growing buffer takes any message");
    for (tag, done) in running.steps.iter() {
        let taken = wire::Taken {
            sub_tag: tag.tag.as_u32(),
            purpose: tag.purpose.map(|purpose| u32::from(purpose.as_u8())),
            key: tag.key.map(|key| key.get()),
            done: Some(done_to_wire(done)),
        };
        prost::encoding::message::encode(u32::from(STEPS), &taken, &mut out);
    }
    out.into()
}

fn read_running(raw: Bytes) -> Read<Running> {
    let (head, steps) = walk::split_list(&raw, STEPS).map_err(told)?;
    let head: wire::Running = read(head, &[])?;
    let taken = walk::read_list(&steps, &STEP, |taken| Ok(read_step(taken)?)).map_err(told)?;
    Ok(Running {
        origin: fields::origin(head.origin)?,
        kind: kind(head.kind)?,
        purpose: head.purpose.map(purpose).transpose()?,
        since: UnixMillis::new(head.since_ms),
        deadline: UnixMillis::new(head.deadline_ms),
        begun: LogIndex::new(head.begun),
        steps: Steps::new(taken).ok_or(STEP.too_many)?,
    })
}

fn read_step(taken: wire::Taken) -> Read<(StepTag, Done)> {
    let tag = StepTag {
        tag: SubTag::from_u32(taken.sub_tag).ok_or("has a step that is not known")?,
        purpose: taken.purpose.map(purpose).transpose()?,
        key: taken.key.map(fields::key_id).transpose()?,
    };
    Ok((tag, done_from_wire(taken.done)?))
}

fn done_to_wire(done: &Done) -> wire::Done {
    wire::Done { changed: done.changed, first: done.first.get(), key: done.key.map(|key| key.get()) }
}

fn done_from_wire(raw: Option<wire::Done>) -> Read<Done> {
    let raw = raw.ok_or("has a step without a result")?;
    let key = raw.key.map(fields::key_id).transpose()?;
    Ok(Done { changed: raw.changed, first: LogIndex::new(raw.first), key })
}

pub fn job(job: &Job) -> Bytes {
    let message = wire::Job {
        format: FORMAT,
        origin: Some(fields::origin_to_wire(&job.origin)),
        begun: job.begun.get(),
        rate: job.rate.map_or(0, ByteRate::get),
        phase: job.phase.as_u32(),
        changed: job.changed.get(),
        under: job.phase.under().map(|key| key.get()),
    };
    message.encode_to_vec().into()
}

pub fn read_job(raw: Bytes) -> Read<Job> {
    let message: wire::Job = read(raw, &[])?;
    check_format(message.format)?;
    let under = message.under.map(fields::key_id).transpose()?;
    Ok(Job {
        origin: fields::origin(message.origin)?,
        begun: LogIndex::new(message.begun),
        rate: ByteRate::from_u64(message.rate),
        phase: JobPhase::of(message.phase, under).ok_or("is in a phase that is not known")?,
        changed: LogIndex::new(message.changed),
    })
}

pub fn key_row(row: &KeyRow) -> Bytes {
    let (closed, retired) = match row.state {
        KeyState::Installed | KeyState::Active | KeyState::Retiring => (None, None),
        KeyState::Closed { at } => (Some(at.get()), None),
        KeyState::Retired { closed, at } => (Some(closed.get()), Some(at.get())),
    };
    let message = wire::Key {
        format: FORMAT,
        purpose: u32::from(row.purpose.as_u8()),
        state: u32::from(row.state.as_u8()),
        commitment: Bytes::copy_from_slice(row.commitment.as_bytes()),
        created: row.created.get(),
        created_ms: row.created_at.get(),
        wrapping: row.wrapping.as_ref().map(fields::wrapping_to_wire),
        closed,
        retired,
    };
    message.encode_to_vec().into()
}

pub fn read_key_row(raw: Bytes) -> Read<KeyRow> {
    let message: wire::Key = read(raw, &[])?;
    check_format(message.format)?;
    let index = |index: Option<u64>| index.map(LogIndex::new);
    let state = KeyState::of(message.state, index(message.closed), index(message.retired));
    let state = state.ok_or("has a state that is none")?;
    if state.is_retired() != message.wrapping.is_none() {
        return Err("is of a key without a wrapping, or of a retired one with it");
    }
    Ok(KeyRow {
        purpose: purpose(message.purpose)?,
        state,
        commitment: fields::commitment(&message.commitment)?,
        created: LogIndex::new(message.created),
        created_at: UnixMillis::new(message.created_ms),
        wrapping: message.wrapping.map(|wrapping| fields::wrapping(Some(wrapping))).transpose()?,
    })
}

pub fn record(record: &Record) -> Bytes {
    let message = wire::Record {
        format: FORMAT,
        operation: Bytes::copy_from_slice(record.operation.as_bytes()),
        kind: record.kind.as_u32(),
        at_ms: record.at.get(),
        actor: record.actor.as_str().to_owned(),
        reason: record.reason.as_str().to_owned(),
        done: record.outcome.as_ref().ok().map(done_to_wire),
        refusal: record.outcome.as_ref().err().map(rejection::to_wire),
    };
    message.encode_to_vec().into()
}

pub fn read_record(raw: Bytes) -> Read<Record> {
    let message: wire::Record = read(raw, RECORD_LISTS)?;
    check_format(message.format)?;
    let outcome = match (message.done, message.refusal) {
        (Some(done), None) => Ok(done_from_wire(Some(done))?),
        (None, Some(refusal)) => Err(rejection::from_wire(&refusal)?),
        (None, None) | (Some(_), Some(_)) => return Err("has no outcome, or two"),
    };
    Ok(Record {
        operation: OperationId::from_slice(&message.operation)
            .ok_or("has an operation id of wrong length")?,
        kind: kind(message.kind)?,
        at: UnixMillis::new(message.at_ms),
        actor: Actor::new(message.actor).ok_or("has an actor that is too long")?,
        reason: Reason::new(message.reason).ok_or("has a reason that is too long")?,
        outcome,
    })
}

/// Reads a message of which no byte is left over: a field of a later build is not dropped.
fn read<M: Message + Default>(raw: Bytes, lists: &[Part]) -> Read<M> {
    walk::read(raw, lists).map_err(told)
}

fn told(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Malformed(_) => "does not decode",
        Wrong::Unknown => "has a field that is not known",
        Wrong::Invalid(reason) => reason,
    }
}

fn check_format(format: u32) -> Read<()> {
    if format == FORMAT { Ok(()) } else { Err("has a format that is not known") }
}

pub(super) fn purpose(raw: u32) -> Read<Purpose> {
    u8::try_from(raw).ok().and_then(Purpose::from_u8).ok_or("has a purpose that is not known")
}

pub(super) fn kind(raw: u32) -> Read<OperationKind> {
    OperationKind::from_u32(raw).ok_or("has a kind of operation that is not known")
}
