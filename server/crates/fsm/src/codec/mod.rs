//! Payloads of log entries.
//!
//! ```text
//! payload   format u8 = 01 ‖ kind u8 ‖ body      kind 00 clear: body is a command · 01 sealed: body is an envelope of one
//! command   opcode u8 ‖ version u8 = 01 ‖ protobuf message
//! ```
//!
//! A byte that has no meaning here is an error: an entry is never skipped or guessed at. All messages are
//! read strictly: what does not encode to the same bytes again holds a field of a later build, and a
//! replica that went on without it would go on differently. Every producer is ours, so a message has one
//! spelling, and another one is refused as well.

mod encryption;
pub(crate) mod fields;
mod job;
mod lock;
pub(crate) mod mutation;
pub(crate) mod read_set;
mod spell;
pub(crate) mod walk;
pub(crate) mod wire;
pub(crate) mod write;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use prost::Message;

use crate::command::Command;
use encryption::StepMessage;
use walk::Wrong;

const FORMAT: u8 = 0x01;
const KIND_CLEAR: u8 = 0x00;
const KIND_SEALED: u8 = 0x01;
const COMMAND_VERSION: u8 = 0x01;
/// Opcode and version.
const HEAD_BYTES: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Opcode {
    WriteBatch = 0x00,
    Ceiling = 0x02,
    RegisterWriter = 0x03,
    Bootstrap = 0x04,
    KeyChange = 0x05,
    PreWrite = 0x10,
    Resolve = 0x11,
    Job = 0x12,
}

impl Opcode {
    const ALL: [Opcode; 8] = [
        Opcode::WriteBatch,
        Opcode::Ceiling,
        Opcode::RegisterWriter,
        Opcode::Bootstrap,
        Opcode::KeyChange,
        Opcode::PreWrite,
        Opcode::Resolve,
        Opcode::Job,
    ];
}

/// Why a payload is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("the payload ends before its {what}")]
    Short { what: &'static str },
    #[error("payload format {found:#04x} is not known to this build")]
    Format { found: u8 },
    #[error("payload kind {found:#04x} is not known to this build")]
    Kind { found: u8 },
    #[error("the payload is sealed, and this build can not open it")]
    Sealed,
    #[error("opcode {found:#04x} is not known to this build")]
    Opcode { found: u8 },
    #[error("version {found} of opcode {opcode:#04x} is not known to this build")]
    Version { opcode: u8, found: u8 },
    #[error("the message of opcode {opcode:#04x} does not decode: {reason}")]
    Message { opcode: u8, reason: String },
    #[error("the message of opcode {opcode:#04x} is not valid: {reason}")]
    Invalid { opcode: u8, reason: &'static str },
    #[error("the message of opcode {opcode:#04x} has a field or a sub-tag that is not known to this build")]
    Unknown { opcode: u8 },
}

/// A payload, not looked into yet.
#[derive(Clone, PartialEq, Eq)]
pub enum Payload {
    /// A command, as [`decode_command`] reads it.
    Clear(Bytes),
    /// An envelope of a command.
    Sealed(Bytes),
}

// What is in it is the users'.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Payload::Clear(command) => write!(f, "Clear({} bytes)", command.len()),
            Payload::Sealed(envelope) => write!(f, "Sealed({} bytes)", envelope.len()),
        }
    }
}

impl Payload {
    pub fn split(mut payload: Bytes) -> Result<Self, CodecError> {
        match take(&mut payload, "format")? {
            FORMAT => {}
            found => return Err(CodecError::Format { found }),
        }
        match take(&mut payload, "kind")? {
            KIND_CLEAR => Ok(Payload::Clear(payload)),
            KIND_SEALED => Ok(Payload::Sealed(payload)),
            found => Err(CodecError::Kind { found }),
        }
    }

    pub fn join(&self) -> Bytes {
        let (kind, body) = match self {
            Payload::Clear(body) => (KIND_CLEAR, body),
            Payload::Sealed(body) => (KIND_SEALED, body),
        };
        let mut out = BytesMut::with_capacity(2 + body.len());
        out.put_slice(&[FORMAT, kind]);
        out.put_slice(body);
        out.freeze()
    }
}

/// Frames a command, in clear.
pub fn encode_payload(command: &Command) -> Bytes {
    // What most entries are is made in one piece.
    let room = match command {
        Command::WriteBatch(batch) => 2 + HEAD_BYTES + write::len(batch),
        _ => 2,
    };
    let mut out = BytesMut::with_capacity(room);
    out.put_slice(&[FORMAT, KIND_CLEAR]);
    put_command(command, &mut out);
    out.freeze()
}

/// A command without the frame of a payload.
pub fn encode_command(command: &Command) -> Bytes {
    let mut out = BytesMut::new();
    put_command(command, &mut out);
    out.freeze()
}

/// Frames a command, in an envelope that `seal` appends of what it is given to append.
pub fn encode_sealed<E>(
    command: &Command,
    seal: impl FnOnce(&mut BytesMut, &mut dyn FnMut(&mut BytesMut)) -> Result<(), E>,
) -> Result<Bytes, E> {
    let mut out = BytesMut::new();
    out.put_slice(&[FORMAT, KIND_SEALED]);
    seal(&mut out, &mut |out| put_command(command, out))?;
    Ok(out.freeze())
}

fn put_command(command: &Command, out: &mut BytesMut) {
    match command {
        Command::WriteBatch(batch) => {
            put_head(Opcode::WriteBatch, write::len(batch), out);
            write::put(batch, out);
        }
        Command::Ceiling(bounds) => {
            put_head(Opcode::Ceiling, write::bounds_len(*bounds), out);
            write::put_bounds(*bounds, out);
        }
        Command::PreWrite(command) => {
            put_head(Opcode::PreWrite, lock::prewrite_len(command), out);
            lock::put_prewrite(command, out);
        }
        Command::Resolve(command) => {
            put_head(Opcode::Resolve, lock::resolve_len(command), out);
            lock::put_resolve(command, out);
        }
        Command::RegisterWriter(registration) => {
            put(Opcode::RegisterWriter, &encryption::registration_to_wire(registration), out);
        }
        Command::Step(step) => match encryption::step_to_wire(step) {
            StepMessage::Bootstrap(message) => put(Opcode::Bootstrap, &message, out),
            StepMessage::KeyChange(message) => put(Opcode::KeyChange, &message, out),
        },
        Command::Group(command) => put(Opcode::KeyChange, &encryption::group_to_wire(command), out),
        Command::Operation(command) => put(Opcode::KeyChange, &encryption::operation_to_wire(command), out),
        Command::Job(command) => put(Opcode::Job, &job::to_wire(command), out),
    }
}

fn put(opcode: Opcode, message: &impl Message, out: &mut BytesMut) {
    put_head(opcode, message.encoded_len(), out);
    message.encode(out).expect("a growing buffer takes any message");
}

fn put_head(opcode: Opcode, message: usize, out: &mut BytesMut) {
    out.reserve(HEAD_BYTES + message);
    out.put_slice(&[opcode as u8, COMMAND_VERSION]);
}

/// Reads a payload in clear back; the values are parts of it, not copies.
pub fn decode_payload(payload: Bytes) -> Result<Command, CodecError> {
    match Payload::split(payload)? {
        Payload::Clear(command) => decode_command(command),
        Payload::Sealed(_) => Err(CodecError::Sealed),
    }
}

/// Reads a command back; the values are parts of it, not copies.
pub fn decode_command(mut command: Bytes) -> Result<Command, CodecError> {
    let raw = take(&mut command, "opcode")?;
    let version = take(&mut command, "version")?;
    let opcode = Opcode::ALL.into_iter().find(|known| *known as u8 == raw);
    let opcode = opcode.ok_or(CodecError::Opcode { found: raw })?;
    if version != COMMAND_VERSION {
        return Err(CodecError::Version { opcode: raw, found: version });
    }
    read(opcode, command).map_err(|wrong| match wrong {
        Wrong::Malformed(reason) => CodecError::Message { opcode: raw, reason },
        Wrong::Unknown => CodecError::Unknown { opcode: raw },
        Wrong::Invalid(reason) => CodecError::Invalid { opcode: raw, reason },
    })
}

fn read(opcode: Opcode, message: Bytes) -> Result<Command, Wrong> {
    Ok(match opcode {
        Opcode::WriteBatch => Command::WriteBatch(write::read(&message)?),
        Opcode::Ceiling => Command::Ceiling(write::read_bounds(&message)?),
        Opcode::PreWrite => Command::PreWrite(lock::read_prewrite(&message)?),
        Opcode::Resolve => Command::Resolve(lock::read_resolve(&message)?),
        Opcode::RegisterWriter => {
            let message = walk::read(message, &[])?;
            Command::RegisterWriter(encryption::registration_from_wire(&message)?)
        }
        Opcode::Bootstrap => Command::Step(encryption::bootstrap_from_wire(walk::read(message, &[])?)?),
        Opcode::KeyChange => encryption::key_change_from_wire(walk::read(message, &[])?)?,
        Opcode::Job => Command::Job(job::from_wire(walk::read(message, &[])?)?),
    })
}

fn take(payload: &mut Bytes, what: &'static str) -> Result<u8, CodecError> {
    payload.try_get_u8().map_err(|_| CodecError::Short { what })
}

#[cfg(test)]
mod fuzzing;
#[cfg(test)]
mod tests;
