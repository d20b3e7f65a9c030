//! One decoder under libFuzzer. `ELASTICKV_TARGET` names it; `run` beside this crate starts it. It may take as
//! much memory here as it may in the tests: libFuzzer's own limit is far above that.

#![no_main]

use std::sync::LazyLock;

use elastickv_fuzz::{Target, drive, target};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("ELASTICKV_TARGET").expect("ELASTICKV_TARGET names a decoder");
    target(&name).unwrap_or_else(|| panic!("there is no decoder {name}"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Err(found) = drive::feed(*TARGET, data, &MEMORY) {
        panic!("{found}");
    }
});
