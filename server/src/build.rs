//! What this build is and which formats it writes.

pub const VERSION: &str = env!("CARGO_PKG_VERSION");
pub const SHA: &str = env!("ELASTICKV_BUILD_SHA");

/// The newest version of each format, by the name of its page in docs/formats.
pub const FORMATS: [(&str, u32); 6] =
    [("identity", 1), ("raft-log", 1), ("command", 1), ("row", 1), ("snapshot", 1), ("state", 1)];
