//! Reading whatever bytes somebody hands over. Panics are the failures that a fuzzer looks for.

use crate::load::LoadTrace;
use crate::sidecar::{Parsed, decode, encode};

/// Reads bytes as a sidecar. What reads writes again, and reads the same.
pub fn fuzz_sidecar(data: &[u8]) {
    let Ok(Parsed::Known(sidecar)) = decode(data) else { return };
    let Ok(written) = encode(&sidecar) else { panic!("what was read can not be written") };
    match decode(&written) {
        Ok(Parsed::Known(again)) => assert_eq!(sidecar, again, "read twice, it holds something else"),
        other => panic!("what was written reads as {other:?}"),
    }
}

/// Reads bytes as a load mark, which has one spelling.
pub fn fuzz_mark(data: &[u8]) {
    if let Ok(trace) = LoadTrace::decode(data) {
        assert_eq!(trace.encode(), data, "a mark has two spellings");
    }
}
