//! The wrapping key of a cluster under test: a file beside its data directories.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::plan::argument;

pub(super) const FILE: &str = "kek.bin";
const BYTES: usize = 32;

/// Makes a new key where there is none.
pub fn make(path: &Path) -> Result<()> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.with_context(|| format!("cannot make {}", path.display()))?;
    Ok(file.write_all(&rand::random::<[u8; BYTES]>())?)
}

/// What a server is started with to use the key in this file.
pub fn arguments(path: &Path) -> Vec<OsString> {
    vec!["--encryption-enabled".into(), argument("kek", uri(path))]
}

pub fn uri(path: &Path) -> String {
    format!("file:{}", path.display())
}
