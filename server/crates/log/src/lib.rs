//! The Raft log of one group, in files of its own.
//!
//! It stores opaque entries in order, the vote, and how far the log is committed, and it says when each of
//! them is on the disk. It knows nothing of the Raft library above it and nothing of what an entry means.

mod entry;
mod error;
mod log;
mod options;

pub use entry::{Entry, Vote};
pub use error::{Damage, LogError};
pub use log::{Done, Log, LogStats, Room};
pub use options::Options;
