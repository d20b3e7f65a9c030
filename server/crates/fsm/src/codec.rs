//! Payloads of log entries.
//!
//! ```text
//! payload   format u8 = 01 ‖ kind u8 ‖ body      kind 00 clear: body is a command
//! command   opcode u8 ‖ version u8 = 01 ‖ protobuf message
//! ```
//!
//! A byte that has no meaning here is an error: an entry is never skipped or guessed at.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use elastickv_types::{RequestId, Timestamp};
use prost::Message;

use crate::command::{Command, Mutation, Write, WriteBatch};

const FORMAT: u8 = 0x01;
const KIND_CLEAR: u8 = 0x00;
const KIND_SEALED: u8 = 0x01;
const OPCODE_WRITE_BATCH: u8 = 0x00;
const COMMAND_VERSION: u8 = 0x01;

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
    #[error("a write of opcode {opcode:#04x} is not valid: {reason}")]
    Invalid { opcode: u8, reason: &'static str },
}

mod wire {
    //! The messages behind the opcodes. Field numbers are for ever.

    use bytes::Bytes;

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    #[prost(skip_debug)]
    pub struct WriteBatch {
        #[prost(message, repeated, tag = "1")]
        pub writes: Vec<Write>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    #[prost(skip_debug)]
    pub struct Write {
        #[prost(fixed64, tag = "1")]
        pub commit_ts: u64,
        #[prost(bytes = "bytes", tag = "2")]
        pub request_id: Bytes,
        #[prost(message, repeated, tag = "3")]
        pub mutations: Vec<Mutation>,
    }

    #[derive(Clone, PartialEq, Eq, prost::Message)]
    #[prost(skip_debug)]
    pub struct Mutation {
        #[prost(bytes = "bytes", tag = "1")]
        pub key: Bytes,
        #[prost(bytes = "bytes", tag = "2")]
        pub value: Bytes,
        #[prost(bool, tag = "3")]
        pub delete: bool,
    }
}

/// Frames a command, in clear.
pub fn encode_payload(command: &Command) -> Bytes {
    match command {
        Command::WriteBatch(batch) => {
            let message = wire::WriteBatch { writes: batch.writes.iter().map(write_to_wire).collect() };
            let mut out = BytesMut::with_capacity(4 + message.encoded_len());
            out.put_slice(&[FORMAT, KIND_CLEAR, OPCODE_WRITE_BATCH, COMMAND_VERSION]);
            message.encode(&mut out).expect("a growing buffer takes any message");
            out.freeze()
        }
    }
}

/// Reads a payload back; the values are parts of it, not copies.
pub fn decode_payload(mut payload: Bytes) -> Result<Command, CodecError> {
    match take(&mut payload, "format")? {
        FORMAT => {}
        found => return Err(CodecError::Format { found }),
    }
    match take(&mut payload, "kind")? {
        KIND_CLEAR => {}
        KIND_SEALED => return Err(CodecError::Sealed),
        found => return Err(CodecError::Kind { found }),
    }
    let opcode = take(&mut payload, "opcode")?;
    let version = take(&mut payload, "version")?;
    match (opcode, version) {
        (OPCODE_WRITE_BATCH, COMMAND_VERSION) => {
            let message = wire::WriteBatch::decode(payload)
                .map_err(|error| CodecError::Message { opcode, reason: error.to_string() })?;
            let writes = message.writes.into_iter().map(write_from_wire).collect::<Result<_, _>>()?;
            Ok(Command::WriteBatch(WriteBatch { writes }))
        }
        (OPCODE_WRITE_BATCH, found) => Err(CodecError::Version { opcode, found }),
        (found, _) => Err(CodecError::Opcode { found }),
    }
}

fn take(payload: &mut Bytes, what: &'static str) -> Result<u8, CodecError> {
    payload.try_get_u8().map_err(|_| CodecError::Short { what })
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

fn write_from_wire(write: wire::Write) -> Result<Write, CodecError> {
    let invalid = |reason| CodecError::Invalid { opcode: OPCODE_WRITE_BATCH, reason };
    let request_id =
        RequestId::from_slice(&write.request_id).ok_or_else(|| invalid("its request id is not 16 bytes"))?;
    let mutations = write.mutations.into_iter().map(|mutation| match mutation.delete {
        false => Ok(Mutation::Put { key: mutation.key, value: mutation.value }),
        true if mutation.value.is_empty() => Ok(Mutation::Delete { key: mutation.key }),
        true => Err(invalid("a deletion carries a value")),
    });
    Ok(Write {
        commit_ts: Timestamp::from_u64(write.commit_ts),
        request_id,
        mutations: mutations.collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Command {
        Command::WriteBatch(WriteBatch {
            writes: vec![Write {
                commit_ts: Timestamp::from_u64(0x0102_0304_0506_0708),
                request_id: RequestId::from_bytes([0x11; 16]),
                mutations: vec![
                    Mutation::Put { key: Bytes::from_static(b"k"), value: Bytes::from_static(b"v") },
                    Mutation::Delete { key: Bytes::from_static(b"gone") },
                ],
            }],
        })
    }

    const GOLDEN: &str = "010000010a2d0908070605040302011210111111111111111111111111111111111a060a016b1201761a080a04676f6e651801";

    #[test]
    fn golden_write_batch() {
        assert_eq!(hex::encode(encode_payload(&sample())), GOLDEN);
        assert_eq!(decode_payload(hex::decode(GOLDEN).unwrap().into()), Ok(sample()));
    }

    #[test]
    fn bytes_without_a_meaning_are_refused() {
        let with = |at: usize, byte: u8| {
            let mut raw = hex::decode(GOLDEN).unwrap();
            raw[at] = byte;
            decode_payload(raw.into()).unwrap_err()
        };
        assert_eq!(with(0, 2), CodecError::Format { found: 2 });
        assert_eq!(with(1, 1), CodecError::Sealed);
        assert_eq!(with(1, 2), CodecError::Kind { found: 2 });
        assert_eq!(with(2, 6), CodecError::Opcode { found: 6 });
        assert_eq!(with(3, 2), CodecError::Version { opcode: 0, found: 2 });
    }

    #[test]
    fn every_cut_is_refused_or_shorter() {
        let raw = hex::decode(GOLDEN).unwrap();
        for cut in 0..raw.len() {
            let read = decode_payload(Bytes::copy_from_slice(&raw[..cut]));
            // Four bytes are an empty batch; any other cut lands inside the message.
            assert_eq!(read.is_ok(), cut == 4, "cut at {cut}");
        }
    }
}
