//! The Raft log of one group, in files of its own.
//!
//! It stores opaque entries in order, the vote, and how far the log is committed, and it says when each of
//! them is on the disk. It knows nothing of the Raft library above it and nothing of what an entry means.
//!
//! The files are *segments*: [`segment`] makes one at its full size, [`tape`] fills one after the other with
//! the records that [`format`] draws, and each is removed as a whole when nothing in it counts any more. A
//! segment is never written over, so a truncation is a record like any other, and opening the log is
//! replaying its records:
//! [`recovery`] walks over the segments with [`scan`], [`replay`] says what the records amount to, and
//! [`tail`] tells a write that a crash cut short from damage. One thread a log, the [`writer`], does all
//! writing; what callers share with it is in [`state`].
//!
//! What this rests on: bytes before a sync that returned are on the disk; a directory sync makes names
//! last; and a write that was not synced may be there in any part or not at all.

mod cache;
mod entry;
mod error;
mod format;
#[cfg(any(test, feature = "testing"))]
mod fuzz;
mod index;
mod log;
mod options;
mod pen;
mod read;
mod recovery;
mod replay;
mod scan;
mod segment;
mod state;
mod supply;
mod tail;
mod tape;
#[cfg(test)]
mod tests;
mod writer;

pub use entry::{Entry, Vote};
pub use error::{Damage, LogError};
#[cfg(any(test, feature = "testing"))]
pub use fuzz::fuzz;
pub use log::{Done, Log, LogStats, Room};
pub use options::Options;
