//! Bytes of any kind are refused or read, without a panic.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Sidecar;
use crate::fuzz::{fuzz_mark, fuzz_sidecar};
use crate::sidecar::encode;

/// Pieces of which JSON that is nearly a sidecar is made.
const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\"version\":1",
    "\"keys\":{",
    "\"1\":",
    "\"0\":",
    "0",
    "-1",
    "1e9",
    "null",
    "true",
    "\"active\":{\"storage\":1,\"raft\":2}",
    "\"local_epoch\":65536",
    "\"load_token\":\"\"",
    "\\u0000",
    "\"wrapped\":\"====\"",
    "\"created\":\"9999-99-99\"",
    "18446744073709551615",
    " ",
];

proptest! {
    #![proptest_config(cases(2000, 200_000))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        fuzz_sidecar(&bytes);
        fuzz_mark(&bytes);
    }

    #[test]
    fn nearly_json(words in vec(prop::sample::select(&WORDS[..]), 0..40)) {
        fuzz_sidecar(words.concat().as_bytes());
    }

    #[test]
    fn nearly_a_mark(token_raw in any::<u64>(), previous in any::<Option<u64>>(), reached in any::<Option<u16>>(), at in 0..LoadTrace::BYTES, by in any::<u8>()) {
        let mark = LoadMark::Starting { token: token(token_raw), previous: previous.map(token) };
        let mut bytes = LoadTrace { mark, reached: reached.map(LocalEpoch::new) }.encode();
        bytes[at] ^= by;
        fuzz_mark(&bytes);
        prop_assert_eq!(LoadTrace::decode(&bytes).is_ok(), by == 0, "a changed byte is noticed");
    }
}

proptest! {
    #![proptest_config(cases(200, 20_000))]

    /// A sidecar with a stretch cut out, doubled or overwritten.
    #[test]
    fn nearly_a_sidecar(from in any::<prop::sample::Index>(), len in 0..80_usize, with in vec(any::<u8>(), 0..80), keep in any::<bool>()) {
        let sidecar = Sidecar::with_table(None, &owner().node, settled(1), &table(token(1))).unwrap();
        let mut bytes = encode(&sidecar).unwrap();
        let from = from.index(bytes.len());
        let to = (from + len).min(bytes.len());
        let put: Vec<u8> = if keep { [&bytes[from..to], &bytes[from..to]].concat() } else { with };
        bytes.splice(from..to, put);
        fuzz_sidecar(&bytes);
    }
}

/// Neither depth nor number makes a reader of untrusted bytes run out of anything.
#[test]
fn depth_and_number_are_bounded() {
    fuzz_sidecar("{\"a\":".repeat(100_000).as_bytes());
    let many: Vec<String> = (0..20_000).map(|name| format!("\"{name}\":0")).collect();
    fuzz_sidecar(format!("{{{}}}", many.join(",")).as_bytes());
}
