//! Payloads of log entries (docs/formats/log-entry.md).

use bytes::Bytes;
use elastickv_fsm::{Command, Mutation, Write, WriteBatch, decode_payload, encode_payload};
use elastickv_types::{RequestId, Timestamp};

use crate::{Memory, Target};

/// A message's lists hold more than its bytes say: an empty field of one byte becomes a whole struct.
const IN_MEMORY: usize = 64;

pub const PAYLOAD: Target = Target {
    name: "payload",
    decode: payload,
    seeds: payloads,
    memory: Memory { times: IN_MEMORY, ..Memory::TWICE },
};

fn payloads() -> Vec<Vec<u8>> {
    let write = |mutations| Write {
        commit_ts: Timestamp::from_u64(0x0102_0304_0506_0708),
        request_id: RequestId::from_bytes([0x11; 16]),
        mutations,
    };
    let put = Mutation::Put { key: Bytes::from_static(b"k"), value: Bytes::from_static(b"value") };
    let delete = Mutation::Delete { key: Bytes::from_static(b"gone") };
    let writes = vec![write(vec![put.clone(), delete]), write(vec![put])];
    [WriteBatch::default(), WriteBatch { writes }]
        .map(|batch| encode_payload(&Command::WriteBatch(batch)).to_vec())
        .into()
}

fn payload(data: &[u8]) {
    if let Ok(command) = decode_payload(Bytes::copy_from_slice(data)) {
        let again = decode_payload(encode_payload(&command));
        assert_eq!(again.as_ref(), Ok(&command), "encoded again it is another command");
    }
}
