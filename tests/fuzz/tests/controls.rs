//! That the rules find what they are there for: decoders from which only the check is left out.

use elastickv_fuzz::drive::drive;
use elastickv_fuzz::meter::{self, Allocator};
use elastickv_fuzz::{Memory, Target, no_output};

#[global_allocator]
static MEMORY: Allocator = meter::allocator();

/// Bytes behind their length in two bytes.
fn copied<const CHECKED: bool>(data: &[u8]) {
    let Some((len, bytes)) = data.split_first_chunk() else { return };
    let len = usize::from(u16::from_be_bytes(*len));
    if CHECKED && len > bytes.len() {
        return;
    }
    let mut copy: Vec<u8> = Vec::with_capacity(len);
    copy.extend(bytes.iter().take(len));
    assert!(copy.len() <= len);
}

/// A number for each byte. Known in number, they are eight times their input; one at a time, nothing.
fn listed<const AT_ONCE: bool>(data: &[u8]) {
    let numbers = data.iter().map(|byte| u64::from(*byte));
    let sum = if AT_ONCE { numbers.collect::<Vec<_>>().iter().sum() } else { numbers.sum::<u64>() };
    assert!(sum <= 255 * data.len() as u64);
}

fn target(decode: fn(&[u8])) -> Target {
    let seeds = || vec![vec![0, 3, b'a', b'b', b'c']];
    let costly = || vec![vec![1; 4096]];
    // As much at once as they like: it is the other rule that has to find them.
    let memory = Memory { times: 64, beside: 1 << 20 };
    Target { name: "control", decode, seeds, costly, output: no_output, memory }
}

/// One test, because what others allocate at the same time would be counted too.
#[test]
fn a_length_that_is_believed_and_a_list_that_is_built_at_once_are_found() {
    let found = |decode| drive(&target(decode), 10_000, 1, &MEMORY).err();
    assert_eq!(found(copied::<true>), None);
    assert_eq!(found(listed::<false>), None);
    for (wrong, at_random) in [(copied::<false> as fn(&[u8]), true), (listed::<true>, false)] {
        let error = found(wrong).expect("a decoder that checks nothing is found");
        assert!(error.starts_with("asked for "), "{error}");
        assert_eq!(error.contains("control: 4096 bytes"), !at_random, "{error}");
    }
}
