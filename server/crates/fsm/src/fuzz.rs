//! Reading whatever bytes somebody hands over. Panics are the failures that a fuzzer looks for.

use bytes::{Buf, Bytes};
use elastickv_types::GroupId;

use crate::codec::{decode_payload, encode_payload};
use crate::state::GroupState;

/// Takes these bytes for a payload. What decodes is spelt in the only way there is.
pub fn fuzz_payload(data: &[u8]) {
    if let Ok(command) = decode_payload(Bytes::copy_from_slice(data)) {
        assert!(encode_payload(&command) == data, "a command has two spellings");
    }
}

/// Takes these bytes for the records of a group: a byte for the group, then key and value in turn, each
/// behind its length in two bytes. What makes a state makes the same records again.
pub fn fuzz_records(data: &[u8]) {
    let mut rest = Bytes::copy_from_slice(data);
    let group = rest.try_get_u8().ok().and_then(|raw| GroupId::from_u64(u64::from(raw)));
    let records = std::iter::from_fn(|| Some((part(&mut rest)?, part(&mut rest)?)));
    if let Ok(state) = GroupState::from_records(group.unwrap_or(GroupId::CONTROL), records) {
        let again = GroupState::from_records(group.unwrap_or(GroupId::CONTROL), state.records());
        assert_eq!(again, Ok(state), "read twice, it is another state");
    }
}

fn part(rest: &mut Bytes) -> Option<Bytes> {
    let len = usize::from(rest.try_get_u16().ok()?);
    (len <= rest.len()).then(|| rest.split_to(len))
}
