//! Every decoder, a hundred thousand inputs.

use elastickv_fuzz::drive::{Seen, drive};
use elastickv_fuzz::meter::{self, Allocator};
use elastickv_fuzz::{FIXED, TARGETS};

#[global_allocator]
static MEMORY: Allocator = meter::allocator();

const INPUTS: u64 = 100_000;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One test, because what others allocate at the same time would be counted too.
#[test]
fn whatever_comes_every_decoder_returns_and_takes_no_more_memory_than_it_was_given() {
    let inputs = setting("ELASTICKV_INPUTS").unwrap_or(INPUTS);
    let seed = setting("ELASTICKV_SEED").unwrap_or(1);
    let mut failed = Vec::new();
    for target in TARGETS {
        match drive(target, inputs, seed, &MEMORY) {
            Ok(Seen { beyond, held }) => println!(
                "{}: {inputs} inputs, at most {beyond} of {FIXED} bytes beyond twice the input in one request, \
                 {held} % of the total allowed",
                target.name
            ),
            Err(error) => failed.push(error),
        }
    }
    assert!(failed.is_empty(), "ELASTICKV_SEED={seed}\n{}", failed.join("\n"));
}
