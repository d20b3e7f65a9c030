//! What this build is and which formats it writes.

use elastickv_proto::v1;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");
pub const SHA: &str = env!("ELASTICKV_BUILD_SHA");

/// The newest version of each format, by the name of its page in docs/formats.
pub const FORMATS: [(&str, u32); 11] = [
    ("identity", 1),
    ("raft-log", 1),
    ("command", 1),
    ("row", 1),
    ("snapshot", 1),
    ("state", 1),
    ("encryption-commands", 1),
    ("envelopes", 1),
    ("sidecar", 1),
    ("wrapped-dek", 1),
    ("jobs", 1),
];

pub fn own() -> v1::Build {
    v1::Build {
        version: VERSION.to_owned(),
        sha: SHA.to_owned(),
        formats: FORMATS.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect(),
    }
}
