//! Tells the binary which commit it was built from.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=ELASTICKV_BUILD_SHA");
    println!("cargo:rerun-if-changed=../.git/HEAD");
    let given = std::env::var("ELASTICKV_BUILD_SHA").ok();
    let asked = || {
        let output = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    };
    let sha = given.or_else(asked).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=ELASTICKV_BUILD_SHA={sha}");
}
