//! One decoder under libFuzzer. `ELASTICKV_TARGET` names it; `run` beside this crate starts it. Both rules
//! for memory hold here as in the tests: libFuzzer's own limit is far above them.

#![no_main]

use std::sync::LazyLock;

use elastickv_fuzz::meter::{self, Allocator};
use elastickv_fuzz::{Target, drive, target};

#[global_allocator]
static MEMORY: Allocator = meter::allocator();

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("ELASTICKV_TARGET").expect("ELASTICKV_TARGET names a decoder");
    target(&name).unwrap_or_else(|| panic!("there is no decoder {name}"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(found) = drive::feed(*TARGET, data, &MEMORY) {
        panic!("{found}");
    }
});
