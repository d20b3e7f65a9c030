//! Reading whatever bytes somebody hands over. Panics are the failures that a fuzzer looks for.

use bytes::Bytes;

use crate::codec::{decode_payload, encode_payload};

/// Takes these bytes for a payload. What decodes encodes again, and to something that decodes the same.
pub fn fuzz_payload(data: &[u8]) {
    if let Ok(command) = decode_payload(Bytes::copy_from_slice(data)) {
        let again = decode_payload(encode_payload(&command));
        assert_eq!(again, Ok(command), "read twice, it is another command");
    }
}
