//! One decoder under libFuzzer. `ELASTICKV_TARGET` names it; `run` beside this crate starts it.

#![no_main]

use std::sync::LazyLock;

use elastickv_fuzz::{Target, target};

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("ELASTICKV_TARGET").expect("ELASTICKV_TARGET names a decoder");
    target(&name).unwrap_or_else(|| panic!("there is no decoder {name}"))
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (TARGET.decode)(data));
